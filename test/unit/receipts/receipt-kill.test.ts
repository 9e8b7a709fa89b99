import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { listReceiptFiles, readLines } from '../../../src/receipts/receipt-files.ts';
import { folderOf } from '../../../src/receipts/receipt-log.ts';
import { verifyChain } from '../../../src/receipts/verify.ts';
import { receiptOf, sign, temporaryDirectory } from './fixtures.ts';

const WRITER = join(import.meta.dirname, 'killed-writer.ts');
const ROUNDS = 6;

it('leaves a chain that verifies, with every promised receipt in it, whenever the process is killed', async () => {
  const directory = await temporaryDirectory();
  const promised = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const args = [directory, String(round * 1_000_000), JSON.stringify(receiptOf(0))];
    const child = spawn(process.execPath, ['--import', 'tsx', WRITER, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    for await (const text of createInterface(child.stdout)) {
      if (text === 'ready') setTimeout(() => child.kill('SIGKILL'), 20 + Math.random() * 150);
      else promised.add(text);
    }
    expect((await exited)[1]).toBe('SIGKILL');
    const folder = folderOf(directory, 'lung');
    const paths = (await listReceiptFiles(folder)).map((name) => join(folder, name));
    const written = new Set<string>();
    const { broken, receipts } = await verifyChain(readLines(paths), sign);
    for await (const { text } of readLines(paths)) written.add((JSON.parse(text) as { record: string }).record);
    expect(broken).toBeUndefined();
    expect(receipts).toBe(written.size);
    expect([...promised].filter((record) => !written.has(record))).toEqual([]);
  }
  expect(promised.size).toBeGreaterThan(ROUNDS);
}, 60_000);
