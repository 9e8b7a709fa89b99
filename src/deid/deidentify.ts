// One instance de-identified: which profile table applies, the walk, the second look at what was kept, the markers, the receipt.
import { asUid } from '../core/brands.ts';
import { InstanceError } from '../core/errors.ts';
import { DEFAULT_CHARACTER_SET } from '../dicom/character-set.ts';
import type { DataSet, Element, OutputElement } from '../dicom/element.ts';
import { findElement, trimPadding } from '../dicom/values.ts';
import { insertInOrder } from '../dicom/writer.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import { isStorageSopClass } from '../standard/sop-classes.ts';
import { formatTag, TAG } from '../standard/tags.ts';
import { isStandardUid } from '../standard/uids.ts';

import { actionTableFor } from './action-table.ts';
import type { ActionTable } from './action-table.ts';
import { ConditionScope } from './condition-scope.ts';
import type { DeedsRecord } from './deeds-record.ts';
import { ENGINE } from './engine-version.ts';
import { HeaderBytes } from './header-bytes.ts';
import type { IdentifyingValue } from './identifiers.ts';
import { characterSetOf } from './identity.ts';
import type { ProjectKeys } from './keys.ts';
import { deedsOf, markersFor, text } from './markers.ts';
import type { Deeds } from './markers.ts';
import type { DeidOutcome, Receipt, ReceiptAction } from './outcome.ts';
import { findResiduals } from './residuals.ts';
import type { Subject } from './subject.ts';
import { textShiftOf } from './text-judge.ts';
import { Walk } from './walk.ts';
import type { Repair, WalkJob } from './walk-job.ts';

export interface DeidJob {
  readonly dataSet: DataSet;
  readonly transferSyntaxUid: string;
  /** What the sender announced in the C-STORE request or the file meta information. */
  readonly announced?: { readonly sopClassUid: string; readonly sopInstanceUid: string };
  readonly profile: CompiledProfile;
  readonly subject: Subject;
  readonly keys: ProjectKeys;
  /** What earlier instances told of the same patient: looked for like what this one tells. */
  readonly known?: readonly IdentifyingValue[];
}

const NO_REPAIRS: ReadonlyMap<Element, Repair> = new Map();
/** A value that is cut out may uncover another one; more rounds than this mean that the second look does not end. */
const MAX_ROUNDS = 3;

/**
 * De-identifies one instance. Nothing of the input is changed; the same input, profile, subject and keys give the same output.
 * @throws InstanceError `uid-mismatch`, `unknown-sop-class`, `profile-quarantine`, `action-failed`,
 *   `unknown-character-set`, `residual-identifier`
 */
export function deidentify(job: DeidJob): DeidOutcome {
  const { dataSet, profile, subject } = job;
  const { sopClassUid, sopInstanceUid } = checkInstance(job);
  const table = actionTableFor(profile, sopClassUid);
  checkPolicy(profile, table, subject);
  const characterSet = characterSetOf(dataSet, dataSet.elements, DEFAULT_CHARACTER_SET);
  const conditions = new ConditionScope(dataSet, characterSet);
  checkInstanceRules(profile, conditions);
  const bytes = new HeaderBytes(dataSet.source);
  const { record, elements } = walkUntilClean({
    ...job,
    bytes,
    table,
    conditions,
    characterSet,
    repairs: NO_REPAIRS,
    textShiftDays: textShiftOf(profile, subject),
  });
  const deeds = deedsOf(profile, record);
  const additions = [...missingSubject(dataSet, table, subject), ...markersFor(dataSet, profile, deeds)];
  const replacementOf = (tag: number): string => replaced(dataSet, record, tag);
  const clean = {
    sopInstanceUid: record.uids.get(sopInstanceUid) ?? sopInstanceUid,
    seriesInstanceUid: replacementOf(TAG.SeriesInstanceUID),
    studyInstanceUid: replacementOf(TAG.StudyInstanceUID),
  };
  const originalStudy = uidAt(dataSet, TAG.StudyInstanceUID);
  return {
    output: { source: dataSet.source, encoding: dataSet.encoding, elements: insertInOrder(elements, additions) },
    sopClassUid,
    ...clean,
    receipt: receiptOf(profile, record, deeds, additions, clean.sopInstanceUid),
    identifiers: record.identifiers,
    uids: pairs(record.uids),
    accessions: pairs(record.accessions),
    studies: originalStudy === '' ? [] : [{ original: originalStudy, replacement: clean.studyInstanceUid }],
  };
}

// ---- may it be treated at all --------------------------------------------------------------------------------------

function checkInstance({ dataSet, announced, profile }: DeidJob): {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
} {
  const sopClassUid = uidAt(dataSet, TAG.SOPClassUID);
  const sopInstanceUid = uidAt(dataSet, TAG.SOPInstanceUID);
  if (asUid(sopClassUid) === undefined)
    throw new InstanceError('uid-mismatch', 'SOP Class UID (0008,0016) is missing or no UID.');
  // One that is no UID is replaced by one that is: scanners do send them too long.
  // Several values would each be replaced, and the whole, which names the file, by nothing.
  if (sopInstanceUid === '' || sopInstanceUid.includes('\\'))
    throw new InstanceError('uid-mismatch', 'SOP Instance UID (0008,0018) is missing or not one UID.');
  if (
    announced !== undefined &&
    (announced.sopClassUid !== sopClassUid || announced.sopInstanceUid !== sopInstanceUid)
  ) {
    throw new InstanceError('uid-mismatch', 'SOP class or instance of the data set differs from what was announced.');
  }
  if (!isStorageSopClass(sopClassUid)) {
    if (isStandardUid(sopClassUid))
      throw new InstanceError('unknown-sop-class', 'The SOP class is not one of stored instances.');
    if (profile.privateSopClasses === 'quarantine') {
      throw new InstanceError(
        'unknown-sop-class',
        'PS3.6 does not define the SOP class, and the profile does not pass private ones.',
      );
    }
  }
  return { sopClassUid, sopInstanceUid };
}

function checkPolicy(profile: CompiledProfile, table: ActionTable, subject: Subject): void {
  if (profile.unlisted === 'required-only' && !table.isIodKnown) {
    throw new InstanceError(
      'unknown-sop-class',
      'The profile keeps only what the IOD requires, and this IOD is not known.',
    );
  }
  if (profile.maxShiftDays > 0 && subject.shiftDays === 0) {
    throw new InstanceError('action-failed', 'The profile moves dates, but the subject has no shift.');
  }
}

function checkInstanceRules(profile: CompiledProfile, conditions: ConditionScope): void {
  for (const { when, place } of profile.rules.instanceRules) {
    if (when === undefined || conditions.holds(when)) {
      throw new InstanceError('profile-quarantine', `The rule at ${place} holds back instances like this one.`);
    }
  }
}

// ---- the walk ------------------------------------------------------------------------------------------------------

/** Walks; walks again with what kept values turned out to hold, until a walk leaves nothing to repair. */
function walkUntilClean(job: WalkJob): { readonly record: DeedsRecord; readonly elements: readonly OutputElement[] } {
  let { repairs } = job;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const walk = new Walk({ ...job, repairs });
    const elements = walk.run();
    const found = findResiduals(job.bytes, walk.record, job.textShiftDays);
    if (found.size === 0) {
      walk.cleanTexts();
      return { record: walk.record, elements };
    }
    repairs = new Map([...repairs, ...found]);
  }
  throw new InstanceError('residual-identifier', 'Identifiers of the original keep turning up in what would be kept.');
}

/** Type 2 attributes that the sender left out are added, so that every image belongs to its subject. */
function missingSubject(dataSet: DataSet, table: ActionTable, subject: Subject): readonly OutputElement[] {
  const isMissing = (tag: number): boolean =>
    findElement(dataSet.elements, tag) === undefined && table.typeOf(table.root, tag) !== undefined;
  return [
    ...(isMissing(TAG.PatientName) ? [text(TAG.PatientName, 'PN', subject.subjectName)] : []),
    ...(isMissing(TAG.PatientID) ? [text(TAG.PatientID, 'LO', subject.subjectId)] : []),
  ];
}

// ---- what is told about it -----------------------------------------------------------------------------------------

function receiptOf(
  profile: CompiledProfile,
  record: DeedsRecord,
  deeds: Deeds,
  additions: readonly OutputElement[],
  sopInstanceUid: string,
): Receipt {
  const added = additions.map((element): ReceiptAction => {
    const tag = element.kind === 'kept' ? element.element.tag : element.tag;
    return { path: formatTag(tag), action: 'add', rule: 'PS3.15 E.1.1', count: 1 };
  });
  return {
    profile: { name: profile.name, version: profile.version, digest: profile.digest },
    engine: ENGINE,
    sopInstanceUid,
    actions: [...record.actions(), ...added],
    methods: deeds.methods,
    withoutEffect: deeds.withoutEffect,
  };
}

function pairs(map: ReadonlyMap<string, string>): { original: string; replacement: string }[] {
  return [...map].map(([original, replacement]) => ({ original, replacement }));
}

function replaced(dataSet: DataSet, record: DeedsRecord, tag: number): string {
  const original = uidAt(dataSet, tag);
  return record.uids.get(original) ?? original;
}

function uidAt(dataSet: DataSet, tag: number): string {
  return textAt(dataSet, tag);
}

/** The text of a short attribute at the top level; empty when it is absent. */
function textAt({ elements, source }: DataSet, tag: number): string {
  const element = findElement(elements, tag);
  const bytes = element === undefined ? undefined : source.view(element.valueStart, element.valueLength);
  return bytes === undefined ? '' : trimPadding(bytes).toString('latin1').trim();
}
