// Which attributes a rule speaks about: `tag`, `tags`, `private`, `vr`, `in` and `except` of an entry of `rules:`.
import { findByKeyword, keywords } from '../standard/dictionary.ts';
import { parseTag } from '../standard/tags.ts';
import { isVr } from '../standard/vr.ts';

import { asPlaced, readList, readText } from './fields.ts';
import type { Fields } from './fields.ts';
import { suggest } from './problems.ts';
import type { Problems } from './problems.ts';
import type { Exception, Rule, Selector } from './rules.ts';
import { parseSequences, parseTagMask, splitPath } from './sequence-path.ts';
import type { SequencePath, TagMask } from './sequence-path.ts';

const SELECTOR_KEYS = ['tag', 'tags', 'private'] as const;

type Values = Fields['values'];

/** What a rule selects; undefined after its problems were reported. */
export function readSelection(
  fields: Fields,
  problems: Problems,
): Pick<Rule, 'selector' | 'path' | 'vrs' | 'except'> | undefined {
  const before = problems.count;
  const selected = readSelector(fields, problems);
  const vrs = readVrs(fields, problems);
  const except = readExceptions(fields, problems);
  return selected === undefined || problems.count > before ? undefined : { ...selected, vrs, except };
}

interface Selected {
  readonly selector: Selector;
  readonly path: SequencePath | undefined;
}

function readSelector({ values, at }: Fields, problems: Problems): Selected | undefined {
  const given = SELECTOR_KEYS.filter((key) => values.has(key));
  if (given.length > 1) {
    problems.add(at, `a rule selects by one of tag, tags and private, not by ${given.join(' and ')}; write two rules`);
    return undefined;
  }
  if (given[0] !== 'private' && (values.has('element') || values.has('group'))) {
    problems.add(at, '"element" and "group" belong to a private creator; add private: "CREATOR"');
    return undefined;
  }
  switch (given[0]) {
    case 'tag':
      return readTag(values, problems);
    case 'tags':
      return readTags(values, problems);
    case 'private':
      return readPrivate(values, problems);
    default:
      if (values.has('vr')) return { selector: { kind: 'any' }, path: readIn(values, problems) };
      for (const key of ['in', 'except']) {
        if (values.has(key)) problems.add(asPlaced(values.get(key)), `"${key}" narrows a selection; add tags: or vr:`);
      }
      return { selector: { kind: 'instance' }, path: undefined };
  }
}

function readTag(values: Values, problems: Problems): Selected | undefined {
  const node = values.get('tag');
  refuseIn(values, 'tag', problems);
  const text = readText(node, 'tag', problems);
  if (text === undefined) return undefined;
  const parts = splitPath(text);
  const path = readSequences(parts.slice(0, -1), node, problems);
  const last = parts[parts.length - 1];
  const tag = parseTag(last) ?? findByKeyword(last)?.tag;
  if (tag !== undefined) return { selector: { kind: 'tag', tag }, path };
  const hint = suggest(
    last,
    keywords(),
    'write a keyword of PS3.6 or "(gggg,eeee)" in quotes; a pattern with x goes under tags',
  );
  problems.add(asPlaced(node), `"${last}" is no DICOM keyword or tag${hint}`);
  return undefined;
}

function readTags(values: Values, problems: Problems): Selected | undefined {
  const node = values.get('tags');
  refuseIn(values, 'tags', problems);
  const text = readText(node, 'tags', problems);
  if (text === undefined) return undefined;
  const parts = splitPath(text);
  const path = readSequences(parts.slice(0, -1), node, problems);
  const last = parts[parts.length - 1];
  const pattern = parts.length > 1 && last === '*' ? { mask: 0, value: 0 } : parseTagMask(last);
  if (pattern !== undefined) return { selector: { kind: 'pattern', ...pattern }, path };
  problems.add(
    asPlaced(node),
    `"${last}" is no tag pattern; write for example "(0018,xxxx)"${findByKeyword(last) === undefined ? '' : ', and a keyword under tag'}`,
  );
  return undefined;
}

function readPrivate(values: Values, problems: Problems): Selected | undefined {
  const creator = readText(values.get('private'), 'private', problems);
  const element = readHex(values, 'element', 2, problems);
  const group = readHex(values, 'group', 4, problems);
  if (group !== undefined && group % 2 === 0) {
    problems.add(asPlaced(values.get('group')), 'the group of a private element is odd, for example "0029"');
  }
  const path = readIn(values, problems);
  return creator === undefined
    ? undefined
    : { selector: { kind: 'private', creator: creator.trim(), element, group }, path };
}

function readIn(values: Values, problems: Problems): SequencePath | undefined {
  if (!values.has('in')) return undefined;
  const text = readText(values.get('in'), 'in', problems);
  return text === undefined ? undefined : readSequences(splitPath(text), values.get('in'), problems);
}

function refuseIn(values: Values, key: string, problems: Problems): void {
  if (values.has('in'))
    problems.add(asPlaced(values.get('in')), `write the sequences in front of the ${key}: "Sequence.Attribute"`);
}

function readSequences(parts: readonly string[], node: unknown, problems: Problems): SequencePath | undefined {
  const path = parseSequences(parts);
  if (path === undefined || !('wrong' in path)) return path;
  const hint = suggest(
    path.wrong,
    keywords(),
    'write a keyword, "(gggg,eeee)", "*" for one sequence or "**" for any number',
  );
  problems.add(asPlaced(node), `"${path.wrong}" names no sequence${hint}`);
  return undefined;
}

function readHex(values: Values, key: string, digits: number, problems: Problems): number | undefined {
  if (!values.has(key)) return undefined;
  const text = readText(values.get(key), key, problems);
  if (text === undefined) return undefined;
  if (new RegExp(`^[0-9A-Fa-f]{${digits}}$`).test(text)) return Number.parseInt(text, 16);
  problems.add(
    asPlaced(values.get(key)),
    `${key} must be ${digits} hexadecimal digits in quotes, for example "${'10'.padStart(digits, '0')}"`,
  );
  return undefined;
}

function readVrs({ values }: Fields, problems: Problems): readonly string[] | undefined {
  if (!values.has('vr')) return undefined;
  const node = values.get('vr');
  const isList = typeof node === 'object' && node !== null && 'items' in node;
  return (isList ? readList(node, 'vr', problems) : [node])
    .map((entry) => readVr(entry, problems))
    .filter((vr) => vr !== undefined);
}

function readVr(node: unknown, problems: Problems): string | undefined {
  const vr = readText(node, 'vr', problems);
  if (vr === undefined || isVr(vr)) return vr;
  problems.add(asPlaced(node), `"${vr}" is no value representation; write one of PS3.5 6.2, for example LO`);
  return undefined;
}

function readExceptions({ values }: Fields, problems: Problems): readonly Exception[] {
  if (!values.has('except')) return [];
  return readList(values.get('except'), 'except', problems)
    .map((entry) => readException(entry, problems))
    .filter((exception) => exception !== undefined);
}

function readException(node: unknown, problems: Problems): Exception | undefined {
  const text = readText(node, 'except', problems);
  if (text === undefined) return undefined;
  const parts = splitPath(text);
  const path = readSequences(parts.slice(0, -1), node, problems);
  const last = parts[parts.length - 1];
  const tag = parseTag(last) ?? findByKeyword(last)?.tag;
  if (tag !== undefined) return { selector: { kind: 'tag', tag }, path };
  const pattern: TagMask | undefined = parseTagMask(last);
  if (pattern !== undefined) return { selector: { kind: 'pattern', ...pattern }, path };
  problems.add(
    asPlaced(node),
    `"${last}" is no DICOM keyword, tag or pattern${suggest(last, keywords(), 'write a keyword of PS3.6, "(gggg,eeee)" or "(gggg,xxxx)"')}`,
  );
  return undefined;
}
