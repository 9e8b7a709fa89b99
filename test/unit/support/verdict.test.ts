// The judge of the custody tests, with made-up evidence: every kind of fault is seen.
import { describe, expect, it } from 'vitest';
import type { SentInstance } from '../../support/custody/senders.ts';
import type { Arrival } from '../../support/custody/sink.ts';
import { faultsOf, judge, type LedgerRow } from '../../support/custody/verdict.ts';

const PIXELS = 7;
const sound = (answer: SentInstance['answer']): SentInstance => ({ kind: 'sound', pixels: PIXELS, answer });
const arrival = (wasLost = false, pixels = PIXELS): Arrival => ({ pixels, wasAnswerLost: () => wasLost });
const delivered: LedgerRow = { number: 1, recordId: 'r1', state: 'delivered', reason: undefined };

function judged(
  instance: SentInstance,
  arrivals: readonly Arrival[],
  rows: readonly LedgerRow[] = [delivered],
): ReturnType<typeof judge> {
  const evidence = arrivals.length === 0 ? [] : [[1, arrivals] as const];
  return judge({ sent: new Map([[1, instance]]), arrivals: new Map(evidence), ledger: rows });
}

describe('the judge', () => {
  it('finds nothing wrong with what was acknowledged and arrived once', () => {
    expect(faultsOf(judged(sound('success'), [arrival()]))).toEqual({});
  });

  it('calls lost what was acknowledged and is nowhere, whatever the ledger says', () => {
    expect(faultsOf(judged(sound('success'), []))).toEqual({ lost: 1 });
    expect(faultsOf(judged(sound('failure'), [], []))).toEqual({});
  });

  it('takes quarantine for custody', () => {
    const row = { ...delivered, state: 'quarantined', reason: 'unparsable' };
    const verdict = judged({ ...sound('success'), kind: 'unreadable' }, [], [row]);
    expect(faultsOf(verdict)).toEqual({});
    expect(verdict.quarantinedBy).toEqual({ unparsable: 1 });
  });

  it('excuses a second arrival only when the answer to the first got lost', () => {
    expect(faultsOf(judged(sound('success'), [arrival(true), arrival()]))).toEqual({});
    expect(faultsOf(judged(sound('success'), [arrival(), arrival(true)]))).toEqual({ doubledWithoutCause: 1 });
  });

  it('sees other pixels, and what nobody sent', () => {
    expect(faultsOf(judged(sound('success'), [arrival(false, 8)]))).toEqual({ damaged: 1 });
    const verdict = judge({ sent: new Map(), arrivals: new Map([[9, [arrival()]]]), ledger: [] });
    expect(faultsOf(verdict)).toEqual({ damaged: 1 });
  });

  it('tells what arrived without an answer from what arrived though it must not', () => {
    const unanswered = judged(sound('unanswered'), [arrival()]);
    expect(unanswered.unanswered).toBe(1);
    expect(faultsOf(unanswered)).toEqual({});
    expect(faultsOf(judged(sound('failure'), [arrival()]))).toEqual({ refusedYetDelivered: 1 });
    const broken: SentInstance = { kind: 'broken-off', pixels: PIXELS, answer: 'unanswered' };
    expect(faultsOf(judged(broken, [arrival()]))).toEqual({ neverWhole: 1 });
  });

  it('sees what does not come to rest', () => {
    const row = { ...delivered, state: 'delivering' };
    expect(faultsOf(judged(sound('success'), [arrival()], [row]))).toEqual({ unfinished: 1 });
  });
});
