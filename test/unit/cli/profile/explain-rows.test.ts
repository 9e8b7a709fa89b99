import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { explainRows, isChanged, type ExplainRow } from '../../../../src/cli/profile/explain-rows.ts';
import { preview } from '../../../../src/cli/profile/preview.ts';
import { findUncovered } from '../../../../src/cli/profile/uncovered.ts';
import { compareOnFiles, compareProfiles } from '../../../../src/cli/profile/compare.ts';
import { ProjectKeys } from '../../../../src/deid/keys.ts';
import { basicProfile, type CompiledProfile } from '../../../../src/profile/compiled.ts';
import { parseProfile } from '../../../../src/profile/load.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../../src/synthetic/data-set-builder.ts';

const KEYS = new ProjectKeys(Buffer.alloc(32, 1));
const CT = '1.2.840.10008.5.1.4.1.1.2';
const ENHANCED_MR = '1.2.840.10008.5.1.4.1.1.4.1';

function slice(sopClassUid = CT): DataSetBuilder {
  return new DataSetBuilder().putAll({
    SpecificCharacterSet: 'ISO_IR 100',
    SOPClassUID: sopClassUid,
    SOPInstanceUID: '1.2.999.1.1.1',
    StudyInstanceUID: '1.2.999.1',
    SeriesInstanceUID: '1.2.999.1.1',
    Modality: 'CT',
    ConvolutionKernel: 'ACME',
    PatientID: 'MRN-4711',
    PatientName: 'Quimby^Jos\u00e9phine',
  });
}

function fileOf(builder: DataSetBuilder): string {
  const directory = mkdtempSync(join(tmpdir(), 'lethe-explain-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const path = join(directory, 'in.dcm');
  writeFileSync(path, builder.toFile(EXPLICIT_VR_LITTLE_ENDIAN));
  return path;
}

async function explain(
  builder: DataSetBuilder,
  { profile = basicProfile(), isShowingValues = false }: { profile?: CompiledProfile; isShowingValues?: boolean } = {},
): Promise<readonly ExplainRow[]> {
  const result = await preview(fileOf(builder), profile, KEYS, ({ dataSet, outcome }) =>
    explainRows(dataSet, outcome, profile, isShowingValues),
  );
  if (result.kind !== 'clean') throw new Error(result.reason);
  return result.value;
}

const at = (rows: readonly ExplainRow[], path: string): ExplainRow | undefined => rows.find((row) => row.path === path);

describe('an explanation', () => {
  it('has a row for each attribute with what was done and by which rule, in the order of the data set', async () => {
    const rows = await explain(slice());
    expect(at(rows, '(0010,0010)')).toMatchObject({
      name: "Patient's Name",
      vr: 'PN',
      before: 'PN, 16 bytes',
      action: 'replace',
      rule: 'E.1-1',
    });
    expect(at(rows, '(0008,0018)')).toMatchObject({ action: 'uid', after: KEYS.replaceUid('1.2.999.1.1.1') });
    expect(at(rows, '(0008,0060)')).toMatchObject({ action: 'keep', rule: 'unlisted', after: 'as before' });
    expect(at(rows, '(0012,0062)')).toMatchObject({ action: 'add', before: '', after: 'YES', rule: 'PS3.15 E.1.1' });
    const tags = rows.filter(({ path }) => path.length === 11).map(({ tag }) => tag);
    expect(tags).toEqual([...tags].sort());
  });

  it('tells no original value unless it is asked to', async () => {
    const hidden = JSON.stringify(await explain(slice()));
    expect(hidden).not.toMatch(/Quimby|MRN-4711|1\.2\.999|ACME/);
    const rows = await explain(slice(), { isShowingValues: true });
    expect(at(rows, '(0010,0010)')?.before).toBe('Quimby^Jos\u00e9phine');
  });

  it('tells nothing of what was planted in nested, private, free-text and date attributes, nor of what was moved', async () => {
    const planted = ['Zaphod', '19770131', 'MRN-0815', '1.2.777.42'];
    const builder = slice()
      .putAll({ StudyDescription: 'CT of Zaphod', StudyDate: '19770131', AccessionNumber: 'MRN-0815' })
      .put(0x00090010, 'LO', 'MAKER')
      .put(0x00091001, 'LO', 'Zaphod')
      .sequence('ReferencedStudySequence', [
        new DataSetBuilder().putAll({ ReferencedSOPInstanceUID: '1.2.777.42', PatientName: 'Zaphod' }),
      ]);
    const dates = 'dates: { shiftDays: { max: 365 } }\noptions: [retain-longitudinal-modified-dates]\n';
    for (const profile of [basicProfile(), parseProfile(`name: t\nversion: 1\n${dates}`, 't.yaml')]) {
      const told = JSON.stringify(await explain(builder, { profile }));
      expect(planted.filter((text) => told.includes(text))).toEqual([]);
      expect(told).not.toMatch(/DA.*"197[67]\d{4}"/);
    }
  });

  it('tells items of a sequence by their number, and each by what was done to it', async () => {
    const item = (comment: string | undefined): DataSetBuilder =>
      new DataSetBuilder().putAll({ FrameAcquisitionNumber: 1, FrameComments: comment });
    const rows = await explain(slice().sequence('FrameContentSequence', [item('seen'), item(undefined)]));
    expect(at(rows, '(0020,9111)[1].(0020,9158)')).toMatchObject({ action: 'remove', rule: 'E.1-1' });
    expect(at(rows, '(0020,9111)[2].(0020,9156)')).toMatchObject({ action: 'keep' });
    expect(at(rows, '(0020,9111)')).toMatchObject({ before: '2 items', after: '2 items' });
  });

  it('agrees with the receipt in every number', async () => {
    const builder = slice().sequence('FrameContentSequence', [
      new DataSetBuilder().putAll({ FrameComments: 'a' }),
      new DataSetBuilder().putAll({ FrameComments: 'b' }),
    ]);
    const profile = basicProfile();
    const result = await preview(fileOf(builder), profile, KEYS, ({ dataSet, outcome }) => ({
      rows: explainRows(dataSet, outcome, profile, false),
      actions: outcome.receipt.actions,
    }));
    if (result.kind !== 'clean') throw new Error(result.reason);
    const { rows, actions } = result.value;
    for (const { path, action, rule, count } of actions) {
      const told = rows.filter((row) => row.path.replace(/\[\d+\]/g, '[*]') === path && row.action === action);
      expect([path, action, told.length]).toEqual([path, action, count]);
      for (const row of told) expect(row.rule).toBe(rule);
    }
  });

  it('names the option that acted, and none where what it falls back on was done', async () => {
    const dates = 'dates: { shiftDays: { max: 365 } }\n';
    const options = 'options: [clean-descriptors, retain-longitudinal-modified-dates]\n';
    const profile = parseProfile(`name: t\nversion: 1\n${dates}${options}`, 't.yaml');
    const rows = await explain(
      slice().putAll({
        StudyDate: '20240301',
        StudyTime: '101112',
        SeriesDate: 'YESTERDAY',
        StudyDescription: 'CT of Quimby',
        SeriesDescription: 'MRN-4711',
      }),
      { profile },
    );
    const moved = 'E.1-1 retain-longitudinal-modified-dates';
    expect(at(rows, '(0008,0020)')).toMatchObject({ action: 'date', rule: moved });
    expect(at(rows, '(0008,0030)')).toMatchObject({ action: 'date', rule: moved, after: 'as before' });
    const changed = rows.filter(isChanged).map(({ tag }) => tag);
    expect(changed).toEqual(expect.arrayContaining(['(0008,0020)', '(0008,0021)', '(0008,1030)', '(0010,0010)']));
    for (const stays of ['(0008,0030)', '(0008,0060)', '(0018,1210)']) expect(changed).not.toContain(stays);
    expect(at(rows, '(0008,0021)')).toMatchObject({ action: 'remove', rule: 'E.1-1' });
    expect(at(rows, '(0008,1030)')).toMatchObject({ action: 'clean', rule: 'E.1-1 clean-descriptors' });
    expect(at(rows, '(0008,103E)')).toMatchObject({ action: 'remove', rule: 'E.1-1' });
    expect(at(rows, '(0010,0010)')).toMatchObject({ action: 'replace', rule: 'E.1-1' });
  });

  it('names the line of the rule that did it', async () => {
    const profile = parseProfile(
      'name: t\nversion: 1\nrules:\n  - { tag: ConvolutionKernel, action: remove }\n',
      't.yaml',
    );
    expect(at(await explain(slice(), { profile }), '(0018,1210)')).toMatchObject({
      action: 'remove',
      rule: 't.yaml:4',
    });
  });

  it('takes under a second for an Enhanced MR with 1,000 nested items', async () => {
    const frames = Array.from({ length: 1000 }, (_, i) =>
      new DataSetBuilder()
        .sequence('FrameContentSequence', [
          new DataSetBuilder().putAll({ FrameAcquisitionDateTime: '20260101120000', FrameComments: `frame ${i}` }),
        ])
        .sequence('PlanePositionSequence', [new DataSetBuilder().putAll({ ImagePositionPatient: ['0', '0', '1'] })]),
    );
    const builder = slice(ENHANCED_MR).sequence('PerFrameFunctionalGroupsSequence', frames);
    const path = fileOf(builder);
    const profile = basicProfile();
    const before = process.cpuUsage();
    const result = await preview(path, profile, KEYS, ({ dataSet, outcome }) =>
      explainRows(dataSet, outcome, profile, true),
    );
    const { user, system } = process.cpuUsage(before); // the machine is shared
    expect(result.kind === 'clean' && result.value.length).toBeGreaterThan(5000);
    expect((user + system) / 1000).toBeLessThan(1000);
  });

  it('tells why an instance would be held back', async () => {
    const result = await preview(fileOf(slice('1.2.840.10008.1.1')), basicProfile(), KEYS, () => 0);
    expect(result).toMatchObject({ kind: 'quarantined', reason: 'unknown-sop-class' });
  });
});

describe('coverage', () => {
  it('lists what no rule and no row of a table names, by private creator whatever its block', async () => {
    const builder = slice().put(0x00090011, 'LO', 'MAKER').put(0x00091101, 'LO', 'secret').put('KVP', 'DS', '120');
    const { attributes, files } = await findUncovered(fileOf(builder), basicProfile());
    expect(files).toBe(1);
    expect(attributes).toContainEqual(
      expect.objectContaining({ tag: '(0009,xx01)', creator: 'MAKER', action: 'remove', files: 1, elements: 1 }),
    );
    expect(attributes).toContainEqual(
      expect.objectContaining({ tag: '(0018,0060)', action: 'keep', rule: 'unlisted' }),
    );
    expect(attributes.map(({ tag }) => tag)).not.toContain('(0010,0010)');
    expect(JSON.stringify(attributes)).not.toContain('secret');
  });
});

describe('a comparison', () => {
  const profileOf = (rules: string): CompiledProfile => parseProfile(`name: t\nversion: 1\n${rules}`, 't.yaml');

  it('finds profiles that act alike to be alike', () => {
    expect(compareProfiles(profileOf(''), profileOf('# a comment\n'))).toEqual({ settings: [], decisions: [] });
  });

  it('tells each option that only one of them has', () => {
    const [a, b] = [profileOf('options: [retain-uids, clean-graphics]\n'), profileOf('options: [clean-graphics]\n')];
    expect(compareProfiles(a, b).settings).toEqual([{ setting: 'option retain-uids', a: 'yes', b: 'no' }]);
  });

  it('tells rules, decisions and what becomes of files', async () => {
    const [a, b] = [profileOf(''), profileOf('rules:\n  - { tag: ConvolutionKernel, action: remove }\n')];
    const { settings, decisions } = compareProfiles(a, b);
    expect(settings).toEqual([{ setting: 'rule t.yaml:4', a: '', b: '{"kind":"remove"}' }]);
    expect(decisions).toEqual([{ tag: '(0018,1210)', name: 'Convolution Kernel', a: 'keep', b: 'remove' }]);
    const { attributes, compared } = await compareOnFiles(a, b, [fileOf(slice())]);
    expect(compared).toBe(1);
    expect(attributes).toEqual([
      { path: '(0018,1210)', name: 'Convolution Kernel', a: 'keep', b: 'remove', elements: 1, files: 1 },
    ]);
  });
});
