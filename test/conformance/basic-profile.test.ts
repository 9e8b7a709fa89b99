// Every row of Table E.1-1 against the Basic Profile: an instance that carries the attribute, for each Type that it has in some
// IOD, for an IOD that nobody knows, and inside a sequence. The expected action is stated here as a table of its own.
import { describe, expect, it } from 'vitest';

import { attributesOf, hasIod, typeOf } from '../../src/standard/attribute-types.ts';
import type { AttributeType } from '../../src/standard/attribute-types.ts';
import { findByTag } from '../../src/standard/dictionary.ts';
import { STORAGE_SOP_CLASSES } from '../../src/standard/sop-classes.ts';
import { rows } from '../../src/standard/table-e1-1.ts';
import type { ActionCode, TableRow } from '../../src/standard/table-e1-1.ts';
import { parseTag, TAG } from '../../src/standard/tags.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import type { BuilderValue } from '../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, elementAt } from '../unit/deid/support/instances.ts';
import type { Cleaned } from '../unit/deid/support/instances.ts';

const PRIVATE_CLASS = '1.3.12.2.1107.5.9.1';
/** Kept, and its items are walked. */
const KEPT_SEQUENCE = 'AnatomicRegionSequence';

type Expected = 'X' | 'Z' | 'D' | 'U';

/** Code → what Types 3, 2 (and 2C), 1C, 1 and an unknown Type come to. Departures from the letter are argued in basic-codes.ts. */
const EXPECTED: Readonly<Record<ActionCode, readonly [Expected, Expected, Expected, Expected, Expected]>> = {
  X: ['X', 'Z', 'X', 'D', 'X'],
  Z: ['Z', 'Z', 'D', 'D', 'Z'],
  D: ['D', 'D', 'D', 'D', 'D'],
  U: ['U', 'U', 'U', 'U', 'U'],
  'X/Z': ['X', 'Z', 'D', 'D', 'Z'],
  'X/D': ['X', 'D', 'D', 'D', 'D'],
  'Z/D': ['Z', 'Z', 'D', 'D', 'D'],
  'X/Z/D': ['X', 'Z', 'D', 'D', 'D'],
  'X/Z/U*': ['X', 'U', 'U', 'U', 'U'],
};

function expectedFor(code: ActionCode, type: AttributeType | undefined): Expected {
  const [three, two, oneC, one, unknown] = EXPECTED[code];
  switch (type) {
    case '3':
      return three;
    case '2C':
      return code === 'X' ? 'X' : two;
    case '2':
      return two;
    case '1C':
      return oneC;
    case '1':
      return one;
    case undefined:
      return unknown;
  }
}

/** A value that is valid for the VR and found again in the bytes if it survives. */
const PLANTED: Readonly<Record<string, BuilderValue>> = {
  AS: '077Y',
  CS: 'ZZPLANTED',
  DA: '20210704',
  DS: '77.1234',
  DT: '20210704112233',
  IS: '771234',
  OB: Buffer.from('ZZPLANTED '),
  OW: Buffer.from('ZZPLANTED '),
  TM: '112233.445566',
  UI: '1.2.999.777.1',
  UN: Buffer.from('ZZPLANTED '),
  US: 30_583,
};
const TRACES = ['ZZPLANTED', '077Y', '20210704', '77.1234', '771234', '112233.445566', '1.2.999.777.1'];

function plant(instance: DataSetBuilder, tag: number, vr: string): DataSetBuilder {
  if (vr !== 'SQ') return instance.put(tag, vr, PLANTED[vr] ?? 'ZZPLANTED');
  return instance.sequence(tag, [
    new DataSetBuilder().putAll({
      ReferencedSOPInstanceUID: '1.2.999.777.1',
      PersonName: 'ZZPLANTED^A',
      DateTime: '20210704112233',
      TextValue: 'ZZPLANTED b',
      Manufacturer: 'ZZPLANTED c',
    }),
  ]);
}

function check(row: TableRow, cleaned: Cleaned, expected: Expected, ...path: readonly (string | number)[]): void {
  const element = elementAt(cleaned.dataSet, ...path);
  const label = `${row.tagPattern} ${row.keyword} ${row.basic} → ${expected}`;
  const bytes = cleaned.bytes.toString('latin1');
  for (const trace of TRACES) expect(bytes.includes(trace), `${label}: ${trace}`).toBe(false);
  if (expected === 'X') expect(element, label).toBeUndefined();
  else if (expected === 'Z') expect(element?.valueLength, label).toBe(0);
  else expect(element?.valueLength ?? 0, label).toBeGreaterThan(0);
}

/** A SOP class for each Type that the attribute has at the top level of some IOD, and one whose IOD is unknown. */
function classesFor(tag: number): ReadonlyMap<AttributeType | undefined, string> {
  const found = new Map<AttributeType | undefined, string>([[undefined, PRIVATE_CLASS]]);
  for (const { uid } of STORAGE_SOP_CLASSES) {
    const type = attributesOf(uid).get(tag);
    if (type !== undefined && !found.has(type)) found.set(type, uid);
  }
  return found;
}

/** The patient's own two attributes carry the subject, which is neither of the letters. */
const SUBJECT_TAGS: ReadonlySet<number> = new Set([TAG.PatientID, TAG.PatientName]);

const plain = rows()
  .map((row) => ({
    row,
    tag: parseTag(row.tagPattern),
    vr: findByTag(parseTag(row.tagPattern) ?? 0)?.vr.slice(0, 2) ?? 'UN',
  }))
  .filter((entry): entry is { row: TableRow; tag: number; vr: string } => entry.tag !== undefined);

describe('Table E.1-1 × Basic Profile', () => {
  it('has a test for every row that stands for one attribute', () => {
    expect(plain).toHaveLength(rows().length - 4);
    expect(hasIod(PRIVATE_CLASS)).toBe(false);
  });

  it.each(plain)('$row.tagPattern $row.keyword: $row.basic', async ({ row, tag, vr }) => {
    for (const [type, uid] of classesFor(tag)) {
      const instance = plant(ctSlice().put('SOPClassUID', 'UI', uid), tag, vr);
      const cleaned = await clean(instance);
      if (SUBJECT_TAGS.has(tag)) check(row, cleaned, 'D', tag);
      // Command elements and file meta information have no place in a data set.
      else check(row, cleaned, tag < 0x00040000 ? 'X' : expectedFor(row.basic, type), tag);
    }
  });

  it.each(plain)('$row.tagPattern $row.keyword inside a sequence', async ({ row, tag, vr }) => {
    const cleaned = await clean(ctSlice().sequence(KEPT_SEQUENCE, [plant(new DataSetBuilder(), tag, vr)]));
    const type = typeOf('1.2.840.10008.5.1.4.1.1.2', tag, TAG.AnatomicRegionSequence);
    check(row, cleaned, tag < 0x00040000 ? 'X' : expectedFor(row.basic, type), KEPT_SEQUENCE, tag);
  });

  it.each([
    ['(50xx,xxxx)', 0x50023000, 'OW'],
    ['(60xx,3000)', 0x60043000, 'OW'],
    ['(60xx,4000)', 0x60044000, 'LT'],
    ['(gggg,eeee) where gggg is odd', 0x00111001, 'LO'],
  ])('%s: X', async (_, tag, vr) => {
    const cleaned = await clean(plant(ctSlice(), tag, vr));
    expect(elementAt(cleaned.dataSet, tag)).toBeUndefined();
    expect(cleaned.bytes.toString('latin1')).not.toContain('ZZPLANTED');
  });
});
