// What a clean copy holds of its own, what it names in the record of the spool, and what is noted of it.
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import type { RecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { Piece, SplicePlan } from '../../../src/dicom/element.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { PartsSource } from '../../../src/pipeline/roles/parts-source.ts';
import type { CleanCopies, OpenCleanCopy } from '../../../src/pipeline/roles/ports.ts';
import { openCleanCopies } from '../../../src/spool/clean-copies.ts';

const FACTS = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '2.25.1',
  seriesInstanceUid: '2.25.2',
  studyInstanceUid: '2.25.3',
  patientId: 'S-1',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  alternatives: ['1.2.840.10008.1.2'],
};
/** Longer than what is read at once into memory. */
const LARGE_BYTES = 9 << 20;

describe('a clean copy', () => {
  let directory: string;
  let copies: CleanCopies;
  let recordId: RecordId;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lethe-copy-'));
    copies = await openCleanCopies(directory);
  });
  beforeEach(() => {
    recordId = newRecordId();
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const path = (): string => join(directory, recordId.slice(0, 2), recordId);

  async function opened(): Promise<OpenCleanCopy> {
    const copy = await copies.open(recordId);
    if (copy === undefined) throw new Error('there is no copy');
    return copy;
  }

  /** All bytes of a copy, as a sender reads them. */
  async function read(copy: OpenCleanCopy, record: Buffer): Promise<Buffer> {
    const whole = new PartsSource(
      copy.parts.map((part) => {
        if (part.kind === 'of-record')
          return { source: new BufferSource(record), offset: part.offset, length: part.length };
        const source = part.kind === 'own' ? new BufferSource(part.bytes) : part.source;
        return { source, offset: 0, length: source.size };
      }),
    );
    return collectPlan(whole.plan);
  }

  function planOf(record: Buffer, pieces: readonly Piece[]): SplicePlan {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return { source: new BufferSource(record), pieces, length };
  }

  it.each([
    ['short', 100_000],
    ['long', LARGE_BYTES],
  ])('names the long ranges of the record and holds the rest, with %s bytes of its own', async (_, ownBytes) => {
    const record = Buffer.alloc(200_000, 'record');
    const own = Buffer.alloc(ownBytes, 'own');
    const plan = planOf(record, [
      own,
      { offset: 4_001, length: 150_000 },
      { offset: 3, length: 50 },
      { offset: 160_000, length: 20_000, swapBytes: 2 },
      Buffer.from('end'),
    ]);
    await copies.write(recordId, FACTS, plan, true);
    const copy = await opened();
    expect(copy.facts).toEqual(FACTS);
    expect(copy.parts.map(({ kind }) => kind === 'of-record')).toEqual([false, true, false]);
    expect((await read(copy, record)).equals(await collectPlan(plan))).toBe(true);
    await copy.noteSent('research', 0);
    await copy.close();
    const again = await opened();
    expect(again.sentTo('research')).toBe(0);
    expect((await read(again, record)).equals(await collectPlan(plan))).toBe(true);
    await again.close();
  });

  it('holds everything where the source is not the record, or the ranges are too many to be named', async () => {
    const source = Buffer.alloc(1_000_000, 'other');
    const few = planOf(source, [{ offset: 0, length: 900_000 }]);
    const many = planOf(
      source,
      Array.from({ length: 33 }, (_, index) => ({ offset: index * 20_000, length: 20_000 })),
    );
    for (const [plan, isOfRecord] of [
      [few, false],
      [many, true],
    ] as const) {
      await copies.write(recordId, FACTS, plan, isOfRecord);
      const copy = await opened();
      expect(copy.parts.map(({ kind }) => kind)).toEqual(['own']);
      expect((await read(copy, Buffer.alloc(0))).equals(await collectPlan(plan))).toBe(true);
      await copy.close();
    }
  });

  it('keeps what was noted for each destination, and passes over a line that was torn', async () => {
    await copies.write(recordId, FACTS, planOf(Buffer.alloc(0), [Buffer.from('clean')]), false);
    const [one, other] = [await opened(), await opened()];
    await Promise.all([one.noteSent('research "1"', 0), other.noteSent('ärchive', 0xb000)]);
    await Promise.all([one.close(), other.close()]);
    await appendFile(path(), '{"destination":"third","sta');
    const copy = await opened();
    expect(copy.sentTo('research "1"')).toBe(0);
    expect(copy.sentTo('ärchive')).toBe(0xb000);
    expect(copy.sentTo('third')).toBeUndefined();
    expect(await read(copy, Buffer.alloc(0))).toEqual(Buffer.from('clean'));
    await copy.close();
  });

  it('forgets what was noted when it is written anew', async () => {
    const plan = planOf(Buffer.alloc(0), [Buffer.from('clean')]);
    await copies.write(recordId, FACTS, plan, false);
    const before = await opened();
    await before.noteSent('research', 0);
    await before.close();
    await copies.write(recordId, FACTS, plan, false);
    const copy = await opened();
    expect(copy.sentTo('research')).toBeUndefined();
    await copy.close();
  });

  it.each([
    ['short', 5_000],
    ['longer', 100_000],
    ['long', LARGE_BYTES],
  ])('is none when it is torn, empty or another record’s: %s', async (_, ownBytes) => {
    const plan = planOf(Buffer.alloc(0), [Buffer.alloc(ownBytes, 'own')]);
    await copies.write(recordId, FACTS, plan, false);
    const bytes = await readFile(path());
    bytes[6_000] ^= 1;
    await writeFile(path(), bytes);
    expect(await copies.open(recordId)).toBeUndefined();
    bytes[6_000] ^= 1;
    await writeFile(path(), bytes);
    await truncate(path(), (await stat(path())).size - 1);
    expect(await copies.open(recordId)).toBeUndefined();
    await truncate(path(), 0);
    expect(await copies.open(recordId)).toBeUndefined();
    await writeFile(path(), bytes);
    const other = newRecordId();
    await writeFile(join(directory, other.slice(0, 2), other), bytes);
    expect(await copies.open(other)).toBeUndefined();
    expect(await copies.open(newRecordId())).toBeUndefined();
  });
});
