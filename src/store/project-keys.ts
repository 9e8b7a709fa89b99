// The secret of each project: 32 random bytes in a file that only we may read. Whoever has it can recompute every pseudonym.
import { createHash, randomBytes } from 'node:crypto';
import { link, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import { ProjectKeys } from '../deid/keys.ts';
import { makeDirectory } from './directory.ts';

const SECRET_BYTES = 32;
const MAX_NAME_CHARS = 120;

export interface ProjectKeyFiles {
  /**
   * The keys of a project; its file is created at first use. Answers at once when they are loaded. Rejects with `key-unreadable` when the file
   * is readable by others, damaged or not ours to read, `disk-failed` or `disk-full` when it cannot be made.
   */
  keysFor(project: string): ProjectKeys | Promise<ProjectKeys>;
}

/** Keys in `directory` (`<data>/keys`), which is created with mode 0700. */
export function openProjectKeys(directory: string): ProjectKeyFiles {
  const loaded = new Map<string, ProjectKeys>();
  const loading = new Map<string, Promise<ProjectKeys>>();
  return {
    keysFor(project) {
      const known = loaded.get(project) ?? loading.get(project);
      if (known !== undefined) return known;
      const load = loadSecret(directory, project)
        .then((secret) => {
          const keys = new ProjectKeys(secret);
          loaded.set(project, keys);
          return keys;
        })
        .finally(() => loading.delete(project));
      loading.set(project, load);
      return load;
    },
  };
}

/** The keys in a key file that somebody kept. Rejects with `key-unreadable`. */
export async function readProjectKeys(path: string): Promise<ProjectKeys> {
  const secret = await readSecret(path).catch((error: unknown) => {
    if (error instanceof LetheError) throw error;
    throw new LetheError('key-unreadable', `The key file ${path} cannot be read (${systemCodeOf(error) ?? '?'}).`, {
      cause: error,
    });
  });
  if (secret === undefined) throw new LetheError('key-unreadable', `There is no key file ${path}.`);
  return new ProjectKeys(secret);
}

/** A name for the file that no other project has, on file systems that fold case too: what is not a-z, 0-9 or `-` becomes its bytes in hex between two `=`. */
export function keyFileName(project: string): string {
  const safe = project.replace(/[^a-z0-9-]+/g, (characters) => `=${Buffer.from(characters, 'utf8').toString('hex')}=`);
  if (safe.length <= MAX_NAME_CHARS) return `${safe}.key`;
  return `${safe.slice(0, 40)}=${createHash('sha256').update(project).digest('hex')}.key`;
}

async function loadSecret(directory: string, project: string): Promise<Buffer> {
  const path = join(directory, keyFileName(project));
  try {
    return (await readSecret(path)) ?? (await createSecret(directory, path));
  } catch (error) {
    if (error instanceof LetheError) throw error;
    const code = systemCodeOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new LetheError('disk-full', `There is no space for the key file ${path}.`, { cause: error });
    if (code === 'EIO') throw new LetheError('disk-failed', `The key file ${path} cannot be read.`, { cause: error });
    throw new LetheError(
      'key-unreadable',
      `The key file ${path} cannot be opened (${code ?? 'unknown'}): let our user read and write it.`,
      {
        cause: error,
      },
    );
  }
}

/** Undefined when there is no file. */
async function readSecret(path: string): Promise<Buffer | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new LetheError('key-unreadable', `The key file ${path} can be read by others: run chmod 600 on it.`);
    const secret = await file.readFile();
    if (secret.length !== SECRET_BYTES)
      throw new LetheError(
        'key-unreadable',
        `The key file ${path} is damaged: restore its ${SECRET_BYTES} bytes from a backup.`,
      );
    return secret;
  } finally {
    await file.close();
  }
}

/** Written whole and synced under another name, then linked: a death on the way leaves no short key, and of two makers one wins. */
async function createSecret(directory: string, path: string): Promise<Buffer> {
  await makeDirectory(directory);
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(SECRET_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  await syncDirectory(directory);
  const secret = await readSecret(path);
  if (secret === undefined) throw new LetheError('key-unreadable', `The key file ${path} vanished while it was made.`);
  return secret;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** True when the project has a key already; makes none. */
export async function hasKey(directory: string, project: string): Promise<boolean> {
  try {
    return (await stat(join(directory, keyFileName(project)))).isFile();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
