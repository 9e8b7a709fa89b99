import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BufferSource, type ByteSource } from '../../../src/core/bytes.ts';
import type { OutputDataSet } from '../../../src/dicom/element.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { parseDataSet } from '../../../src/dicom/reader.ts';
import { readReceived } from '../../../src/dicom/received.ts';
import { splice } from '../../../src/dicom/writer.ts';
import { digestDataSet, digestInstance } from '../../../src/pipeline/data-set-digest.ts';
import { PatchedSource } from '../../../src/pixels/blank/patched-source.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';

const PIXELS = Buffer.alloc(200_000, 7);
const PRIVATE_BULK = Buffer.alloc(70_000, 9);
const NESTED_BULK = Buffer.alloc(80_000, 5);

function instance(): Buffer {
  return new DataSetBuilder()
    .putAll({ SOPInstanceUID: '1.2.3', PatientID: 'MRN-4711' })
    .put(0x00090010, 'LO', 'MAKER')
    .put(0x00091001, 'OB', PRIVATE_BULK)
    .sequence('IconImageSequence', [new DataSetBuilder().put('PixelData', 'OW', NESTED_BULK)])
    .put('PixelData', 'OW', PIXELS)
    .toBytes(EXPLICIT_VR_LITTLE_ENDIAN);
}

/** The definition, done naively: each long value of the top level replaced by its digest. */
function naively(bytes: Buffer, values: readonly Buffer[]): string {
  const sha256 = (data: Buffer): Buffer => createHash('sha256').update(data).digest();
  let rest = bytes;
  const parts: Buffer[] = [];
  for (const value of values) {
    const at = rest.indexOf(value);
    parts.push(rest.subarray(0, at), sha256(value));
    rest = rest.subarray(at + value.length);
  }
  return sha256(Buffer.concat([...parts, rest])).toString('hex');
}

/** Nothing of it beyond the header can be had at once. */
function onDisk(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    view: () => undefined,
    read: (offset, length) => Promise.resolve(Buffer.from(bytes.subarray(offset, offset + length))),
  };
}

describe('the digests of an instance', () => {
  it.each([
    ['memory', (bytes: Buffer) => new BufferSource(bytes)],
    ['the disk', onDisk],
  ])('are as defined, from %s', async (_, open) => {
    const bytes = instance();
    const dataSet = await readReceived(open(bytes), EXPLICIT_VR_LITTLE_ENDIAN);
    const keep = dataSet.elements.filter(({ tag }) => tag !== 0x00091001);
    const output: OutputDataSet = {
      source: dataSet.source,
      encoding: dataSet.encoding,
      elements: keep.map((element) =>
        element.tag === 0x00100020
          ? { kind: 'written', tag: element.tag, vr: 'LO', value: Buffer.from('S-1 ') }
          : { kind: 'kept', element },
      ),
    };
    const plan = splice(output);
    const clean = await collectPlan(plan);
    const { before, after, unchanged } = await digestInstance(dataSet, output, plan);
    expect(before).toEqual({ bytes: bytes.length, sha256: naively(bytes, [PRIVATE_BULK, PIXELS]) });
    expect(after).toEqual({ bytes: clean.length, sha256: naively(clean, [PIXELS]) });
    const sha256 = createHash('sha256').update(PIXELS).digest('hex');
    expect(unchanged).toEqual([{ tag: '(7FE0,0010)', bytes: PIXELS.length, sha256 }]);
  });

  it('of what left are those of the file that arrived, also when we wrote a long value', async () => {
    const bytes = instance();
    const dataSet = await readReceived(new BufferSource(bytes), EXPLICIT_VR_LITTLE_ENDIAN);
    const output: OutputDataSet = {
      source: dataSet.source,
      encoding: dataSet.encoding,
      elements: dataSet.elements.map((element) =>
        element.tag === 0x7fe00010
          ? { kind: 'written', tag: element.tag, vr: 'OW', value: Buffer.alloc(150_000, 1) }
          : element.tag === 0x00880200
            ? {
                kind: 'sequence',
                tag: element.tag,
                original: element,
                items: [{ elements: [{ kind: 'written', tag: 0x7fe00010, vr: 'OW', value: Buffer.alloc(90_000, 2) }] }],
              }
            : { kind: 'kept', element },
      ),
    };
    const plan = splice(output);
    const { after, unchanged } = await digestInstance(dataSet, output, plan);
    const arrived = await readReceived(new BufferSource(await collectPlan(plan)), EXPLICIT_VR_LITTLE_ENDIAN);
    expect(after).toEqual(await digestDataSet(arrived));
    expect(unchanged.map(({ tag }) => tag)).toEqual(['(0009,1001)']);
  });

  it('tell of pixels that were blanked where they lie, which are not unchanged', async () => {
    const bytes = instance();
    const dataSet = await readReceived(new BufferSource(bytes), EXPLICIT_VR_LITTLE_ENDIAN);
    const start = bytes.indexOf(PIXELS) + 1000;
    const patch = { start, runBytes: 50, strideBytes: 50, runs: 1, pattern: Buffer.alloc(50) };
    const source = new PatchedSource(dataSet.source, [patch]);
    const output: OutputDataSet = {
      ...{ source, encoding: dataSet.encoding },
      elements: dataSet.elements.map((element) => ({ kind: 'kept', element })),
    };
    const plan = splice(output);
    const { after, unchanged } = await digestInstance(dataSet, output, plan);
    const arrived = await readReceived(new BufferSource(await collectPlan(plan)), EXPLICIT_VR_LITTLE_ENDIAN);
    expect(after).toEqual(await digestDataSet(arrived));
    expect(after).not.toEqual(await digestDataSet(dataSet));
    expect(unchanged.map(({ tag }) => tag)).toEqual(['(0009,1001)']);
  });

  it('leave out what stands in front of the data set in its source', async () => {
    const bytes = instance();
    const dataSet = await readReceived(new BufferSource(bytes), EXPLICIT_VR_LITTLE_ENDIAN);
    const shifted = new BufferSource(Buffer.concat([Buffer.alloc(132), bytes]));
    const parsed = await parseDataSet(shifted, { transferSyntax: explicit(), start: 132 });
    const elements = parsed.elements.map((element) => ({ kind: 'kept' as const, element }));
    const output: OutputDataSet = { source: parsed.source, encoding: parsed.encoding, elements };
    const { before, after } = await digestInstance(parsed, output, splice(output), 132);
    expect(before).toEqual(await digestDataSet(dataSet));
    expect(after).toEqual(before);
  });
});

function explicit(): TransferSyntax {
  const found = findTransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN);
  if (found === undefined) throw new Error('unknown');
  return found;
}
