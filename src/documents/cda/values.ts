// Values of HL7 V3 data types: instance identifiers, points in time, codes (HL7 V3 Abstract Data Types R1, CDA R2).
import type { Element } from '@xmldom/xmldom';
import type { TextJudge } from '../../core/text-judge.ts';
import { mask, nameOf, parentOf, typeOf } from './dom.ts';

/** OIDs under which standards register what is the same in every hospital: HL7, DICOM, IHE, and national CDA profiles. */
const STANDARD_ROOTS =
  /^(?:2\.16\.840\.1\.113883\.(?:1|2|4|5|6|10|11|12|18|21)\.|1\.2\.840\.10008\.|1\.3\.6\.1\.4\.1\.19376\.|1\.2\.276\.0\.76\.|1\.2\.250\.1\.213\.|1\.2\.40\.0\.34\.|2\.16\.756\.5\.30\.|2\.16\.578\.1\.12\.)[\d.]{1,60}$/;

export function isStandardRoot(root: string): boolean {
  return STANDARD_ROOTS.test(root);
}

/** Whose `name` tells no person, organization or place: the substance, food or finding that it names is judged as text. */
const THINGS: ReadonlySet<string> = new Set([
  ...['manufacturedMaterial', 'manufacturedLabeledDrug', 'material', 'labeledDrug', 'playingEntity', 'scopingEntity'],
]);

export function isIdentifyingName(name: Element): boolean {
  const holder = parentOf(name);
  return holder === undefined || !THINGS.has(nameOf(holder));
}

/**
 * An instance identifier: under the root of a standard the number is masked, any other one becomes a UID that the same identifier
 * always becomes, or is masked where nobody makes UIDs.
 */
export function cleanId(id: Element, replaceUid: ((uid: string) => string) | undefined): void {
  const root = id.getAttribute('root') ?? '';
  const extension = id.getAttribute('extension') ?? '';
  if (root === '' && extension === '') {
    const nullFlavor = id.getAttribute('nullFlavor');
    mask(id);
    if (nullFlavor !== null && /^[A-Z]{2,4}$/.test(nullFlavor)) id.setAttribute('nullFlavor', nullFlavor);
    return;
  }
  mask(id);
  if (isStandardRoot(root)) id.setAttribute('root', root);
  else if (replaceUid !== undefined) {
    id.removeAttribute('nullFlavor');
    id.setAttribute('root', replaceUid(extension === '' ? root : `${root}^${extension}`));
  }
}

const TIMES: ReadonlySet<string> = new Set([
  ...['effectiveTime', 'time', 'birthTime', 'deceasedTime', 'signatureTime', 'availabilityTime', 'activityTime'],
  ...['existenceTime', 'expirationTime', 'stabilityTime', 'awarenessTime', 'lastVerifiedTime'],
]);
const TIME_TYPES: ReadonlySet<string> = new Set([
  'TS',
  'IVL_TS',
  'PIVL_TS',
  'EIVL_TS',
  'SXCM_TS',
  'IVXB_TS',
  'SXPR_TS',
]);
const BOUNDS: ReadonlySet<string> = new Set(['low', 'high', 'center', 'phase', 'comp']);
/** YYYY[MM[DD[HH[MM[SS[.fraction]]]]]][+ZZzz] */
const POINT_IN_TIME = /^(\d{4})(?:(\d{2})(?:(\d{2})(\d{2,6}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?$/;

/** True for an element whose value is a point in time. */
export function isTime(element: Element): boolean {
  if (element.hasAttribute('unit')) return false;
  if (TIMES.has(nameOf(element)) || TIME_TYPES.has(typeOf(element))) return true;
  const parent = parentOf(element);
  return BOUNDS.has(nameOf(element)) && parent !== undefined && isTime(parent);
}

/** True for a value that can only be a day, wherever it stands. */
export function looksLikeDay(value: string): boolean {
  return /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2,6}(?:\.\d+)?)?(?:[+-]\d{4})?$/.test(value);
}

/** Dates as the judge treats them in texts: moved, kept, or taken out. */
export class Times {
  readonly #judge: TextJudge;
  readonly #areKept: boolean;

  constructor(judge: TextJudge) {
    this.#judge = judge;
    const [span] = judge.find(PROBE);
    this.#areKept = (span as typeof span | undefined) === undefined || span.replacement === PROBE;
  }

  /** The value as it may leave; undefined when it has to go. A year alone stays. */
  clean(value: string): string | undefined {
    const match = POINT_IN_TIME.exec(value);
    if (match === null) return undefined;
    const [, year, month, day, time = '', zone = ''] = match as readonly (string | undefined)[];
    if (year === undefined || month === undefined) return value;
    const text = `${year}-${month}-${day ?? '15'}`;
    const spans = this.#judge.find(text);
    if (spans.length === 0) return this.#areKept ? value : undefined;
    const moved = spans[0].replacement?.replaceAll('-', '');
    if (moved === undefined || !/^\d{8}$/.test(moved)) return undefined;
    return day === undefined ? moved.slice(0, 6) + zone : moved + time + zone;
  }
}

const PROBE = '2015-06-15';
