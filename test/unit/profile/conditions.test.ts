// The `when` of a rule: what it means, and how a mistake in it is told.
import { describe, expect, it } from 'vitest';

import type { ConditionError } from '../../../src/profile/condition-tokens.ts';
import { parseCondition } from '../../../src/profile/conditions.ts';
import { evaluate } from '../../../src/profile/evaluate.ts';
import { findByKeyword } from '../../../src/standard/dictionary.ts';
import { parseTag } from '../../../src/standard/tags.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const MULTI_FRAME_US = '1.2.840.10008.5.1.4.1.1.3.1';

/** Whether a condition holds for an instance with these attributes. */
function holds(source: string, attributes: Readonly<Record<string, readonly string[]>>): boolean {
  const values = new Map(
    Object.entries(attributes).map(([name, list]) => [parseTag(name) ?? findByKeyword(name)?.tag ?? 0, list]),
  );
  return evaluate(parseCondition(source), { has: (tag) => values.has(tag), values: (tag) => values.get(tag) ?? [] });
}

const US = {
  Modality: ['US'],
  Manufacturer: ['GE Vingmed'],
  ImageType: ['DERIVED', 'PRIMARY'],
  PatientAge: ['045Y'],
  PatientWeight: ['71.50'],
  Rows: ['480'],
  StudyDate: ['20240229'],
  SoftwareVersions: [],
  SOPClassUID: [MULTI_FRAME_US],
  '(0029,1010)': ['x'],
};

describe('a condition', () => {
  it.each([
    ['Modality = "US"', true],
    ["Modality = 'US'", true],
    ['(0008,0060) = "US"', true],
    ['Modality = "us"', false],
    ['Modality != "CT"', true],
    ['PatientWeight = 71.5', true],
    ['Manufacturer contains "GE"', true],
    ['Manufacturer contains "ge"', false],
    ['Manufacturer matches "^GE (Vingmed|Medical)$"', true],
    ['Manufacturer matches "(?i)vingmed"', true],
    ['ImageType = "PRIMARY"', true],
    ['ImageType != "PRIMARY"', false],
    ['PatientAge < 46 and PatientAge >= 45', true],
    ['PatientAge > "089Y"', false],
    ['PatientWeight <= 71.5', true],
    ['Rows > 480', false],
    ['StudyDate >= 20240101', true],
    ['SoftwareVersions is present', true],
    ['SoftwareVersions = ""', false],
    ['SoftwareVersions is absent', false],
    ['StationName is absent', true],
    ['StationName is not present', true],
    ['StationName is not absent', false],
    ['StationName != "A"', true],
    ['SliceThickness < 5', false],
    ['not StationName is present', true],
    ['(0029,1010) is present', true],
    ['Modality = "CT" or Modality = "US" and Rows = 480', true],
    ['(Modality = "CT" or Modality = "US") and Rows = 1', false],
    ['not (Modality = "CT" or Rows = 1)', true],
    ['not not Modality = "US"', true],
    ['SOPClass = "Ultrasound Multi-frame Image Storage"', true],
    ['SOPClass = "ultrasound multiframe image storage"', true],
    [`SOPClass = "${MULTI_FRAME_US}"`, true],
    ['SOPClass != "CT Image Storage"', true],
    ['SOPClass contains "Ultrasound"', true],
    ['SOPClass matches "^(CT|MR) Image"', false],
    ['SOPClass is present', true],
    ['Manufacturer = "say \\"GE\\""', false],
  ])('%s: %s', (source, expected) => {
    expect(holds(source, US)).toBe(expected);
  });

  it('counts ages in years whatever their unit', () => {
    expect(holds('PatientAge < 2', { PatientAge: ['018M'] })).toBe(true);
    expect(holds('PatientAge < 2', { PatientAge: ['200W'] })).toBe(false);
    expect(holds('PatientAge < 1', { PatientAge: ['003D'] })).toBe(true);
    expect(holds('PatientAge < 999', { PatientAge: ['unknown'] })).toBe(false);
  });

  it('knows the UID behind a name', () => {
    expect(holds('SOPClass = "CT Image Storage"', { SOPClassUID: [CT] })).toBe(true);
  });

  it.each([
    ['', 0, /write a keyword/],
    ['Modalty = "US"', 0, /did you mean "Modality"/],
    ['SOPClas = "US"', 0, /did you mean "SOPClass"/],
    ['"Modality" = "US"', 0, /write a keyword/],
    ['Modality == "US"', 10, /write a value in quotes/],
    ['Modality = US', 11, /write a value in quotes/],
    ['Modality equals "US"', 9, /no comparison/],
    ['Modality contain "US"', 9, /did you mean "contains"/],
    ['Modality = "US', 11, /never closed/],
    ['Modality = "US" Rows = 1', 16, /join tests with and, or/],
    ['(Modality = "US"', 16, /write "\)"/],
    ['Modality = "US" and', 19, /write a keyword/],
    ['Modality is here', 12, /"present" or "absent"/],
    ['PatientName > 5', 12, /compares numbers, but this attribute is PN/],
    ['Rows > many', 7, /write a value in quotes/],
    ['Rows > "many"', 7, /write a number/],
    ['Manufacturer matches "(a"', 24, /matches: write "\)"/],
    ['SOPClass = "CT Image Storag"', 11, /did you mean "CT Image Storage"/],
    ['SOPClass contains "Toaster"', 18, /no storage SOP class/],
    ['SOPClass < 5', 9, /no comparison of SOP classes/],
    [`${'('.repeat(40)}Rows = 1`, 32, /nested too deeply/],
    ['Modality § "US"', 9, /cannot read/],
  ])('that is wrong, %s, is told at character %i', (source, index, message) => {
    const parse = (): unknown => parseCondition(source);
    expect(parse).toThrow(message);
    try {
      parse();
    } catch (error: unknown) {
      expect((error as ConditionError).index).toBe(index);
    }
  });
});
