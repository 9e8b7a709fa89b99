// Scripts of CTP's DicomAnonymizer become Lethe profiles that compile; what has no counterpart becomes something stricter, and is told.
import { describe, expect, it } from 'vitest';

import { importProfile } from '../../../../src/profile/import/import-profile.ts';
import { parseProfile } from '../../../../src/profile/load.ts';

const DEFAULT_REMOVALS = '<r en="T" t="privategroups">x</r><r en="T" t="unspecifiedelements">x</r>';

function translate(entries: string, removals = DEFAULT_REMOVALS) {
  const script = `<script>\n <p t="SITE">Basel &amp; Bern</p>\n <p t="DATEINC">-100</p>\n${entries}\n${removals}\n</script>`;
  const { text, changes } = importProfile(script, { file: 'c.script' });
  const profile = parseProfile(text, 'out.yaml');
  const written = text.split('\n').filter((line) => line.startsWith('  - {'));
  return {
    text,
    profile,
    rules: written.map((line) => line.slice(4).replace(/ # .*$/, '')),
    changes: changes.filter(({ what }) => what !== 'unspecified elements removed'),
  };
}

const e = (tag: string, script: string, enabled = 'T'): string =>
  `<e en="${enabled}" t="${tag}" n="name">${script}</e>`;

describe('an element', () => {
  it.each([
    ['00081030', '@keep()', ['{ tag: StudyDescription, action: keep }'], 0, 0],
    ['00081030', '@remove()', [], 0, 0],
    ['00180022', '@remove()', ['{ tag: ScanOptions, action: remove }'], 0, 1],
    ['00180073', '@remove()', ['{ tag: AcquisitionStartCondition, action: remove }'], 0, 0],
    ['0018,0022', '@empty()', ['{ tag: ScanOptions, action: zero }'], 0, 0],
    ['00180022', '', ['{ tag: ScanOptions, action: zero }'], 0, 0],
    ['00081140', '@remove()', ['{ tag: ReferencedImageSequence, action: remove }'], 0, 0],
    ['00200052', '@hashuid(@UIDROOT,this)', [], 0, 0],
    ['00080050', '@hash(this,12)', ['{ tag: AccessionNumber, action: hash, chars: 12 }'], 0, 1],
    ['00080050', '@hash(this)', ['{ tag: AccessionNumber, action: hash, chars: 16 }'], 0, 1],
    ['00080050', '@hash(this,64)', ['{ tag: AccessionNumber, action: hash, chars: 16 }'], 0, 1],
    ['00080090', '@hashname(this,6,2)', ['{ tag: ReferringPhysicianName, action: hash, chars: 16 }'], 0, 1],
    ['00101030', '@hash(this,8)', ['{ tag: PatientWeight, action: dummy }'], 1, 0],
    ['00100030', '@modifydate(this,*,1,1)', ['{ tag: PatientBirthDate, action: date, to: year }'], 0, 0],
    ['00100030', '@modifydate(this,*,*,1)', ['{ tag: PatientBirthDate, action: date, to: month }'], 0, 0],
    ['00100030', '@modifydate(this,2000,*,*)', ['{ tag: PatientBirthDate, action: date, to: remove }'], 0, 1],
    [
      '00120031',
      '@always()@param(@SITE)',
      ['{ tag: ClinicalTrialSiteName, action: replace, with: "Basel & Bern" }'],
      0,
      0,
    ],
    [
      '00120031',
      'Site @param(@SITE)',
      ['{ tag: ClinicalTrialSiteName, action: replace, with: "Site Basel & Bern" }'],
      0,
      0,
    ],
    ['00120031', '@param(@GONE)', ['{ tag: ClinicalTrialSiteName, action: dummy }'], 1, 0],
    ['00120031', 'Zürich', ['{ tag: ClinicalTrialSiteName, action: dummy }'], 1, 0],
    ['00080060', '@require()', ['{ tag: Modality, action: keep }'], 0, 1],
    ['00540016', '@always()@process()', ['{ tag: RadiopharmaceuticalInformationSequence, action: keep }'], 0, 0],
    ['00081030', '@contents(this,"[A-Z]","")', ['{ tag: StudyDescription, action: dummy }'], 1, 0],
    ['00101010', '@round(this,5)', ['{ tag: PatientAge, action: dummy }'], 1, 0],
    ['00081030', '@lookup(this,x)', ['{ tag: StudyDescription, action: dummy }'], 1, 0],
    ['00081030', '@date()', ['{ tag: StudyDescription, action: dummy }'], 1, 0],
    ['00081030', '@keep(', ['{ tag: StudyDescription, action: dummy }'], 1, 0],
    ['00091001', '@encrypt(this,@KEY)', ['{ tag: "(0009,1001)", action: remove }'], 1, 0],
    [
      '0019[SIEMENS MR HEADER]0c',
      '@keep()',
      ['{ private: "SIEMENS MR HEADER", group: "0019", element: "0C", action: keep }'],
      0,
      0,
    ],
    ['00120062', '@always()YES', [], 0, 0],
    ['00120064', '113100/113105', [], 0, 0],
    ['0008003Q', '@keep()', [], 1, 0],
    [
      '0020000d',
      '@select(){@keep()}{@hashuid(@UIDROOT,this)}',
      ['{ tag: ".StudyInstanceUID", action: keep }', '{ tag: "*.StudyInstanceUID", action: uid }'],
      0,
      0,
    ],
  ])('%s %s', (tag, script, rules, leftOut, differs) => {
    const found = translate(e(tag, script));
    expect(found.rules).toEqual(rules);
    expect(found.changes.filter(({ kind }) => kind === 'left-out')).toHaveLength(leftOut);
    expect(found.changes.filter(({ kind }) => kind === 'differs')).toHaveLength(differs);
  });

  it('that is not enabled is not there', () => {
    expect(translate(e('00081030', '@keep()', 'F')).rules).toEqual([]);
  });

  it.each([
    ['@if(SeriesDescription,contains,"scout"){@keep()}{@empty()}', 'SeriesDescription matches "(?i)scout"'],
    ['@if(Modality,equals,"C.T"){@keep()}{@empty()}', 'Modality matches "(?i)^C\\\\.T$"'],
    ['@if(this,exists){@keep()}{@empty()}', 'ScanOptions is present'],
    ['@if([00080060],matches,"CT|MR"){@keep()}{@empty()}', 'Modality matches "^(?:CT|MR)$"'],
    ['@if(this,isblank){@keep()}{@empty()}', 'not ScanOptions matches "\\\\S"'],
    ['@if(Rows,greaterthan,512){@keep()}{@empty()}', 'Rows > 512'],
    ['@if(Modality,equals,@SITE){@keep()}{@empty()}', 'Modality matches "(?i)^Basel & Bern$"'],
    [
      '@if(Modality,equals,"CT"){@if(Rows,exists){@keep()}{@empty()}}{@empty()}',
      'Modality matches "(?i)^CT$" and Rows is present',
    ],
  ])('with a choice asks as CTP does: %s', (script, when) => {
    const { rules } = translate(e('00180022', script));
    expect(rules[0]).toBe(`{ tag: ScanOptions, when: ${JSON.stringify(when)}, action: keep }`);
    expect(rules.at(-1)).toBe('{ tag: ScanOptions, action: zero }');
  });

  it.each([
    '@if(Nonsense,exists){@keep()}{@empty()}',
    '@if(Modality,equals,"CT"){@keep()}{@lookup(this,x)}',
    '@if(Modality,matches,"(?=x)"){@keep()}{@empty()}',
    '@if(Modality,soundslike,"CT"){@keep()}{@empty()}',
    '@if(Modality,exists){@keep()}',
    '@if(Rows,greaterthan,@SITE){@keep()}{@empty()}',
    '@if(Modality,matches,"(?=x)"){@empty()}{@keep()}',
    '@if(Modality,matches,"(x"){@remove()}{@keep()}',
    '@if(Modality,soundslike,"CT"){@remove()}{@keep()}',
    '@if(){@remove()}{@keep()}',
    '@if(Modality){@remove()}{@keep()}',
    '@if(Modality,exists){@remove()}{@if(Rows,matches,"[z-a]"){@empty()}{@keep()}}',
  ])('whose choice has no counterpart keeps nothing: %s', (script) => {
    const { rules, changes } = translate(e('00180022', script));
    expect(rules.join()).not.toContain('keep');
    expect(changes.some(({ kind }) => kind === 'left-out')).toBe(true);
  });
});

describe('dates', () => {
  it('that move become the option; times stay with them, and only what it does not name has a rule', () => {
    const { rules, profile } = translate(
      [
        e('00080020', '@incrementdate(this,@DATEINC)'),
        e('00080030', '@keep()'),
        e('00100030', '@incrementdate(this,@DATEINC)'),
        e('00080021', '@remove()'),
      ].join('\n'),
    );
    expect(rules).toEqual(['{ tag: PatientBirthDate, action: date }', '{ tag: SeriesDate, action: remove }']);
    expect(profile.options.has('retain-longitudinal-modified-dates')).toBe(true);
    expect(profile.maxShiftDays).toBe(100);
  });
});

describe('the patient', () => {
  it('is named by the project, with as many characters', () => {
    const { rules, profile, changes } = translate(
      e('00100010', '@hashname(this,6,2)') + e('00100020', '@hash(this,10)'),
    );
    expect(rules).toEqual([]);
    expect(profile.subject).toEqual({ idTemplate: '{hash:10}', nameTemplate: '{id}' });
    expect(changes.map(({ kind }) => kind)).toEqual(['differs', 'differs']);
  });

  it('is never kept', () => {
    const { rules, changes } = translate(e('00100010', '@keep()') + e('00100020', '@lookup(this,ptid)'));
    expect(rules).toEqual([]);
    expect(changes.map(({ kind }) => kind)).toEqual(['left-out', 'left-out']);
  });
});

describe('groups', () => {
  it('that are kept do not keep what identifies, even when an entry needs no rule of its own', () => {
    const { text, profile } = translate(`${e('00181000', '@remove()')}\n<k en="T" t="0018">Keep group 0018</k>`);
    expect(profile.unlisted).toBe('required-only');
    const selected = (tag: number, vr: string) =>
      profile.rules.select(tag, vr, undefined).map(({ action }) => action.kind);
    expect(selected(0x00180060, 'DS')).toEqual(['keep']);
    for (const [tag, vr] of [
      [0x00181000, 'LO'],
      [0x00181030, 'LO'],
      [0x00181012, 'DA'],
      [0x00181002, 'UI'],
    ] as const)
      expect(selected(tag, vr), tag.toString(16)).toEqual([]);
    expect(text).toContain('unlisted: required-only');
  });

  it('of private attributes are never kept as they are', () => {
    const { profile, changes } = translate('', '<r en="F" t="privategroups">x</r><r en="F" t="overlays">x</r>');
    expect([...profile.options]).toEqual(['retain-safe-private']);
    expect(changes.filter(({ kind }) => kind === 'left-out')).toHaveLength(2);
    expect(changes.at(-1)?.instead).toBe('the Basic Profile decides about it');
    expect(translate('<k en="T" t="0019">x</k>').changes).toMatchObject([{ kind: 'left-out' }]);
    expect(translate('<k en="T" t="safeprivateelements">x</k>').profile.options.has('retain-safe-private')).toBe(true);
  });
});

describe('a script', () => {
  it('has its name, comments and entities read', () => {
    const { text } = importProfile(
      `\uFEFF<?xml version="1.0"?>\n<!-- a - b -->\n<script>\n <p t="PROFILENAME">Trial &#x41;&#66; &lt;1&gt;</p><!----><e en='T' t='00180022'\n  n="a &quot;b&quot;">@keep()</e><r t="privategroups"/></script>\n`,
      { file: 'c.script' },
    );
    expect(text).toContain('("Trial AB <1>")');
    expect(text).toContain('name: trial-ab-1\n');
    expect(text).toContain('{ tag: ScanOptions, action: keep } # a "b"');
  });

  it.each([
    ['<!DOCTYPE x [<!ENTITY a "b">]><script></script>', '1:1', /write <script>/],
    ['<script>\n<!DOCTYPE x></script>', '2:1', /document types and CDATA/],
    ['<script>\n <e t="1"><![CDATA[x]]></e></script>', '2:11', /write <\/e> here/],
    ['<script><e t="1">&a;</e></script>', '1:21', /only &lt;/],
    ['<script><e t="1"><e t="2"></e></e></script>', '1:18', /do not stand in each other/],
    ['<script><x t="1"></x></script>', '1:9', /only <p>/],
    ['<script><e t="1" t="2"></e></script>', '1:23', /stands twice/],
    ['<script><e t=1></e></script>', '1:11', /write >/],
    ['<script><e t="1">x</e>', '1:23', /only <p>/],
    ['<script></script>x', '1:18', /behind <\/script>/],
    ['<script><!-- ', '1:9', /never ends/],
  ])('that is not well formed is refused with its place: %j', (script, place, message) => {
    const read = (): unknown => importProfile(script, { file: 'c.script' });
    expect(read).toThrow(message);
    expect(read).toThrow(new RegExp(`^c\\.script:${place}: `));
  });

  it('of ten thousand entries is read in a moment', () => {
    const entries = Array.from(
      { length: 10_000 },
      (_, i) => ` <e en="F" t="${(0x00180000 + i).toString(16).padStart(8, '0')}"></e>`,
    );
    const start = performance.now();
    expect(translate(entries.join('\n')).rules).toEqual([]);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
