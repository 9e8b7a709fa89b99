import { existsSync, readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { toDictionaryCells } from '../../../scripts/generate-standard/dictionary.ts';
import { findByKeyword, findByTag, keywords, readDcmjsEntries, vrOf } from '../../../src/standard/dictionary.ts';
import { rows } from '../../../src/standard/table-e1-1.ts';
import { readTable } from '../../../src/standard/table-file.ts';
import { TAG, parseTag } from '../../../src/standard/tags.ts';
import { isVr } from '../../../src/standard/vr.ts';

const SHARED = '../shared/standard/data-dictionary.json';

interface SharedRow {
  readonly tag: string;
  readonly vr: string;
  readonly vm: string;
  readonly name: string;
  readonly keyword: string;
  readonly retired: boolean;
}

describe('dictionary-dcmjs.tsv', () => {
  it('holds what the installed dcmjs holds', () => {
    expect(readTable('dictionary-dcmjs.tsv', 6)).toEqual(readDcmjsEntries().map(toDictionaryCells));
  });
});

describe('the data dictionary', () => {
  it('does not know private, unassigned or impossible tags', () => {
    for (const tag of [0x00091001, 0x00090010, 0x00100023, 0x60013000, 0x12345678, 0x00000000 - 1, 0xffffffff]) {
      expect(findByTag(tag)).toBeUndefined();
      expect(vrOf(tag)).toBeUndefined();
    }
    expect(findByKeyword('patientid')).toBeUndefined();
    expect(findByKeyword('')).toBeUndefined();
    expect(findByKeyword('RETIRED_LengthToEnd')).toBeUndefined();
  });

  it('gives no VR to items and delimiters', () => {
    expect(vrOf(TAG.Item)).toBeUndefined();
    expect(vrOf(TAG.SequenceDelimitationItem)).toBeUndefined();
  });

  it('finds an attribute by tag and by keyword', () => {
    const entry = {
      tag: 0x00100010,
      vr: 'PN',
      vm: '1',
      keyword: 'PatientName',
      name: "Patient's Name",
      isRetired: false,
    };
    expect(findByTag(0x00100010)).toEqual(entry);
    expect(findByKeyword('PatientName')).toEqual(entry);
    expect([...keywords()]).toContain('PatientName');
  });

  it('resolves repeating groups, with the tag that was asked for', () => {
    expect(findByTag(0x60003000)).toMatchObject({ keyword: 'OverlayData', vr: 'OB or OW', isRetired: false });
    expect(findByTag(0x601e3000)).toMatchObject({ tag: 0x601e3000, keyword: 'OverlayData' });
    expect(vrOf(0x601e0010)).toBe('US');
    expect(findByTag(0x50020010)).toMatchObject({ keyword: 'NumberOfPoints', isRetired: true });
    expect(findByTag(0x7f020010)).toMatchObject({ keyword: 'VariablePixelData' });
    expect(findByTag(0x7fe00010)).toMatchObject({ keyword: 'PixelData' });
  });

  it('resolves the other masks of PS3.6', () => {
    expect(findByTag(0x00203105)).toMatchObject({ keyword: 'SourceImageIDs', vr: 'CS' });
    expect(findByTag(0x002804f1)).toMatchObject({ keyword: 'ColumnsForNthOrderCoefficients' });
    expect(findByTag(0x00280400)).toMatchObject({ keyword: 'TransformLabel' });
    expect(findByTag(0x00280824)).toMatchObject({ keyword: 'BitsForCodeWord' });
    expect(findByTag(0x10000ab3)).toMatchObject({ keyword: 'HuffmanTableTriplet' });
    expect(findByTag(0x10101234)).toMatchObject({ keyword: 'ZonalMap' });
  });

  it('reads a group length as UL whatever the even group', () => {
    for (const tag of [0x00080000, 0x00020000, 0x12340000, 0x60000000]) expect(vrOf(tag)).toBe('UL');
    expect(findByTag(0x12340000)).toMatchObject({ vr: 'UL', vm: '1' });
    expect(vrOf(0x00090000)).toBeUndefined();
  });

  it('chooses of several VRs the one in which a value can be copied unread', () => {
    expect([findByTag(0x7fe00010)?.vr, vrOf(0x7fe00010)]).toEqual(['OB or OW', 'OW']);
    expect([findByTag(0x00280106)?.vr, vrOf(0x00280106)]).toEqual(['US or SS', 'US']);
    expect([findByTag(0x00283006)?.vr, vrOf(0x00283006)]).toEqual(['US or OW', 'OW']);
  });

  it('gives every tag a VR of PS3.5 and every entry a name', () => {
    for (const keyword of keywords()) {
      const entry = findByKeyword(keyword);
      if (entry === undefined || entry.vr === 'NONE') continue;
      expect(isVr(vrOf(entry.tag) ?? '')).toBe(true);
      expect(entry.name).not.toBe('');
    }
  });

  it('never fails on any number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (tag) => {
        const entry = findByTag(tag);
        expect(entry === undefined || entry.vr === 'NONE').toBe(vrOf(tag) === undefined);
      }),
    );
  });

  it('knows every attribute that Table E.1-1 lists, also those that came after 2024', () => {
    const single = rows().filter(({ tagPattern }) => parseTag(tagPattern) !== undefined);
    const unknown = single.filter(
      ({ tagPattern, keyword }) => findByTag(parseTag(tagPattern) ?? 0)?.keyword !== keyword,
    );
    expect(unknown).toEqual([]);
    expect(single).toHaveLength(653);
  });

  it('gives the attributes that came after 2024 the VR of PS3.6', () => {
    const expected = {
      NameToUse: 'LT',
      NameToUseComment: 'UT',
      PronounComment: 'UT',
      GenderIdentitySequence: 'SQ',
      SexParametersForClinicalUseCategoryReference: 'UR',
      EthnicGroups: 'UC',
      EffectiveStartDateTime: 'DT',
      MontageName: 'LT',
      MontageChannelLabel: 'LO',
      DisplayURI: 'UR',
      DoseCalculationModelName: 'LO',
    };
    expect(Object.fromEntries(Object.keys(expected).map((keyword) => [keyword, findByKeyword(keyword)?.vr]))).toEqual(
      expected,
    );
  });

  it.skipIf(!existsSync(SHARED))('agrees with PS3.6 2024d in every entry but the one that was retired since', () => {
    const shared = JSON.parse(readFileSync(SHARED, 'utf8')) as SharedRow[];
    const differing = shared.filter((row) => {
      const tag = Number.parseInt(row.tag.replace(/^(50|60|7F)xx/i, '$100').replace(/x/gi, '1'), 16);
      const entry = findByTag(tag);
      return (
        entry?.vr !== row.vr ||
        entry.vm !== row.vm ||
        entry.keyword !== row.keyword ||
        entry.name !== row.name ||
        entry.isRetired !== row.retired
      );
    });
    expect(differing.map(({ keyword }) => keyword)).toEqual(['EthnicGroup']);
    expect(shared.length).toBeGreaterThan(5000);
  });
});
