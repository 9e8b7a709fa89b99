// Two rules that keep the rooms apart: imports go down the floors, and each third-party library has one owner (DESIGN.md, "Rooms").
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

const FLOORS: readonly (readonly string[])[] = [
  ['core', 'standard'],
  ['dicom', 'profile'],
  ['deid', 'pixels', 'documents', 'synthetic'],
  ['pipeline'],
  ['dimse', 'stow', 'store', 'queue', 'spool', 'http', 'receipts', 'audit-messages', 'config', 'log', 'control'],
  ['cli'],
  // Files directly in src: the entry point and the composition root.
  ['.'],
];

/** A room on the ground floor that may import another one there: `standard` uses `core`. */
const GROUND_EXCEPTIONS = new Set(['standard → core']);

const OWNERS: Readonly<Record<string, readonly string[]>> = {
  dcmjs: ['standard'],
  'dcmjs-codecs': ['pixels'],
  sharp: ['pixels'],
  'tesseract.js': ['pixels'],
  '@tesseract.js-data/eng': ['pixels'],
  '@hyzyla/pdfium': ['documents'],
  '@cantoo/pdf-lib': ['documents'],
  '@xmldom/xmldom': ['documents'],
  parse5: ['documents'],
  'dcmjs-dimse': ['dimse'],
  pg: ['store'],
  '@electric-sql/pglite': ['store'],
  bull: ['queue'],
  hono: ['http'],
  '@hono/node-server': ['http'],
  'prom-client': ['http'],
  yaml: ['profile', 'config'],
  zod: ['profile', 'config'],
  winston: ['log'],
  commander: ['cli'],
  'cli-progress': ['cli'],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const IMPORT =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]/gm;

function roomOf(file: string): string {
  const [first, ...rest] = relative(SOURCE, file).split('/');
  return rest.length === 0 ? '.' : first;
}

/** Text without its comments, so that an example in a docstring counts for nothing. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SOURCE, name));

const imports: readonly Import[] = files.flatMap((file) =>
  [...withoutComments(readFileSync(file, 'utf8')).matchAll(IMPORT)].map((match) => ({
    file: relative(SOURCE, file),
    room: roomOf(file),
    target: match.slice(1).join(''),
  })),
);

const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));
const local = imports.filter(({ target }) => target.startsWith('.'));
const packages = imports
  .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
  .map((entry) => ({
    ...entry,
    name: entry.target
      .split('/')
      .slice(0, entry.target.startsWith('@') ? 2 : 1)
      .join('/'),
  }));

describe('the floors', () => {
  it('finds the sources', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(local.length).toBeGreaterThan(20);
  });

  it('knows the floor of every room', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => floorOf(room) === -1)).toEqual([]);
  });

  it('has no import upwards or sideways', () => {
    const wrong = local.flatMap(({ file, room, target }) => {
      const to = roomOf(resolve(SOURCE, dirname(file), target));
      const isFine = to === room || floorOf(to) < floorOf(room) || GROUND_EXCEPTIONS.has(`${room} → ${to}`);
      return isFine ? [] : [`${file} imports ${target}`];
    });
    expect(wrong).toEqual([]);
  });

  it('imports no file outside src', () => {
    const outside = local.filter(({ file, target }) =>
      relative(SOURCE, resolve(SOURCE, dirname(file), target)).startsWith('..'),
    );
    expect(outside).toEqual([]);
  });
});

describe('the owners of libraries', () => {
  it('imports each library only where its owner lives', () => {
    const wrong = packages
      .filter(({ name, room }) => !(OWNERS[name] ?? []).includes(room))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it('writes the modules of Node with their prefix', () => {
    expect(packages.filter(({ name }) => builtinModules.includes(name))).toEqual([]);
  });

  it('declares exactly the libraries that have an owner', () => {
    const manifest = JSON.parse(readFileSync(join(SOURCE, '..', 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(manifest.dependencies).sort()).toEqual(Object.keys(OWNERS).sort());
  });
});
