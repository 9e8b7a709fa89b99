// Names, ids, dates and UIDs of the patient that stand in attributes which would be kept: found, and cut out where that leaves
// a meaningful value. The defence for what Table E.1-1 does not list.
import type { Element } from '../dicom/element.ts';
import { trimPadding } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';

import type { BytePatterns } from './byte-patterns.ts';
import { outsideTerms, withoutValues } from './code-values.ts';
import type { Candidate, DeedsRecord } from './deeds-record.ts';
import { holdsIdentifier } from './edits.ts';
import type { HeaderBytes } from './header-bytes.ts';
import type { Identifiers } from './identifiers.ts';
import { cutOut } from './residual-scanner.ts';
import type { Span, TextKind } from './residual-scanner.ts';
import { residueSetFor } from './residue-set.ts';
import { STOP_WORDS } from './stop-words.ts';
import { textCleaningFor } from './text-cleaning.ts';
import type { Repair } from './walk-job.ts';

/** Longer runs of bytes are images, waveforms and tables, where a chance hit is likelier than a name. */
const MAX_BYTES = 64 * 1024;
/**
 * Text as people write it. What no row speaks about, or an option keeps, and holds such text is cleaned like a description: it
 * may name what no attribute tells.
 */
const PROSE_VRS: ReadonlySet<string> = new Set(['LT', 'ST', 'UC', 'UT']);
/** Texts as short as a description: cleaned too where no row speaks about them, and else looked at as before. */
const SHORT_VRS: ReadonlySet<string> = new Set(['LO', 'SH']);
/** Makers, models and versions have the forms of addresses, dates and UIDs: "1.4.0.82", "Thu Apr 19 11:14:42 EDT 2018". */
const OF_DEVICES: ReadonlySet<number> = new Set([TAG.Manufacturer, TAG.ManufacturerModelName, TAG.SoftwareVersions]);
/** `Li`, and the space that makes it even. */
const SHORTEST_TEXT = 2;
/** What announces a person's data, or is an address, in the shorter texts that an option keeps, such as the name of a device. */
const ANNOUNCED = /@|:\/\/|\b(?:born|dob|fax|mrn|phone|tel)\b/i;

/**
 * The kept values that hold an identifier, and what to do about each; empty for most instances. Patterns tell which values
 * have to be read; those with other characters than ASCII are, because a pattern does not know their encoding.
 * @param textShiftDays dates in prose are moved by this; undefined takes them out
 */
export function findResiduals(
  bytes: HeaderBytes,
  record: DeedsRecord,
  textShiftDays: number | undefined,
): ReadonlyMap<Element, Repair> {
  const { candidates, identifiers } = record;
  const patterns = residueSetFor(identifiers)?.patterns;
  const repairs = new Map<Element, Repair>();
  for (const candidate of candidates) {
    const { element, decision } = candidate;
    const { scan } = decision;
    if (scan === undefined) continue;
    if (scan === 'bytes') {
      if (element.valueLength > MAX_BYTES || patterns === undefined || bytes.find(element, patterns) !== true) continue;
      if (identifiers.scanner().isInBytes(bytes.latin1(element) ?? '')) repairs.set(element, 'as-residual');
      continue;
    }
    const short =
      scan === 'free' && isShortText(candidate)
        ? cleanShort(bytes, candidate, record, patterns, textShiftDays)
        : undefined;
    if (short !== undefined) {
      repairs.set(element, short);
      continue;
    }
    const isProse = scan === 'free' && isTreatedAsProse(candidate, bytes);
    if (!isProse && bytes.isAscii(element) && (patterns === undefined || bytes.find(element, patterns) === false))
      continue;
    const raw = bytes.latin1(element);
    let repair: Repair | undefined;
    // Text that was too long to be loaded cannot be vouched for.
    if (raw === undefined) repair = 'as-residual';
    else if (isProse) repair = cleanProse(raw, candidate, record, patterns, textShiftDays);
    else if (identifiers.scanner().mayIdentify(raw, scan))
      repair = repairOf(raw, scan, candidate, identifiers, textShiftDays);
    if (repair !== undefined) repairs.set(element, repair);
  }
  return repairs;
}

function isTreatedAsProse({ element, decision }: Candidate, bytes: HeaderBytes): boolean {
  const isByOption = decision.options !== undefined;
  if (decision.rule !== 'unlisted' && !isByOption) return false;
  return PROSE_VRS.has(element.vr) || (isByOption && ANNOUNCED.test(bytes.latin1(element) ?? ''));
}

/** Descriptions and comments of up to 64 characters that no row speaks about. */
function isShortText({ element, decision }: Candidate): boolean {
  if (decision.rule !== 'unlisted' || element.valueLength < SHORTEST_TEXT) return false;
  return SHORT_VRS.has(element.vr) && !OF_DEVICES.has(element.tag);
}

/** What is left of a short text that holds something that identifies; undefined for nearly all, which hold nothing. */
function cleanShort(
  bytes: HeaderBytes,
  { element, characterSet }: Candidate,
  { identifiers }: DeedsRecord,
  patterns: BytePatterns | undefined,
  textShiftDays: number | undefined,
): Repair | undefined {
  const raw = bytes.latin1(element);
  if (raw === undefined || raw.trim() === '') return undefined;
  const cleaned = textCleaningFor(identifiers, textShiftDays).clean(raw, element.vr, characterSet);
  if (cleaned.kind === 'same') return undefined;
  const left = cleaned.kind === 'nothing' ? '' : cleaned.text;
  if (isOnlyCommonGone(raw, left)) return undefined;
  if (cleaned.kind === 'nothing') return 'as-residual';
  // A moved date may be equal to another one of the original.
  const isNamed = identifiers
    .scanner()
    .find(cleaned.text, 'free', identifiers.uids)
    ?.some(({ start, end }) => textShiftDays === undefined || /\p{L}/u.test(cleaned.text.slice(start, end)));
  if (isNamed === true || holdsIdentifier(cleaned.text, identifiers, patterns, textShiftDays !== undefined))
    return 'as-residual';
  return cleaned.value;
}

/** "Head" of a patient who is called so: in the name of a product nothing tells it from the word, and it tells nobody. */
function isOnlyCommonGone(before: string, behind: string): boolean {
  const left = new Set(wordsOf(behind));
  return wordsOf(before).every((word) => left.has(word) || STOP_WORDS.has(word));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The patient's values, and what shows by its form: dates, phones, addresses, names behind titles. */
function cleanProse(
  raw: string,
  { element, characterSet }: Candidate,
  { identifiers }: DeedsRecord,
  patterns: BytePatterns | undefined,
  textShiftDays: number | undefined,
): Repair | undefined {
  const cleaned = textCleaningFor(identifiers, textShiftDays).clean(raw, element.vr, characterSet);
  if (cleaned.kind === 'nothing' || holdsIdentifier(cleaned.text, identifiers, patterns, textShiftDays !== undefined))
    return raw.trim() === '' ? undefined : 'as-residual';
  return cleaned.kind === 'changed' ? cleaned.value : undefined;
}

/** Matching in the decoded text finds names in any script; matching in the bytes finds those whose character set is not declared. */
function repairOf(
  raw: string,
  kind: TextKind,
  { element, characterSet }: Candidate,
  identifiers: Identifiers,
  textShiftDays: number | undefined,
): Repair | undefined {
  const { uids } = identifiers;
  const scanner = identifiers.scanner();
  const text = characterSet.decode(trimPadding(Buffer.from(raw, 'latin1')), element.vr);
  const spans = spansIn(text);
  if (spans === undefined) return spansIn(raw) === undefined ? undefined : 'as-residual';
  if (element.vr === 'CS' && kind === 'code') {
    const left = withoutValues(element.tag, element.vr, text, spans);
    return left === undefined ? 'as-residual' : Buffer.from(left, 'latin1');
  }
  if (kind !== 'free') return 'as-residual';
  // Beside what is known more may stand that identifies: the rest of an address, a label in front.
  const cleaned = textCleaningFor(identifiers, textShiftDays).clean(raw, element.vr, characterSet);
  if (cleaned.kind === 'changed' && isClean(cleaned.text, cleaned.value)) return cleaned.value;
  const rest = cutOut(text, spans);
  const encoded = rest === undefined ? undefined : characterSet.encode(rest, element.vr);
  if (rest === undefined || encoded === undefined) return 'as-residual';
  return isClean(rest, encoded) ? encoded : 'as-residual';

  function spansIn(reading: string): readonly Span[] | undefined {
    const found = scanner.find(reading, kind, uids);
    return kind !== 'code' || found === undefined ? found : outsideTerms(element.tag, reading, found);
  }

  function isClean(left: string, value: Buffer): boolean {
    return [left, value.toString('latin1')].every((reading) => scanner.find(reading, kind, uids) === undefined);
  }
}
