// A sender that dies after the peer's answer and before the ledger has it: the copy tells the next one.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { newRecordId } from '../../../../src/core/brands.ts';
import type { RecordId } from '../../../../src/core/brands.ts';
import { BufferSource } from '../../../../src/core/bytes.ts';
import { LetheError } from '../../../../src/core/errors.ts';
import type { Destination, InstanceState } from '../../../../src/pipeline/ports.ts';
import type { Claims, CleanCopies, DeliveryClaim, WakeQueue } from '../../../../src/pipeline/roles/ports.ts';
import { startSender } from '../../../../src/pipeline/roles/sender.ts';
import type { RunningRole } from '../../../../src/pipeline/roles/worker.ts';
import { openCleanCopies } from '../../../../src/spool/clean-copies.ts';
import { openSharedSpool } from '../../../../src/spool/shared-spool.ts';
import { MemoryLedger, SILENT } from '../fixtures.ts';

const RULES = { keepTryingMs: undefined, isOrdered: false };
const NOBODY: WakeQueue = {
  isHealthy: true,
  enqueue: () => undefined,
  process: () => undefined,
  close: () => Promise.resolve(),
};

/** One destination's deliveries, all due; who claims one has it. */
function claimsOf(due: RecordId[], ledger: MemoryLedger): Claims {
  const claims: Partial<Claims> = {
    claimDeliveries: (_, limit) =>
      Promise.resolve(
        due.splice(0, limit).map((recordId): DeliveryClaim => ({ recordId, attempts: 0, waitsSince: 0 })),
      ),
    renewDeliveries: (_, ids) => Promise.resolve([...ids]),
    postponeDeliveries: () => Promise.resolve(),
    settle: (ids) =>
      Promise.resolve(
        new Map(
          ids
            .filter((id) => ledger.rows.get(id)?.deliveries.get('research')?.kind === 'sent')
            .map((id): [RecordId, InstanceState] => [id, 'delivered']),
        ),
      ),
    findUnsettled: () => Promise.resolve([]),
    openForgottenDeliveries: () => Promise.resolve(0),
    endOutage: () => Promise.resolve(),
    hasOutage: () => Promise.resolve(false),
    takePlaces: (_, limit) => Promise.resolve(limit),
    givePlacesBack: () => Promise.resolve(),
  };
  return claims as Claims;
}

async function prepare() {
  const directory = await mkdtemp(join(tmpdir(), 'lethe-sender-'));
  const copies = await openCleanCopies(join(directory, 'clean'));
  const spool = await openSharedSpool({ directory: join(directory, 'spool'), synced: false, diskReserveBytes: 0 });
  const ledger = new MemoryLedger();
  const sent: RecordId[] = [];
  const running: RunningRole[] = [];
  onTestFinished(async () => {
    ledger.isAway = false;
    await Promise.all(running.map((sender) => sender.stop(5_000)));
    await spool.close();
    await rm(directory, { recursive: true, force: true });
  });
  const destination: Destination = {
    name: 'research',
    concurrency: 1,
    deliver({ recordId }) {
      sent.push(recordId);
      return Promise.resolve({ kind: 'sent', status: 0xb000 });
    },
    close: () => Promise.resolve(),
  };
  const start = (due: readonly RecordId[], over: CleanCopies = copies): void => {
    running.push(
      startSender({
        claims: claimsOf([...due], ledger),
        ...{ deliveries: NOBODY, work: NOBODY, copies: over, spool, ledger, log: SILENT, clock: Date.now },
        destinations: [{ destination, rules: RULES }],
        ...{ backoff: { firstMs: 5, maxMs: 20 }, leaseMs: 60_000, scratchDirectory: directory },
      }),
    );
  };
  /** A clean record with its copy. */
  const clean = async (): Promise<RecordId> => {
    const recordId = newRecordId();
    const bytes = Buffer.from(randomUUID());
    const facts = {
      ...{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '2.25.1', seriesInstanceUid: '2.25.2' },
      ...{ studyInstanceUid: '2.25.3', patientId: 'S-1', transferSyntaxUid: '1.2.840.10008.1.2.1', alternatives: [] },
    };
    await copies.write(
      recordId,
      facts,
      { source: new BufferSource(bytes), pieces: [bytes], length: bytes.length },
      false,
    );
    ledger.rows.set(recordId, {
      ...{ state: 'clean', project: 'default', destinations: ['research'] },
      deliveries: new Map(),
    });
    return recordId;
  };
  return { copies, ledger, sent, start, clean };
}

it('sends nothing that an earlier sender noted as sent, and tells the ledger of it', async () => {
  const { ledger, sent, start, clean } = await prepare();
  const ids = [await clean(), await clean(), await clean()];
  ledger.isAway = true;
  start(ids);
  await vi.waitFor(() => {
    expect(sent).toEqual(ids);
  }, 10_000);
  // As if it had been killed: what it told the ledger is gone with it.
  const later = await clean();
  for (const id of ids) ledger.rows.get(id)?.deliveries.clear();
  ledger.isAway = false;
  start([...ids, later]);
  await vi.waitFor(() => {
    for (const id of [...ids, later])
      expect(ledger.rows.get(id)?.deliveries.get('research')).toEqual({ kind: 'sent', status: 0xb000 });
  }, 10_000);
  expect(sent).toEqual([...ids, later]);
});

it('sends one after another through the ledger when the disk takes no notes', async () => {
  const { copies, ledger, sent, start, clean } = await prepare();
  const ids = [await clean(), await clean()];
  ledger.isAway = true;
  const full: CleanCopies = {
    write: (...args) => copies.write(...args),
    remove: (id) => copies.remove(id),
    stored: () => copies.stored(),
    async open(id) {
      const copy = await copies.open(id);
      return (
        copy && {
          ...{ facts: copy.facts, parts: copy.parts },
          sentTo: (name) => copy.sentTo(name),
          noteSent: () => Promise.reject(new LetheError('disk-full', 'full')),
          close: () => copy.close(),
        }
      );
    },
  };
  let asked = 0;
  const flush = ledger.flush.bind(ledger);
  ledger.flush = async () => {
    asked++;
    if (ledger.isAway) await vi.waitUntil(() => !ledger.isAway, 10_000); // as the real one does
    return flush();
  };
  start(ids, full);
  await vi.waitFor(() => {
    expect(asked).toBeGreaterThan(0);
  }, 10_000);
  expect(sent).toEqual(ids.slice(0, 1));
  ledger.isAway = false;
  await vi.waitFor(() => {
    expect(sent).toEqual(ids);
  }, 10_000);
});
