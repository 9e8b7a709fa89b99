// Which attributes a rule selects: tags, patterns, VRs, creators, sequences around them, exceptions.
import { describe, expect, it } from 'vitest';

import { parseProfile } from '../../../src/profile/load.ts';
import type { Surroundings } from '../../../src/profile/sequence-path.ts';
import { findByKeyword } from '../../../src/standard/dictionary.ts';

const ROOT: Surroundings = { parent: undefined, sequence: undefined };

/** Inside these sequences, outermost first. */
function inside(...keywords: readonly string[]): Surroundings {
  return keywords.reduce<Surroundings>((parent, keyword) => ({ parent, sequence: findByKeyword(keyword)?.tag }), ROOT);
}

function selects(rule: string, tag: number, vr: string, place: Surroundings = ROOT, creator?: string): boolean {
  const { rules } = parseProfile(`name: p\nversion: 1\nrules:\n  - { ${rule}, action: keep }`, 'p.yaml');
  return rules.select(tag, vr, creator, place).length > 0;
}

const PERSON_NAME = 0x0040a123;

describe('a path', () => {
  const content = inside('ContentSequence');
  const deep = inside('ContentSequence', 'ContentSequence', 'PersonIdentificationCodeSequence');
  const nested = inside('ContentSequence', 'ContentSequence');
  it.each([
    ['tag: PersonName', [true, true, true, true]],
    ['tag: ContentSequence.PersonName', [false, true, true, false]],
    ['tag: "(0040,A730).(0040,A123)"', [false, true, true, false]],
    ['tag: .PersonName', [true, false, false, false]],
    ['tag: .ContentSequence.PersonName', [false, true, false, false]],
    ['tag: ContentSequence.ContentSequence.PersonName', [false, false, true, false]],
    ['tag: ContentSequence.**.PersonName', [false, true, true, true]],
    ['tag: ContentSequence.*.PersonName', [false, false, true, true]],
    ['tag: "*.PersonName"', [false, true, true, true]],
    ['tag: .*.PersonName', [false, true, false, false]],
    ['tag: .**.PersonName', [true, true, true, true]],
    ['tag: "(0040,A7xx).PersonName"', [false, true, true, false]],
    ['tag: VerifyingObserverSequence.PersonName', [false, false, false, false]],
    ['tags: "ContentSequence.(0040,Axxx)"', [false, true, true, false]],
    ['tags: ContentSequence.*', [false, true, true, false]],
    ['vr: PN, in: ContentSequence', [false, true, true, false]],
    ['vr: PN, in: "."', [true, false, false, false]],
  ])('%s', (rule, [top, one, two, below]) => {
    expect(selects(rule, PERSON_NAME, 'PN', ROOT)).toBe(top);
    expect(selects(rule, PERSON_NAME, 'PN', content)).toBe(one);
    expect(selects(rule, PERSON_NAME, 'PN', nested)).toBe(two);
    expect(selects(rule, PERSON_NAME, 'PN', deep)).toBe(below);
  });

  it('without a place means the data set itself', () => {
    const { rules } = parseProfile('name: p\nversion: 1\nrules: [{ tag: .PatientID, action: keep }]', 'p.yaml');
    expect(rules.select(0x00100020, 'LO', undefined)).toHaveLength(1);
  });
});

describe('a selection', () => {
  it('by pattern takes what the digits say, and private attributes only when it names their group', () => {
    expect(selects('tags: "(0018,10xx)"', 0x00181030, 'LO')).toBe(true);
    expect(selects('tags: "(0018,10xx)"', 0x00189073, 'FD')).toBe(false);
    expect(selects('tags: "(50xx,xxxx)"', 0x50023000, 'OW')).toBe(true);
    expect(selects('tags: "(xxxx,xxxx)"', 0x00291010, 'LO')).toBe(false);
    expect(selects('tags: "(0029,xxxx)"', 0x00291010, 'LO')).toBe(true);
    expect(selects('tags: 0018xxxx', 0x00181030, 'LO')).toBe(true);
  });

  it('by VR takes one or several', () => {
    expect(selects('vr: LO', 0x00181030, 'LO')).toBe(true);
    expect(selects('vr: [DA, DT]', 0x00080020, 'DA')).toBe(true);
    expect(selects('vr: [DA, DT]', 0x00080030, 'TM')).toBe(false);
    expect(selects('vr: LO', 0x00291010, 'LO')).toBe(false);
  });

  it('by creator takes its elements in any block, in any group or one, at any place or one', () => {
    const rule = 'private: "SIEMENS MR HEADER", element: "0C"';
    expect(selects(rule, 0x0019100c, 'IS', ROOT, 'SIEMENS MR HEADER')).toBe(true);
    expect(selects(rule, 0x0019a30c, 'IS', inside('ContentSequence'), 'SIEMENS MR HEADER')).toBe(true);
    expect(selects(rule, 0x0019100d, 'IS', ROOT, 'SIEMENS MR HEADER')).toBe(false);
    expect(selects(rule, 0x0019100c, 'IS', ROOT, 'SIEMENS CT VA0')).toBe(false);
    expect(selects(`${rule}, group: "0021"`, 0x0019100c, 'IS', ROOT, 'SIEMENS MR HEADER')).toBe(false);
    expect(selects(`${rule}, in: ContentSequence`, 0x0019100c, 'IS', ROOT, 'SIEMENS MR HEADER')).toBe(false);
    expect(selects('private: "SIEMENS MR HEADER"', 0x00191000, 'IS', ROOT, 'SIEMENS MR HEADER')).toBe(true);
  });

  it('leaves its exceptions to the rules behind it', () => {
    const rule = 'tags: "(0018,xxxx)", except: [ProtocolName, "(0018,90xx)", "ContentSequence.KVP"]';
    expect(selects(rule, 0x00181030, 'LO')).toBe(false);
    expect(selects(rule, 0x00189073, 'FD')).toBe(false);
    expect(selects(rule, 0x00180060, 'DS')).toBe(true);
    expect(selects(rule, 0x00180060, 'DS', inside('ContentSequence'))).toBe(false);
  });

  it('comes in the order of the file, whatever it selects by', () => {
    const { rules } = parseProfile(
      'name: p\nversion: 1\nrules:\n  - { vr: LO, action: zero }\n  - { tag: ProtocolName, action: keep }\n  - { tags: "(0018,xxxx)", action: remove }',
      'p.yaml',
    );
    expect(rules.select(0x00181030, 'LO', undefined).map(({ action }) => action.kind)).toEqual([
      'zero',
      'keep',
      'remove',
    ]);
  });
});
