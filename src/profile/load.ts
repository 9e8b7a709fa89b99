// Profiles as YAML files: found by name or path, checked whole, compiled. Every problem is told with its place.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { LineCounter, parseDocument, visit } from 'yaml';

import { LetheError, systemCodeOf } from '../core/errors.ts';
import { escapeForLog } from '../core/text.ts';

import { compileProfile } from './compiled.ts';
import type { CompiledProfile } from './compiled.ts';
import { readContent } from './content-reader.ts';
import { Problems, suggest } from './problems.ts';

/** Larger files are no profile. */
const MAX_FILE_BYTES = 1 << 20;

/**
 * Reads and compiles a profile.
 * @param nameOrFile the name of a profile in `directories`, or a path when it holds a slash or ends in .yaml or .yml
 * @throws LetheError `profile-unknown` when there is no such profile; `profile-invalid` with one line per problem
 */
export async function loadProfile(nameOrFile: string, directories: readonly string[]): Promise<CompiledProfile> {
  const isPath = /[/\\]|\.ya?ml$/.test(nameOrFile);
  const candidates = isPath ? [nameOrFile] : directories.map((directory) => join(directory, `${nameOrFile}.yaml`));
  for (const file of candidates) {
    const text = await readIfThere(file);
    if (text !== undefined) return parseProfile(text, isPath ? file : basename(file));
  }
  throw await unknownProfile(nameOrFile, isPath, directories);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error: unknown) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LetheError(
      'profile-unknown',
      `The profile ${escapeForLog(file, 200)} cannot be read (${code ?? 'unknown error'}).`,
      { cause: error },
    );
  }
}

async function unknownProfile(name: string, isPath: boolean, directories: readonly string[]): Promise<LetheError> {
  if (isPath) return new LetheError('profile-unknown', `There is no profile file ${escapeForLog(name, 200)}.`);
  const known = await listProfiles(directories);
  const hint = suggest(name, known, known.length === 0 ? 'no profile is installed' : `there are ${known.join(', ')}`);
  return new LetheError('profile-unknown', `There is no profile named "${escapeForLog(name)}"${hint}`);
}

/** Names of the profiles in these directories; a directory that is absent holds none. */
export async function listProfiles(directories: readonly string[]): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const directory of directories) {
    const files = await readdir(directory).catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return [];
      throw error;
    });
    for (const file of files) if (file.endsWith('.yaml')) names.add(file.slice(0, -'.yaml'.length));
  }
  return [...names].sort();
}

/**
 * Checks and compiles the text of a profile; `file` is how messages and receipts call it.
 * @throws LetheError `profile-invalid`
 */
export function parseProfile(text: string, file: string): CompiledProfile {
  const lines = new LineCounter();
  const problems = new Problems(file, lines);
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    throw new LetheError('profile-invalid', `${file}: larger than 1 MiB; this is no profile`);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) problems.add(error.pos[0], `not valid YAML: ${firstLine(error.message)}`);
  problems.throwIfAny();
  // Anchors would let one mistake stand in two places, and merge keys hide what a rule says.
  visit(document, {
    Alias: (_, alias) => {
      problems.add(alias, 'anchors and aliases are not read in a profile; write the value out');
    },
  });
  problems.throwIfAny();
  const content = readContent(document.contents, problems);
  problems.throwIfAny();
  if (content === undefined) throw new LetheError('profile-invalid', `${file}: empty`);
  return compileProfile(content);
}

function firstLine(message: string): string {
  return message.split('\n')[0];
}
