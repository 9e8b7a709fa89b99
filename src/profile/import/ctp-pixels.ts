// Scripts of CTP's DicomPixelAnonymizer as device templates. A template that holds for more images than its original blanks more; one that
// has no counterpart is left out, and the text finder looks at those images as at all others.
import { LetheError } from '../../core/errors.ts';
import { TAG } from '../../standard/tags.ts';

import { parseTemplates } from '../template-reader.ts';
import { readPixelCondition } from './ctp-pixel-condition.ts';
import type { PixelFactor, PixelTest } from './ctp-pixel-condition.ts';
import { readPixelScript } from './ctp-pixel-script.ts';
import type { PixelSignature } from './ctp-pixel-script.ts';
import type { ImportedProfile, ImportRequest } from './import-profile.ts';
import type { Change } from './profile-builder.ts';

interface WrittenTemplate {
  readonly name: string;
  readonly signature: PixelSignature;
  readonly keys: readonly string[];
  /** By which what is left out finds the closest. */
  readonly words: ReadonlySet<string>;
}

/** What a reader of templates takes in one file. */
const MAX_BYTES = 1 << 20;
const MAX_SOURCE = 160;
const MAX_WORDS = 40;

/**
 * The templates of a script.
 * @throws LetheError `profile-invalid` with file:line:column
 */
export function importCtpPixels(text: string, { file }: ImportRequest): ImportedProfile {
  const changes: Change[] = [];
  const templates: WrittenTemplate[] = [];
  const lost: PixelSignature[] = [];
  for (const signature of readPixelScript(text, file)) {
    const where = `${file}:${signature.line}`;
    for (const { text: region, line } of signature.broken)
      changes.push({
        kind: 'left-out',
        where: `${file}:${line}`,
        what: `the region ${region}`,
        instead: 'nothing; write [x, y, width, height]',
      });
    if (signature.regions.length === 0) {
      const what = `${titled(signature)} has no region, so that CTP passes it over`;
      changes.push({ kind: 'left-out', where, what, instead: 'every other template that holds' });
      continue;
    }
    const factors = readPixelCondition(signature.condition);
    const known = factors?.filter(({ when }) => when !== undefined) ?? [];
    if (factors === undefined || known.length === 0) {
      lost.push(signature);
      continue;
    }
    const name = nameOf(signature, templates);
    templates.push({ name, signature, keys: keysOf(known), words: wordsOf(signature) });
    for (const { source, when } of factors)
      if (when === undefined)
        changes.push({
          kind: 'left-out',
          where,
          what: `the test ${short(source)}`,
          instead: `template "${name}", which holds without it`,
        });
  }
  for (const signature of lost) changes.push(leftOut(signature, templates, file));
  if (templates.length > 1) {
    const what = 'only the first condition that holds is used';
    changes.push({ kind: 'differs', where: `${file}:1`, what, instead: 'the regions of all templates that hold' });
  }
  const written = writeTemplates(templates);
  if (Buffer.byteLength(written) > MAX_BYTES)
    throw new LetheError('profile-invalid', `${file}:1:1: more templates than a file of 1 MiB holds; split the script`);
  // A text that our own reader refuses would be our mistake.
  if (templates.length > 0) parseTemplates(written, 'templates');
  return { text: written, changes: changes.sort((a, b) => lineOf(a) - lineOf(b)) };
}

function leftOut(signature: PixelSignature, templates: readonly WrittenTemplate[], file: string): Change {
  const near = closestTo(signature, templates);
  return {
    kind: 'left-out',
    where: `${file}:${signature.line}`,
    what: `${titled(signature)} {${short(signature.condition.replace(/\s+/g, ' '))}}`,
    instead:
      near === undefined
        ? 'no template; the text finder looks at these images'
        : `no template; the closest is "${near.name}"`,
  };
}

/** The template whose title and condition share most words with those of a signature. */
function closestTo(signature: PixelSignature, templates: readonly WrittenTemplate[]): WrittenTemplate | undefined {
  const words = wordsOf(signature);
  let best: WrittenTemplate | undefined;
  let most = 0;
  for (const template of templates) {
    const shared = [...template.words].filter((word) => words.has(word)).length;
    if (shared > most) [best, most] = [template, shared];
  }
  return best;
}

/** Of the values that are compared, and of the title; not the names of tests, which all have in common. */
function wordsOf({ title, condition }: PixelSignature): ReadonlySet<string> {
  const values = [...condition.slice(0, 2000).matchAll(/"([^"]*)"/g)].map(([, value]) => value);
  const words =
    [title, ...values]
      .join(' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  return new Set(words.slice(0, MAX_WORDS));
}

function titled({ title }: PixelSignature): string {
  return title === '' ? 'a condition' : `"${title}"`;
}

function nameOf({ title, line }: PixelSignature, others: readonly WrittenTemplate[]): string {
  const name = `${title === '' ? 'CTP' : title}, line ${line}`;
  const count = others.filter((other) => other.name.startsWith(name)).length;
  return count === 0 ? name : `${name} (${count + 1})`;
}

function short(text: string): string {
  const trimmed = text.trim();
  return trimmed.length <= MAX_SOURCE ? trimmed : `${trimmed.slice(0, MAX_SOURCE)}…`;
}

function lineOf({ where }: Change): number {
  return Number(where.slice(where.lastIndexOf(':') + 1));
}

// ---- writing -------------------------------------------------------------------------------------------------------

/** The keys of a template that mean the same as a test; the first of each is used, and what is left goes into `when`. */
const KEYS: readonly {
  readonly key: string;
  readonly means: (test: PixelTest) => boolean;
  readonly isNumber: boolean;
}[] = [
  {
    key: 'manufacturer',
    means: ({ tag, method }) => tag === TAG.Manufacturer && method === 'containsIgnoreCase',
    isNumber: false,
  },
  {
    key: 'model',
    means: ({ tag, method }) => tag === TAG.ManufacturerModelName && method === 'containsIgnoreCase',
    isNumber: false,
  },
  {
    key: 'software',
    means: ({ tag, method }) => tag === TAG.SoftwareVersions && method === 'containsIgnoreCase',
    isNumber: false,
  },
  { key: 'rows', means: (test) => test.tag === TAG.Rows && isSize(test), isNumber: true },
  { key: 'columns', means: (test) => test.tag === TAG.Columns && isSize(test), isNumber: true },
];

function isSize({ method, text }: PixelTest): boolean {
  return method === 'equals' && /^[1-9]\d{0,3}$/.test(text);
}

function keysOf(factors: readonly PixelFactor[]): readonly string[] {
  const keys = new Map<string, string>();
  const rest: string[] = [];
  // A size alone is no device: it stays a condition.
  const hasDevice = factors.some(({ test }) => test === undefined || !isSize(test));
  for (const { test, when } of factors) {
    const found =
      test === undefined || !hasDevice ? undefined : KEYS.find(({ key, means }) => !keys.has(key) && means(test));
    if (found === undefined || test === undefined) rest.push(when ?? '');
    else keys.set(found.key, found.isNumber ? test.text : JSON.stringify(test.text));
  }
  const written = KEYS.flatMap(({ key }) => (keys.has(key) ? [`${key}: ${keys.get(key) ?? ''}`] : []));
  return rest.length === 0 ? written : [...written, `when: ${JSON.stringify(rest.join(' and '))}`];
}

function writeTemplates(templates: readonly WrittenTemplate[]): string {
  const lines = [
    "# Device templates, translated from a script of CTP's DicomPixelAnonymizer.",
    '# Name this file in a profile: pixels: { templates: ./this-file.yaml }. It then stands for the templates that are shipped.',
    templates.length === 0 ? 'templates: []' : 'templates:',
  ];
  for (const { name, keys, signature } of templates) {
    const rectangles = signature.regions.map(({ x, y, width, height }) => `[${x}, ${y}, ${width}, ${height}]`);
    const [first, ...others] = [`name: ${JSON.stringify(name)}`, ...keys, `blank: [${rectangles.join(', ')}]`];
    lines.push(`  - ${first}`, ...others.map((line) => `    ${line}`));
  }
  return `${lines.join('\n')}\n`;
}
