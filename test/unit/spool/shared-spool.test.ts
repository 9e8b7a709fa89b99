import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import { newRecordId } from '../../../src/core/brands.ts';
import type { Spool, SpoolRecord } from '../../../src/pipeline/ports.ts';
import { openSharedSpool } from '../../../src/spool/shared-spool.ts';
import { FACTS } from './fixtures.ts';

describe('the spool that processes share', () => {
  let directory: string;
  let writer: Spool;
  let reader: Spool;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lethe-shared-'));
    writer = await openSharedSpool({ directory, synced: true, diskReserveBytes: 0 });
    reader = await openSharedSpool({ directory, synced: true, diskReserveBytes: 0 });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await writer.close();
    await reader.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function store(bytes: Buffer): Promise<SpoolRecord> {
    const writing = writer.begin(FACTS, 1_700_000_000_000);
    for (let at = 0; at < bytes.length; at += 65_536) await writing.write(bytes.subarray(at, at + 65_536));
    return writing.commit();
  }

  async function readAll(spool: Spool, recordId: RecordId): Promise<Buffer> {
    const opened = await spool.open(recordId);
    try {
      return await opened.read(0, opened.size);
    } finally {
      await opened.close();
    }
  }

  async function replayed(spool: Spool): Promise<RecordId[]> {
    const ids: RecordId[] = [];
    for await (const { record } of spool.replay()) ids.push(record.recordId);
    return ids;
  }

  function pathOf(recordId: RecordId): string {
    return join(directory, recordId.slice(0, 2), recordId);
  }

  it.each([0, 1, 70_000, 9 << 20])(
    'gives another process the %i bytes that one wrote, with their facts',
    async (size) => {
      const bytes = randomBytes(size);
      const record = await store(bytes);
      expect((await readAll(reader, record.recordId)).equals(bytes)).toBe(true);
      const opened = await reader.open(record.recordId);
      expect(opened.record).toEqual(record);
      await opened.close();
      expect(await replayed(reader)).toEqual([record.recordId]);
      expect((await stat(pathOf(record.recordId))).mode & 0o777).toBe(0o600);
    },
  );

  it('leaves nothing of what was aborted or not finished', async () => {
    const small = writer.begin(FACTS, 1);
    await small.write(Buffer.alloc(100));
    await small.abort();
    const large = writer.begin(FACTS, 1);
    await large.write(Buffer.alloc(9 << 20));
    expect(await replayed(reader)).toEqual([]);
    await large.abort();
    expect(await replayed(reader)).toEqual([]);
  });

  it('refuses a record whose bytes changed, and one that is gone', async () => {
    const record = await store(randomBytes(5000));
    const file = await open(pathOf(record.recordId), 'r+');
    await file.write(Buffer.from([1, 2, 3]), 0, 3, 5000);
    await file.close();
    await expect(reader.open(record.recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
    await expect(reader.open(newRecordId())).rejects.toMatchObject({ code: 'spool-damaged' });
  });

  it('writes over the file that another process released, and never shows the old record in it', async () => {
    const first = await store(randomBytes(300_000));
    await writer.close();
    writer = await openSharedSpool({ directory, synced: true, diskReserveBytes: 0 }); // has not looked yet
    reader.release(first.recordId);
    await reader.close();
    expect(await replayed(reader)).toEqual([]);
    expect(await readdir(join(directory, 'free'))).toEqual([first.recordId]);
    const bytes = randomBytes(1000);
    let last = await store(bytes); // the first one looks for released files, a later one finds them
    for (let i = 0; i < 100 && (await readdir(join(directory, 'free'))).length > 0; i++) last = await store(bytes);
    expect(await readdir(join(directory, 'free'))).toEqual([]);
    expect((await readAll(reader, last.recordId)).equals(bytes)).toBe(true);
    await expect(reader.open(first.recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
  });

  it('releases a record twice, from two processes, without a fault', async () => {
    const faults: string[] = [];
    const other = await openSharedSpool({
      directory,
      synced: false,
      diskReserveBytes: 0,
      onBackgroundError: (error) => faults.push(error.code),
    });
    const record = await store(randomBytes(10));
    other.release(record.recordId);
    other.release(record.recordId);
    await other.close();
    expect(faults).toEqual([]);
  });

  it('takes what was never finished away, once nobody can still be writing it', async () => {
    const recordId = newRecordId();
    await writeFile(pathOf(recordId), Buffer.alloc(5000));
    expect(await replayed(reader)).toEqual([]);
    expect((await stat(pathOf(recordId))).size).toBe(5000);
    // A released file has the time of its old bytes when a listener takes it for a new record, by renaming it.
    await utimes(pathOf(recordId), 1, 1);
    expect(await replayed(reader)).toEqual([]);
    expect((await stat(pathOf(recordId))).size).toBe(5000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 60 * 60 * 1000 });
    expect(await replayed(reader)).toEqual([]);
    await expect(stat(pathOf(recordId))).rejects.toThrow('ENOENT');
  });

  it('takes nothing when the disk would be filled beyond its reserve', async () => {
    const full = await openSharedSpool({ directory, synced: true, diskReserveBytes: 2 ** 60 });
    const writing = full.begin(FACTS, 1);
    await writing.write(Buffer.alloc(10));
    await expect(writing.commit()).rejects.toMatchObject({ code: 'disk-full' });
    expect(await replayed(reader)).toEqual([]);
    await full.close();
  });
});
