// Fixed values that stand where a value must stand but the original must not (action D of PS3.15 Table E.1-1a). They are
// valid for their VR, the same everywhere, and say what they are.
import { findByTag } from '../standard/dictionary.ts';
import { wordSizeOf } from '../standard/vr.ts';

/** Fits every text VR; valid as a CS (PS3.5 6.2). Not a word that senders use. */
export const DUMMY_TEXT = 'DEIDENTIFIED';
/** Before any digital image was made, and not a day that others write when they do not know one. */
export const DUMMY_DATE = '19010203';

const TEXT_BY_VR: Readonly<Record<string, string>> = {
  AS: '000Y',
  DA: DUMMY_DATE,
  DS: '0',
  DT: `${DUMMY_DATE}000000`,
  IS: '0',
  TM: '000000',
  UR: 'about:blank',
};
const BINARY_VRS = new Set([
  'AT',
  'FD',
  'FL',
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SL',
  'SS',
  'SV',
  'UL',
  'UN',
  'US',
  'UV',
]);
/** A value that repeats a dummy more often is no list of dates but an attack on memory. */
const MAX_VALUES = 1024;

/**
 * The dummy for an attribute, without padding. As many values as the original had where PS3.6 allows several, so that lists
 * that belong together stay of one length.
 * @param original the bytes that are replaced, to count its values; undefined when they were not read
 */
export function dummyFor(tag: number, vr: string, original: Buffer | undefined): Buffer {
  if (BINARY_VRS.has(vr)) return Buffer.alloc(Math.max(2, wordSizeOf(vr)) * (vr === 'AT' ? 2 : 1));
  const dummy = TEXT_BY_VR[vr] ?? DUMMY_TEXT;
  const count = original === undefined ? 1 : countValues(tag, original);
  return Buffer.from(count === 1 ? dummy : new Array<string>(count).fill(dummy).join('\\'), 'latin1');
}

function countValues(tag: number, original: Buffer): number {
  const vm = findByTag(tag)?.vm;
  if (vm === undefined || vm === '1') return 1;
  let count = 1;
  for (let at = original.indexOf(0x5c); at !== -1 && count < MAX_VALUES; at = original.indexOf(0x5c, at + 1)) count++;
  return count;
}
