// Profiles as YAML files: found by name or path, checked whole with what they build on, compiled. Every problem is told with its place.
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';

import { LetheError, systemCodeOf } from '../core/errors.ts';
import { escapeForLog } from '../core/text.ts';

import { compileProfile } from './compiled.ts';
import type { CompiledProfile, ProfileContent } from './compiled.ts';
import { readDraft } from './content-reader.ts';
import { completeDraft } from './inheritance.ts';
import { loadDefaultTemplates, loadTemplates } from './load-templates.ts';
import { Problems, suggest } from './problems.ts';

/** Larger files are no profile. */
const MAX_FILE_BYTES = 1 << 20;
/** A profile inside another YAML file: `lethe.yaml#routes.0.profile`. */
const INLINE = /^(?<file>.+\.ya?ml)#(?<keys>[\w.-]+)$/;

/** A text that holds a profile. */
interface Source {
  /** As messages and receipts call the file. */
  readonly shown: string;
  readonly path: string;
  readonly text: string;
  /** Where the profile stands in the file; empty for the whole of it. */
  readonly keys: readonly string[];
}

/**
 * Reads and compiles a profile.
 * @param nameOrFile the name of a profile in `directories`, or a path when it holds a slash or ends in .yaml or .yml; with
 *   `#key.key` behind it, the mapping that stands there in the file
 * @throws LetheError `profile-unknown` when there is no such profile; `profile-invalid` with one line per problem
 */
export async function loadProfile(nameOrFile: string, directories: readonly string[]): Promise<CompiledProfile> {
  const source = await findSource(nameOrFile, directories, []);
  if (source === undefined) throw await unknownProfile(nameOrFile, directories);
  const content = await loadContent(source, directories, []);
  const { pixels, deviceTemplates } = content;
  const isOfFile = pixels.text === 'off' || pixels.templates !== 'default';
  return compileProfile({
    ...content,
    deviceTemplates: isOfFile ? deviceTemplates : await loadDefaultTemplates(directories),
  });
}

/**
 * Checks and compiles the text of a profile that builds on no other; `file` is how messages and receipts call it.
 * @throws LetheError `profile-invalid`
 */
export function parseProfile(text: string, file: string): CompiledProfile {
  const { document, problems } = parseText({ shown: file, path: file, text, keys: [] });
  const draft = readDraft(document.contents, problems);
  if (draft?.parent !== undefined)
    problems.add(draft.places.get('extends') ?? draft.at, 'a profile that is no file cannot build on another one');
  const content =
    draft === undefined
      ? undefined
      : completeDraft(draft, { parent: undefined, templates: undefined, isInline: false }, problems);
  problems.throwIfAny();
  if (content === undefined) throw new LetheError('profile-invalid', `${file}: empty`);
  return compileProfile(content);
}

/** The file of a profile that is named in a command; undefined when there is none. */
export async function findProfileFile(nameOrFile: string, directories: readonly string[]): Promise<string | undefined> {
  return (await findSource(nameOrFile, directories, []))?.path;
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

// ---- finding -------------------------------------------------------------------------------------------------------

function isPath(nameOrFile: string): boolean {
  return /[/\\]|\.ya?ml(#|$)/.test(nameOrFile);
}

/** @param passedBy files that a name does not mean: a profile may build on one of its own name further back */
async function findSource(
  nameOrFile: string,
  directories: readonly string[],
  passedBy: readonly string[],
): Promise<Source | undefined> {
  const inline = INLINE.exec(nameOrFile)?.groups;
  const named = inline?.file ?? nameOrFile;
  const files = isPath(nameOrFile) ? [named] : directories.map((directory) => join(directory, `${named}.yaml`));
  for (const file of files) {
    const path = resolve(file);
    if (!isPath(nameOrFile) && passedBy.includes(path)) continue;
    const text = await readIfThere(file);
    if (text === undefined) continue;
    return { shown: isPath(nameOrFile) ? named : basename(file), path, text, keys: inline?.keys.split('.') ?? [] };
  }
  return undefined;
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

async function unknownProfile(name: string, directories: readonly string[]): Promise<LetheError> {
  if (isPath(name)) return new LetheError('profile-unknown', `There is no profile file ${escapeForLog(name, 200)}.`);
  const hint = await nearestProfile(name, directories);
  return new LetheError('profile-unknown', `There is no profile named "${escapeForLog(name)}"${hint}`);
}

async function nearestProfile(name: string, directories: readonly string[]): Promise<string> {
  const known = await listProfiles(directories);
  return suggest(name, known, known.length === 0 ? 'no profile is installed' : `there are ${known.join(', ')}`);
}

// ---- reading -------------------------------------------------------------------------------------------------------

/** @param chain the files that build on this one, the outermost first */
async function loadContent(
  source: Source,
  directories: readonly string[],
  chain: readonly string[],
): Promise<ProfileContent> {
  const { document, problems } = parseText(source);
  const node: unknown = source.keys.length === 0 ? document.contents : document.getIn(source.keys.map(asKey), true);
  if (node === undefined) problems.add(0, `there is no ${source.keys.join('.')} in this file`);
  problems.throwIfAny();
  const draft = readDraft(node, problems);
  let parent: ProfileContent | undefined;
  if (draft?.parent !== undefined) {
    const at = draft.places.get('extends') ?? draft.at;
    const found = await findParent(draft.parent, source, directories, [...chain, source.path]);
    if (typeof found === 'string') problems.add(at, found);
    else parent = await loadContent(found, directories, [...chain, source.path]);
  }
  // Without what it builds on, most of what could be said about the whole would be wrong.
  if (draft !== undefined && (draft.parent === undefined || parent !== undefined)) {
    const templates =
      draft.templateFile === undefined
        ? undefined
        : await loadTemplates(resolve(dirname(source.path), draft.templateFile));
    const content = completeDraft(draft, { parent, templates, isInline: source.keys.length > 0 }, problems);
    problems.throwIfAny();
    return content;
  }
  problems.throwIfAny();
  throw new LetheError('profile-invalid', `${source.shown}: empty`);
}

/** The profile that one builds on, or why there is none. Paths count from the folder of the file that names them. */
async function findParent(
  name: string,
  { path }: Source,
  directories: readonly string[],
  chain: readonly string[],
): Promise<Source | string> {
  const found = await findSource(isPath(name) ? resolve(dirname(path), name) : name, directories, chain);
  if (found !== undefined && !chain.includes(found.path))
    return isPath(name) ? { ...found, shown: basename(name) } : found;
  const known = await findSource(isPath(name) ? resolve(dirname(path), name) : name, directories, []);
  if (known !== undefined) {
    const circle = [...chain.slice(chain.indexOf(known.path)), known.path].map((file) => basename(file));
    return `a profile cannot build on itself: ${circle.join(' → ')}; break the circle`;
  }
  if (isPath(name)) return `there is no profile file "${escapeForLog(name, 200)}"`;
  return `there is no profile named "${escapeForLog(name)}"${await nearestProfile(name, directories)}`;
}

function asKey(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}

/** @throws LetheError `profile-invalid` */
function parseText({ shown, text }: Source): { readonly document: Document; readonly problems: Problems } {
  const lines = new LineCounter();
  const problems = new Problems(shown, lines);
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    throw new LetheError('profile-invalid', `${shown}: larger than 1 MiB; this is no profile`);
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
  return { document, problems };
}

function firstLine(message: string): string {
  return message.split('\n')[0];
}
