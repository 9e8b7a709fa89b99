// Values of elements: the bytes as they came, and the strings in them, decoded only when somebody asks.
import { isCharacterSetVr, paddingOf } from '../standard/vr.ts';
import { formatTag } from '../standard/tags.ts';
import type { CharacterSet } from './character-set.ts';
import type { DataSet, Element } from './element.ts';

const SPACE = 0x20;
const NUL = 0x00;
const BACKSLASH = 0x5c;

/** The value as a view. Throws RangeError for bulk data, which is not in memory: read it from `dataSet.source`. */
export function valueBytes(dataSet: Pick<DataSet, 'source'>, element: Element): Buffer {
  const bytes = dataSet.source.view(element.valueStart, element.valueLength);
  if (bytes === undefined) throw new RangeError(`the value of ${formatTag(element.tag)} is not in memory`);
  return bytes;
}

/** The whole value as one string without trailing padding; for VRs that (0008,0005) does not affect as Latin-1. Throws as `valueBytes`. */
export function textOf(dataSet: Pick<DataSet, 'source'>, element: Element, characterSet: CharacterSet): string {
  return decode(trimPadding(valueBytes(dataSet, element)), element.vr, characterSet);
}

/**
 * The values of a multi-valued element, each without padding at its end (for VRs that are not free text, none at its start either);
 * no value gives an empty list. A 0x5C that is part of a multi-byte character does not separate. Throws as `valueBytes`.
 */
export function stringsOf(
  dataSet: Pick<DataSet, 'source'>,
  element: Element,
  characterSet: CharacterSet,
): readonly string[] {
  const bytes = trimPadding(valueBytes(dataSet, element));
  if (bytes.length === 0) return [];
  const { vr } = element;
  if (!bytes.includes(BACKSLASH)) return [trimText(decode(bytes, vr, characterSet), vr)];
  return characterSet.split(bytes, vr).map((value) => trimText(decode(value, vr, characterSet), vr));
}

function decode(bytes: Buffer, vr: string, characterSet: CharacterSet): string {
  return isCharacterSetVr(vr) ? characterSet.decode(bytes, vr) : bytes.toString('latin1');
}

/** Without spaces and NULs at the end: writers use either, whatever the VR (PS3.5 6.2). */
export function trimPadding(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === SPACE || bytes[end - 1] === NUL)) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/** Leading spaces mean nothing but in ST, LT, UT, UC and UR (PS3.5 6.2). */
function trimText(text: string, vr: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end--;
  let start = 0;
  if (vr !== 'ST' && vr !== 'LT' && vr !== 'UT' && vr !== 'UC') while (start < end && text[start] === ' ') start++;
  return text.slice(start, end);
}

/** The element with this tag; the first one when it is there twice. Elements of a data set that is out of order are found too. */
export function findElement(elements: readonly Element[], tag: number): Element | undefined {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (elements[middle].tag < tag) low = middle + 1;
    else high = middle;
  }
  if (low < elements.length && elements[low].tag === tag) return elements[low];
  return isAscending(elements) ? undefined : elements.find((element) => element.tag === tag);
}

/** Remembers which lists are in ascending order, so that a look-up that finds nothing stays cheap. */
const ascending = new WeakMap<readonly Element[], boolean>();

function isAscending(elements: readonly Element[]): boolean {
  let known = ascending.get(elements);
  if (known === undefined) {
    known = true;
    for (let i = 1; i < elements.length && known; i++) known = elements[i - 1].tag <= elements[i].tag;
    ascending.set(elements, known);
  }
  return known;
}

/** The value with one byte of padding when its length is odd: NUL for UI and binary VRs, else SPACE (PS3.5 6.2). */
export function padValue(bytes: Buffer, vr: string): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([paddingOf(vr)])]);
}
