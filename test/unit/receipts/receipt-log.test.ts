import { readFileSync, statSync, truncateSync, writeFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listReceiptFiles, readLines } from '../../../src/receipts/receipt-files.ts';
import { folderOf } from '../../../src/receipts/receipt-log.ts';
import { verifyChain } from '../../../src/receipts/verify.ts';
import { MemoryHeads, openLog, receiptOf, sign, temporaryDirectory } from './fixtures.ts';

async function pathsIn(directory: string): Promise<string[]> {
  const folder = folderOf(directory, 'lung');
  return (await listReceiptFiles(folder)).map((name) => join(folder, name));
}

async function verify(directory: string, heads: MemoryHeads): Promise<Awaited<ReturnType<typeof verifyChain>>> {
  return verifyChain(readLines(await pathsIn(directory)), sign, { head: [...heads.heads.values()].at(0) });
}

describe('the log of receipts', () => {
  it('goes on with its chain after it was closed, in a file that only we may read', async () => {
    const directory = await temporaryDirectory();
    const heads = new MemoryHeads();
    for (const run of [0, 1, 2]) {
      const log = await openLog(directory, heads);
      await Promise.all([1, 2, 3].map((number) => log.add(receiptOf(10 * run + number))));
      await log.close();
    }
    expect(await verify(directory, heads)).toMatchObject({ receipts: 9, last: { sequence: 9 }, broken: undefined });
    expect([...heads.heads.values()]).toMatchObject([{ sequence: 9 }]);
    const [path] = await pathsIn(directory);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('writes no second receipt for the same record and bytes, also after a restart, but one when other bytes leave', async () => {
    const directory = await temporaryDirectory();
    const heads = new MemoryHeads();
    let log = await openLog(directory, heads);
    await log.add(receiptOf(1));
    await log.add(receiptOf(1));
    await log.close();
    log = await openLog(directory, heads);
    await log.add(receiptOf(1));
    await log.add(receiptOf(1, { after: { bytes: 1, sha256: 'f'.repeat(64) } }));
    await log.close();
    expect(await verify(directory, heads)).toMatchObject({ receipts: 2, broken: undefined });
  });

  it('cuts off what a killed process left of a line, and goes on', async () => {
    const directory = await temporaryDirectory();
    const heads = new MemoryHeads();
    let log = await openLog(directory, heads);
    await Promise.all([1, 2].map((number) => log.add(receiptOf(number))));
    await log.close();
    const [path] = await pathsIn(directory);
    appendFileSync(path, readFileSync(path, 'latin1').slice(0, 100));
    expect(await verify(directory, heads)).toMatchObject({ receipts: 2, broken: undefined });
    log = await openLog(directory, heads);
    await log.add(receiptOf(3));
    await log.close();
    expect(await verify(directory, heads)).toMatchObject({ receipts: 3, broken: undefined });
  });

  it('shows a cut end for ever: before the next receipt, and after it', async () => {
    const directory = await temporaryDirectory();
    const heads = new MemoryHeads();
    let log = await openLog(directory, heads);
    await Promise.all([1, 2, 3].map((number) => log.add(receiptOf(number))));
    await log.close();
    const [path] = await pathsIn(directory);
    const text = readFileSync(path, 'latin1');
    truncateSync(path, text.indexOf('\n', text.indexOf('\n') + 1) + 1);
    expect(await verify(directory, heads)).toMatchObject({ broken: { kind: 'cut-off', line: 2 } });
    log = await openLog(directory, heads);
    await log.add(receiptOf(4));
    await log.close();
    expect(await verify(directory, heads)).toMatchObject({ broken: { kind: 'missing', line: 3, sequence: 3 } });
  });

  it('goes on while the database is away', async () => {
    const directory = await temporaryDirectory();
    const heads = new MemoryHeads();
    heads.isAway = true;
    const log = await openLog(directory, heads);
    await log.add(receiptOf(1));
    await log.flush();
    heads.isAway = false;
    await log.add(receiptOf(2));
    await log.close();
    expect([...heads.heads.values()]).toMatchObject([{ sequence: 2 }]);
  });

  it('tries again when the file cannot be opened, and rejects only when it closes', async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    const folder = folderOf(directory, 'lung');
    const name = `${new Date().toISOString().slice(0, 7)}.jsonl`;
    // A link to nowhere: there is nothing at its end to append to.
    const { symlinkSync, unlinkSync } = await import('node:fs');
    symlinkSync(join(directory, 'no', 'where'), join(folder, name));
    const added = log.add(receiptOf(1));
    const early = await Promise.race([added.then(() => 'done'), new Promise((done) => setTimeout(done, 50, 'waits'))]);
    expect(early).toBe('waits');
    unlinkSync(join(folder, name));
    await added;
    writeFileSync(join(directory, 'mark'), '');
    expect(readFileSync(join(folder, name), 'latin1')).toContain('"sequence":1');
    await log.close();
    await expect(log.add(receiptOf(2))).rejects.toMatchObject({ code: 'shutting-down' });
  });

  it('refuses a receipt of a project that it has no key of', async () => {
    const log = await openLog(await temporaryDirectory());
    await expect(log.add(receiptOf(1, { project: 'heart' }))).rejects.toThrow(TypeError);
    await log.close();
  });
});
