// Sends files to one DICOM node over one association, the next file read while one is under way.
import { createDicomDestination } from '../../dimse/sender.ts';
import { InstanceError, systemCodeOf } from '../../core/errors.ts';
import type { AeTitle } from '../../core/brands.ts';
import { createLog } from '../../log/log.ts';
import type { Destination } from '../../pipeline/ports.ts';
import { concurrently } from '../concurrently.ts';
import type { PeerAddress } from '../peer-address.ts';
import { startProgress } from '../progress.ts';
import { walkFiles } from '../walk-files.ts';
import { openFileInstance } from './file-instance.ts';

/** Files that are open at once. */
const OPEN_FILES = 2;

export interface SendReport {
  readonly sent: number;
  /** What the peer does not have, and why. */
  readonly failures: readonly { readonly path: string; readonly why: string }[];
}

export async function sendFiles(
  paths: readonly string[],
  peer: PeerAddress,
  callingAeTitle: AeTitle,
): Promise<SendReport> {
  const log = createLog({ level: 'error' });
  const destination = createDicomDestination({ name: 'peer', ...peer, callingAeTitle }, log);
  const progress = await startProgress('files');
  const failures: SendReport['failures'][number][] = [];
  let sent = 0;
  try {
    await concurrently(walkFiles(paths), OPEN_FILES, async (path) => {
      const why = await sendOne(path, destination);
      if (why === undefined) sent++;
      else failures.push({ path, why });
      progress.advance(failures.length);
    });
  } finally {
    progress.stop();
    await destination.close();
  }
  return { sent, failures };
}

/** Why the peer does not have the file; undefined when it has. */
async function sendOne(path: string, destination: Destination): Promise<string | undefined> {
  try {
    const file = await openFileInstance(path);
    try {
      const outcome = await destination.deliver(file.instance);
      return outcome.kind === 'sent' ? undefined : outcome.text;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof InstanceError) return error.message;
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    return `cannot be read (${code})`;
  }
}
