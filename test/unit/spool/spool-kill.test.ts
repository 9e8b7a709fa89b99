import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import { openTestSpool, readBack, replayAll, temporaryDirectory } from './fixtures.ts';

const WRITER = join(import.meta.dirname, 'killed-writer.ts');

interface Promised {
  readonly length: number;
  readonly fill: number;
}

/** What the killed processes had promised so far. */
class Ledger {
  readonly stored = new Map<RecordId, Promised>();
  readonly marked = new Set<RecordId>();
  /** A release that was begun: the record may or may not be there. */
  readonly released = new Set<RecordId>();

  note(line: string): void {
    const [kind, id, length, fill] = line.split(' ') as [string, string, ...(string | undefined)[]];
    const recordId = id as RecordId;
    if (kind === 'stored' && fill !== undefined)
      this.stored.set(recordId, { length: Number(length), fill: Number(fill) });
    if (kind === 'marked') this.marked.add(recordId);
    if (kind === 'released') this.released.add(recordId);
  }
}

/** Runs the writer and kills it at a random moment of its work. */
async function runAndKill(directory: string, synced: boolean, seed: number, ledger: Ledger): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', WRITER, directory, synced ? 'synced' : 'unsynced', String(seed)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') timer = setTimeout(() => child.kill('SIGKILL'), 5 + Math.random() * 150);
    else ledger.note(line);
  }
  clearTimeout(timer);
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

async function checkPromises(directory: string, ledger: Ledger): Promise<void> {
  const spool = await openTestSpool(directory, { segmentBytes: 512 << 10, largeInstanceBytes: 100 << 10 });
  const replayed = await replayAll(spool);
  const ids = new Set(replayed.map(({ record }) => record.recordId));
  expect(ids.size).toBe(replayed.length);
  expect(spool.unreadableRecords).toBe(0);
  for (const recordId of ledger.stored.keys()) if (!ledger.released.has(recordId)) expect(ids).toContain(recordId);
  for (const { record, marks } of replayed) {
    const bytes = await readBack(spool, record.recordId); // also what was never acknowledged must be whole
    const promised = ledger.stored.get(record.recordId);
    if (promised !== undefined) expect(bytes.equals(Buffer.alloc(promised.length, promised.fill))).toBe(true);
    if (ledger.marked.has(record.recordId))
      expect(marks).toEqual([{ kind: 'sent', destination: 'research', status: 0 }]);
    // The check itself must not tidy up what the next round should find.
  }
  await spool.close();
}

describe('a spool whose process is killed', () => {
  for (const synced of [true, false]) {
    it(
      `has every acknowledged record afterwards (${synced ? 'synced' : 'page cache'})`,
      { timeout: 240_000 },
      async () => {
        const directory = await temporaryDirectory();
        const ledger = new Ledger();
        for (let round = 0; round < 16; round++) {
          await runAndKill(directory, synced, round + 1, ledger);
          await checkPromises(directory, ledger);
        }
        expect(ledger.stored.size).toBeGreaterThan(100);
      },
    );
  }
});
