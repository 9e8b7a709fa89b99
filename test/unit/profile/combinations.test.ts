// Combinations of options, dates, pixels and rules: the impossible ones say why, all others are accepted.
import { describe, expect, it } from 'vitest';

import { parseProfile } from '../../../src/profile/load.ts';
import { OPTION_NAMES } from '../../../src/standard/table-e1-1.ts';

const HEAD = 'name: p\nversion: 1\n';
const SHIFT = 'dates: { shiftDays: { max: 30 } }\n';
const MODIFIED = 'retain-longitudinal-modified-dates';
const FULL = 'retain-longitudinal-full-dates';

describe('a combination that cannot be meant', () => {
  it.each([
    [
      'both longitudinal options',
      `options: [${FULL}, ${MODIFIED}]\n${SHIFT}`,
      '3:10',
      /contradict each other.*E\.3\.6.*choose one/,
    ],
    [
      'modified dates that nobody limits',
      `options: [${MODIFIED}]`,
      '3:10',
      /how far dates may be moved; add dates: \{ shiftDays/,
    ],
    [
      'a rule that moves dates which nobody limits',
      'rules: [{ tag: StudyDate, action: date }]',
      '3:8',
      /a rule with action: date needs/,
    ],
    ['a limit for dates that nothing moves', SHIFT, '3:8', /nothing here shifts dates/],
    [
      'a limit where dates only lose precision',
      `${SHIFT}rules: [{ tag: StudyDate, action: date, to: year }]`,
      '3:8',
      /nothing here shifts/,
    ],
    [
      'full dates beside moved ones',
      `options: [${FULL}]\n${SHIFT}rules: [{ tag: StudyDate, action: date }]`,
      '3:10',
      /can compute the shift/,
    ],
    [
      'clean pixels that stay as they are',
      'options: [clean-pixel-data]\npixels: { text: off }',
      '4:9',
      /contradicts the option/,
    ],
    [
      'text to keep where all text stays',
      'pixels: { text: off, keepText: [scale] }',
      '3:9',
      /text: off lets all text stay/,
    ],
    [
      'an option that is not carried out',
      'options: [clean-recognizable-visual-features]',
      '3:10',
      /cannot take a face out.*E\.3\.2.*quarantine/,
    ],
    [
      'a rule behind one that takes all',
      'rules:\n  - { tag: PatientID, action: hash }\n  - { tag: "(0010,0020)", action: zero }',
      '5:5',
      /never reached: the rule at p\.yaml:4/,
    ],
    ['a month of a time of day', 'rules: [{ tag: StudyTime, action: date, to: month }]', '3:35', /has no month/],
    [
      'a treatment of dates for another action',
      'rules: [{ tag: StudyDate, action: zero, to: month }]',
      '3:45',
      /belongs to the action date/,
    ],
    ['a VR among several that does not fit', 'rules: [{ vr: [DA, LO], action: date, to: year }]', '3:33', /this is LO/],
    [
      'a sequence for the whole instance',
      'rules: [{ in: ContentSequence, action: quarantine }]',
      '3:15',
      /narrows a selection/,
    ],
    [
      'a sequence beside a tag',
      'rules: [{ tag: PatientID, in: ContentSequence, action: keep }]',
      '3:31',
      /in front of the tag/,
    ],
    [
      'a path through no sequence',
      'rules: [{ tag: ContentSequense.PersonName, action: keep }]',
      '3:16',
      /did you mean "ContentSequence"/,
    ],
    ['a pattern under tag', 'rules: [{ tag: "(0018,xxxx)", action: keep }]', '3:16', /goes under tags/],
    ['a keyword under tags', 'rules: [{ tags: PatientID, action: keep }]', '3:17', /and a keyword under tag/],
    [
      'an exception that is none',
      'rules: [{ vr: LO, except: [ProtocolNam], action: keep }]',
      '3:28',
      /did you mean "ProtocolName"/,
    ],
  ])('%s', (_, text, place, message) => {
    const parse = (): unknown => parseProfile(`${HEAD}${text}`, 'p.yaml');
    expect(parse).toThrow(message);
    expect(parse).toThrow(new RegExp(`^p\\.yaml:${place}: `, 'm'));
  });
});

describe('a condition in a file', () => {
  it.each([
    ["when: 'Modality is here'", 17],
    ['when: "Modality is here"', 17],
    ['when: Modality is here', 16],
  ])('is pointed into, however it is quoted: %s', (when, offset) => {
    expect(() => parseProfile(`${HEAD}rules:\n  - { ${when}, action: quarantine }`, 'p.yaml')).toThrow(
      new RegExp(`^p\\.yaml:4:${7 + 'when: '.length + offset - 4}: when: `),
    );
  });
});

describe('every other combination', () => {
  it('of two options is accepted', () => {
    const possible = OPTION_NAMES.filter((option) => option !== 'clean-recognizable-visual-features');
    for (const one of possible) {
      for (const other of possible) {
        if (one === other || (one === FULL && other === MODIFIED) || (one === MODIFIED && other === FULL)) continue;
        const shift = one === MODIFIED || other === MODIFIED ? SHIFT : '';
        const profile = parseProfile(`${HEAD}${shift}options: [${one}, ${other}]`, 'p.yaml');
        expect(profile.options).toEqual(new Set([one, other]));
      }
    }
  });

  it('of actions and parameters is read as written', () => {
    const { rules } = parseProfile(
      `${HEAD}${SHIFT}rules:
  - { tag: StudyDate, action: date }
  - { tag: SeriesDate, action: date, to: shift }
  - { tag: PatientBirthDate, action: date, to: year }
  - { tag: AcquisitionDate, action: date, to: remove }
  - { tag: AccessionNumber, action: hash, chars: 12 }
  - { tag: StationName, action: hash }
  - { tag: SoftwareVersions, action: replace, with: 1.5 }
  - { tag: SeriesNumber, action: replace, with: "7" }
  - { tag: PatientID, when: 'Modality = "CT"', action: keep }
  - { tag: PatientID, when: 'Modality = "MR"', action: zero }
  - { tag: PatientID, action: dummy }
  - { when: 'Modality = "OT"', action: quarantine }`,
      'p.yaml',
    );
    expect(rules.all.map(({ action }) => action)).toEqual([
      { kind: 'date', to: 'shift' },
      { kind: 'date', to: 'shift' },
      { kind: 'date', to: 'year' },
      { kind: 'date', to: 'remove' },
      { kind: 'hash', chars: 12 },
      { kind: 'hash', chars: 16 },
      { kind: 'replace', text: '1.5' },
      { kind: 'replace', text: '7' },
      { kind: 'keep' },
      { kind: 'zero' },
      { kind: 'dummy' },
      { kind: 'quarantine' },
    ]);
    expect(rules.instanceRules).toHaveLength(1);
  });
});
