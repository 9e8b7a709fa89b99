// Profiles of Karnak become Lethe profiles that compile; what has no counterpart becomes something stricter, and is told.
import { describe, expect, it } from 'vitest';

import { importProfile } from '../../../../src/profile/import/import-profile.ts';
import { parseProfile } from '../../../../src/profile/load.ts';

const BASIC = '  - { name: basic, codename: basic.dicom.profile }';

/** The rules, options and remarks of an import; the elements are YAML at two spaces. */
function translate(elements: string, rest = BASIC) {
  const { text, changes } = importProfile(`name: "Étude 7"\nversion: "1.0"\nprofileElements:\n${elements}\n${rest}\n`, {
    file: 'k.yaml',
  });
  const profile = parseProfile(text, 'out.yaml');
  const written = text.split('\n').filter((line) => line.startsWith('  - {'));
  return { text, profile, rules: written.map((line) => line.slice(4).replace(/ #.*$/, '')), changes };
}

function element(codename: string, rest: string): string {
  return `  - name: "an element"\n    codename: "${codename}"\n${rest
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}`;
}

const kinds = ({ changes }: ReturnType<typeof translate>): string[] => changes.map(({ kind }) => kind);

describe('actions on tags', () => {
  it.each([
    ['K', '(0008,1030)', '{ tag: StudyDescription, action: keep }'],
    ['Z', '0010,1010', undefined],
    ['Z', '0018,0022', '{ tag: ScanOptions, action: zero }'],
    ['D', '00081030', '{ tag: StudyDescription, action: dummy }'],
    ['U', '(0020,0052)', '{ tag: FrameOfReferenceUID, action: uid }'],
    ['X', '(2200,xxxx)', '{ tags: "(2200,xxxx)", except: [LabelText, BarcodeValue], action: remove }'],
    ['X', '(0018,1030)', undefined],
    ['Z', '.(0040,0009)', undefined],
    ['Z', '.(0018,0022)', '{ tag: ".ScanOptions", action: zero }'],
    ['Z', '(0040,0275).(0040,0009)', '{ tag: "RequestAttributesSequence.ScheduledProcedureStepID", action: zero }'],
    ['Z', '**.(0040,0009)', '{ tag: "*.ScheduledProcedureStepID", action: zero }'],
    ['Z', '(0040,0275).*', '{ tags: "RequestAttributesSequence.*", action: zero }'],
    ['K', '(0040,0275).0040XXXX', '{ tags: "RequestAttributesSequence.(0040,XXXX)", action: keep }'],
  ])('%s on %s', (action, tag, expected) => {
    const found = translate(element('action.on.specific.tags', `action: "${action}"\ntags: ["${tag}"]`));
    // What the Basic Profile takes away anyway needs no rule.
    expect(found.rules).toEqual(expected === undefined ? [] : [expected]);
    expect(found.changes).toEqual([]);
  });

  it('keep their exceptions, spare what every instance needs, and tell what they break', () => {
    const { rules, changes } = translate(
      element(
        'action.on.specific.tags',
        'action: "X"\ntags: ["(0008,00XX)"]\nexcludedTags: ["0008,0008", "0010,0010"]',
      ),
    );
    expect(rules).toEqual([
      '{ tags: "(0008,00XX)", except: [ImageType, SpecificCharacterSet, SOPClassUID, SOPInstanceUID, AccessionNumber, ReferringPhysicianName], action: remove }',
    ]);
    expect(changes).toMatchObject(
      [
        { kind: 'differs', where: 'k.yaml:4', instead: /^not for SpecificCharacterSet/ },
        { kind: 'differs', where: 'k.yaml:4', instead: /^objects that require one of .*StudyDate.* go to quarantine/ },
      ].map((change) => ({ ...change, instead: expect.stringMatching(change.instead) as string })),
    );
  });
});

describe('who the patient is', () => {
  it('is never kept, neither by tag nor by pattern: Karnak sets a pseudonym after the profile', () => {
    const { rules, changes } = translate(
      element(
        'action.on.specific.tags',
        'action: "K"\ntags: ["(0010,0010)", ".(0010,0020)", "(xxxx,xxxx)", "(0020,xxxx)"]',
      ),
    );
    expect(rules).toEqual([
      '{ tags: "(xxxx,xxxx)", except: [PatientID, PatientName], action: keep }',
      '{ tags: "(0020,xxxx)", action: keep }',
    ]);
    expect(changes.map(({ kind }) => kind)).toEqual(['differs', 'differs', 'differs', 'left-out']);
  });
});

describe('conditions', () => {
  it.each([
    ["tagValueIsPresent(#Tag.Modality, 'CT')", 'Modality = "CT"'],
    ['tagValueContains("0008,1030", "cardiac")', 'StudyDescription contains "cardiac"'],
    ["tagValueBeginsWith(#Tag.StationName, 'A.1')", 'StationName matches "^A\\\\.1"'],
    ["tagValueEndsWith(#Tag.StationName, 'GE')", 'StationName matches "GE$"'],
    ['!tagIsPresent(#Tag.StationName)', 'not StationName is present'],
    ['tagIsPresent(#Tag.StationName) == false', 'not StationName is present'],
    [
      'tagIsPresent(#Tag.StationName) && (tagIsPresent(#Tag.Modality) || !tagIsPresent(#Tag.Rows))',
      'StationName is present and ((Modality is present or not Rows is present))',
    ],
    [
      '((tagIsPresent(#Tag.Rows)) || tagIsPresent(#Tag.Columns)) and not (tagIsPresent(#Tag.Modality))',
      '(((Rows is present) or Columns is present)) and not (Modality is present)',
    ],
  ])('%s', (condition, expected) => {
    const { rules, changes } = translate(
      element('action.on.specific.tags', `condition: ${JSON.stringify(condition)}\naction: "K"\ntags: ["(0008,1030)"]`),
    );
    expect(rules).toEqual([`{ tag: StudyDescription, when: ${JSON.stringify(expected)}, action: keep }`]);
    expect(changes).toEqual([]);
  });

  it.each([
    'vr == #VR.LO',
    'tagIsPresent(#Tag.Nonsense)',
    'tagIsPresent(#Tag.Rows',
    'T(java.lang.Runtime).exit(1)',
    'a §',
  ])('%s has no counterpart: keep falls away, anything stricter holds always', (condition) => {
    const rest = (action: string): string =>
      `condition: ${JSON.stringify(condition)}\naction: "${action}"\ntags: ["(0018,1030)"]`;
    const kept = translate(element('action.on.specific.tags', rest('K')));
    expect([kept.rules, kinds(kept)]).toEqual([[], ['left-out']]);
    const dummy = translate(element('action.on.specific.tags', rest('D')));
    expect([dummy.rules, kinds(dummy)]).toEqual([['{ tag: ProtocolName, action: dummy }'], ['left-out']]);
  });
});

describe('an element that does nothing as it stands is listed', () => {
  it.each([
    ['action.on.specific.tags', 'action: "X"', 'without tags'],
    ['action.on.specific.tags', 'action: "Q"', 'without tags'],
    ['replace.uid', 'action: "U"\ntags: []', 'without tags'],
    ['expression.on.tags', 'arguments: { expr: "Keep()" }', 'without tags'],
    ['action.on.dates', 'option: date_format\narguments: { remove: day }', 'without tags'],
    ['action.on.privatetags', 'action: "Q"', 'unknown action "Q"'],
    ['action.on.privatetags', 'tags: ["(0009,1001)"]', 'unknown action ""'],
    ['no.such.codename', 'action: "X"\ntags: ["(0018,1030)"]', 'unknown codename'],
  ])('%s %s', (codename, rest, said) => {
    const { changes, rules } = translate(element(codename, rest));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ kind: 'left-out', where: 'k.yaml:4' });
    expect(changes[0].what).toContain(said);
    expect(rules.join()).not.toContain('keep');
  });

  it('and one with an action that nobody knows becomes a dummy', () => {
    const found = translate(element('action.on.specific.tags', 'action: "Q"\ntags: ["(0018,1030)"]'));
    expect([found.rules, kinds(found)]).toEqual([['{ tag: ProtocolName, action: dummy }'], ['left-out']]);
  });
});

describe('what leaves something of a value', () => {
  const years = 'option: date_format\narguments: { remove: month_day }\ntags: ["(0008,0020)"]';

  it('falls to the Basic Profile where its condition or exception cannot be read', () => {
    for (const limit of ['condition: "vr == #VR.DA"', 'excludedTags: ["nonsense"]']) {
      const found = translate(element('action.on.dates', `${years}\n${limit}`));
      expect([found.rules, kinds(found)]).toEqual([[], ['left-out']]);
    }
  });

  it('while a removal holds without the exception, which is told', () => {
    const rest = 'action: "D"\ntags: ["(0018,1030)"]\nexcludedTags: ["nonsense"]';
    const found = translate(element('action.on.specific.tags', rest));
    expect([found.rules, kinds(found)]).toEqual([['{ tag: ProtocolName, action: dummy }'], ['left-out']]);
  });
});

describe('private attributes', () => {
  it('are removed anyway, kept by their group, and never kept all', () => {
    expect(translate(element('action.on.privatetags', 'action: "X"'))).toMatchObject({ rules: [], changes: [] });
    const some = translate(element('action.on.privatetags', 'action: "K"\ntags: ["(7053,xx00)", "(xxxx,xx09)"]'));
    expect([some.rules, kinds(some)]).toEqual([['{ tags: "(7053,xx00)", action: keep }'], ['left-out']]);
    const all = translate(element('action.on.privatetags', 'action: "K"'));
    expect([all.rules, kinds(all), [...all.profile.options]]).toEqual([[], ['left-out'], ['retain-safe-private']]);
  });
});

describe('dates', () => {
  it('that are shifted become the option, or rules for the tags that are named', () => {
    const all = translate(element('action.on.dates', 'option: shift\narguments: { seconds: 30, days: 10 }'));
    expect(all.rules).toEqual([]);
    expect(all.profile.options.has('retain-longitudinal-modified-dates')).toBe(true);
    expect(all.profile.maxShiftDays).toBe(10);
    const some = translate(
      element(
        'action.on.dates',
        'option: shift_range\narguments: { max_seconds: 60, max_days: 100 }\ntags: ["0008,002X", "0010,0030"]',
      ),
    );
    expect(some.rules).toEqual([
      '{ tags: "(0008,002X)", vr: [DA, DT, TM], action: date }',
      '{ tag: PatientBirthDate, action: date }',
    ]);
    expect(some.profile.maxShiftDays).toBe(100);
  });

  it('lose their day or their month, and an age is no date', () => {
    const { rules } = translate(
      element('action.on.dates', 'option: date_format\narguments: { remove: day }\ntags: ["0010,0030"]') +
        '\n' +
        element('action.on.dates', 'option: date_format\narguments: { remove: month_day }\ntags: ["0008,002X"]'),
    );
    expect(rules).toEqual([
      '{ tag: PatientBirthDate, action: date, to: month }',
      '{ tags: "(0008,002X)", vr: [DA, DT], action: date, to: year }',
    ]);
    const age = translate(element('action.on.dates', 'option: shift\narguments: { days: 1 }\ntags: ["0010,1010"]'));
    expect(age.rules).toEqual(['{ tag: PatientAge, action: dummy }']);
    expect(kinds(age)).toContain('left-out');
  });

  it('whose shift comes from elsewhere get one of ours, and that is told', () => {
    const found = translate(
      element('action.on.dates', 'option: shift_from_api\narguments: { url: "http://x" }\ntags: ["0008,0020"]'),
    );
    expect([found.rules, kinds(found)]).toEqual([['{ tag: StudyDate, action: date }'], ['left-out']]);
  });
});

describe('expressions', () => {
  it.each([
    ['Keep()', ['{ tag: StationName, action: keep }']],
    ["Replace('ROOM')", ['{ tag: StationName, action: replace, with: ROOM }']],
    ["stringValue == 'X' ? Keep() : Remove()", ['{ tag: StationName, when: "StationName = \\"X\\"", action: keep }']],
    [
      "getString(#Tag.Modality) == 'US' ? ExcludeInstance() : null",
      ['{ tag: StationName, when: "Modality = \\"US\\"", action: quarantine }'],
    ],
    [
      'tagIsPresent(#Tag.Rows) ? null : Remove()',
      ['{ tag: StationName, when: "not (Rows is present)", action: remove }'],
    ],
    ['tagIsPresent(#Tag.Rows) ? (null) : Remove()', undefined],
    ['Replace(getString(#Tag.InstitutionName))', undefined],
    ['ComputePatientAge()', undefined],
  ])('%s', (expression, expected) => {
    const found = translate(
      element('expression.on.tags', `arguments: { expr: ${JSON.stringify(expression)} }\ntags: ["(0008,1010)"]`),
    );
    expect(found.rules).toEqual(expected ?? ['{ tag: StationName, action: dummy }']);
    expect(kinds(found)).toEqual(expected === undefined ? ['left-out'] : []);
  });
});

describe('a profile as a whole', () => {
  it('lists what it could not carry over in its head, and has a name of ours', () => {
    const { text, profile } = translate(
      [
        element('action.add.tag', 'arguments: { value: "YES" }\ntags: ["(0028,0302)"]'),
        element('clean.recognizable.visual.features', 'condition: ""'),
        element('clean.pixel.data', 'condition: ""'),
        element('some.thing.new', 'action: "K"\ntags: ["(0010,0010)"]'),
        element('action.on.specific.tags', 'action: "Q"\ntags: ["(0010,4000)"]'),
        element('action.on.specific.tags', 'action: "K"\ntags: ["(0010,40"]'),
      ].join('\n'),
      `${BASIC}\nmasks:\n  - stationName: "*"\n    rectangles: ["25 75 150 50"]`,
    );
    expect(profile.name).toBe('etude-7');
    expect(profile.options.has('clean-pixel-data')).toBe(true);
    expect(profile.rules.all.map(({ action }) => action.kind)).toEqual(['dummy']);
    for (const line of [4, 8, 14, 18, 22]) expect(text).toMatch(new RegExp(`^#   k\\.yaml:${line}: `, 'm'));
  });

  it('keeps nothing that basic.dicom.profile in front of it took away', () => {
    const { rules, changes } = translate(
      `${BASIC}\n${element('action.on.specific.tags', 'action: "K"\ntags: ["(0010,0040)"]')}`,
      '',
    );
    expect(rules).toEqual([]);
    expect(changes).toMatchObject([{ kind: 'left-out' }]);
  });

  it('without the Basic Profile gets it, and is told so', () => {
    const { changes } = translate(element('action.on.specific.tags', 'action: "K"\ntags: ["(0010,0040)"]'), '');
    expect(changes).toMatchObject([{ kind: 'differs', instead: 'the Basic Profile is always applied' }]);
  });

  it('writes names of elements into comments, where they cannot end the line', () => {
    const { text } = translate(
      `  - name: "a\\nrules: evil"\n    codename: action.on.specific.tags\n    action: K\n    tags: ["(0010,0040)"]`,
    );
    expect(text).toMatch(/# a rules: evil$/m);
  });

  it.each([
    ['name: x', /k\.yaml:1:1: no Karnak profile/],
    ['- a', /no Karnak profile/],
    ['name: [', /k\.yaml:1:8: not valid YAML/],
  ])('that is none is refused: %s', (text, message) => {
    expect(() => importProfile(text, { file: 'k.yaml', from: 'karnak' })).toThrow(message);
  });
});
