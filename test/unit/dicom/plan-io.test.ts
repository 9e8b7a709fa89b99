import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferSource, type ByteSource } from '../../../src/core/bytes.ts';
import { deflatePlan, encodePlan } from '../../../src/dicom/deflate.ts';
import type { Piece, SplicePlan } from '../../../src/dicom/element.ts';
import { collectPlan, readPlan, viewPlan } from '../../../src/dicom/plan-io.ts';
import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { inflateRawSync } from 'node:zlib';
import { expectBytes } from './support/expect-bytes.ts';
import { turned } from './support/naive-encoder.ts';
import { FileLikeSource, syntax } from './support/sources.ts';

const BYTES = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31) % 256));

function plan(source: ByteSource, pieces: readonly Piece[]): SplicePlan {
  return { source, pieces, length: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

function expected(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if (Buffer.isBuffer(piece)) return piece;
      const bytes = BYTES.subarray(piece.offset, piece.offset + piece.length);
      return piece.swapBytes === undefined ? bytes : turned(bytes, piece.swapBytes);
    }),
  );
}

async function chunksOf(one: SplicePlan, chunkBytes: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of readPlan(one, chunkBytes)) chunks.push(chunk);
  return chunks;
}

describe('readPlan', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.nat(50_000), fc.nat(50_000), fc.constantFrom(undefined, 2 as const, 4 as const, 8 as const))
      .map(([offset, length, swapBytes]) => ({ offset, length, ...(swapBytes && { swapBytes }) })),
  );

  it('gives all bytes in order, in chunks of at most the size asked for, from memory as from a file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.integer({ min: 1, max: 5_000 }),
        async (pieces, eighths) => {
          for (const source of [new BufferSource(BYTES), new FileLikeSource(BYTES)]) {
            const chunks = await chunksOf(plan(source, pieces), eighths * 8);
            expect(Math.max(0, ...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(eighths * 8);
            expectBytes(Buffer.concat(chunks), expected(pieces));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('leaves the bytes of the source as they are when words are turned', async () => {
    const before = Buffer.from(BYTES);
    await collectPlan(plan(new BufferSource(BYTES), [{ offset: 0, length: 1_000, swapBytes: 4 }]));
    expectBytes(BYTES, before);
  });

  it('gathers small pieces into few chunks and hands on large ones in memory without a copy', async () => {
    const small = Array.from({ length: 100 }, (_, i) => ({ offset: i * 20, length: 10 }));
    const large = { offset: 30_000, length: 60_000 };
    const chunks = await chunksOf(plan(new BufferSource(BYTES), [...small, large]), 65_536);
    expect(chunks).toHaveLength(2);
    expect(chunks[1].buffer).toBe(BYTES.buffer);
  });

  it('reads a file as the chunks are taken, not before', async () => {
    const source = new FileLikeSource(BYTES);
    const chunks = readPlan(plan(source, [{ offset: 0, length: 100_000 }]), 20_000);
    await chunks.next();
    await chunks.next();
    expect(source.bytesRead).toBe(40_000);
    await chunks.return(undefined);
  });

  it('fails when the source gives less than it promised', async () => {
    const short = new FileLikeSource({ size: 1_000, fetch: (_, length) => Buffer.alloc(length - 2) });
    await expect(collectPlan(plan(short, [{ offset: 0, length: 100 }]))).rejects.toMatchObject({
      code: 'spool-damaged',
    });
  });

  it('fails when the pieces do not add up to the length of the plan', async () => {
    const wrong = { ...plan(new BufferSource(BYTES), [Buffer.alloc(3)]), length: 4 };
    await expect(chunksOf(wrong, 8)).rejects.toMatchObject({ code: 'spool-damaged' });
  });

  it('takes only chunk sizes that hold whole words', async () => {
    await expect(chunksOf(plan(new BufferSource(BYTES), []), 12)).rejects.toThrow(RangeError);
  });
});

describe('viewPlan', () => {
  it('gives views when everything is in memory and nothing is turned', () => {
    const pieces: Piece[] = [{ offset: 5, length: 10 }, Buffer.from('new')];
    expect(viewPlan(plan(new BufferSource(BYTES), pieces))).toEqual([BYTES.subarray(5, 15), Buffer.from('new')]);
    expect(viewPlan(plan(new FileLikeSource(BYTES), pieces))).toBeUndefined();
    expect(viewPlan(plan(new BufferSource(BYTES), [{ offset: 0, length: 4, swapBytes: 2 }]))).toBeUndefined();
  });
});

describe('deflating', () => {
  const pieces: Piece[] = [{ offset: 0, length: 50_000 }, Buffer.from('new')];

  async function collect(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
    const all: Buffer[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return Buffer.concat(all);
  }

  it('gives an RFC 1951 stream of even length', async () => {
    for (let extra = 0; extra < 6; extra++) {
      const more = [...pieces, Buffer.alloc(extra, extra)];
      const deflated = await collect(deflatePlan(plan(new FileLikeSource(BYTES), more)));
      expect(deflated.length % 2).toBe(0);
      expectBytes(inflateRawSync(deflated), expected(more));
    }
  });

  it('is done where the transfer syntax says so', async () => {
    const one = plan(new BufferSource(BYTES), pieces);
    const deflated = await collect(encodePlan(one, syntax(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)));
    expectBytes(inflateRawSync(deflated), expected(pieces));
    expectBytes(await collect(encodePlan(one, syntax(EXPLICIT_VR_LITTLE_ENDIAN))), expected(pieces));
  });

  it('fails when the source fails', async () => {
    const short = new FileLikeSource({ size: 1_000, fetch: (_, length) => Buffer.alloc(length - 2) });
    const deflating = collect(deflatePlan(plan(short, [{ offset: 0, length: 100 }])));
    await expect(deflating).rejects.toMatchObject({ code: 'spool-damaged' });
  });

  it('may be left early', async () => {
    const chunks = deflatePlan(plan(new FileLikeSource(BYTES), pieces));
    await chunks.next();
    await chunks.return(undefined);
  });
});
