// Invented patients whose values are planted wherever a data set can hold any: every attribute of Table E.1-1, at the top level
// and inside sequences, private groups, UN, free text, file meta information, preamble and padding, in every character set of
// the shared corpus, over several studies each. What leaves is searched byte by byte, by other means than the engine's own.
import { beforeAll, describe, expect, it } from 'vitest';

import { BufferSource } from '../../src/core/bytes.ts';
import { InstanceError } from '../../src/core/errors.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import type { Receipt } from '../../src/deid/outcome.ts';
import { CharacterSet } from '../../src/dicom/character-set.ts';
import type { DataSet, Element } from '../../src/dicom/element.ts';
import { buildFileHeader, readFile10 } from '../../src/dicom/part10.ts';
import { collectPlan } from '../../src/dicom/plan-io.ts';
import { findElement, textOf } from '../../src/dicom/values.ts';
import { createDeidentifier } from '../../src/pipeline/deidentify-instance.ts';
import type { Deidentifier } from '../../src/pipeline/deidentify-instance.ts';
import { loadProfile } from '../../src/profile/load.ts';
import type { CompiledProfile } from '../../src/profile/compiled.ts';
import { formatTag, TAG } from '../../src/standard/tags.ts';
import { RememberedIdentifiers } from '../../src/store/known-identifiers.ts';
import { CLINICAL_TEXTS, PATIENTS, plantStudy } from './support/planted-patients.ts';
import type { PlantedInstance, PlantedPatient, PlantedStudy } from './support/planted-patients.ts';

const PROFILES = new URL('../../profiles', import.meta.url).pathname;
const KEYS = new ProjectKeys(Buffer.alloc(32, 77));
/** Days of the studies of each patient. */
const STUDY_DAYS = ['20190314', '20190331', '20200418'];

interface Left {
  readonly planted: PlantedInstance;
  readonly bytes: Buffer;
  readonly before: DataSet;
  readonly after: DataSet;
  readonly receipt: Receipt;
}

interface Outcome {
  readonly profile: CompiledProfile;
  readonly studies: readonly LeftStudy[];
  /** Why instances were held back. */
  readonly refusals: readonly string[];
}

interface LeftStudy {
  readonly patient: PlantedPatient;
  readonly study: PlantedStudy;
  readonly instances: readonly Left[];
}

function deidentifierFor(profile: CompiledProfile): Deidentifier {
  return createDeidentifier({
    subjects: {
      resolve: (_, { patientId }) => {
        const index = PATIENTS.findIndex(({ id }) => id === patientId);
        const subjectId = `SUBJ-${String(index + 1).padStart(5, '0')}`;
        return { subjectId, subjectName: subjectId, shiftDays: KEYS.shiftDays(patientId, profile.maxShiftDays) };
      },
    },
    keysFor: () => KEYS,
    profileOf: () => profile,
    known: new RememberedIdentifiers(),
  });
}

async function send(planted: PlantedInstance, deidentifier: Deidentifier, profile: string): Promise<Left> {
  const source = new BufferSource(planted.file);
  const { dataSet: before } = await readFile10(source);
  const prepared = await deidentifier.prepare(source, { file: true }, 'planted', profile);
  const { instance, outcome } = prepared;
  const header = buildFileHeader(instance);
  const bytes = Buffer.concat([header, await collectPlan(await instance.encode(instance.transferSyntaxUid))]);
  const { dataSet: after } = await readFile10(new BufferSource(bytes));
  return { planted, bytes, before, after, receipt: outcome.receipt };
}

async function sendAll(name: string): Promise<Outcome> {
  const profile = await loadProfile(name, [PROFILES]);
  const deidentifier = deidentifierFor(profile);
  const patients = name === 'basic' || name === 'research' ? PATIENTS : PATIENTS.filter((_, index) => index % 3 === 0);
  const studies: LeftStudy[] = [];
  const refusals: string[] = [];
  for (const patient of patients) {
    for (const day of STUDY_DAYS) {
      const study = plantStudy(patient, day);
      const instances: Left[] = [];
      for (const planted of study.instances) {
        try {
          instances.push(await send(planted, deidentifier, name));
        } catch (error) {
          if (!(error instanceof InstanceError)) throw error;
          refusals.push(
            `${planted.kind} ${patient.characterSet.join('+')}: ${error.message} ${error.cause instanceof Error ? error.cause.stack : ''}`,
          );
        }
      }
      studies.push({ patient, study, instances });
    }
  }
  return { profile, studies, refusals };
}

// ---- searching, by other means than the engine's -------------------------------------------------------------------

function encodingsOf(text: string, characterSet: CharacterSet): readonly Buffer[] {
  const wide = Buffer.from(text, 'utf16le');
  const encoded = characterSet.encode(text, 'LO');
  const all = [
    Buffer.from(text, 'utf8'),
    wide,
    Buffer.from(wide).swap16(),
    ...(encoded === undefined ? [] : [encoded]),
  ];
  return /^[\0-\xFF]*$/.test(text) ? [...all, Buffer.from(text, 'latin1')] : all;
}

/** Identifiers of a patient that stand in bytes, by what they are. */
function leaksIn(bytes: Buffer, patient: PlantedPatient, study: PlantedStudy, areDatesKept: boolean): string[] {
  const folded = bytes.toString('latin1').toLowerCase();
  const characterSet = CharacterSet.of(patient.characterSet);
  const dates = areDatesKept
    ? []
    : [study.day, `${study.day.slice(0, 4)}-${study.day.slice(4, 6)}-${study.day.slice(6)}`];
  const looked = { ...patient.identifiers, uid: study.uids, date: dates };
  return Object.entries(looked).flatMap(([what, values]) =>
    values
      .filter((value) =>
        encodingsOf(value, characterSet).some((b) => folded.includes(b.toString('latin1').toLowerCase())),
      )
      .map((value) => `${what} of ${value.length} characters`),
  );
}

// ---- comparing with the receipt ------------------------------------------------------------------------------------

function bytesOf({ source }: DataSet, { valueStart, valueLength }: Element): Buffer {
  const bytes = source.view(valueStart, valueLength);
  if (bytes === undefined) throw new TypeError('not in memory');
  return bytes;
}

/** Elements that changed or went without the receipt telling so. */
function untold(before: DataSet, after: DataSet, { actions }: Receipt): string[] {
  const told = new Set(actions.map(({ path }) => path));
  const faults: string[] = [];
  const compare = (was: readonly Element[], is: readonly Element[], prefix: string): void => {
    for (const element of was) {
      const path = prefix + formatTag(element.tag);
      const left = findElement(is, element.tag);
      if (told.has(path) && (element.items === undefined || (left?.items ?? []).length === 0)) continue;
      if (left === undefined) faults.push(`${path} went`);
      else if (element.items !== undefined) {
        for (const [index, item] of element.items.entries())
          compare(item.elements, left.items?.[index]?.elements ?? [], `${path}[*].`);
      } else if (!bytesOf(before, element).equals(bytesOf(after, left)) || element.encodedVr !== left.encodedVr)
        faults.push(`${path} changed`);
    }
  };
  compare(before.elements, after.elements, '');
  return faults;
}

function textAt(dataSet: DataSet, tag: number): string {
  const element = findElement(dataSet.elements, tag);
  return element === undefined ? '' : textOf(dataSet, element, CharacterSet.of([]));
}

function daysBetween(from: string, to: string): number {
  const at = (day: string): number =>
    Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));
  return (at(to) - at(from)) / 86_400_000;
}

const SHIPPED = ['basic', 'research', 'tcia', 'strict', 'keep-dates', 'ultrasound'];

describe.each(SHIPPED)('the planted set under the profile %s', (name) => {
  let studies: readonly LeftStudy[] = [];
  let refusals: readonly string[] = [];
  let profile: CompiledProfile;

  beforeAll(async () => {
    ({ profile, studies, refusals } = await sendAll(name));
  }, 120_000);

  it('leaves whole: none is held back', () => {
    expect(refusals).toEqual([]);
    expect(studies.length).toBeGreaterThanOrEqual(6 * STUDY_DAYS.length);
    expect(studies.flatMap(({ instances }) => instances)).toHaveLength(3 * studies.length);
  });

  it('holds none of the planted identifiers, in any encoding', () => {
    const leaks = studies.flatMap(({ patient, study, instances }) =>
      instances.flatMap(({ bytes, planted }) =>
        leaksIn(bytes, patient, study, name === 'keep-dates').map(
          (leak) => `${planted.kind} ${patient.characterSet.join('+')}: ${leak}`,
        ),
      ),
    );
    expect([...new Set(leaks)]).toEqual([]);
  });

  it('keeps byte for byte whatever the receipt does not tell of', () => {
    const faults = studies.flatMap(({ instances }) =>
      instances.flatMap(({ before, after, receipt }) => untold(before, after, receipt)),
    );
    expect([...new Set(faults)]).toEqual([]);
  });

  it('keeps references whole: instances, series, studies and frames of reference', () => {
    for (const { instances } of studies) {
      const uids = new Set(instances.map(({ after }) => textAt(after, TAG.StudyInstanceUID)));
      expect(uids.size).toBe(1);
      const [image, , report] = instances;
      const evidence = findElement(report.after.elements, TAG.CurrentRequestedProcedureEvidenceSequence)?.items?.[0];
      const series = findElement(evidence?.elements ?? [], TAG.ReferencedSeriesSequence)?.items?.[0];
      const sop = findElement(series?.elements ?? [], TAG.ReferencedSOPSequence)?.items?.[0];
      const uidIn = (elements: readonly Element[] | undefined, tag: number): string => {
        const element = findElement(elements ?? [], tag);
        return element === undefined ? '' : textOf(report.after, element, CharacterSet.of([]));
      };
      expect(uidIn(evidence?.elements, TAG.StudyInstanceUID)).toBe(textAt(image.after, TAG.StudyInstanceUID));
      expect(uidIn(series?.elements, TAG.SeriesInstanceUID)).toBe(textAt(image.after, TAG.SeriesInstanceUID));
      expect(uidIn(sop?.elements, TAG.ReferencedSOPInstanceUID)).toBe(textAt(image.after, TAG.SOPInstanceUID));
      expect(textAt(image.after, TAG.SOPInstanceUID)).toMatch(/^2\.25\./);
    }
  });

  it('keeps intervals between the studies of a patient, where it moves or keeps dates', () => {
    const dates = studies.map(({ instances: [{ after }] }) => textAt(after, TAG.StudyDate));
    for (let index = 0; index < studies.length; index += STUDY_DAYS.length) {
      const [first, ...others] = dates.slice(index, index + STUDY_DAYS.length);
      if (profile.options.has('retain-longitudinal-modified-dates') || name === 'keep-dates') {
        for (const [at, date] of others.entries())
          expect(daysBetween(first, date)).toBe(daysBetween(STUDY_DAYS[0], STUDY_DAYS[at + 1]));
        expect(first === STUDY_DAYS[0]).toBe(name === 'keep-dates');
      } else expect(others.every((date) => date === first)).toBe(true);
    }
  });

  it.runIf(name === 'research' || name === 'tcia')('keeps at least 99 % of the clinical words in descriptions', () => {
    let planted = 0;
    const lost = new Map<string, number>();
    for (const { patient, instances } of studies) {
      const characterSet = CharacterSet.of(patient.characterSet);
      for (const { planted: instance, after } of instances) {
        for (const [tag, text] of instance.descriptions) {
          const element = findElement(after.elements, tag);
          const left = element === undefined ? '' : textOf(after, element, characterSet);
          for (const word of CLINICAL_TEXTS.find((clinical) => text.startsWith(clinical))?.split(' ') ?? []) {
            planted++;
            if (!left.includes(word)) lost.set(word, (lost.get(word) ?? 0) + 1);
          }
        }
      }
    }
    const lostWords = [...lost.values()].reduce((sum, count) => sum + count, 0);
    expect(planted).toBeGreaterThan(5_000);
    expect(lostWords / planted, [...lost].slice(0, 20).join(' ')).toBeLessThan(0.01);
  });
});
