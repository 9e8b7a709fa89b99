// The files under what a person named on the command line, in a stable order.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LetheError, systemCodeOf } from '../core/errors.ts';

/**
 * Yields every regular file at or below each path, folders in the order of their names. Symbolic links to files are
 * followed, those to folders are not: they may lead in a circle.
 * @throws LetheError `usage` when a named path is not there, is a pipe or a device (reading one may wait for ever), or a folder cannot be read
 */
export async function* walkFiles(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    const found = await readable(path, () => stat(path));
    if (found.isDirectory()) yield* walkFolder(resolve(path));
    else if (found.isFile()) yield resolve(path);
    else throw new LetheError('usage', `${path} is neither a file nor a folder`);
  }
}

async function* walkFolder(folder: string): AsyncGenerator<string> {
  const entries = await readable(folder, () => readdir(folder, { withFileTypes: true }));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFolder(path);
    else if (await isFile(entry, path)) yield path;
  }
}

async function isFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    // A link that leads nowhere is no file.
    if (systemCodeOf(error) === undefined) throw error;
    return false;
  }
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    throw new LetheError('usage', `cannot read ${path} (${code})`, { cause: error });
  }
}
