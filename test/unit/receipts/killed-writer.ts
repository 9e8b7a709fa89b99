// Child process of receipt-kill.test.ts: writes receipts until it is killed, and tells each one that it was promised to be on the disk.
import { writeSync } from 'node:fs';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import type { InstanceReceipt } from '../../../src/pipeline/receipts.ts';
import { openReceiptLog } from '../../../src/receipts/receipt-log.ts';
import { makeDirectory } from '../../../src/store/directory.ts';

const [directory, first, template] = process.argv.slice(2);
const keys = new ProjectKeys(Buffer.alloc(32, 1));
const log = await openReceiptLog({
  directory,
  projects: new Map([['lung', (text: string) => keys.signReceipt(text)]]),
  heads: { find: () => Promise.resolve(undefined), save: () => Promise.resolve() },
  makeDirectory,
  onError: () => undefined,
  flushMs: 1,
});
const receipt = JSON.parse(template) as InstanceReceipt;
writeSync(1, 'ready\n');

async function line(from: number): Promise<void> {
  for (let number = from; ; number += 4) {
    const record = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as InstanceReceipt['record'];
    await log.add({ ...receipt, record });
    writeSync(1, `${record}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map((offset) => line(Number(first) + offset)));
