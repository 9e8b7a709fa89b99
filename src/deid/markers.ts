// What an instance says about its own de-identification (PS3.15 E.1.1, 2026d): made from what was done, replacing what came.
//
// A history of earlier de-identifications is not carried on: its texts are free text that nobody vouches for, and its codes
// claim what this program cannot check.
import type { DataSet, OutputDataSet, OutputElement } from '../dicom/element.ts';
import { findElement, padValue } from '../dicom/values.ts';
import { insertInOrder } from '../dicom/writer.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import { CID_7050 } from '../standard/cid-7050.ts';
import type { OptionName } from '../standard/table-e1-1.ts';
import { formatTag, TAG } from '../standard/tags.ts';

import type { DeedsRecord } from './deeds-record.ts';
import { ENGINE } from './engine-version.ts';
import type { DeidOutcome, PixelReceipt, ReceiptAction } from './outcome.ts';

const BASIC_PROFILE_CODE = '113100';

/** CID 7050 codes of the options. */
const OPTION_CODES: Readonly<Record<OptionName, string>> = {
  'clean-pixel-data': '113101',
  'clean-recognizable-visual-features': '113102',
  'clean-graphics': '113103',
  'clean-structured-content': '113104',
  'clean-descriptors': '113105',
  'retain-longitudinal-full-dates': '113106',
  'retain-longitudinal-modified-dates': '113107',
  'retain-patient-characteristics': '113108',
  'retain-device-identity': '113109',
  'retain-uids': '113110',
  'retain-safe-private': '113111',
  'retain-institution-identity': '113112',
};

type Temporal = 'UNMODIFIED' | 'MODIFIED' | 'REMOVED';

/** What was done, in the terms of the standard. */
export interface Deeds {
  /** CID 7050 codes, ascending. */
  readonly methods: readonly string[];
  /** Options of the profile that changed nothing in this instance. */
  readonly withoutEffect: readonly OptionName[];
  readonly temporal: Temporal;
  /** True when rules kept what the Basic Profile does not keep. */
  readonly isDeviation: boolean;
}

export function deedsOf(profile: CompiledProfile, record: DeedsRecord): Deeds {
  const acting = new Set<OptionName>();
  let isDeviation = false;
  let temporal: Temporal = 'REMOVED';
  for (const decisions of [record.acted.keys(), record.keptOnPurpose]) {
    for (const decision of decisions) {
      if (decision.options !== undefined) for (const option of decision.options) acting.add(option);
      if (decision.isDeviation === true) isDeviation = true;
      if (decision.temporal === 'modified') temporal = 'MODIFIED';
      else if (decision.temporal === 'unmodified' && temporal === 'REMOVED') temporal = 'UNMODIFIED';
    }
  }
  const methods = isDeviation ? [] : [BASIC_PROFILE_CODE];
  const withoutEffect: OptionName[] = [];
  for (const option of profile.options) {
    if (acting.has(option)) methods.push(OPTION_CODES[option]);
    else withoutEffect.push(option);
  }
  return { methods: methods.sort(), withoutEffect, temporal, isDeviation };
}

/** Markers by what they say: a series says the same in each of its instances. */
const written = new WeakMap<CompiledProfile, Map<string, readonly OutputElement[]>>();

/** The elements to insert, in ascending order of tags. */
export function markersFor(dataSet: DataSet, profile: CompiledProfile, deeds: Deeds): readonly OutputElement[] {
  const temporal = temporalOf(dataSet, deeds);
  const key = `${deeds.methods.join(' ')} ${temporal}`;
  let known = written.get(profile);
  if (known === undefined) {
    known = new Map<string, readonly OutputElement[]>();
    written.set(profile, known);
  }
  let markers = known.get(key);
  if (markers === undefined) {
    markers = writeMarkers(profile, deeds, temporal);
    known.set(key, markers);
  }
  return markers;
}

/**
 * The outcome of an instance whose pixels were looked at: (0028,0301) and the code of the Clean Pixel Data Option are written only when they are
 * clean (PS3.15 E.3.1 and PS3.3 C.7.6.1.1.8, 2026d).
 * @param looked the output as it is now; `isClean`: every frame was looked at, and no text is left that may identify
 */
export function withPixelMarkers(
  outcome: DeidOutcome,
  looked: { readonly output: OutputDataSet; readonly pixels: PixelReceipt; readonly isClean: boolean },
  profile: CompiledProfile,
): DeidOutcome {
  const { receipt } = outcome;
  const { output, pixels, isClean } = looked;
  const changes = changesBetween(outcome.output, output, pixels.method !== 'none');
  if (!isClean)
    return { ...outcome, output, receipt: { ...receipt, actions: [...receipt.actions, ...changes], pixels } };
  const isClaimed = profile.options.has('clean-pixel-data');
  const methods = isClaimed
    ? [...new Set([...receipt.methods, OPTION_CODES['clean-pixel-data']])].sort()
    : receipt.methods;
  const said = [text(TAG.BurnedInAnnotation, 'CS', 'NO'), ...(isClaimed ? [codeSequence(methods)] : [])];
  const written = new Set(said.map(tagOf));
  const others = output.elements.filter((element) => !written.has(tagOf(element)));
  const wasSaid = output.elements.some((element) => tagOf(element) === TAG.BurnedInAnnotation);
  const marker = pixelAction(TAG.BurnedInAnnotation, wasSaid ? 'replace' : 'add');
  return {
    ...outcome,
    output: { ...output, elements: insertInOrder(others, said) },
    receipt: {
      ...receipt,
      actions: [...receipt.actions.filter(({ path }) => path !== marker.path), ...changes, marker],
      methods,
      withoutEffect: receipt.withoutEffect.filter((option) => !isClaimed || option !== 'clean-pixel-data'),
      pixels,
    },
  };
}

const PIXEL_TAGS: ReadonlySet<number> = new Set([TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData]);

/** What blanking did to attributes: the pixels themselves, and what describes them where they are written in another way. */
function changesBetween(before: OutputDataSet, after: OutputDataSet, isBlanked: boolean): readonly ReceiptAction[] {
  if (before === after) return [];
  const partOf = (element: OutputElement): unknown => (element.kind === 'kept' ? element.element : element);
  const known = new Map(before.elements.map((element) => [tagOf(element), partOf(element)]));
  const left = new Set(after.elements.map(tagOf));
  const changed = after.elements
    // Pixels that were blanked in place are the same element over other bytes.
    .filter((element) => known.get(tagOf(element)) !== partOf(element) || (isBlanked && PIXEL_TAGS.has(tagOf(element))))
    .map((element) => pixelAction(tagOf(element), known.has(tagOf(element)) ? 'clean' : 'add'));
  const gone = [...known.keys()].filter((tag) => !left.has(tag)).map((tag) => pixelAction(tag, 'remove'));
  return [...changed, ...gone];
}

function pixelAction(tag: number, action: ReceiptAction['action']): ReceiptAction {
  return { path: formatTag(tag), action, rule: 'PS3.15 E.3.1', count: 1 };
}

function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}

function writeMarkers(profile: CompiledProfile, deeds: Deeds, temporal: Temporal): readonly OutputElement[] {
  return [
    text(TAG.PatientIdentityRemoved, 'CS', 'YES'),
    text(TAG.DeidentificationMethod, 'LO', methodTexts(profile, deeds).join('\\')),
    ...(deeds.methods.length === 0 ? [] : [codeSequence(deeds.methods)]),
    text(TAG.LongitudinalTemporalInformationModified, 'CS', temporal),
  ];
}

/** Each at most 64 characters (LO): a profile's name has at most 32. */
function methodTexts(profile: CompiledProfile, { isDeviation }: Deeds): readonly string[] {
  return [
    ENGINE,
    `DICOM ${profile.edition}`,
    `Profile ${profile.name} version ${profile.version}`,
    `Profile digest ${profile.digest.slice(0, 16)}`,
    ...(isDeviation ? ['Rules keep attributes that the Basic Profile removes'] : []),
  ];
}

function codeSequence(codes: readonly string[]): OutputElement {
  const items = codes.map((code) => ({
    elements: [
      text(TAG.CodeValue, 'SH', code),
      text(TAG.CodingSchemeDesignator, 'SH', 'DCM'),
      text(TAG.CodeMeaning, 'LO', CID_7050.get(code) ?? ''),
    ],
  }));
  return { kind: 'sequence', tag: TAG.DeidentificationMethodCodeSequence, items };
}

/** Dates that were moved before they came here are not made true by leaving them alone. */
function temporalOf(dataSet: DataSet, { temporal }: Deeds): Temporal {
  if (temporal !== 'UNMODIFIED') return temporal;
  const element = findElement(dataSet.elements, TAG.LongitudinalTemporalInformationModified);
  const before = element === undefined ? undefined : dataSet.source.view(element.valueStart, element.valueLength);
  const said = before?.toString('latin1').trim();
  return said === 'MODIFIED' || said === 'REMOVED' ? said : temporal;
}

/** A written element of ASCII text. */
export function text(tag: number, vr: string, value: string): OutputElement {
  return { kind: 'written', tag, vr, value: padValue(Buffer.from(value, 'latin1'), vr) };
}
