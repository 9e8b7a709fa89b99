// The check is given outputs that a faulty engine would have made: the original as it came, or with a value put back.
import { describe, expect, it } from 'vitest';

import type { ByteSource } from '../../../src/core/bytes.ts';
import { InstanceError } from '../../../src/core/errors.ts';
import { DEFAULT_CHARACTER_SET } from '../../../src/dicom/character-set.ts';
import type { DataSet } from '../../../src/dicom/element.ts';
import { parseDataSet, parseDataSetSync } from '../../../src/dicom/reader.ts';
import { splice } from '../../../src/dicom/writer.ts';
import type { Identifies } from '../../../src/deid/decision.ts';
import { Identifiers } from '../../../src/deid/identifiers.ts';
import { checkResidue } from '../../../src/deid/residue-check.ts';
import type { ResidueJob } from '../../../src/deid/residue-check.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { SUBJECT } from './support/instances.ts';

const TRANSFER_SYNTAX = requireTransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN);

const PLANTED: readonly (readonly [Identifies, string])[] = [
  ['name', 'Quimby^Josephine'],
  ['name', 'Müller^Änne'],
  ['name', 'White^May'],
  ['id', 'MRN-4711'],
  ['id', '0001'],
  ['id', '12345'],
  ['phrase', 'St. Elsewhere General Hospital'],
  ['date', '20040826'],
  ['uid', '1.2.840.99999.1.20040826.7'],
  ['uid', '2.25.64623095620594107951357986539673599478'],
];

function requireTransferSyntax(uid: string): TransferSyntax {
  const found = findTransferSyntax(uid);
  if (found === undefined) throw new TypeError('no transfer syntax');
  return found;
}

function identifiers(): Identifiers {
  const found = new Identifiers(PLANTED.filter(([kind]) => kind !== 'uid').map(([kind, text]) => ({ kind, text })));
  for (const [kind, text] of PLANTED)
    if (kind === 'uid') found.add(kind, Buffer.from(text, 'latin1'), 'UI', DEFAULT_CHARACTER_SET);
  return found;
}

function parse(builder: DataSetBuilder): DataSet {
  return parseDataSetSync(builder.toBytes(), { transferSyntax: TRANSFER_SYNTAX });
}

/** The check of an output that keeps everything in the data set. */
function keepAll(builder: DataSetBuilder, changes: Partial<ResidueJob> = {}): Promise<void> | undefined {
  const dataSet = parse(builder);
  const output = {
    source: dataSet.source,
    encoding: dataSet.encoding,
    elements: dataSet.elements.map((element) => ({ kind: 'kept' as const, element })),
  };
  return checkResidue({
    plan: splice(output),
    output,
    dataSet,
    identifiers: identifiers(),
    subject: SUBJECT,
    areDatesMoved: false,
    ...changes,
  });
}

/** The check of an output that consists of one written element. */
function write(tag: number, vr: string, text: string, changes: Partial<ResidueJob> = {}): Promise<void> | undefined {
  const dataSet = parse(new DataSetBuilder().putAll({ Modality: 'CT' }));
  const value = Buffer.from(text.length % 2 === 0 ? text : `${text} `, 'latin1');
  const output = {
    source: dataSet.source,
    encoding: dataSet.encoding,
    elements: [{ kind: 'written' as const, tag, vr, value }],
  };
  const job = {
    plan: splice(output),
    output,
    dataSet,
    identifiers: identifiers(),
    subject: SUBJECT,
    areDatesMoved: false,
  };
  return checkResidue({ ...job, ...changes });
}

function reasonOf(check: () => unknown): unknown {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof InstanceError ? error.message : error;
  }
}

describe('checkResidue refuses what is left', () => {
  it.each<[string, string, string, string | Buffer]>([
    ['a name as it came', 'SeriesDescription', 'LO', 'Quimby^Josephine'],
    ['a name turned round, in another case', 'SeriesDescription', 'LO', 'seen by JOSEPHINE  quimby'],
    ['a part of a name', 'SeriesDescription', 'LO', 'for Quimby today'],
    ['a name in Latin-1', 'SeriesDescription', 'LO', Buffer.from('Änne Müller', 'latin1')],
    ['a name in UTF-8', 'SeriesDescription', 'LO', Buffer.from('Änne Müller', 'utf8')],
    ['a name in UTF-16', 'SeriesDescription', 'LO', Buffer.from('xx Quimby Josephine', 'utf16le')],
    [
      'a name in UTF-16, big endian, in bytes',
      'RedPaletteColorLookupTableData',
      'OW',
      Buffer.from(' Quimby^Josephine ', 'utf16le').swap16(),
    ],
    ['a name in private bytes', 'ICCProfile', 'OB', Buffer.from('\x01\x02Quimby^Josephine\x00\x01', 'latin1')],
    ['a name of common words, whole', 'SeriesDescription', 'LO', 'for White, May'],
    ['an id', 'SeriesDescription', 'LO', 'MRN-4711.'],
    ['an id as a number', 'SeriesNumber', 'IS', '12345'],
    ['an id in a code', 'ImageType', 'CS', 'ORIGINAL\\MRN-4711'],
    ['a phrase', 'SeriesDescription', 'LO', 'At St. Elsewhere  General Hospital'],
    ['a day', 'SeriesDescription', 'LO', 'of 20040826'],
    ['a day as written', 'SeriesDescription', 'LO', 'of 26.8.2004'],
    ...[
      ...['26AUG2004', '26-Aug-04', '26. August 2004', '26 août 2004', '26 de agosto de 2004', '26th of August 2004'],
      ...['Aug 26 2004', 'August 26th, 2004', '2004-Aug-26', '2004AUG26', 'Thu Aug 26 10:15:22 CET 2004'],
    ].map((day): [string, string, string, string | Buffer] => [
      `a day with its month named: ${day}`,
      'SeriesDescription',
      'LO',
      Buffer.from(`of ${day}`, 'latin1'),
    ]),
    ['a UID', 'SeriesDescription', 'LO', 'UID 1.2.840.99999.1.20040826.7'],
    ['a UID made of a UUID', 'ReferencedSOPInstanceUID', 'UI', '2.25.64623095620594107951357986539673599478'],
    ['a UID in bytes', 'ICCProfile', 'OB', Buffer.from('\x001.2.840.99999.1.20040826.7\x00', 'latin1')],
  ])('%s', (_, keyword, vr, value) => {
    const check = reasonOf(() => keepAll(new DataSetBuilder().put(keyword, vr, value)));
    expect(check).toMatch(/^An identifier of the original is left in \([0-9A-F]{4},[0-9A-F]{4}\)\.$/);
  });

  it('and tells the path of items, counted from 1, but never the value', () => {
    const item = (text: string): DataSetBuilder => new DataSetBuilder().put('TextValue', 'UT', text);
    const builder = new DataSetBuilder().sequence('ContentSequence', [item('clean'), item('of Josephine Quimby')]);
    expect(reasonOf(() => keepAll(builder))).toBe(
      'An identifier of the original is left in (0040,A730)[2].(0040,A160).',
    );
  });

  it('whatever follows the value: the next tag is no letter beside it', () => {
    // The low byte of group 0032 is the digit 2, that of 0038 the digit 8.
    const builder = new DataSetBuilder()
      .put('SeriesDescription', 'LO', 'x')
      .put(0x00321032, 'LO', 'x 12345 ')
      .put(0x00380500, 'LO', '12345x12345');
    expect(reasonOf(() => keepAll(builder))).toContain('(0032,1032)');
    const atEnd = new DataSetBuilder()
      .put(0x00204000, 'LT', 'no 0012345')
      .put(0x00324000, 'LT', ' 1 12345')
      .put(0x00380500, 'LO', 'x');
    expect(reasonOf(() => keepAll(atEnd))).toContain('(0032,4000)');
  });

  it('text that we wrote with a piece of the original in it', () => {
    expect(reasonOf(() => write(0x0008103e, 'LO', 'CT for Quimby'))).toContain('(0008,103E)');
    expect(reasonOf(() => write(0x00100020, 'LO', 'S-MRN-4711'))).toContain('(0010,0020)');
    expect(reasonOf(() => write(0x00100020, 'LO', 'SMRN-4711X'))).toBeUndefined();
    expect(
      reasonOf(() => write(0x00100020, 'LO', 'S MRN-4711', { subject: { ...SUBJECT, subjectId: 'S MRN-4711' } })),
    ).toContain('(0010,0020)');
  });

  it.each(['0001', ' 0001', '0002\\0001'])('a text that is nothing but a short id: "%s"', (text) => {
    expect(reasonOf(() => keepAll(new DataSetBuilder().put('SeriesDescription', 'LO', text)))).toContain('(0008,103E)');
  });

  it('a name among long samples, but no short id, which chance writes too', () => {
    const samples = (text: string): Buffer => {
      const bytes = Buffer.alloc(200_000, 0x81);
      bytes.write(` ${text} `, 150_000, 'latin1');
      return bytes;
    };
    const check = (text: string): Promise<void> | undefined =>
      keepAll(new DataSetBuilder().put('SpectroscopyData', 'OF', samples(text)));
    expect(reasonOf(() => check('Quimby^Josephine'))).toContain('(5600,0020)');
    expect(reasonOf(() => check('1.2.840.99999.1.20040826.7'))).toContain('(5600,0020)');
    expect(check('12345')).toBeUndefined();
  });

  it('long text that has to be read from the disk', async () => {
    const text = `${'clinical words '.repeat(30_000)} Josephine Quimby ${'and more '.repeat(20_000)}`;
    const bytes = new DataSetBuilder().put('TextValue', 'UT', text).toBytes();
    const onDisk: ByteSource = {
      size: bytes.length,
      view: (offset, length) => (offset + length <= 1024 ? bytes.subarray(offset, offset + length) : undefined),
      read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    };
    const dataSet = await parseDataSet(onDisk, { transferSyntax: TRANSFER_SYNTAX });
    const output = { ...dataSet, elements: dataSet.elements.map((element) => ({ kind: 'kept' as const, element })) };
    const job = {
      plan: splice(output),
      output,
      dataSet,
      identifiers: identifiers(),
      subject: SUBJECT,
      areDatesMoved: false,
    };
    await expect(Promise.resolve(checkResidue(job))).rejects.toMatchObject({ reason: 'residual-identifier' });
    expect(reasonOf(() => keepAll(new DataSetBuilder().put('TextValue', 'UT', text)))).toContain('(0040,A160)');
  });
});

describe('checkResidue passes', () => {
  it.each<[string, string, string, string | Buffer]>([
    ['words that begin like a name', 'SeriesDescription', 'LO', 'Quimbyville'],
    ['an ambiguous part of a name', 'SeriesDescription', 'LO', 'white matter, may enhance'],
    ['a number inside a longer one', 'SeriesDescription', 'LO', '0123456'],
    ['a short id in a text', 'SeriesDescription', 'LO', 'slab 0001'],
    ['a short id as a code', 'CodeValue', 'SH', '0001'],
    ['a short id as a number', 'SeriesNumber', 'IS', '0001'],
    ['a day inside a number', 'SliceLocation', 'DS', '0.20040826'],
    ...['27AUG2004', '26 Sep 2004', '26 Aug 2005', '26 Aug', 'Augustin 26 2004', '126AUG2004'].map(
      (text): [string, string, string, string] => [`what is not the day: ${text}`, 'SeriesDescription', 'LO', text],
    ),
    ['a UID that begins like one of the original', 'SeriesDescription', 'LO', '1.2.840.99999.1.20040825.7'],
    ['pixel data, whatever they hold', 'PixelData', 'OW', Buffer.from('Quimby^Josephine', 'latin1')],
  ])('%s', (_, keyword, vr, value) => {
    expect(keepAll(new DataSetBuilder().put(keyword, vr, value))).toBeUndefined();
  });

  it('what a profile keeps on purpose, where it stands a second time', () => {
    const own = identifiers();
    own.keep('id', Buffer.from('MRN-4711'), 'LO', DEFAULT_CHARACTER_SET);
    const builder = new DataSetBuilder().put('SeriesDescription', 'LO', 'MRN-4711');
    expect(keepAll(builder, { identifiers: own })).toBeUndefined();
  });

  it('a pseudonym that is or holds the short id of the patient', () => {
    const subject = { ...SUBJECT, subjectId: 'LUNG 12345', subjectName: '12345' };
    expect(write(0x00100020, 'LO', 'LUNG 12345', { subject })).toBeUndefined();
    expect(write(0x00100010, 'PN', '12345', { subject })).toBeUndefined();
  });

  it('dates that were moved onto a day of the original', () => {
    expect(write(0x00080020, 'DA', '20040826')).toBeUndefined();
    expect(write(0x0008103e, 'LO', 'of 20040826', { areDatesMoved: true })).toBeUndefined();
    expect(reasonOf(() => write(0x0008103e, 'LO', 'of 20040826'))).toContain('(0008,103E)');
  });

  it('everything when the original told nothing', () => {
    expect(
      keepAll(new DataSetBuilder().put('SeriesDescription', 'LO', 'Quimby'), { identifiers: new Identifiers() }),
    ).toBeUndefined();
  });
});
