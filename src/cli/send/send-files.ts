// Sends files to one DICOM node over one association, the next file read while one is under way.
import { createDicomDestination } from '../../dimse/sender.ts';
import { InstanceError, systemCodeOf } from '../../core/errors.ts';
import type { AeTitle } from '../../core/brands.ts';
import { createLog } from '../../log/log.ts';
import type { DeliveryOutcome, Destination } from '../../pipeline/ports.ts';
import { resolve } from 'node:path';
import { concurrently } from '../concurrently.ts';
import { filesOfDirectory, isDirectoryFile } from '../directory-files.ts';
import type { PeerAddress } from '../peer-address.ts';
import { startProgress } from '../progress.ts';
import { walkFiles } from '../walk-files.ts';
import { openFileInstance } from './file-instance.ts';

/** Files that are open at once. */
const OPEN_FILES = 2;
/** A peer that did not take so many one after another, for no reason of theirs, is away: the rest is not tried. */
const MAX_UNAVAILABLE = 3;

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
  let unavailable = 0;
  try {
    const onStrays = (path: string, strays: number): void => {
      for (let stray = 0; stray < strays; stray++) failures.push({ path, why: 'an entry leads out of its folder' });
    };
    await concurrently(withoutDirectories(paths, onStrays), OPEN_FILES, async (path) => {
      const outcome: DeliveryOutcome =
        unavailable < MAX_UNAVAILABLE ? await sendOne(path, destination) : { kind: 'unavailable', text: 'not tried' };
      unavailable = outcome.kind === 'unavailable' ? unavailable + 1 : 0;
      if (outcome.kind === 'sent') sent++;
      else failures.push({ path, why: outcome.text });
      progress.advance(failures.length);
    });
  } finally {
    progress.stop();
    await destination.close();
  }
  return { sent, failures };
}

/**
 * A DICOMDIR that is named is followed; one that lies in a folder lists what is sent anyway.
 * @param onStrays told of a DICOMDIR with entries that are not followed, and how many
 */
async function* withoutDirectories(
  paths: readonly string[],
  onStrays: (path: string, strays: number) => void,
): AsyncGenerator<string> {
  for (const named of paths) {
    for await (const path of walkFiles([named])) {
      if (!(await isDirectoryFile(path).catch(() => false))) yield path;
      else if (path === resolve(named)) {
        const { files, strays } = await filesOfDirectory(path);
        if (strays > 0) onStrays(path, strays);
        yield* files;
      }
    }
  }
}

/** What became of the file; one that cannot be read or is not DICOM counts as refused. */
async function sendOne(path: string, destination: Destination): Promise<DeliveryOutcome> {
  try {
    const file = await openFileInstance(path);
    try {
      return await destination.deliver(file.instance);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof InstanceError) return { kind: 'refused', status: undefined, text: error.message };
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    return { kind: 'refused', status: undefined, text: `cannot be read (${code})` };
  }
}
