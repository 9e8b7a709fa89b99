// Every row of Table E.1-1 with each option of PS3.15 E.3: instances that carry the attribute at the top level and inside a
// sequence, for an IOD that knows it and one that does not. What a cell asks for is stated here as a table of its own.
import { describe, expect, it } from 'vitest';

import { shiftDates } from '../../src/deid/dates.ts';
import type { DataSet, Element } from '../../src/dicom/element.ts';
import { findElement } from '../../src/dicom/values.ts';
import { basicProfile } from '../../src/profile/compiled.ts';
import { attributesOf, typeOf } from '../../src/standard/attribute-types.ts';
import type { AttributeType } from '../../src/standard/attribute-types.ts';
import { findByTag } from '../../src/standard/dictionary.ts';
import { OPTION_NAMES, rows } from '../../src/standard/table-e1-1.ts';
import type { ActionCode, OptionName, TableRow } from '../../src/standard/table-e1-1.ts';
import { parseTag, TAG } from '../../src/standard/tags.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import type { BuilderValue } from '../../src/synthetic/data-set-builder.ts';
import { clean, CT, ctSlice, elementAt, SUBJECT } from '../unit/deid/support/instances.ts';

const PRIVATE_CLASS = '1.3.12.2.1107.5.9.1';
const PRESENTATION_STATE = '1.2.840.10008.5.1.4.1.1.11.1';
const STRUCTURED_REPORT = '1.2.840.10008.5.1.4.1.1.88.33';
const CLASSES = [PRIVATE_CLASS, CT, PRESENTATION_STATE, STRUCTURED_REPORT];
/** Kept whatever the option, and its items are walked. */
const KEPT_SEQUENCE = 'AnatomicRegionSequence';
/** Attributes in one instance: enough to be quick, few enough that they do not make up another object. */
const BATCH = 40;

type Letter = 'X' | 'Z' | 'D' | 'U';
type Expected = Letter | 'kept' | 'walked' | 'cleaned' | 'moved';

/** Code → what Types 3, 2 (and 2C), 1C, 1 and an unknown Type come to, as in basic-profile.test.ts. */
const LETTERS: Readonly<Record<ActionCode, readonly [Letter, Letter, Letter, Letter, Letter]>> = {
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
const DATE_VRS = new Set(['DA', 'DT', 'TM']);
const TEXT_VRS = new Set(['AE', 'LO', 'LT', 'SH', 'ST', 'UC', 'UT']);
const SUBJECT_TAGS: ReadonlySet<number> = new Set([TAG.PatientID, TAG.PatientName]);
/** Signatures and encrypted originals cannot outlive the change. */
const DROPPED_TAGS: ReadonlySet<number> = new Set([TAG.EncryptedAttributesSequence, TAG.MACParametersSequence]);

interface Entry {
  readonly row: TableRow;
  readonly tag: number;
  readonly vr: string;
  readonly index: number;
}

const ENTRIES: readonly Entry[] = rows().flatMap((row, index) => {
  const tag = parseTag(row.tagPattern);
  return tag === undefined ? [] : [{ row, tag, vr: findByTag(tag)?.vr.slice(0, 2) ?? 'UN', index }];
});

function basicLetter(code: ActionCode, type: AttributeType | undefined): Letter {
  const [three, two, oneC, one, unknown] = LETTERS[code];
  switch (type) {
    case '3':
      return three;
    case '2':
      return two;
    case '2C':
      return code === 'X' ? 'X' : two;
    case '1C':
      return oneC;
    case '1':
      return one;
    case undefined:
      return unknown;
  }
}

/** What the cell of an option asks for; what it does not speak about is the Basic Profile's. */
function expectedFor(
  { row, tag, vr }: Entry,
  option: OptionName,
  type: AttributeType | undefined,
  isNested: boolean,
): Expected {
  if (tag < 0x00040000 || DROPPED_TAGS.has(tag)) return 'X';
  // At the top they carry the subject.
  if (SUBJECT_TAGS.has(tag) && !isNested) return 'D';
  const basic = basicLetter(row.basic, type);
  const cell = row.options[option];
  if (cell === undefined) return basic;
  // "K on a sequence means cleaned" (E.3), and so does C.
  if (vr === 'SQ') return 'walked';
  if (cell === 'K') return 'kept';
  if (option !== 'retain-longitudinal-modified-dates') return TEXT_VRS.has(vr) ? 'cleaned' : basic;
  if (DATE_VRS.has(vr)) return 'moved';
  return tag === TAG.TimezoneOffsetFromUTC ? 'kept' : basic;
}

/** A word that nothing else holds. */
function word(index: number): string {
  return `ZQ${index
    .toString(5)
    .padStart(5, '0')
    .replace(/\d/g, (digit) => 'BCDFG'[Number(digit)])}`;
}

/** Every third day: a shift of ten days never moves one onto another. */
function day(index: number): string {
  return new Date(Date.UTC(1991, 0, 1 + 3 * index)).toISOString().slice(0, 10).replaceAll('-', '');
}

function plainValue(vr: string, index: number): BuilderValue {
  const unique = String(index).padStart(6, '0');
  switch (vr) {
    case 'AS':
      return '077Y';
    case 'AT':
      return TAG.Modality;
    case 'DA':
      return day(index);
    case 'DS':
      return `77.${unique}`;
    case 'DT':
      return `${day(index)}112233.${unique}`;
    case 'FD':
    case 'FL':
    case 'SL':
    case 'SS':
    case 'UL':
    case 'US':
      return 7;
    case 'IS':
      return 7_000_000 + index;
    case 'OB':
    case 'OW':
    case 'UN':
      return Buffer.from(`${word(index)} `.slice(0, 8));
    case 'PN':
      return `${word(index)}^X`;
    case 'TM':
      return `101112.${unique}`;
    case 'UI':
      return `1.2.999.777.${index + 1}`;
    default:
      return word(index);
  }
}

function itemOf(index: number): DataSetBuilder {
  return new DataSetBuilder().putAll({
    ReferencedSOPClassUID: CT,
    ReferencedSOPInstanceUID: `1.2.999.777.${index + 1}`,
    PersonName: `${word(index)}^Y`,
  });
}

/** `left` is what remains of a text that has the patient's name in it, as it stands in the instance of `ctSlice`. */
function plant(instance: DataSetBuilder, { tag, vr, index }: Entry, expected: Expected, left: string): void {
  if (vr === 'SQ') instance.sequence(tag, [itemOf(index)]);
  else instance.put(tag, vr, expected === 'cleaned' ? `${left} Quimby`.trim() : plainValue(vr, index));
}

const NO_TRACE = new Set(['AS', 'AT', 'FD', 'FL', 'SL', 'SS', 'UL', 'US']);

function traceOf({ vr, index }: Entry): string | undefined {
  const value = vr === 'SQ' ? word(index) : plainValue(vr, index);
  if (NO_TRACE.has(vr)) return undefined;
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}

interface Found {
  readonly before: Element | undefined;
  readonly after: Element | undefined;
  readonly dataSets: { readonly before: DataSet; readonly after: DataSet };
  /** All bytes that left. */
  readonly bytes: string;
}

function valueOf(dataSet: DataSet, element: Element | undefined): string | undefined {
  if (element === undefined) return undefined;
  return dataSet.source.view(element.valueStart, element.valueLength)?.toString('latin1');
}

/** What is wrong, or undefined. */
function judge(entry: Entry, expected: Expected, found: Found, option: OptionName, left: string): string | undefined {
  const { before, after, dataSets, bytes } = found;
  const was = valueOf(dataSets.before, before);
  const is = valueOf(dataSets.after, after);
  const trace = traceOf(entry);
  if (expected === 'kept') return is === was ? undefined : 'changed';
  if (expected === 'cleaned') {
    if (is?.includes('Quimby') === true) return 'the name is left';
    return is?.trim() === left ? undefined : 'the clinical words are gone';
  }
  if (expected === 'moved') {
    const moved = was === undefined ? undefined : shiftDates(was.trim(), entry.vr, SUBJECT.shiftDays);
    return moved !== undefined && is?.trim() === moved ? undefined : 'not moved';
  }
  if (trace !== undefined && bytes.includes(trace)) return 'its value is left';
  if (expected === 'walked') {
    const item = after?.items?.[0];
    if (item === undefined) return 'its items are gone';
    const uid = findElement(item.elements, TAG.ReferencedSOPInstanceUID);
    const isReplaced = valueOf(dataSets.after, uid)?.startsWith('2.25.') === true;
    return isReplaced === (option !== 'retain-uids') ? undefined : 'a UID in it is not as asked';
  }
  if (expected === 'X') return after === undefined ? undefined : 'not removed';
  if (after === undefined) return 'removed';
  return (after.valueLength === 0) === (expected === 'Z') ? undefined : expected === 'Z' ? 'not emptied' : 'emptied';
}

/** Faults of one option, for all rows, in one IOD. `left` is empty to see what is done when cleaning leaves nothing. */
async function faultsOf(option: OptionName, sopClassUid: string, isNested: boolean, left: string): Promise<string[]> {
  const maxShiftDays = option === 'retain-longitudinal-modified-dates' ? 365 : 0;
  const profile = basicProfile({ options: [option], maxShiftDays });
  const faults: string[] = [];
  const parent = isNested ? TAG.AnatomicRegionSequence : undefined;
  const entries = ENTRIES.map((entry) => {
    const type = typeOf(sopClassUid, entry.tag, parent);
    const planted = expectedFor(entry, option, type, isNested);
    const expected = planted === 'cleaned' && left === '' ? basicLetter(entry.row.basic, type) : planted;
    return { entry, planted, expected };
  }).filter(({ planted }) => left !== '' || planted === 'cleaned');
  for (let from = 0; from < entries.length; from += BATCH) {
    const batch = entries.slice(from, from + BATCH);
    const slice = ctSlice().put('SOPClassUID', 'UI', sopClassUid);
    const holder = isNested ? new DataSetBuilder() : slice;
    for (const { entry, planted } of batch) {
      // The patient of the instance stays who it is: the texts name her.
      if (isNested || !SUBJECT_TAGS.has(entry.tag)) plant(holder, entry, planted, left);
    }
    if (isNested) slice.sequence(KEPT_SEQUENCE, [holder]);
    const cleaned = await clean(slice, { profile });
    const bytes = cleaned.bytes.toString('latin1');
    const path = isNested ? [KEPT_SEQUENCE] : [];
    for (const { entry, expected } of batch) {
      const fault = judge(
        entry,
        expected,
        {
          before: elementAt(cleaned.before, ...path, entry.tag),
          after: elementAt(cleaned.dataSet, ...path, entry.tag),
          dataSets: { before: cleaned.before, after: cleaned.dataSet },
          bytes,
        },
        option,
        left,
      );
      const { tagPattern, keyword, basic, options } = entry.row;
      if (fault !== undefined)
        faults.push(`${tagPattern} ${keyword} ${entry.vr} ${basic} ${options[option] ?? '-'} → ${expected}: ${fault}`);
    }
  }
  return faults;
}

describe.each(OPTION_NAMES)('Table E.1-1 × %s', (option) => {
  it.each(CLASSES)('every row, SOP class %s', async (sopClassUid) => {
    expect(await faultsOf(option, sopClassUid, false, 'CHEST')).toEqual([]);
  });

  it('every row inside a sequence', async () => {
    expect(await faultsOf(option, CT, true, 'CHEST')).toEqual([]);
  });

  it('falls back on the Basic Profile where cleaning leaves nothing', async () => {
    expect(await faultsOf(option, PRIVATE_CLASS, false, '')).toEqual([]);
    expect(await faultsOf(option, CT, false, '')).toEqual([]);
  });
});

describe.each(OPTION_NAMES)('groups of attributes × %s', (option) => {
  it.each([
    ['(50xx,xxxx)', 0x50023000, 'OW'],
    ['(60xx,3000)', 0x60043000, 'OW'],
    ['(60xx,4000)', 0x60044000, 'LT'],
    ['(gggg,eeee) where gggg is odd', 0x00111001, 'LO'],
  ])('%s go: none can be vouched for', async (_, tag, vr) => {
    const value = vr === 'OW' ? Buffer.from('ZZPLANTED ') : 'ZZPLANTED Quimby';
    const maxShiftDays = option === 'retain-longitudinal-modified-dates' ? 365 : 0;
    // Where pixels are looked at, overlay planes are too, and may stay (test/integration/pixels/overlays.test.ts).
    const pixels = { ...basicProfile().pixels, text: 'off' as const };
    const cleaned = await clean(ctSlice().put(0x00110010, 'LO', 'ZZ UNKNOWN').put(tag, vr, value), {
      profile: basicProfile({ options: [option], maxShiftDays, pixels }),
    });
    expect(elementAt(cleaned.dataSet, tag)).toBeUndefined();
    expect(cleaned.bytes.toString('latin1')).not.toContain('ZZPLANTED');
  });
});

describe('the rows that this test walks', () => {
  it('are all but the four that stand for groups of attributes, and meet known Types', () => {
    expect(ENTRIES).toHaveLength(rows().length - 4);
    const met = new Set(ENTRIES.map(({ tag }) => attributesOf(CT).get(tag)));
    for (const type of ['1', '2', '3']) expect([...met]).toContain(type);
  });
});
