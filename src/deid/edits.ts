// One value changed as decided: what each action of Table E.1-1a and of a profile writes. Every function notes what it did.
import { InstanceError } from '../core/errors.ts';
import type { Element, OutputElement } from '../dicom/element.ts';
import { findElement, padValue } from '../dicom/values.ts';
import { formatTag, TAG } from '../standard/tags.ts';
import { isStandardUid } from '../standard/uids.ts';

import { capAges, capMeasuredAge } from './ages.ts';
import type { BytePatterns } from './byte-patterns.ts';
import { codeValueOf } from './content-items.ts';
import { reduceDates } from './date-precision.ts';
import { shiftDates } from './dates.ts';
import type { Decision } from './decision.ts';
import type { DeedsRecord } from './deeds-record.ts';
import { emptyDocument } from './document-dummies.ts';
import { dummyFor } from './dummies.ts';
import type { Identifiers } from './identifiers.ts';
import type { TextCleaning } from './text-cleaning.ts';
import type { Level, WalkJob } from './walk-job.ts';

const NOTHING = Buffer.alloc(0);
const DEFAULT_HASH_CHARS = 16;
const A_DAY = /^(?:\d{4}([-./]?)\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2\d{4})$/;

/** What a decision needs to be carried out. */
export interface Edit {
  readonly element: Element;
  readonly decision: Decision;
  readonly level: Level;
  readonly job: WalkJob;
  readonly record: DeedsRecord;
}

/** Nothing leaves. `rule` is named when it is not the decision's own. */
export function remove({ decision, record }: Edit, rule?: string): OutputElement | undefined {
  if (rule === undefined && decision.action === 'remove') record.note(decision);
  else record.noteAs(decision, 'remove', rule);
  return undefined;
}

/** A new value, padded here. */
export function write({ element, decision, record }: Edit, value: Buffer): OutputElement {
  record.note(decision);
  return { kind: 'written', tag: element.tag, vr: element.vr, value: padValue(value, decision.valueVr ?? element.vr) };
}

export function writeText(edit: Edit, text: string): OutputElement {
  return write(edit, Buffer.from(text, 'latin1'));
}

/** No value; a sequence keeps its header and loses its items. */
export function empty(edit: Edit): OutputElement {
  const { element, decision, record } = edit;
  if (element.valueLength === 0) return { kind: 'kept', element };
  record.note(decision);
  if (element.vr === 'SQ') return { kind: 'sequence', tag: element.tag, original: element, items: [] };
  return { kind: 'written', tag: element.tag, vr: element.vr, value: NOTHING };
}

/** A fixed value. An empty value tells nothing and stays empty; what cannot be a value goes. */
export function writeDummy(edit: Edit): OutputElement | undefined {
  const { element, job } = edit;
  if (element.valueLength === 0) return { kind: 'kept', element };
  if (element.items !== undefined || element.vr === 'SQ') return remove(edit);
  return write(edit, dummyFor(element.tag, element.vr, job.bytes.view(element)));
}

/** Value by value; UIDs that PS3.6 defines and empty values stay. */
export function replaceUids(edit: Edit): OutputElement | undefined {
  const { element, decision, job, record } = edit;
  if (element.valueLength === 0) return { kind: 'kept', element };
  const original = element.items === undefined ? job.bytes.text(element) : undefined;
  if (original === undefined) return remove(edit);
  const replacement = original.includes('\\')
    ? original
        .split('\\')
        .map((uid) => replaceUid(uid, edit))
        .join('\\')
    : replaceUid(original, edit);
  if (replacement !== original) return writeText(edit, replacement);
  if (decision.options !== undefined) record.keptOnPurpose.add(decision);
  return { kind: 'kept', element };
}

/** A text that is no UID is replaced all the same: nobody knows what it says. */
function replaceUid(text: string, { job, record }: Edit): string {
  const uid = text.trim();
  if (uid === '' || isStandardUid(uid)) return text;
  let replacement = record.uids.get(uid);
  if (replacement === undefined) {
    replacement = job.keys.replaceUid(uid);
    record.uids.set(uid, replacement);
  }
  return replacement;
}

/** @throws InstanceError `action-failed` for a value that is too long to be in memory */
export function writeHash(edit: Edit): OutputElement {
  const { element, decision, level, job, record } = edit;
  if (element.valueLength === 0) return { kind: 'kept', element };
  const bytes = job.bytes.trimmed(element);
  if (bytes === undefined) {
    throw new InstanceError('action-failed', `The value of ${decision.path} is too long to hash.`, {
      offset: element.start,
    });
  }
  const original = level.characterSet.decode(bytes, element.vr).trim();
  const replacement = job.keys.hash(formatTag(element.tag), original, decision.chars ?? DEFAULT_HASH_CHARS);
  if (element.tag === TAG.AccessionNumber) record.accessions.set(original, replacement);
  return writeText(edit, replacement);
}

/** Moved by the subject's shift; undefined when it is no valid date, so that something else has to be done. */
export function shift(edit: Edit): OutputElement | undefined {
  const { element, decision, job, record } = edit;
  if (element.valueLength === 0) return { kind: 'kept', element };
  const original = job.bytes.text(element);
  const vr = decision.valueVr ?? element.vr;
  const moved =
    original === undefined
      ? undefined
      : decision.precision === undefined
        ? shiftDates(original, vr, job.subject.shiftDays)
        : reduceDates(original, vr, decision.precision);
  if (moved === undefined) return undefined;
  if (moved !== original) return writeText(edit, moved);
  record.note(decision);
  return { kind: 'kept', element };
}

/** An age of 90 years or more becomes 90 years, an AS or the number of a measured value; undefined when it is no age. */
export function writeAge(edit: Edit): OutputElement | undefined {
  const { element, decision, level, job, record } = edit;
  if (element.valueLength === 0) return { kind: 'kept', element };
  const original = job.bytes.text(element);
  const unit =
    element.vr === 'DS' ? codeValueOf(level.elements, TAG.MeasurementUnitsCodeSequence, job.bytes) : undefined;
  const capped =
    original === undefined ? undefined : unit === undefined ? capAges(original) : capMeasuredAge(original, unit);
  if (capped === undefined) return undefined;
  if (capped !== original) return writeText(edit, capped);
  record.keptOnPurpose.add(decision);
  return { kind: 'kept', element };
}

/**
 * Text without what identifies; undefined when nothing is left. What the second look at kept values counts as strong (whole names,
 * ids, phrases, days, UIDs) may not stand in it either.
 */
export function writeCleaned(
  edit: Edit,
  cleaning: TextCleaning,
  patterns: BytePatterns | undefined,
): OutputElement | undefined {
  const { element, decision, level, job, record } = edit;
  if (element.valueLength === 0) return { kind: 'kept', element };
  const raw = job.bytes.latin1(element);
  if (raw === undefined) return undefined;
  const cleaned = cleaning.clean(raw, decision.valueVr ?? element.vr, level.characterSet);
  if (cleaned.kind === 'nothing') return undefined;
  if (holdsIdentifier(cleaned.text, record.identifiers, patterns, job.textShiftDays !== undefined)) return undefined;
  if (cleaned.kind === 'changed') return write(edit, cleaned.value);
  if (cleaned.text.trim() !== '') record.keptOnPurpose.add(decision);
  return { kind: 'kept', element };
}

/**
 * True when what is left of a text holds a whole name, an id, a phrase, a day or a UID of the original.
 * @param patterns of `residueSetFor`: they tell which texts have to be read
 * @param areDatesMoved a moved date may be equal to another one of the original
 */
export function holdsIdentifier(
  text: string,
  identifiers: Identifiers,
  patterns: BytePatterns | undefined,
  areDatesMoved: boolean,
): boolean {
  if (patterns?.isInAscii(text) === false) return false;
  const scanner = identifiers.scanner();
  if (scanner.isShortId(text)) return true;
  const left = scanner.find(text, 'cleaned', identifiers.uids) ?? [];
  return left.some(({ start, end }) => !areDatesMoved || !A_DAY.test(text.slice(start, end)));
}

/** True when the value is that of the same attribute of the data set itself. */
export function isAsAtTop({ element, job }: Edit): boolean {
  const top = findElement(job.dataSet.elements, element.tag);
  const own = top === undefined ? undefined : job.bytes.trimmed(top);
  const value = job.bytes.trimmed(element);
  return own !== undefined && value !== undefined && own.equals(value);
}

/** (0042,0011): an empty document of the type that (0042,0012) names. */
export function writeDocument(edit: Edit): OutputElement {
  return write(edit, documentFor(edit));
}

/** (0042,0015): its length without padding. */
export function writeDocumentLength(edit: Edit): OutputElement {
  const value = Buffer.alloc(4);
  const { length } = documentFor(edit);
  if (edit.level.encoding.isBigEndian) value.writeUInt32BE(length);
  else value.writeUInt32LE(length);
  return write(edit, value);
}

function documentFor({ level, job }: Edit): Buffer {
  const type = findElement(level.elements, TAG.MIMETypeOfEncapsulatedDocument);
  return emptyDocument(type === undefined ? '' : (job.bytes.text(type) ?? ''));
}
