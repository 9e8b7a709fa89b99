// Child process of spool-kill.test.ts: stores instances on four lines at once until it is killed, and tells each promise it made.
import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AeTitle, RecordId } from '../../../src/core/brands.ts';
import { openSpool } from '../../../src/spool/spool.ts';

const [directory, synced, seedText] = process.argv.slice(2);
let state = Number(seedText);
function random(limit: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}

const facts = {
  callingAeTitle: 'CT01' as AeTitle,
  calledAeTitle: 'LETHE' as AeTitle,
  peerAddress: '127.0.0.1',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '1.2.3.4',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
};

const spool = await openSpool({
  directory,
  segmentBytes: 512 << 10,
  largeInstanceBytes: 100 << 10,
  recentBytes: 1 << 20,
  synced: synced === 'synced',
  diskReserveBytes: 0,
});
const left: RecordId[] = [];
for await (const { record } of spool.replay()) left.push(record.recordId);
writeSync(1, 'ready\n');

async function line(): Promise<void> {
  for (;;) {
    const length = random(8) === 0 ? 100_000 + random(200_000) : random(40_000);
    const fill = random(256);
    const writer = spool.begin(facts, Date.now());
    for (let at = 0; at < length; at += 16_384) await writer.write(Buffer.alloc(Math.min(16_384, length - at), fill));
    const { recordId } = await writer.commit();
    writeSync(1, `stored ${recordId} ${length} ${fill}\n`);
    left.push(recordId);
    if (random(3) === 0) {
      const marked = left[random(left.length)];
      spool.mark(marked, { kind: 'sent', destination: 'research', status: 0 });
      writeSync(1, `marked ${marked}\n`);
    }
    if (left.length > 30 || random(3) > 0) {
      const [released] = left.splice(random(left.length), 1);
      writeSync(1, `released ${released}\n`);
      spool.release(released);
    }
    await nextTurn();
  }
}

await Promise.all([line(), line(), line(), line()]);
