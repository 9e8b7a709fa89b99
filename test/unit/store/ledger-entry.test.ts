import { describe, expect, it } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import { EntryQueue } from '../../../src/store/entry-queue.ts';
import { LedgerEntry } from '../../../src/store/ledger-entry.ts';
import { cleanFacts, spoolRecord } from '../../support/ledger-events.ts';

const RETRY = { kind: 'retrying', nextAttemptAt: 7, error: 'away' } as const;

describe('the folded transitions of a record', () => {
  const entryOf = (): LedgerEntry => new LedgerEntry(newRecordId(), undefined);

  it('take the first rest and stay there', () => {
    const entry = entryOf();
    entry.quarantine('unparsable', 'first');
    entry.advance('delivered');
    entry.quarantine('codec-failed', 'second');
    entry.clean(cleanFacts());
    expect(entry).toMatchObject({
      target: 'quarantined',
      reason: 'unparsable',
      message: 'first',
      cleanedAs: undefined,
    });
  });

  it('keep no reason when the rest was another', () => {
    const entry = entryOf();
    entry.advance('delivered');
    entry.quarantine('unparsable', 'too late');
    expect(entry).toMatchObject({ target: 'delivered', reason: undefined, message: undefined });
  });

  it('never go back to clean once delivery began', () => {
    const entry = entryOf();
    entry.deliver('research', RETRY);
    entry.clean(cleanFacts());
    expect(entry).toMatchObject({ target: 'delivering', cleanedAs: undefined });
  });

  it('count an attempt once and end with sent or dead', () => {
    const entry = entryOf();
    entry.deliver('research', RETRY);
    entry.deliver('research', RETRY);
    entry.deliver('research', { kind: 'dead', error: 'refused' });
    entry.deliver('research', { kind: 'sent', status: 0 });
    expect(entry.deliveries).toEqual([
      {
        destination: 'research',
        state: 'dead',
        status: undefined,
        attempts: 2,
        nextAttemptAt: undefined,
        firstRetryAt: RETRY.nextAttemptAt,
        error: 'refused',
      },
    ]);
  });

  it('deliver a record that is received among them only where it was received for', () => {
    const record = spoolRecord();
    const entry = new LedgerEntry(record.recordId, { record, project: 'lung' });
    entry.expect(['research', 'research']);
    entry.deliver('other', { kind: 'sent', status: 0 });
    expect(entry.deliveries.map(({ destination, state }) => [destination, state])).toEqual([['research', 'pending']]);
  });
});

describe('the queue of waiting records', () => {
  it('folds transitions into the waiting entry, wherever it stands', () => {
    const queue = new EntryQueue();
    const [a, b] = [newRecordId(), newRecordId()];
    const first = queue.entryOf(a);
    queue.entryOf(b);
    expect(queue.entryOf(a)).toBe(first);
    expect(queue.size).toBe(2);
  });

  it('begins a new entry once the old one was taken', () => {
    const queue = new EntryQueue();
    const id = newRecordId();
    const first = queue.entryOf(id);
    expect(queue.take(10, 10)).toEqual([first]);
    expect(queue.entryOf(id)).not.toBe(first);
  });

  it('never puts one record twice into a batch', () => {
    const queue = new EntryQueue();
    const record = spoolRecord();
    const before = queue.entryOf(record.recordId);
    const received = queue.receive(record.recordId, { record, project: 'lung' });
    expect(queue.receive(record.recordId, { record, project: 'lung' })).toBeUndefined();
    expect(queue.entryOf(record.recordId)).toBe(received);
    expect(queue.take(10, 10)).toEqual([before]);
    expect(queue.take(10, 10)).toEqual([received]);
    expect(queue.size).toBe(0);
  });

  it('takes the oldest first, as many as asked, and loses none', () => {
    const queue = new EntryQueue();
    const ids = Array.from({ length: 1_000 }, newRecordId);
    for (const id of ids) queue.entryOf(id);
    const taken: string[] = [];
    while (queue.size > 0) taken.push(...queue.take(7, 10).map(({ entry }) => entry.recordId));
    expect(taken).toEqual(ids);
  });

  it('closes a batch early that has many mappings', () => {
    const queue = new EntryQueue();
    for (let i = 0; i < 4; i++) {
      const row = { table: 'uid', project: 'p', subjectId: 's', original: '1', replacement: '2' } as const;
      queue.entryOf(newRecordId()).mappings.push(row, row, row);
    }
    expect(queue.take(10, 5)).toHaveLength(2);
  });
});
