// An empty cluster of the embedded database, made once by `npm run build` and copied ever after: initdb in WASM takes seconds of CPU, a copy 0.1 s.
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the built program; `src/store` and `dist/store` are equally deep. */
const FOLDER = fileURLToPath(new URL('../../dist/clusters/', import.meta.url));

/**
 * Copies the template into `directory`, which exists and is empty, and resolves to true; to false when none was built for the installed PGlite,
 * whose files another version could not read.
 */
export async function copyClusterTemplate(directory: string): Promise<boolean> {
  const template = await templatePath();
  if (!existsSync(template)) return false;
  await cp(template, directory, { recursive: true });
  await chmod(directory, 0o700); // what lies in it has the modes of the template, which everybody may read
  return true;
}

/**
 * Makes the template unless it is there, by `create`, which gets the path of a new directory to initialise. It holds no secret and must be readable
 * for whichever user the program runs as.
 */
export async function buildClusterTemplate(create: (directory: string) => Promise<void>): Promise<void> {
  const template = await templatePath();
  if (existsSync(template)) return;
  await mkdir(FOLDER, { recursive: true });
  const draft = await mkdtemp(join(FOLDER, 'draft-'));
  try {
    const cluster = join(draft, 'cluster');
    await create(cluster);
    await chmod(cluster, 0o755);
    for (const entry of await readdir(cluster, { recursive: true, withFileTypes: true }))
      await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
    await rename(cluster, template);
  } catch (error) {
    if (!existsSync(template)) throw error; // else another process was quicker
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function templatePath(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = entry.replace(/dist[/\\][^/\\]*$/, 'package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return join(FOLDER, `pglite-${version}`);
}
