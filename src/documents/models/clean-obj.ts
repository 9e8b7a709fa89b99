// Wavefront OBJ (PS3.3 A.85.2; the format's specification, version 3.0): statements of numbers leave byte for byte, names of objects, groups and
// materials and comments are judged, statements that name files or run commands go.
import type { CleanDocument, DocumentJob } from '../document.ts';
import { Tally } from '../tally.ts';
import { cleanText } from '../text-runs.ts';
import { unreadable } from '../unreadable.ts';
import { cleanFileName, cleanName, lineEndOf, linesOf, textOfLine } from './model-text.ts';

/** Statements whose arguments are numbers, or words of the format itself. */
const GEOMETRY: ReadonlySet<string> = new Set([
  ...[
    'v',
    'vt',
    'vn',
    'vp',
    'f',
    'l',
    'p',
    's',
    'deg',
    'bmat',
    'step',
    'cstype',
    'curv',
    'curv2',
    'surf',
    'parm',
    'trim',
  ],
  ...['hole', 'scrv', 'sp', 'end', 'con', 'mg', 'bevel', 'c_interp', 'd_interp', 'lod', 'ctech', 'stech'],
]);
const WORDS: ReadonlySet<string> = new Set([
  ...['on', 'off', 'rat', 'bmatrix', 'bezier', 'bspline', 'cardinal', 'taylor', 'u', 'v', 'cparm', 'cspace', 'curv'],
  ...['cparma', 'cparmb', '\\'],
]);
/** `-1.5e-3`, `3/1/2`, `3//2`. */
const NUMBERS = /^[-+./\d]{1,48}(?:[eE][-+]?\d{1,4})?$/;
/** Faces of many corners are long. */
const MAX_LINE_BYTES = 1 << 18;
const NAMED = /^(\s*)(o|g|usemtl|mtllib)(?:\s+(.*?))?\s*$/;
const COMMENT = /^\s*#(.*?)\s*$/;

/** @throws InstanceError `document-unreadable` when nothing in it is geometry, or more is unknown than known */
export function cleanObj({ bytes, judge }: DocumentJob): CleanDocument {
  const tally = new Tally();
  const kept: Buffer[] = [];
  let known = 0;
  let unknown = 0;
  let vertices = 0;
  let isContinued = false;
  for (const line of linesOf(bytes, MAX_LINE_BYTES)) {
    const text = textOfLine(line);
    const words = text.trim().split(/\s+/);
    if (isGeometry(words, isContinued)) {
      kept.push(line);
      known++;
      if (words[0] === 'v') vertices++;
      isContinued = words.at(-1) === '\\';
      continue;
    }
    isContinued = false;
    const changed = namedLine(text) ?? commentLine(text);
    if (changed === undefined) {
      tally.add('statement');
      unknown++;
    } else {
      known++;
      if (changed !== '') kept.push(changed === text ? line : Buffer.from(changed));
    }
  }
  if (vertices === 0 || unknown > known) throw unreadable('The document says that it is an OBJ model, and is none.');
  return { bytes: Buffer.concat(kept), findings: tally.findings() };

  function namedLine(text: string): string | undefined {
    const match = NAMED.exec(text);
    if (match === null) return undefined;
    const [, indent, keyword, list = ''] = match;
    const cleaned = keyword === 'mtllib' ? list.split(/\s+/).map(cleanFile).join(' ') : cleanNames(keyword, list);
    return cleaned === list ? text : `${indent}${keyword} ${cleaned}${lineEndOf(text)}`;
  }

  function cleanFile(path: string): string {
    return cleanFileName(path, judge, tally);
  }

  /** A name may go over several words: they are judged together first. */
  function cleanNames(keyword: string, list: string): string {
    const whole = cleanName(list, judge, tally);
    if (keyword !== 'g' || whole !== list) return whole;
    return list
      .split(/\s+/)
      .map((name) => cleanName(name, judge, tally))
      .join(' ');
  }

  function commentLine(text: string): string | undefined {
    const match = COMMENT.exec(text);
    if (match === null) return undefined;
    const cleaned = cleanText(match[1], judge, tally);
    return cleaned === match[1] ? text : cleaned.trim() === '' ? '' : `#${cleaned}${lineEndOf(text)}`;
  }
}

/** @param isContinued the statement began on an earlier line */
function isGeometry([keyword, ...rest]: readonly string[], isContinued: boolean): boolean {
  const isArgument = (word: string): boolean => NUMBERS.test(word) || WORDS.has(word);
  return (keyword === '' || GEOMETRY.has(keyword) || (isContinued && isArgument(keyword))) && rest.every(isArgument);
}
