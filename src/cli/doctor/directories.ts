// What the data directory must be: writable, private, with room; and its keys.
import { constants } from 'node:fs';
import { access, mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../../core/errors.ts';
import { formatBytes } from '../../core/units.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

export async function checkDataDirectory(path: string, diskReserve: number): Promise<Finding[]> {
  const name = 'data directory';
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return [ok(name, `${path} is writable`), await checkMode(path), await checkSpace(path, diskReserve)];
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    return [fail(name, `${path} cannot be written (${code}); change its owner or set data`)];
  }
}

async function checkMode(path: string): Promise<Finding> {
  const mode = (await stat(path)).mode & 0o777;
  return (mode & 0o077) === 0
    ? ok('data privacy', 'only its owner may read it')
    : warn('data privacy', `others may enter it (mode ${mode.toString(8)}); run: chmod 700 ${path}`);
}

async function checkSpace(path: string, diskReserve: number): Promise<Finding> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} free, limits.diskReserve is ${formatBytes(diskReserve)}`;
  if (free <= diskReserve) return fail('disk space', `${text}: nothing is accepted; make room or lower the reserve`);
  return free < 2 * diskReserve ? warn('disk space', `${text}; make room soon`) : ok('disk space', text);
}

/** The secrets of the projects: each readable by its owner only. */
export async function checkKeys(directory: string): Promise<Finding> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return ok('keys', 'none yet; the first start makes them');
    if (systemCodeOf(error) === undefined) throw error;
    return fail('keys', `${directory} cannot be read; run doctor as the user that runs the gateway`);
  }
  const open: string[] = [];
  for (const name of names) if (((await stat(join(directory, name))).mode & 0o077) !== 0) open.push(name);
  return open.length === 0
    ? ok('keys', `${names.length} in ${directory}, readable by their owner only; keep a backup`)
    : fail('keys', `others may read ${open.join(', ')} in ${directory}; run: chmod 600 ${directory}/*`);
}
