// Profiles from text and files: what is accepted, and how every mistake is told.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LetheError } from '../../../src/core/errors.ts';
import { listProfiles, loadProfile, parseProfile } from '../../../src/profile/load.ts';

const SHIPPED = new URL('../../../profiles', import.meta.url).pathname;

/** The lines of the error that parsing a text throws. */
function problemsOf(text: string): string[] {
  try {
    parseProfile(text, 'p.yaml');
  } catch (error: unknown) {
    if (error instanceof LetheError && error.code === 'profile-invalid') return error.message.split('\n');
    throw error;
  }
  return [];
}

const HEAD = 'name: p\nversion: 1\n';

describe('a broken profile', () => {
  it('gets every mistake at once, each with file, line, column and what to write', () => {
    const problems = problemsOf(
      [
        'name: my study',
        'verion: 1',
        'options: [clean-descriptor, retain-uids]',
        'rules:',
        '  - { tag: PatientSexx, action: keep }',
        '  - { tag: PatientSex, action: kep }',
      ].join('\n'),
    );
    expect(problems).toEqual([
      'p.yaml:1:1: a profile needs a version; write version: 1 and raise it with every change',
      'p.yaml:1:7: name must be 1 to 32 letters, digits, dots, dashes and underscores',
      'p.yaml:2:1: a profile has no key "verion"; did you mean "version"?',
      'p.yaml:3:11: an option cannot be "clean-descriptor"; did you mean "clean-descriptors"?',
      'p.yaml:5:12: "PatientSexx" is no DICOM keyword or tag; did you mean "PatientSex"?',
      'p.yaml:6:32: action cannot be "kep"; did you mean "keep"?',
    ]);
  });

  it.each([
    ['', /a profile must be a mapping/],
    ['- a', /a profile must be a mapping/],
    ['name: [', /not valid YAML/],
    ['name: p\nname: q\nversion: 1', /not valid YAML: Map keys must be unique/],
    [`${HEAD}options: [&a retain-uids, *a]`, /anchors and aliases/],
    [`${HEAD}standard: PS3.15-2024b`, /write standard: PS3\.15-2026d/],
    [`${HEAD}options: [retain-uids, retain-uids]`, /listed twice/],
    [`${HEAD}options: [retain-longitudinal-full-dates, retain-longitudinal-modified-dates]`, /cannot both be retained/],
    [`${HEAD}subject: { id: "S" }`, /exactly one of/],
    [`${HEAD}subject: { id: "S{sequence:0}" }`, /no placeholder/],
    [`${HEAD}subject: { id: "S{assigned}" }`, /\{assigned\} alone/],
    [`${HEAD}subject: { id: "Ä{hash:8}" }`, /printable ASCII/],
    [`${HEAD}subject: { id: "${'x'.repeat(60)}{hash:8}" }`, /longer than 64/],
    [`${HEAD}subject: { name: "{ide}" }`, /no placeholder of the name/],
    [`${HEAD}dates: { shiftDays: { max: 10 } }`, /nothing here shifts dates/],
    [`${HEAD}options: [retain-longitudinal-modified-dates]\ndates: { shiftDays: { max: 0 } }`, /from 1 to 36500/],
    [`${HEAD}options: [clean-pixel-data]\npixels: { text: off }`, /contradicts/],
    [`${HEAD}rules: { tag: PatientID }`, /must be a list/],
    [`${HEAD}rules: [{ tag: PatientID }]`, /needs an action/],
    [`${HEAD}rules: [{ tag: PatientID, tags: "(0010,xxxx)", action: keep }]`, /write two rules/],
    [`${HEAD}rules: [{ tags: "(0010,xx)", action: keep }]`, /no tag pattern/],
    [`${HEAD}rules: [{ vr: LX, action: keep }]`, /no value representation/],
    [`${HEAD}rules: [{ element: "10", action: keep }]`, /belong to a private creator/],
    [`${HEAD}rules: [{ private: "X", element: "1", action: keep }]`, /2 hexadecimal digits/],
    [`${HEAD}rules: [{ private: "X", group: "0028", action: keep }]`, /is odd/],
    [`${HEAD}rules: [{ when: 'Modality = "CT"', action: keep }]`, /can only quarantine/],
    [`${HEAD}rules: [{ tag: PatientID, action: uid }]`, /uid replaces values of VR UI/],
    [`${HEAD}rules: [{ tag: PatientID, action: date }]`, /date shifts values/],
    [`${HEAD}rules: [{ tag: PatientWeight, action: hash }]`, /hash writes text/],
    [`${HEAD}rules: [{ tag: StudyDate, action: hash }]`, /use date or dummy/],
    [`${HEAD}rules: [{ tag: AccessionNumber, action: hash, chars: 40 }]`, /SH holds at most 16/],
    [`${HEAD}rules: [{ tag: AccessionNumber, action: replace }]`, /add with/],
    [`${HEAD}rules: [{ tag: AccessionNumber, action: replace, with: "é" }]`, /printable ASCII/],
    [`${HEAD}rules: [{ tag: AccessionNumber, action: keep, with: "x" }]`, /belongs to the action replace/],
    [`${HEAD}rules: [{ tag: AccessionNumber, action: keep, when: "Modality == 'CT'" }]`, /write a value in quotes/],
    [`${HEAD}rules: [{ tag: AccessionNumber, action: keep, when: "Modalty = 'CT'" }]`, /did you mean "Modality"/],
  ])('is refused: %j', (text, expected) => {
    const problems = problemsOf(text);
    expect(problems.join('\n')).toMatch(expected);
    expect(problems[0]).toMatch(/^p\.yaml:\d+:\d+: /);
  });

  it('points into a condition at the word that is wrong', () => {
    const [problem] = problemsOf(`${HEAD}rules:\n  - { tag: PatientID, action: keep, when: 'Modality is presnt' }`);
    expect(problem).toMatch(/^p\.yaml:4:56: /);
  });
});

describe('the profile of DESIGN.md', () => {
  const text = `
name: lung-trial
version: 3
standard: PS3.15-2026d
options: [clean-pixel-data, clean-descriptors, clean-graphics, retain-longitudinal-modified-dates, retain-safe-private]
subject: { id: "LUNG-{sequence:4}", name: "{id}" }
dates: { shiftDays: { max: 365 } }
rules:
  - { tag: PatientSex, action: keep }
  - { tag: "(0008,103E)", action: clean }
  - { tags: "(0018,xxxx)", vr: LO, action: clean }
  - { private: "SIEMENS MED DISPLAY", element: "10", action: keep }
  - { when: 'Modality = "US" and Manufacturer contains "GE"', tag: SoftwareVersions, action: replace, with: "n/a" }
pixels: { text: blank, keepText: [laterality, scale, window], templates: default }
onError: quarantine
`;

  it('compiles', () => {
    const profile = parseProfile(text, 'lung.yaml');
    expect(profile).toMatchObject({ name: 'lung-trial', version: 3, maxShiftDays: 365, edition: 'PS3.15-2026d' });
    expect(profile.options.size).toBe(5);
    expect(profile.rules.all).toHaveLength(5);
    expect(profile.rules.all[0].place).toBe('lung.yaml:9');
  });

  it('selects by tag, by pattern and VR, and by private creator', () => {
    const { rules } = parseProfile(text, 'lung.yaml');
    const kinds = (tag: number, vr: string, creator?: string) =>
      rules.select(tag, vr, creator).map(({ action }) => action.kind);
    expect(kinds(0x00100040, 'CS')).toEqual(['keep']);
    expect(kinds(0x00181030, 'LO')).toEqual(['clean']);
    expect(kinds(0x00181030, 'SH')).toEqual([]);
    expect(kinds(0x00181020, 'LO')).toEqual(['clean', 'replace']);
    expect(kinds(0x00291110, 'UN', 'SIEMENS MED DISPLAY')).toEqual(['keep']);
    expect(kinds(0x00291111, 'UN', 'SIEMENS MED DISPLAY')).toEqual([]);
    expect(kinds(0x00291110, 'UN', 'OTHER')).toEqual([]);
    expect(kinds(0x00291110, 'UN')).toEqual([]);
  });

  it('keeps its digest when only comments change, and changes it with any rule', () => {
    const { digest } = parseProfile(text, 'lung.yaml');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(parseProfile(`# a comment\n\n${text}`, 'other.yaml').digest).toBe(digest);
    expect(parseProfile(text.replace('n/a', 'none'), 'lung.yaml').digest).not.toBe(digest);
    expect(parseProfile(text.replace('"GE"', '"GF"'), 'lung.yaml').digest).not.toBe(digest);
    expect(parseProfile(text.replace('laterality, ', ''), 'lung.yaml').digest).not.toBe(digest);
  });
});

describe('profiles on disk', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lethe-profile-'));
    await writeFile(join(directory, 'mine.yaml'), HEAD);
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each(['basic', 'keep-dates', 'research', 'strict', 'tcia', 'ultrasound'])(
    'the shipped profile %s loads by its name',
    async (name) => {
      const profile = await loadProfile(name, [SHIPPED]);
      expect(profile.name).toBe(name);
    },
  );

  it('are found by path and in any of the directories', async () => {
    expect((await loadProfile(join(directory, 'mine.yaml'), [])).name).toBe('p');
    expect((await loadProfile('mine', [SHIPPED, directory, '/nowhere'])).name).toBe('p');
    expect(await listProfiles([SHIPPED, directory, '/nowhere'])).toEqual([
      'basic',
      'keep-dates',
      'mine',
      'research',
      'strict',
      'tcia',
      'ultrasound',
    ]);
  });

  it('that do not exist are told in one sentence, with the nearest name', async () => {
    await expect(loadProfile('basik', [SHIPPED])).rejects.toMatchObject({
      code: 'profile-unknown',
      message: 'There is no profile named "basik"; did you mean "basic"?',
    });
    await expect(loadProfile('./no.yaml', [])).rejects.toMatchObject({ code: 'profile-unknown' });
    await expect(loadProfile('zzzzzzzz', [SHIPPED])).rejects.toThrow(
      /there are basic, keep-dates, research, strict, tcia, ultrasound/,
    );
  });

  it('default to a keyed hash as subject, no shift and quarantine of unknown SOP classes', async () => {
    expect(await loadProfile('mine', [directory])).toMatchObject({
      subject: { idTemplate: '{hash:12}', nameTemplate: '{id}' },
      maxShiftDays: 0,
      privateSopClasses: 'quarantine',
      unlisted: 'keep',
      pixels: { text: 'blank', templates: 'default', undecodable: 'quarantine' },
      deviceTemplates: [],
    });
  });
});
