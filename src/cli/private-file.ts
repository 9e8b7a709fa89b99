// What shows an original is written for its owner alone, whole or not at all.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { LetheError, systemCodeOf } from '../core/errors.ts';

/** Takes the place of what was there, a link too. Mode 0600. Rejects with LetheError `usage` when it cannot be written. */
export async function writePrivateFile(path: string, content: Buffer | string): Promise<void> {
  await fillPrivateFile(path, async (draft) => {
    await draft.writeFile(content);
    return true;
  });
}

/** The same for what comes in parts. When `fill` rejects or resolves with false, nothing is written and what was there stays. */
export async function fillPrivateFile(path: string, fill: (draft: FileHandle) => Promise<boolean>): Promise<boolean> {
  const draftPath = join(dirname(path), `.lethe-draft-${randomUUID()}`);
  try {
    const draft = await open(draftPath, 'wx', 0o600);
    const isFilled = await fill(draft).finally(() => draft.close());
    await (isFilled ? rename(draftPath, path) : rm(draftPath));
    return isFilled;
  } catch (error: unknown) {
    await rm(draftPath, { force: true });
    throw error instanceof LetheError ? error : notWritten(error);
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
  const code = systemCodeOf(error) ?? 'unknown error';
  return new LetheError('usage', `The file or folder cannot be written (${code}).`, { cause: error });
}
