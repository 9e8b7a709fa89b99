// Positioned reads and writes that finish or fail, on plain descriptors, and the errors of a disk as errors of ours.
import { close, constants, fdatasync, fstat, fsync, open, read, write, writev } from 'node:fs';
import { LetheError, systemCodeOf } from '../core/errors.ts';

/** Unit of allocation: a record begins on such a boundary, so that a torn write never touches its neighbour. */
export const PAGE_BYTES = 4096;

const FULL_DISK = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** `bytes` rounded up to whole pages. */
export function roundToPages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** What a failed system call means to a caller: `disk-full` when space ran out, else `disk-failed`. */
export function asDiskError(error: unknown, action: string): LetheError {
  if (error instanceof LetheError) return error;
  const systemCode = systemCodeOf(error);
  const isFull = systemCode !== undefined && FULL_DISK.has(systemCode);
  const told = systemCode === undefined ? '' : ` (${systemCode})`;
  return new LetheError(isFull ? 'disk-full' : 'disk-failed', `The spool could not ${action}${told}.`, {
    cause: error,
  });
}

/**
 * Opens for reading and writing, creating the file (mode 0600) when it is not there.
 * With `synced` each write returns only when its bytes are on the device (O_DSYNC).
 */
export function openFile(path: string, synced: boolean): Promise<number> {
  const flags = constants.O_RDWR | constants.O_CREAT | (synced ? constants.O_DSYNC : 0);
  return new Promise((resolve, reject) => {
    open(path, flags, 0o600, (error, fd) => {
      if (error) reject(error);
      else resolve(fd);
    });
  });
}

/** Opens an existing file for reading. */
export function openToRead(path: string): Promise<number> {
  return openExisting(path, constants.O_RDONLY);
}

/** Opens an existing file for reading, and for writing at its end. */
export function openToAppend(path: string): Promise<number> {
  return openExisting(path, constants.O_RDWR | constants.O_APPEND);
}

function openExisting(path: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, flags, (error, fd) => {
      if (error) reject(error);
      else resolve(fd);
    });
  });
}

/** Bytes. */
export function sizeOf(fd: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fstat(fd, (error, stats) => {
      if (error) reject(error);
      else resolve(stats.size);
    });
  });
}

/** Writes at the end of a file that was opened for it, whoever else does the same. */
export function append(fd: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => {
      if (error) reject(error);
      else if (written < bytes.length) reject(new LetheError('disk-failed', 'The disk took a part of a line only.'));
      else resolve();
    });
  });
}

export function closeFile(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    close(fd, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Makes the bytes of a file durable; `fsync` for a directory, whose entries are meant. */
export function syncFile(fd: number, kind: 'data' | 'all' = 'data'): Promise<void> {
  return new Promise((resolve, reject) => {
    (kind === 'data' ? fdatasync : fsync)(fd, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const fd = await openToRead(path);
  try {
    await syncFile(fd, 'all');
  } finally {
    await closeFile(fd);
  }
}

/** Writes all chunks one after another from `position`, in as few system calls as the kernel takes. */
export function writeAll(fd: number, chunks: readonly Buffer[], position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = 0;
    for (const chunk of chunks) left += chunk.length;
    let rest = chunks;
    let at = position;
    const writeRest = (): void => {
      writev(fd, rest, at, (error, written) => {
        if (error) {
          reject(error);
          return;
        }
        left -= written;
        at += written;
        if (left === 0) resolve();
        else if (written === 0) reject(new LetheError('disk-failed', 'The disk took no bytes of a write.'));
        else {
          rest = dropBytes(rest, written);
          writeRest();
        }
      });
    };
    if (left === 0) resolve();
    else writeRest();
  });
}

function dropBytes(chunks: readonly Buffer[], count: number): Buffer[] {
  let skip = count;
  const rest: Buffer[] = [];
  for (const chunk of chunks) {
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      rest.push(skip === 0 ? chunk : chunk.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}

/** Fills `target` from `position`. Resolves with the bytes read, fewer than asked only at the end of the file. */
export function readInto(fd: number, target: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let filled = 0;
    const readRest = (): void => {
      read(fd, target, filled, target.length - filled, position + filled, (error, count) => {
        if (error) {
          reject(error);
          return;
        }
        filled += count;
        if (count === 0 || filled === target.length) resolve(filled);
        else readRest();
      });
    };
    if (target.length === 0) resolve(0);
    else readRest();
  });
}
