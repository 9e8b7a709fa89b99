import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf, FACTS, openTestSpool, readBack, replayAll, store, temporaryDirectory } from './fixtures.ts';

const KIB = 1 << 10;

function mountTmpfs(directory: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function smallDisk(size: string): Promise<string> {
  const directory = await temporaryDirectory();
  mountTmpfs(directory, size);
  onTestFinished(() => {
    execFileSync('umount', [directory]);
  });
  return directory;
}

async function canMount(): Promise<boolean> {
  const { mkdtemp } = await import('node:fs/promises');
  const directory = await mkdtemp('/tmp/lethe-mount-');
  const isMounted = mountTmpfs(directory, '1m');
  if (isMounted) execFileSync('umount', [directory]);
  await rm(directory, { recursive: true });
  return isMounted;
}

describe.skipIf(!(await canMount()))('a spool on a full disk', () => {
  it.each([20 * KIB, 300 * KIB])(
    'refuses instances of %i bytes with a transient error, keeps what it has, and goes on when there is room',
    async (length) => {
      const directory = await smallDisk('8m');
      const spool = await openTestSpool(directory);
      const stored = [];
      let refusals = 0;
      for (let i = 0; refusals < 5 && i < 1_000; i++) {
        try {
          stored.push({ record: await store(spool, bytesOf(length, i)), seed: i });
        } catch (error) {
          expect(error).toMatchObject({ code: 'disk-full', kind: 'transient' });
          refusals++;
        }
      }
      expect(refusals).toBe(5);
      expect(stored.length).toBeGreaterThan(4);
      for (const { record, seed } of stored)
        expect((await readBack(spool, record.recordId)).equals(bytesOf(length, seed))).toBe(true);
      for (const { record } of stored.splice(0, stored.length - 2)) spool.release(record.recordId);
      await expect
        .poll(async () => {
          try {
            stored.push({ record: await store(spool, bytesOf(length, 7)), seed: 7 });
            return true;
          } catch {
            return false;
          }
        })
        .toBe(true);
      await spool.close();
      const again = await openTestSpool(directory);
      const replayed = (await replayAll(again)).map(({ record }) => record.recordId);
      expect(replayed.sort()).toEqual(stored.map(({ record }) => record.recordId).sort());
      for (const { record, seed } of stored)
        expect((await readBack(again, record.recordId)).equals(bytesOf(length, seed))).toBe(true);
      await again.close();
    },
  );

  it('notes what was sent although nothing more fits, so that a process that is killed then sends nothing twice', async () => {
    const directory = await smallDisk('4m');
    const spool = await openTestSpool(directory);
    const records = await Promise.all([1, 2, 3].map((seed) => store(spool, bytesOf(5 * KIB, seed))));
    expect(() => {
      writeFileSync(join(directory, 'somebody-else'), Buffer.alloc(8 << 20));
    }).toThrow('ENOSPC');
    for (const { recordId } of records) spool.mark(recordId, { kind: 'sent', destination: 'a', status: 0 });
    const journals = readdirSync(directory).filter((name) => name.startsWith('journal-'));
    const noted = journals.map((name) => readFileSync(join(directory, name), 'utf8')).join('');
    for (const { recordId } of records) expect(noted).toContain(`["sent","${recordId}","a",0]`);
    await rm(join(directory, 'somebody-else'));
    await spool.close();
  });

  it('keeps the reserve free', async () => {
    const directory = await smallDisk('8m');
    const spool = await openTestSpool(directory, { diskReserveBytes: 4 << 20 });
    let isRefused = false;
    for (let i = 0; i < 1_000 && !isRefused; i++) {
      isRefused = await store(spool, bytesOf(40 * KIB, i)).then(
        () => false,
        () => true,
      );
    }
    expect(isRefused).toBe(true);
    expect(await spool.freeBytes()).toBeGreaterThan((4 << 20) - 512 * KIB);
    await spool.close();
  });

  it('refuses a large instance as soon as it grows into the reserve', async () => {
    const directory = await smallDisk('160m');
    const reserve = 80 << 20;
    const spool = await openTestSpool(directory, { diskReserveBytes: reserve });
    const writer = spool.begin(FACTS, Date.now());
    const chunk = bytesOf(1 << 20);
    for (let written = 0; written < 150; written++) await writer.write(chunk);
    expect(await spool.freeBytes()).toBeGreaterThan(reserve - (48 << 20));
    await expect(writer.commit()).rejects.toMatchObject({ code: 'disk-full', kind: 'transient' });
    await expect.poll(() => spool.freeBytes()).toBeGreaterThan(reserve);
    await spool.close();
  });

  it('keeps marks while the disk is full, and writes them when there is room again', async () => {
    const directory = await smallDisk('4m');
    const spool = await openTestSpool(directory);
    const { recordId } = await store(spool, bytesOf(10 * KIB));
    const ballast = join(directory, 'ballast');
    expect(() => {
      writeFileSync(ballast, Buffer.alloc(8 << 20));
    }).toThrow();
    for (let i = 0; i < 200; i++) spool.mark(recordId, { kind: 'sent', destination: `d${i}`, status: 0 });
    expect(spool.marksOf(recordId)).toHaveLength(200);
    await rm(ballast);
    spool.mark(recordId, { kind: 'sent', destination: 'last', status: 0 });
    await spool.close();
    const again = await openTestSpool(directory);
    expect((await replayAll(again))[0].marks).toHaveLength(201);
    const writer = again.begin(FACTS, 1);
    await writer.abort();
    await again.close();
  });
});
