// Files of device templates: those that are shipped, in the folder `templates` of a profile directory, and a site's own.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { LetheError, systemCodeOf } from '../core/errors.ts';
import { escapeForLog } from '../core/text.ts';

import type { DeviceTemplate } from './device-template.ts';
import { parseTemplates } from './template-reader.ts';

const MAX_FILE_BYTES = 1 << 20;
const FOLDER = 'templates';

/** @throws LetheError `profile-unknown` when the file cannot be read, `profile-invalid` with one line per problem */
export async function loadTemplates(path: string): Promise<readonly DeviceTemplate[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error: unknown) {
    throw new LetheError(
      'profile-unknown',
      `The device templates ${escapeForLog(path, 200)} cannot be read (${systemCodeOf(error) ?? 'unknown error'}).`,
      { cause: error },
    );
  }
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    throw new LetheError('profile-invalid', `${basename(path)}: larger than 1 MiB; these are no templates`);
  return parseTemplates(text, basename(path));
}

/** All templates of the first of these directories that has any: a site's folder stands for the shipped one. */
export async function loadDefaultTemplates(directories: readonly string[]): Promise<readonly DeviceTemplate[]> {
  for (const directory of directories) {
    const files = await readdir(join(directory, FOLDER)).catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return [];
      throw error;
    });
    const templates: DeviceTemplate[] = [];
    for (const file of files.filter((name) => name.endsWith('.yaml')).sort())
      templates.push(...(await loadTemplates(join(directory, FOLDER, file))));
    if (templates.length > 0) return templates;
  }
  return [];
}
