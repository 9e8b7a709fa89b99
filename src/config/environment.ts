// The environment over the file: LETHE__DICOM__PORT=11112 sets dicom.port; …_FILE reads the value from a file.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { escapeForLog, nearest } from '../core/text.ts';
import { LOG_LEVELS, schema } from './schema.ts';
import { isTree, type Path, type SettingsTree } from './tree.ts';

const PREFIX = 'LETHE__';

/** The shape of the settings as JSON Schema: which keys each level knows. */
interface Level {
  readonly properties?: Readonly<Record<string, Level>>;
  readonly additionalProperties?: Level | boolean;
  readonly items?: Level;
}

let known: Level | undefined;

/** Made when it is first asked for: most starts need none of it. */
function shape(): Level {
  known ??= z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as unknown as Level;
  return known;
}

/** The keys that stand at `path` in a configuration; empty where names are free. */
export function keysAt(path: Path): readonly string[] {
  let level: Level | undefined = shape();
  for (const step of path) level = level === undefined ? undefined : stepInto(level, step);
  return Object.keys(level?.properties ?? {});
}

function stepInto(level: Level, step: string | number): Level | undefined {
  if (typeof step === 'number') return level.items;
  if (level.properties !== undefined && Object.hasOwn(level.properties, step)) return level.properties[step];
  return typeof level.additionalProperties === 'object' ? level.additionalProperties : undefined;
}

/**
 * Lays every `LETHE__…` variable over the tree. `__` goes one level down; case and single underscores do not count
 * (`LETHE__DICOM__MAX_PDU_BYTES`); a number selects an entry of a list; a value that begins with `{` or `[` is YAML.
 * What cannot be placed or read is added to `tree.problems`; so is a LETHE_LOG_LEVEL that is none, which the log would pass over.
 */
export function applyEnvironment(tree: SettingsTree, environment: NodeJS.ProcessEnv): void {
  const level = environment.LETHE_LOG_LEVEL ?? '';
  if (level !== '' && !LOG_LEVELS.some((known) => known === level)) {
    const message = `write ${LOG_LEVELS.join(', ')}, not "${escapeForLog(level)}"`;
    tree.problems.push({ where: 'LETHE_LOG_LEVEL', message });
  }
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable];
    if (!variable.startsWith(PREFIX) || text === undefined || text === '') continue;
    const direct = resolvePath(variable.slice(PREFIX.length), tree);
    if (Array.isArray(direct)) setText(tree, direct, text, variable);
    else if (variable.endsWith('_FILE')) applyFile(tree, variable, text);
    else tree.problems.push({ where: variable, message: direct.message });
  }
}

function applyFile(tree: SettingsTree, variable: string, file: string): void {
  const path = resolvePath(variable.slice(PREFIX.length, -'_FILE'.length), tree);
  if (!Array.isArray(path)) {
    tree.problems.push({ where: variable, message: path.message });
    return;
  }
  try {
    setText(tree, path, readFileSync(file, 'utf8').trimEnd(), variable);
  } catch {
    tree.problems.push({
      where: variable,
      message: 'the file that it names cannot be read; write the path of a readable file',
    });
  }
}

function setText(tree: SettingsTree, path: Path, text: string, variable: string): void {
  if (!/^\s*[{[]/.test(text)) {
    tree.set(path, text, variable);
    return;
  }
  try {
    tree.set(path, parse(text), variable);
  } catch {
    tree.problems.push({ where: variable, message: 'not valid YAML; write it like {key: value} or [one, two]' });
  }
}

function resolvePath(name: string, tree: SettingsTree): (string | number)[] | { message: string } {
  const path: (string | number)[] = [];
  let level: Level | undefined = shape();
  let node: unknown = tree.root;
  for (const segment of name.split('__')) {
    if (level?.items !== undefined && /^\d{1,4}$/.test(segment)) path.push(Number(segment));
    else if (level?.properties !== undefined) {
      const keys = Object.keys(level.properties);
      const key = keys.find((candidate) => fold(candidate) === fold(segment));
      if (key === undefined) return { message: unknownKey(segment, keys) };
      path.push(key);
    } else if (typeof level?.additionalProperties === 'object') {
      const existing = isTree(node)
        ? Object.keys(node).find((candidate) => fold(candidate) === fold(segment))
        : undefined;
      path.push(existing ?? segment.toLowerCase());
    } else return { message: 'no such option; see the list in README.md' };
    const step = path[path.length - 1];
    level = stepInto(level, step);
    node = isTree(node) || Array.isArray(node) ? (node as Record<string | number, unknown>)[step] : undefined;
  }
  return path;
}

const fold = (text: string): string => text.replace(/[_-]/g, '').toLowerCase();

/** What to write instead of a key that no level knows. */
export function unknownKey(key: string, known: readonly string[]): string {
  const suggestion = nearest(key, known);
  return suggestion === undefined
    ? `unknown option; known here: ${known.join(', ')}`
    : `unknown option; did you mean ${suggestion}?`;
}
