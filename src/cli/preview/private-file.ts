// What shows an original is written for its owner alone, whole or not at all.
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { LetheError, systemCodeOf } from '../../core/errors.ts';

/** Takes the place of what was there, a link too. Mode 0600. Rejects with LetheError `usage` when it cannot be written. */
export async function writePrivateFile(path: string, content: Buffer | string): Promise<void> {
  const draft = join(dirname(path), `.lethe-preview-${randomUUID()}`);
  try {
    await writeFile(draft, content, { flag: 'wx', mode: 0o600 });
    await rename(draft, path);
  } catch (error: unknown) {
    await rm(draft, { force: true });
    throw notWritten(error);
  }
}

/** A folder that only its owner may enter, unless it is there already. Rejects with LetheError `usage`. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error: unknown) {
    throw notWritten(error);
  }
}

function notWritten(error: unknown): LetheError {
  return new LetheError('usage', `The preview cannot be written (${systemCodeOf(error) ?? 'unknown error'}).`, {
    cause: error,
  });
}
