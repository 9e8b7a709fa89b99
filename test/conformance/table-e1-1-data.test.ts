// PS3.15 Table E.1-1 (2026d): our copy against the source it was generated from, and against the counts of that source.
import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { COLUMN_OPTIONS, findRow, privateRow, rows } from '../../src/standard/table-e1-1.ts';
import type { OptionName, TableRow } from '../../src/standard/table-e1-1.ts';
import { parseTag } from '../../src/standard/tags.ts';

const SHARED = '../shared/standard/table-e1-1.json';

/** The option columns of the source by our names. */
const COLUMN_NAMES: Readonly<Record<string, OptionName>> = {
  rtnSafePrivOpt: 'retain-safe-private',
  rtnUIDsOpt: 'retain-uids',
  rtnDevIdOpt: 'retain-device-identity',
  rtnInstIdOpt: 'retain-institution-identity',
  rtnPatCharsOpt: 'retain-patient-characteristics',
  rtnLongFullDatesOpt: 'retain-longitudinal-full-dates',
  rtnLongModifDatesOpt: 'retain-longitudinal-modified-dates',
  cleanDescOpt: 'clean-descriptors',
  cleanStructContOpt: 'clean-structured-content',
  cleanGraphOpt: 'clean-graphics',
};

type SharedRow = Readonly<Record<string, string | boolean | null>>;

function countRows(matches: (row: TableRow) => boolean): number {
  return rows().filter(matches).length;
}

describe('Table E.1-1, 2026d', () => {
  it('has 657 rows, 102 of them retired, 473 in a standard composite IOD', () => {
    expect(rows()).toHaveLength(657);
    expect(countRows((row) => row.isRetired)).toBe(102);
    expect(countRows((row) => row.isInStandardIod)).toBe(473);
  });

  it.each([
    ['X', 417],
    ['D', 93],
    ['U', 55],
    ['Z', 42],
    ['X/D', 23],
    ['X/Z', 11],
    ['X/Z/D', 8],
    ['Z/D', 6],
    ['X/Z/U*', 2],
  ])('gives the Basic Profile code %s to %i rows', (code, count) => {
    expect(countRows((row) => row.basic === code)).toBe(count);
  });

  it.each([
    ['retain-safe-private', 0, 1],
    ['retain-uids', 60, 0],
    ['retain-device-identity', 48, 11],
    ['retain-institution-identity', 10, 0],
    ['retain-patient-characteristics', 14, 5],
    ['retain-longitudinal-full-dates', 169, 0],
    ['retain-longitudinal-modified-dates', 0, 169],
    ['clean-descriptors', 0, 141],
    ['clean-structured-content', 0, 4],
    ['clean-graphics', 0, 4],
  ] as const)('lets %s keep %i rows and clean %i', (option, kept, cleaned) => {
    expect(countRows((row) => row.options[option] === 'K')).toBe(kept);
    expect(countRows((row) => row.options[option] === 'C')).toBe(cleaned);
  });

  it('has a date option for the same rows in both date columns', () => {
    const differing = rows().filter(
      ({ options }) => 'retain-longitudinal-full-dates' in options !== 'retain-longitudinal-modified-dates' in options,
    );
    expect(differing).toEqual([]);
  });

  it('finds every row again by its tag', () => {
    for (const row of rows()) {
      const tag = parseTag(row.tagPattern);
      if (tag !== undefined) expect(findRow(tag)).toBe(row);
    }
    const patterns = rows().filter(({ tagPattern }) => parseTag(tagPattern) === undefined);
    expect(patterns.map(({ tagPattern }) => tagPattern).sort()).toEqual([
      '(50xx,xxxx)',
      '(60xx,3000)',
      '(60xx,4000)',
      '(gggg,eeee)',
    ]);
    expect(
      patterns.map((row) =>
        [findRow(0x50041234), findRow(0x60183000), findRow(0x60024000), privateRow()].includes(row),
      ),
    ).toEqual([true, true, true, true]);
  });

  it('lists each attribute once', () => {
    expect(new Set(rows().map(({ tagPattern }) => tagPattern)).size).toBe(657);
    expect(new Set(rows().map(({ keyword }) => keyword)).size).toBe(657);
  });

  it('keeps the codes of the rows that implementations get wrong', () => {
    const codes = Object.fromEntries(rows().map(({ tagPattern, basic }) => [tagPattern, basic]));
    expect(codes).toMatchObject({
      '(0010,0020)': 'Z/D',
      '(0010,0040)': 'Z',
      '(0010,0030)': 'Z',
      '(006A,0003)': 'D',
      '(0008,1140)': 'X/Z/U*',
      '(0008,2112)': 'X/Z/U*',
      '(0040,4023)': 'U',
      '(3008,0105)': 'X/Z',
      '(300A,00B2)': 'X/Z',
      '(3010,0077)': 'X/D',
    });
  });

  it.skipIf(!existsSync(SHARED))('equals its source in every cell', () => {
    const shared = JSON.parse(readFileSync(SHARED, 'utf8')) as SharedRow[];
    const expected = shared.map((row) => ({
      tagPattern: row['tag'],
      name: row['name'],
      basic: row['basic'],
      isRetired: row['retired'],
      isInStandardIod: row['inStdIOD'],
      options: Object.fromEntries(
        Object.entries(COLUMN_NAMES)
          .map(([column, option]) => [option, row[column]] as const)
          .filter(([, cell]) => cell !== null),
      ),
    }));
    const ours = rows().map(({ tagPattern, name, basic, isRetired, isInStandardIod, options }) => ({
      tagPattern,
      name,
      basic,
      isRetired,
      isInStandardIod,
      options,
    }));
    expect(ours).toEqual(expected);
    expect(Object.values(COLUMN_NAMES)).toEqual([...COLUMN_OPTIONS]);
    expect(shared.filter((row) => row['keyword'] !== null && row['keyword'] !== findByPattern(row['tag']))).toEqual([]);
  });
});

function findByPattern(pattern: string | boolean | null | undefined): string | undefined {
  return rows().find(({ tagPattern }) => tagPattern === pattern)?.keyword;
}
