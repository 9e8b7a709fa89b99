import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../../src/core/bytes.ts';
import { InstanceError } from '../../../src/core/errors.ts';
import type { Element } from '../../../src/dicom/element.ts';
import { DEFAULT_READ_LIMITS, parseDataSet, parseDataSetSync } from '../../../src/dicom/reader.ts';
import {
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { BIG, delimiter, element, encode, EXPLICIT, IMPLICIT, item } from './support/naive-encoder.ts';
import type { ItemNode, Node } from './support/naive-encoder.ts';
import { FileLikeSource, syntax } from './support/sources.ts';
import { trees } from './support/trees.ts';

const ENCODINGS = [
  ['implicit', IMPLICIT, syntax(IMPLICIT_VR_LITTLE_ENDIAN)],
  ['explicit', EXPLICIT, syntax(EXPLICIT_VR_LITTLE_ENDIAN)],
  ['big endian', BIG, syntax(EXPLICIT_VR_BIG_ENDIAN)],
] as const;
const EXPLICIT_LITTLE = syntax(EXPLICIT_VR_LITTLE_ENDIAN);
const JPEG = syntax('1.2.840.10008.1.2.4.50');
const ID = element(EXPLICIT, 0x00100020, 'LO', Buffer.from('ABC123'));

function item1(nodes: readonly Node[], isUndefined: boolean): ItemNode {
  return { nodes, isUndefined };
}

function smallTree(isUndefined: boolean): Node[] {
  const code: Node = { tag: 0x00080100, vr: 'SH', value: Buffer.from('CODE') };
  const inner: Node = { tag: 0x00081115, items: [item1([code], isUndefined), item1([], isUndefined)], isUndefined };
  return [
    { tag: 0x00080060, vr: 'CS', value: Buffer.from('OT') },
    { tag: 0x00081140, items: [item1([code, inner], isUndefined)], isUndefined },
    { tag: 0x00081199, items: [item1([code], !isUndefined)], isUndefined, isWrapped: true },
    { tag: 0x00280010, vr: 'US', value: Buffer.from([2, 0]) },
    { tag: 0x7fe00010, vr: 'OW', value: Buffer.from([1, 2, 3, 4]) },
  ];
}

describe.each(ENCODINGS)('a truncated data set in %s', (_, style, transferSyntax) => {
  it.each([false, true])(
    'is refused, or equals its beginning, at every offset (undefined lengths: %s)',
    (isUndefined) => {
      const bytes = encode(smallTree(isUndefined), style);
      const whole = parseDataSetSync(bytes, { transferSyntax }).elements;
      const boundaries = [0, ...whole.map((one) => one.end)];
      for (let length = 0; length <= bytes.length; length++) {
        const cut = Buffer.from(bytes.subarray(0, length));
        const complete = boundaries.indexOf(length);
        if (complete >= 0) {
          expect(parseDataSetSync(cut, { transferSyntax }).elements).toEqual(whole.slice(0, complete));
          continue;
        }
        let refused: unknown;
        try {
          parseDataSetSync(cut, { transferSyntax });
        } catch (error) {
          refused = error;
        }
        expect(refused, `at ${length}`).toBeInstanceOf(InstanceError);
        expect(refused).toMatchObject({ reason: 'unparsable' });
        expect((refused as InstanceError).offset).toBeLessThanOrEqual(length);
      }
    },
  );
});

describe('a truncated data set with fragments', () => {
  it('is refused at every offset inside the pixel data', () => {
    const content = Buffer.concat([item(EXPLICIT, Buffer.alloc(0)), item(EXPLICIT, Buffer.from('abcdef'))]);
    const pixels = element(EXPLICIT, 0x7fe00010, 'OB', content, 0xffffffff);
    const bytes = Buffer.concat([ID, pixels, delimiter(EXPLICIT, 0xfffee0dd)]);
    expect(parseDataSetSync(bytes, { transferSyntax: JPEG }).elements[1].fragments).toHaveLength(2);
    for (let length = ID.length + 1; length < bytes.length; length++) {
      expect(() => parseDataSetSync(bytes.subarray(0, length), { transferSyntax: JPEG })).toThrow(InstanceError);
    }
  });
});

describe('a file', () => {
  it('gives the same tree as memory, and views every value that is not bulk', async () => {
    await fc.assert(
      fc.asyncProperty(
        trees({ wrapped: true }),
        fc.constantFrom(...ENCODINGS),
        async (tree, [, style, transferSyntax]) => {
          const bytes = encode(tree, style);
          const inMemory = parseDataSetSync(bytes, { transferSyntax });
          const fromFile = await parseDataSet(new FileLikeSource(bytes), { transferSyntax });
          expect(fromFile.elements).toEqual(inMemory.elements);
          expect(fromFile.encoding).toEqual(inMemory.encoding);
          for (const one of leaves(fromFile.elements)) {
            const view = fromFile.source.view(one.valueStart, one.valueLength);
            expect(view).toEqual(bytes.subarray(one.valueStart, one.valueStart + one.valueLength));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is read in windows that skip bulk data: a 3 GiB image costs its header', async () => {
    const header = Buffer.concat(Array.from({ length: 500 }, () => ID));
    const pixelBytes = 3 * 1024 ** 3;
    const pixels = element(EXPLICIT, 0x7fe00010, 'OW', Buffer.alloc(0), pixelBytes);
    const after = element(EXPLICIT, 0xfffcfffc, 'OB', Buffer.alloc(10, 1));
    const start = Buffer.concat([header, pixels]);
    const source = new FileLikeSource({
      size: start.length + pixelBytes + after.length,
      fetch: (offset, length) => {
        const bytes = Buffer.alloc(length);
        start.copy(bytes, 0, Math.min(offset, start.length));
        const tail = start.length + pixelBytes;
        if (offset + length > tail) after.copy(bytes, Math.max(0, tail - offset), Math.max(0, offset - tail));
        return bytes;
      },
    });
    const dataSet = await parseDataSet(source, { transferSyntax: EXPLICIT_LITTLE });
    expect(dataSet.elements).toHaveLength(502);
    expect(source.bytesRead).toBeLessThan(100 * 1024);
    const padding = dataSet.elements[501];
    expect(dataSet.source.view(padding.valueStart, padding.valueLength)).toEqual(Buffer.alloc(10, 1));
    expect(dataSet.source.view(dataSet.elements[500].valueStart, 100_000)).toBeUndefined();
    await expect(dataSet.source.read(source.size - 4, 4)).resolves.toEqual(Buffer.alloc(4, 1));
  });

  it('with many fragments is read by their headers, and what follows them can be viewed', async () => {
    const fragment = item(EXPLICIT, Buffer.alloc(100_000));
    const content = Buffer.concat(Array.from({ length: 100 }, () => fragment));
    const pixels = element(EXPLICIT, 0x7fe00010, 'OB', content, 0xffffffff);
    const after = element(EXPLICIT, 0xfffcfffc, 'OB', Buffer.alloc(10, 1));
    const bytes = Buffer.concat([ID, pixels, delimiter(EXPLICIT, 0xfffee0dd), after]);
    const source = new FileLikeSource(bytes);
    const dataSet = await parseDataSet(source, { transferSyntax: JPEG });
    expect(dataSet.elements[1].fragments).toHaveLength(100);
    expect(source.bytesRead).toBeLessThan(600 * 1024);
    const padding = dataSet.elements[2];
    expect(dataSet.source.view(padding.valueStart, 10)).toEqual(Buffer.alloc(10, 1));
    expect(dataSet.source.view(0, ID.length)).toEqual(ID);
  });

  it('with values around the bulk threshold: at most that long they are viewed, longer they are not loaded', async () => {
    const { bulkThreshold } = DEFAULT_READ_LIMITS;
    const small = element(EXPLICIT, 0x00420011, 'OB', Buffer.alloc(bulkThreshold, 1));
    const large = element(EXPLICIT, 0x00420011, 'OB', Buffer.alloc(bulkThreshold + 2, 2));
    const bytes = Buffer.concat([ID, small, large, ID, large, small, ID]);
    const dataSet = await parseDataSet(new FileLikeSource(bytes), { transferSyntax: EXPLICIT_LITTLE });
    const views = dataSet.elements.map((one) => dataSet.source.view(one.valueStart, one.valueLength)?.length);
    expect(views).toEqual([6, bulkThreshold, undefined, 6, undefined, bulkThreshold, 6]);
  });

  it('whose UN is no sequence after all is read again as opaque, and can be viewed', async () => {
    const broken = Buffer.concat([item(IMPLICIT, Buffer.alloc(0)), Buffer.alloc(200, 0x41)]);
    const bytes = Buffer.concat([ID, element(EXPLICIT, 0x00081140, 'UN', broken), ID]);
    const dataSet = await parseDataSet(new FileLikeSource(bytes), { transferSyntax: EXPLICIT_LITTLE });
    const [, opaque] = dataSet.elements;
    expect(opaque.vr).toBe('UN');
    expect(dataSet.source.view(opaque.valueStart, opaque.valueLength)).toEqual(broken);
  });

  it('that became shorter is refused', async () => {
    const source = new FileLikeSource({ size: 1_000, fetch: (_, length) => Buffer.alloc(length - 1) });
    const reading = parseDataSet(source, { transferSyntax: EXPLICIT_LITTLE });
    await expect(reading).rejects.toMatchObject({ code: 'spool-damaged' });
  });

  it('with a header beyond the limit is refused before much of it is loaded', async () => {
    const header = Buffer.concat(Array.from({ length: 100_000 }, () => ID));
    const source = new FileLikeSource(header);
    const limits = { ...DEFAULT_READ_LIMITS, maxHeaderBytes: 100_000 };
    const reading = parseDataSet(source, { transferSyntax: EXPLICIT_LITTLE, limits });
    await expect(reading).rejects.toMatchObject({ code: 'header-too-large' });
    expect(source.bytesRead).toBeLessThan(500_000);
  });
});

describe('where the data set stands', () => {
  const bytes = Buffer.concat([Buffer.alloc(50, 0xff), ID, Buffer.alloc(50, 0xff)]);
  const range = { transferSyntax: EXPLICIT_LITTLE, start: 50, end: 50 + ID.length };

  it('may be a range of the source; offsets count from the start of the source', async () => {
    expect(parseDataSetSync(bytes, range).elements[0]).toMatchObject({ start: 50, valueStart: 58 });
    const fromFile = await parseDataSet(new FileLikeSource(bytes), range);
    expect(fromFile.elements[0].start).toBe(50);
    const inMemory = await parseDataSet(new BufferSource(bytes), range);
    expect(inMemory.elements).toEqual(fromFile.elements);
  });

  it('may not lie outside the source', () => {
    expect(() => parseDataSetSync(bytes, { ...range, end: 1_000 })).toThrow(RangeError);
    expect(() => parseDataSetSync(bytes, { ...range, start: 70 })).toThrow(RangeError);
  });
});

describe('pixel data and the transfer syntax', () => {
  const native = element(EXPLICIT, 0x7fe00010, 'OW', Buffer.alloc(4));
  const encapsulated = Buffer.concat([
    element(EXPLICIT, 0x7fe00010, 'OB', item(EXPLICIT, Buffer.alloc(4)), 0xffffffff),
    delimiter(EXPLICIT, 0xfffee0dd),
  ]);
  const icon = (pixels: Buffer): Buffer => element(EXPLICIT, 0x00880200, 'SQ', item(EXPLICIT, pixels));

  it('must agree at top level', () => {
    expect(() => parseDataSetSync(native, { transferSyntax: JPEG })).toThrow(/not encapsulated/);
    expect(() => parseDataSetSync(encapsulated, { transferSyntax: EXPLICIT_LITTLE })).toThrow(/is native/);
  });

  it('may differ in an icon', () => {
    const bytes = Buffer.concat([icon(native), encapsulated]);
    expect(parseDataSetSync(bytes, { transferSyntax: JPEG }).elements).toHaveLength(2);
    const other = Buffer.concat([icon(encapsulated), native]);
    expect(parseDataSetSync(other, { transferSyntax: EXPLICIT_LITTLE }).elements).toHaveLength(2);
  });
});

function leaves(elements: readonly Element[]): Element[] {
  return elements.flatMap((one) => one.items?.flatMap((inner) => leaves(inner.elements)) ?? [one]);
}
