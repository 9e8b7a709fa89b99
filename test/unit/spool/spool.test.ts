import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import type { SpoolMark } from '../../../src/pipeline/ports.ts';
import { bytesOf, FACTS, openTestSpool, readBack, replayAll, sizeOf, store, temporaryDirectory } from './fixtures.ts';

const KIB = 1 << 10;

async function filesLike(directory: string, prefix: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith(prefix)).sort();
}

/** Flips one byte of a file. */
async function damage(path: string, offset: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[offset] ^= 0xff;
  await writeFile(path, bytes);
}

describe('a spool that was damaged or cut short', () => {
  it('leaves out a last record that was torn at any page, and keeps all before it', { timeout: 60_000 }, async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const kept = [await store(spool, bytesOf(9_000, 1)), await store(spool, bytesOf(5_000, 2))];
    const lengthBefore = 2 * 4096 + 4096 + 3 * 4096; // segment head, records of 3 and 2 pages
    await store(spool, bytesOf(30 * KIB, 3));
    await spool.close();
    const [segment] = await filesLike(directory, 'segment-');
    const whole = await readFile(join(directory, segment));
    for (let cut = lengthBefore; cut < lengthBefore + 30 * KIB; cut += 1_111) {
      const copy = await temporaryDirectory();
      const torn = Buffer.from(whole);
      torn.fill(0, cut);
      await writeFile(join(copy, segment), torn); // without the journal: the segment alone must be enough
      const again = await openTestSpool(copy);
      const replayed = await replayAll(again);
      expect(replayed.map(({ record }) => record)).toEqual(kept);
      expect(again.unreadableRecords).toBe(0);
      await again.close();
    }
  });

  it('leaves out a last record whose file ends early', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const kept = await store(spool, bytesOf(3_000, 1));
    await store(spool, bytesOf(20_000, 2));
    await spool.close();
    for (const name of await filesLike(directory, 'journal-')) await truncate(join(directory, name), 0);
    const [segment] = await filesLike(directory, 'segment-');
    await truncate(join(directory, segment), 4096 + 4096 + 9_000);
    const again = await openTestSpool(directory);
    expect((await replayAll(again)).map(({ record }) => record)).toEqual([kept]);
    // The space behind it must take new records that survive the next start.
    const added = await store(again, bytesOf(10_000, 3));
    await again.close();
    const third = await openTestSpool(directory);
    expect((await replayAll(third)).map(({ record }) => record)).toEqual([kept, added]);
  });

  it('yields a damaged record in the middle, and open says that it is damaged', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const records = [];
    for (let i = 0; i < 3; i++) records.push(await store(spool, bytesOf(3_000, i)));
    await spool.close();
    const [segment] = await filesLike(directory, 'segment-');
    await damage(join(directory, segment), 4096 * 2 + 2_000);
    const again = await openTestSpool(directory);
    expect((await replayAll(again)).map(({ record }) => record)).toEqual(records);
    await expect(readBack(again, records[1].recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
    expect(await readBack(again, records[2].recordId)).toEqual(bytesOf(3_000, 2));
  });

  it('does not take a damaged last record for a torn one when the journal says that it was acknowledged', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const record = await store(spool, bytesOf(3_000));
    await spool.close();
    const [segment] = await filesLike(directory, 'segment-');
    await damage(join(directory, segment), 4096 + 2_000);
    const again = await openTestSpool(directory);
    expect((await replayAll(again)).map((replayed) => replayed.record)).toEqual([record]);
    await expect(again.open(record.recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
  });

  it('counts acknowledged records whose heads cannot be read, and keeps their segment', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const records = [];
    for (let i = 0; i < 3; i++) records.push(await store(spool, bytesOf(3_000, i)));
    await spool.close();
    const [segment] = await filesLike(directory, 'segment-');
    await damage(join(directory, segment), 4096 * 2 + 10);
    const again = await openTestSpool(directory);
    expect((await replayAll(again)).map(({ record }) => record)).toEqual([records[0], records[2]]);
    expect(again.unreadableRecords).toBe(1);
    for (const { recordId } of records) again.release(recordId);
    await again.close();
    expect(await filesLike(directory, 'segment-')).toContain(segment);
  });

  it('finds the records of a segment whose first page is damaged', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const record = await store(spool, bytesOf(3_000));
    await spool.close();
    const [segment] = await filesLike(directory, 'segment-');
    await damage(join(directory, segment), 9);
    const again = await openTestSpool(directory);
    expect((await replayAll(again)).map((replayed) => replayed.record)).toEqual([record]);
    expect(await readBack(again, record.recordId)).toEqual(bytesOf(3_000));
  });

  it('never takes bytes of an instance for a record, even when they are one', async () => {
    const victim = await temporaryDirectory();
    const other = await openTestSpool(victim);
    await store(other, bytesOf(3_000));
    await other.close();
    const forged = (await readFile(join(victim, (await filesLike(victim, 'segment-'))[0]))).subarray(0, 24 * KIB);
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    // The forged record lands on a page boundary inside an instance that is then torn, so that every page is looked at.
    const writer = spool.begin(FACTS, 1);
    await writer.write(Buffer.concat([forged, forged]).subarray(0, 40 * KIB));
    await writer.commit();
    await spool.close();
    for (const name of await filesLike(directory, 'journal-')) await truncate(join(directory, name), 0);
    const [segment] = await filesLike(directory, 'segment-');
    await damage(join(directory, segment), 4096 + 20);
    const again = await openTestSpool(directory);
    expect(await replayAll(again)).toEqual([]);
  });

  it('takes away a large file that was not finished', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const writer = spool.begin(FACTS, 1);
    for (let i = 0; i < 20; i++) await writer.write(bytesOf(16 * KIB, i));
    await expect.poll(() => filesLike(directory, 'large-')).toHaveLength(1);
    const copy = await temporaryDirectory();
    const [name] = await filesLike(directory, 'large-');
    await copyFile(join(directory, name), join(copy, name));
    await writer.abort();
    expect(await filesLike(directory, 'large-')).toEqual([]);
    const again = await openTestSpool(copy);
    expect(await replayAll(again)).toEqual([]);
    expect(await filesLike(copy, 'large-')).toEqual([]);
  });

  it('says spool-damaged for a large record whose bytes differ or whose file is gone', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const record = await store(spool, bytesOf(200 * KIB));
    await spool.close();
    const [name] = await filesLike(directory, 'large-');
    await damage(join(directory, name), 150 * KIB);
    const again = await openTestSpool(directory);
    expect(await replayAll(again)).toHaveLength(1);
    await expect(again.open(record.recordId)).rejects.toMatchObject({ code: 'spool-damaged', kind: 'instance' });
    await expect(again.open('nobody' as RecordId)).rejects.toMatchObject({ code: 'spool-damaged' });
  });
});

describe('a spool', () => {
  it('gives back what was stored, from memory and after a restart, whatever the size and the chunks', async () => {
    const lengths = fc.oneof(
      fc.constantFrom(0, 1, 4095, 4096, 4097, 48 * KIB, 48 * KIB + 1),
      fc.integer({ min: 0, max: 150 * KIB }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ length: lengths, chunk: fc.constantFrom(1 * KIB, 7_001, 16 * KIB, 64 * KIB) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (instances) => {
          const directory = await temporaryDirectory();
          const spool = await openTestSpool(directory);
          const contents = instances.map(({ length }, i) => bytesOf(length, i));
          const records = await Promise.all(contents.map((bytes, i) => store(spool, bytes, instances[i].chunk)));
          for (const [i, { recordId }] of records.entries())
            expect((await readBack(spool, recordId)).equals(contents[i])).toBe(true);
          await spool.close();
          const again = await openTestSpool(directory);
          const replayed = new Map((await replayAll(again)).map(({ record }) => [record.recordId, record]));
          expect(replayed.size).toBe(records.length);
          for (const [i, record] of records.entries()) {
            expect(replayed.get(record.recordId)).toEqual(record);
            expect((await readBack(again, record.recordId)).equals(contents[i])).toBe(true);
          }
          await again.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('serves an instance that was just received as views without reading the disk', async () => {
    const spool = await openTestSpool(await temporaryDirectory());
    const bytes = bytesOf(40 * KIB);
    const { recordId } = await store(spool, bytes, 9 * KIB);
    const source = await spool.open(recordId);
    expect(source.view(0, 100)).toEqual(bytes.subarray(0, 100));
    expect(source.view(9 * KIB - 10, 20)).toEqual(bytes.subarray(9 * KIB - 10, 9 * KIB + 10));
    expect(source.size).toBe(40 * KIB);
    expect(() => source.view(0, 40 * KIB + 1)).toThrow(RangeError);
  });

  it('keeps marks with their record over restarts, and forgets both when it is released', async () => {
    const directory = await temporaryDirectory();
    const marks: SpoolMark[] = [
      { kind: 'sent', destination: 'research', status: 0 },
      { kind: 'refused', destination: 'archive', text: 'no' },
      { kind: 'quarantined', reason: 'delivery-refused', message: 'Refused by archive.' },
    ];
    const spool = await openTestSpool(directory);
    const [marked, released, plain] = [
      await store(spool, bytesOf(10)),
      await store(spool, bytesOf(60 * KIB)),
      await store(spool, bytesOf(20)),
    ];
    for (const mark of [...marks, marks[0]]) spool.mark(marked.recordId, mark);
    spool.mark(released.recordId, marks[0]);
    spool.release(released.recordId);
    await spool.close();
    for (let i = 0; i < 3; i++) {
      const again = await openTestSpool(directory);
      expect(await replayAll(again)).toEqual([
        { record: marked, marks },
        { record: plain, marks: [] },
      ]);
      expect(again.marksOf(marked.recordId)).toEqual(marks);
      await expect(again.open(released.recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
      await again.close();
    }
  });

  it('reads a journal whose last line was torn at any byte', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const record = await store(spool, bytesOf(10));
    spool.mark(record.recordId, { kind: 'sent', destination: 'a', status: 0 });
    spool.mark(record.recordId, { kind: 'sent', destination: 'b', status: 0 });
    const [journal] = await filesLike(directory, 'journal-');
    const text = (await readFile(join(directory, journal), 'utf8')).replace(/\0+$/, ''); // the room ahead
    await spool.close();
    const firstLine = text.indexOf('\n', text.indexOf('"a"')) + 1;
    const lastLine = text.length;
    for (let cut = firstLine; cut < lastLine; cut += 7) {
      await writeFile(join(directory, journal), text.slice(0, cut));
      const again = await openTestSpool(directory);
      const replayed = again.marksOf(record.recordId);
      expect(replayed[0]).toEqual({ kind: 'sent', destination: 'a', status: 0 });
      expect(replayed.length).toBe(cut === lastLine - 1 ? 2 : 1);
      await again.close();
      for (const name of await filesLike(directory, 'journal-'))
        if (name !== journal) await truncate(join(directory, name), 0);
    }
  });

  it('replays oldest first', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const order: string[] = [];
    for (let i = 0; i < 40; i++) {
      const writer = spool.begin(FACTS, 1_000 + i);
      await writer.write(bytesOf(i % 7 === 0 ? 60 * KIB : 20 * KIB, i));
      order.push((await writer.commit()).recordId);
    }
    await spool.close();
    const again = await openTestSpool(directory);
    expect((await replayAll(again)).map(({ record }) => record.recordId as string)).toEqual(order);
  });

  it('uses its segments again: traffic of ten times its size does not make it grow', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    let largest = 0;
    for (let i = 0; i < 300; i++) {
      const { recordId } = await store(spool, bytesOf(30 * KIB, i));
      expect((await readBack(spool, recordId)).equals(bytesOf(30 * KIB, i))).toBe(true);
      spool.release(recordId);
      largest = Math.max(largest, await sizeOf(directory));
    }
    expect(largest).toBeLessThan(5 * 256 * KIB);
    await spool.close();
    expect(await replayAll(await openTestSpool(directory))).toEqual([]);
  });

  it('gives surplus segments back after a backlog', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const records = [];
    for (let i = 0; i < 200; i++) records.push(await store(spool, bytesOf(30 * KIB, i)));
    expect(await sizeOf(directory)).toBeGreaterThan(200 * 30 * KIB);
    for (const { recordId } of records) spool.release(recordId);
    await expect.poll(() => sizeOf(directory)).toBeLessThan(5 * 256 * KIB);
  });

  it('does not give a place back while somebody reads it', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory, { recentBytes: 0 });
    const bytes = bytesOf(100 * KIB, 1);
    const { recordId } = await store(spool, bytes);
    const source = await spool.open(recordId);
    spool.release(recordId);
    for (let i = 0; i < 5; i++) await store(spool, bytesOf(100 * KIB, 9));
    expect((await source.read(0, source.size)).equals(bytes)).toBe(true);
    await source.close();
    await expect(source.read(0, 1)).rejects.toThrow();
  });

  it('empties segments that few records keep from being used again', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory, { compactAfterMs: 40 });
    const kept = new Map<RecordId, Buffer>();
    for (let i = 0; i < 120; i++) {
      const bytes = bytesOf(30 * KIB, i);
      const { recordId } = await store(spool, bytes);
      if (i % 12 === 0) kept.set(recordId, bytes);
      else spool.release(recordId);
    }
    spool.mark([...kept.keys()][0], { kind: 'quarantined', reason: 'unparsable', message: 'x' });
    // Without it ten segments hold one record each. With it, however it falls in between the writes: three sealed ones a quarter full, the active one, two spares.
    const segments = async (): Promise<number> => (await filesLike(directory, 'segment-')).length;
    await expect.poll(segments, { timeout: 10_000 }).toBeLessThanOrEqual(6);
    for (const [recordId, bytes] of kept) expect((await readBack(spool, recordId)).equals(bytes)).toBe(true);
    await spool.close();
    const again = await openTestSpool(directory);
    const replayed = await replayAll(again);
    expect(replayed.map(({ record }) => record.recordId).sort()).toEqual([...kept.keys()].sort());
    expect(replayed.filter(({ marks }) => marks.length > 0)).toHaveLength(1);
  });

  it('holds a bounded part of a large instance in memory while it arrives faster than the disk takes it', async () => {
    const spool = await openTestSpool(await temporaryDirectory(), { synced: true });
    const writer = spool.begin(FACTS, 1);
    let waits = 0;
    const chunk = bytesOf(64 * KIB);
    for (let i = 0; i < 512; i++) {
      const written = writer.write(Buffer.from(chunk));
      if (written !== undefined) {
        waits++;
        await written;
      }
    }
    const record = await writer.commit();
    expect(record.length).toBe(32 << 20);
    expect(waits).toBeGreaterThan(3);
  });

  it('sends instances to files when many arrive at once, instead of filling memory or standing still', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory, { arrivingBytes: 64 * KIB });
    const writers = Array.from({ length: 8 }, () => spool.begin(FACTS, 1));
    for (let i = 0; i < 3; i++) for (const writer of writers) await writer.write(bytesOf(10 * KIB, i));
    const records = await Promise.all(writers.map((writer) => writer.commit()));
    expect((await filesLike(directory, 'large-')).length).toBeGreaterThan(0);
    for (const { recordId } of records) expect((await readBack(spool, recordId)).length).toBe(30 * KIB);
  });

  it('uses the files of released large instances again', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    const inodes = new Set<number>();
    for (let i = 0; i < 6; i++) {
      const bytes = bytesOf((200 - 20 * i) * KIB, i);
      const { recordId } = await store(spool, bytes);
      const [name] = await filesLike(directory, 'large-');
      inodes.add((await stat(join(directory, name))).ino);
      expect((await readBack(spool, recordId)).equals(bytes)).toBe(true);
      spool.release(recordId);
      await expect.poll(() => filesLike(directory, 'large-')).toEqual([]);
    }
    expect(inodes.size).toBeLessThanOrEqual(2);
  });

  it('keeps its files to its owner', async () => {
    const directory = join(await temporaryDirectory(), 'spool');
    const spool = await openTestSpool(directory);
    await store(spool, bytesOf(100 * KIB));
    await store(spool, bytesOf(1 * KIB));
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(directory)) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing of an instance that was given up', async () => {
    const directory = await temporaryDirectory();
    const spool = await openTestSpool(directory);
    for (const length of [10 * KIB, 100 * KIB]) {
      const writer = spool.begin(FACTS, 1);
      await writer.write(bytesOf(length));
      await writer.abort();
    }
    await spool.close();
    expect(await replayAll(await openTestSpool(directory))).toEqual([]);
  });
});
