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

interface Failure {
  readonly path: string;
  readonly why: string;
}

export interface SendReport {
  readonly sent: number;
  /** What the peer does not have, and why; without the files of `away`. */
  readonly failures: readonly Failure[];
  /** The peer took nothing, or nothing more: why, how many files it therefore does not have, and whether it answered for the last of them. */
  readonly away: { readonly why: string; readonly files: number; readonly isAnswered: boolean } | undefined;
}

export async function sendFiles(
  paths: readonly string[],
  peer: PeerAddress,
  callingAeTitle: AeTitle,
): Promise<SendReport> {
  const log = createLog({ level: 'error' });
  const destination = createDicomDestination({ name: 'peer', ...peer, callingAeTitle }, log);
  const progress = await startProgress('files');
  const failures: Failure[] = [];
  /** What the peer did not take for reasons of its own since the last file that it took. */
  let missed: (Failure & { readonly isAnswered: boolean })[] = [];
  let sent = 0;
  let untried = 0;
  try {
    const onStrays = (path: string, strays: number): void => {
      for (let stray = 0; stray < strays; stray++) failures.push({ path, why: 'an entry leads out of its folder' });
    };
    await concurrently(withoutDirectories(paths, onStrays), OPEN_FILES, async (path) => {
      if (missed.length >= MAX_UNAVAILABLE) untried++;
      else {
        const outcome = await sendOne(path, destination);
        if (outcome.kind === 'sent') {
          sent++;
          failures.push(...missed);
          missed = [];
        } else if (outcome.kind === 'unavailable')
          missed.push({ path, why: outcome.text, isAnswered: outcome.isAnswered === true });
        else failures.push({ path, why: outcome.text });
      }
      progress.advance(failures.length + missed.length + untried);
    });
  } finally {
    progress.stop();
    await destination.close();
  }
  const last = missed.at(-1);
  if (last === undefined || (sent > 0 && missed.length < MAX_UNAVAILABLE))
    return { sent, failures: [...failures, ...missed], away: undefined };
  return { sent, failures, away: { why: last.why, files: missed.length + untried, isAnswered: last.isAnswered } };
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
