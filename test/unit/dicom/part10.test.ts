import { describe, expect, it } from 'vitest';
import { deflateRawSync } from 'node:zlib';
import { BufferSource } from '../../../src/core/bytes.ts';
import {
  buildFileHeader,
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION_NAME,
  readFile10,
  type File10,
} from '../../../src/dicom/part10.ts';
import { asUid } from '../../../src/core/brands.ts';
import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { BIG, element, encode, EXPLICIT, IMPLICIT, u32 } from './support/naive-encoder.ts';
import type { Node, Style } from './support/naive-encoder.ts';
import { FileLikeSource } from './support/sources.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const NODES: readonly Node[] = [
  { tag: 0x00080016, vr: 'UI', value: Buffer.from(`${CT}\0`) },
  { tag: 0x00100020, vr: 'LO', value: Buffer.from('ABC123') },
];
const PREAMBLE = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);

function uid(tag: number, value: string, style: Style = EXPLICIT): Buffer {
  return element(style, tag, 'UI', Buffer.from(value.length % 2 === 0 ? value : `${value}\0`));
}

interface Meta {
  readonly transferSyntax?: string;
  readonly groupLength?: number | 'none';
  readonly style?: Style;
}

function meta({ transferSyntax = EXPLICIT_VR_LITTLE_ENDIAN, groupLength, style = EXPLICIT }: Meta = {}): Buffer {
  const rest = Buffer.concat([
    uid(0x00020002, CT, style),
    uid(0x00020003, '1.2.3', style),
    ...(transferSyntax === '' ? [] : [uid(0x00020010, transferSyntax, style)]),
    uid(0x00020012, '1.2.4', style),
  ]);
  if (groupLength === 'none') return rest;
  return Buffer.concat([element(style, 0x00020000, 'UL', u32(groupLength ?? rest.length)), rest]);
}

/** In memory and as a file: both must say the same. */
async function read(bytes: Buffer): Promise<File10> {
  const inMemory = await readFile10(new BufferSource(bytes));
  const fromFile = await readFile10(new FileLikeSource(bytes));
  expect(fromFile.dataSet.elements).toEqual(inMemory.dataSet.elements);
  expect(fromFile.meta).toEqual(inMemory.meta);
  expect(fromFile.transferSyntax).toEqual(inMemory.transferSyntax);
  expect(fromFile.dataSetStart).toBe(inMemory.dataSetStart);
  await fromFile.dataSet.close?.();
  return inMemory;
}

function tags(file: File10): number[] {
  return file.dataSet.elements.map((one) => one.tag);
}

const TAGS = NODES.map((node) => node.tag);

describe('a Part 10 file', () => {
  it.each([
    [EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT],
    [IMPLICIT_VR_LITTLE_ENDIAN, IMPLICIT],
    [EXPLICIT_VR_BIG_ENDIAN, BIG],
  ])('is read in transfer syntax %s', async (transferSyntax, style) => {
    const head = Buffer.concat([PREAMBLE, meta({ transferSyntax })]);
    const file = await read(Buffer.concat([head, encode(NODES, style)]));
    expect(tags(file)).toEqual(TAGS);
    expect(file.transferSyntax.uid).toBe(transferSyntax);
    expect(file.dataSetStart).toBe(head.length);
    expect(file.dataSet.elements[0].start).toBe(head.length);
    expect(file.meta).toEqual({
      mediaStorageSopClassUid: CT,
      mediaStorageSopInstanceUid: '1.2.3',
      transferSyntaxUid: transferSyntax,
    });
  });

  it('is inflated when it is deflated; the group length tells where, even if the stream looks like group 0002', async () => {
    const head = Buffer.concat([PREAMBLE, meta({ transferSyntax: DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN })]);
    const file = await read(Buffer.concat([head, deflateRawSync(encode(NODES, EXPLICIT))]));
    expect(tags(file)).toEqual(TAGS);
    const element0002 = uid(0x00020016, 'X');
    const misleading = await readFile10(new BufferSource(Buffer.concat([head, element0002]))).catch(
      (error: unknown) => error,
    );
    expect(misleading).toMatchObject({ code: 'unparsable', offset: head.length });
  });

  it('counts offsets of faults from the start of the file', async () => {
    const head = Buffer.concat([PREAMBLE, meta()]);
    const reading = readFile10(new BufferSource(Buffer.concat([head, encode(NODES, EXPLICIT).subarray(0, -1)])));
    await expect(reading).rejects.toMatchObject({ code: 'unparsable', offset: head.length + 34 });
  });
});

describe('what is tolerated, as DCMTK does', () => {
  const explicit = encode(NODES, EXPLICIT);
  const cases: readonly (readonly [string, Buffer, string])[] = [
    [
      'a preamble that is not zero',
      Buffer.concat([Buffer.alloc(128, 0xff), Buffer.from('DICM'), meta(), explicit]),
      EXPLICIT_VR_LITTLE_ENDIAN,
    ],
    ['no preamble', Buffer.concat([meta(), explicit]), EXPLICIT_VR_LITTLE_ENDIAN],
    ['no group length', Buffer.concat([PREAMBLE, meta({ groupLength: 'none' }), explicit]), EXPLICIT_VR_LITTLE_ENDIAN],
    [
      'a group length that is too short',
      Buffer.concat([PREAMBLE, meta({ groupLength: 4 }), explicit]),
      EXPLICIT_VR_LITTLE_ENDIAN,
    ],
    [
      'a group length that is too long',
      Buffer.concat([PREAMBLE, meta({ groupLength: 9_999 }), explicit]),
      EXPLICIT_VR_LITTLE_ENDIAN,
    ],
    [
      'meta information in implicit VR',
      Buffer.concat([PREAMBLE, meta({ style: IMPLICIT }), explicit]),
      EXPLICIT_VR_LITTLE_ENDIAN,
    ],
    [
      'no transfer syntax: explicit is seen',
      Buffer.concat([PREAMBLE, meta({ transferSyntax: '' }), explicit]),
      EXPLICIT_VR_LITTLE_ENDIAN,
    ],
    [
      'no transfer syntax: implicit is seen',
      Buffer.concat([PREAMBLE, meta({ transferSyntax: '' }), encode(NODES, IMPLICIT)]),
      IMPLICIT_VR_LITTLE_ENDIAN,
    ],
    ['a preamble and no meta information', Buffer.concat([PREAMBLE, explicit]), EXPLICIT_VR_LITTLE_ENDIAN],
    ['nothing before an explicit data set', explicit, EXPLICIT_VR_LITTLE_ENDIAN],
    ['nothing before an implicit data set', encode(NODES, IMPLICIT), IMPLICIT_VR_LITTLE_ENDIAN],
    ['nothing before a big endian data set', encode(NODES, BIG), EXPLICIT_VR_BIG_ENDIAN],
    [
      'an implicit data set that is declared explicit: the result tells what it is',
      Buffer.concat([PREAMBLE, meta(), encode(NODES, IMPLICIT)]),
      IMPLICIT_VR_LITTLE_ENDIAN,
    ],
  ];
  it.each(cases)('%s', async (_, bytes, transferSyntax) => {
    const file = await read(bytes);
    expect(file.transferSyntax.uid).toBe(transferSyntax);
    expect(tags(file)).toEqual(TAGS);
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['an empty file', Buffer.alloc(0), 'unparsable'],
    ['a few bytes', Buffer.from('DICM'), 'unparsable'],
    ['a preamble and nothing else', PREAMBLE, 'unparsable'],
    ['meta information and nothing else', Buffer.concat([PREAMBLE, meta()]), 'unparsable'],
    ['text', Buffer.from('%PDF-1.7 is no data set, and no part of one either'), 'unparsable'],
    ['meta information that is cut off', Buffer.concat([PREAMBLE, meta()]).subarray(0, -3), 'unparsable'],
    [
      'an unknown transfer syntax',
      Buffer.concat([PREAMBLE, meta({ transferSyntax: '1.2.3.4' }), encode(NODES, EXPLICIT)]),
      'unsupported-transfer-syntax',
    ],
    [
      'an implicit data set that is declared JPEG',
      Buffer.concat([PREAMBLE, meta({ transferSyntax: '1.2.840.10008.1.2.4.50' }), encode(NODES, IMPLICIT)]),
      'unparsable',
    ],
    [
      'little endian that is declared big endian',
      Buffer.concat([PREAMBLE, meta({ transferSyntax: EXPLICIT_VR_BIG_ENDIAN }), encode(NODES, EXPLICIT)]),
      'unparsable',
    ],
    [
      'explicit that is declared implicit',
      Buffer.concat([PREAMBLE, meta({ transferSyntax: IMPLICIT_VR_LITTLE_ENDIAN }), encode(NODES, EXPLICIT)]),
      'unparsable',
    ],
    [
      'a sequence delimiter in place of a data set',
      Buffer.concat([PREAMBLE, meta(), Buffer.from('feffdde000000000', 'hex')]),
      'unparsable',
    ],
  ];
  it.each(cases)('%s', async (_, bytes, code) => {
    await expect(readFile10(new BufferSource(bytes))).rejects.toMatchObject({ code });
    await expect(readFile10(new FileLikeSource(bytes))).rejects.toMatchObject({ code });
  });
});

describe('the header that we write', () => {
  const facts = { sopClassUid: CT, sopInstanceUid: '2.25.7', transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN };

  it('is read back, with our implementation and nothing about application entities', async () => {
    const header = buildFileHeader(facts);
    expect(header.subarray(0, 132)).toEqual(PREAMBLE);
    const file = await read(Buffer.concat([header, encode(NODES, EXPLICIT)]));
    expect(file.meta).toEqual({
      mediaStorageSopClassUid: CT,
      mediaStorageSopInstanceUid: '2.25.7',
      transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
    });
    expect(file.dataSetStart).toBe(header.length);
    expect(header.readUInt32LE(140)).toBe(header.length - 144);
    const text = header.toString('latin1');
    expect(text).toContain(IMPLEMENTATION_CLASS_UID);
    expect(text).toContain(IMPLEMENTATION_VERSION_NAME);
  });

  it('names us by a valid UID and a version of at most 16 characters', () => {
    expect(asUid(IMPLEMENTATION_CLASS_UID)).toBe(IMPLEMENTATION_CLASS_UID);
    expect(IMPLEMENTATION_VERSION_NAME.length).toBeLessThanOrEqual(16);
  });
});
