// Lines of the text formats of 3D models (Wavefront OBJ and MTL, ASCII STL): what draws stays byte for byte, what names is judged.
import type { TextJudge } from '../../core/text-judge.ts';
import type { Tally } from '../tally.ts';
import { cleanText } from '../text-runs.ts';
import { unreadable } from '../unreadable.ts';

const LINE_FEED = 0x0a;

/**
 * Each line with its end, as a view.
 * @throws InstanceError `document-unreadable` for a line longer than `maxBytes`: it is no line of a model
 */
export function* linesOf(bytes: Buffer, maxBytes = 4096): Generator<Buffer> {
  for (let start = 0; start < bytes.length;) {
    const at = bytes.indexOf(LINE_FEED, start);
    const end = at === -1 ? bytes.length : at + 1;
    if (end - start > maxBytes) throw unreadable('A line of the model is too long.');
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** The end of a line as it came: none, LF or CR LF. */
export function lineEndOf(line: string): string {
  return /\r?\n?$/.exec(line)?.[0] ?? '';
}

/**
 * A name without what identifies; dashes, underscores and dots between words count as spaces. The same name gives the same one in
 * every document of the patient, so that materials are still found. 'unnamed' when nothing is left.
 */
export function cleanName(name: string, judge: TextJudge, tally: Tally): string {
  const words = name.replace(/[-_.,;]/g, ' ').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  if (judge.find(name).length === 0 && judge.find(words).length === 0) return name;
  const cleaned = cleanText(judge.clean(words), judge, tally).trim();
  tally.add('model-name');
  return cleaned === '' ? 'unnamed' : cleaned.replace(/\s+/g, '_');
}

/** The file that a path names, without the folders around it; its name judged, its extension kept. */
export function cleanFileName(path: string, judge: TextJudge, tally: Tally): string {
  const name = path.split(/[\\/]/).at(-1) ?? '';
  const extension = /\.[A-Za-z]{1,5}$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  return cleanName(stem, judge, tally) + cleanName(extension, judge, tally);
}

/** The text of a model's line; UTF-8, else Latin-1. */
export function textOfLine(line: Buffer): string {
  const text = line.toString('utf8');
  return text.includes('\uFFFD') ? line.toString('latin1') : text;
}
