import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { conditionFrom, describeGivingUp, isOverdue, respectAskedWait } from '../../../src/pipeline/delivery-rules.ts';
import type { DeliveryOutcome } from '../../../src/pipeline/ports.ts';
import { createSite, ctSlices, ScriptedDestination, startSite } from './fixtures.ts';

const HOUR = 3_600_000;
const UNAVAILABLE: DeliveryOutcome = { kind: 'unavailable', text: 'nobody answers' };
const OUT_OF_RESOURCES: DeliveryOutcome = { kind: 'unavailable', text: 'status 0xA700', isAnswered: true };
const SENT: DeliveryOutcome = { kind: 'sent', status: 0 };

describe('the time after which a delivery is given up', () => {
  it('never comes without one, nor while nothing failed', () => {
    expect(isOverdue({}, 1e15, 0, 1e15)).toBe(false);
    expect(isOverdue({ giveUpAfterMs: HOUR }, 1e15, 0, undefined)).toBe(false);
  });

  it('counts from reception, and asks for an hour of failures that were seen', () => {
    const rules = { giveUpAfterMs: 72 * HOUR };
    expect(isOverdue(rules, 72 * HOUR, 0, 72 * HOUR)).toBe(true);
    expect(isOverdue(rules, 72 * HOUR - 1, 0, 72 * HOUR)).toBe(false);
    // A gateway that was off for a week asks again first; so does one whose clock was set ahead.
    expect(isOverdue(rules, 168 * HOUR, 0, HOUR - 1)).toBe(false);
    expect(isOverdue(rules, 169 * HOUR, 0, HOUR)).toBe(true);
  });

  it('is told with the last answer', () => {
    expect(describeGivingUp({ giveUpAfterMs: 72 * HOUR }, 'status 0xA700')).toBe(
      'not taken for 3 days; last: status 0xA700',
    );
  });
});

describe('the wait that a peer asks for', () => {
  it('lengthens ours up to an hour and never shortens it', () => {
    expect(respectAskedWait(1_000, undefined)).toBe(1_000);
    expect(respectAskedWait(1_000, 500)).toBe(1_000);
    expect(respectAskedWait(1_000, 5_000)).toBe(5_000);
    expect(respectAskedWait(1_000, 1e12)).toBe(HOUR);
  });
});

describe('what a destination is doing, as the ledger tells it', () => {
  const outage = { since: 1, nextAttemptAt: 100, error: 'away' };
  it.each([
    [undefined, false, 50, { state: 'idle' }],
    [undefined, true, 50, { state: 'sending' }],
    [outage, true, 50, { state: 'paused', since: 1, until: 100, error: 'away' }],
    [outage, true, 100, { state: 'probing', since: 1, error: 'away' }],
  ] as const)('%o, waited for %s, at %i', (known, isWaitedFor, now, condition) => {
    expect(conditionFrom({}, known, isWaitedFor, now)).toEqual(condition);
  });
});

describe('a gateway with rules for a destination', () => {
  it('sends nothing outside of the send windows, says until when, and sends all once one opens', async () => {
    const site = await createSite();
    const [night, archive] = [new ScriptedDestination('night', 2), new ScriptedDestination('archive')];
    let now = new Date(2026, 0, 10, 12).getTime();
    const { receive, gateway } = await startSite(site, [night, archive], {
      clock: () => now,
      rules: { night: { sendWindows: [{ from: 19 * 60, to: 6 * 60 }] } },
    });
    for (const slice of await ctSlices(5)) await receive(slice);
    await expect.poll(() => archive.taken.length).toBe(5);
    const evening = new Date(2026, 0, 10, 19).getTime();
    const { destinations } = await gateway.status();
    expect(destinations.map(({ destination, condition }) => [destination, condition?.state, condition?.until])).toEqual(
      [
        ['night', 'closed', evening],
        ['archive', 'idle', undefined],
      ],
    );
    expect(gateway.retryNow()).toBe(5); // a person does not open the window
    expect(night.attempts).toBe(0);
    now = evening;
    gateway.retryNow('night');
    await gateway.idle();
    expect(night.taken).toHaveLength(5);
  });

  it('gives up what a destination did not take for too long, all that waits at once, with its last answer', async () => {
    const site = await createSite();
    const [away, archive] = [new ScriptedDestination('away'), new ScriptedDestination('archive')];
    let now = 1_000_000;
    const elapsed = vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => {
      elapsed.mockRestore();
    });
    away.answer = () => {
      now += HOUR;
      return UNAVAILABLE;
    };
    const { receive, gateway, spool } = await startSite(site, [away, archive], {
      clock: () => now,
      rules: { away: { giveUpAfterMs: 3 * HOUR } },
    });
    for (const slice of await ctSlices(20)) await receive(slice);
    await gateway.idle();
    expect(archive.taken).toHaveLength(20);
    expect(away.attempts).toBeLessThan(15);
    expect(await gateway.status()).toMatchObject({ quarantined: 20, waiting: 0 });
    const [recordId] = site.ledger.rows.keys();
    expect(spool.marksOf(recordId)).toContainEqual({
      kind: 'quarantined',
      reason: 'delivery-refused',
      message: 'Refused by away: not taken for 3 hours; last: nobody answers',
    });
  });

  it('gives nothing up because somebody set the clock, and tells the end of a pause by the clock as it is', async () => {
    const site = await createSite();
    const away = new ScriptedDestination('away');
    const start = 1_000_000 * HOUR;
    let now = start;
    away.answer = () => {
      if (away.attempts === 2) now = start + 24 * HOUR;
      return away.attempts < 3 ? UNAVAILABLE : SENT;
    };
    const { receive, gateway } = await startSite(site, [away], {
      clock: () => now,
      backoff: { firstMs: HOUR, maxMs: HOUR },
      rules: { away: { giveUpAfterMs: 3 * HOUR } },
    });
    for (const slice of await ctSlices(3)) await receive(slice);
    const untilPaused = (attempts: number): Promise<void> =>
      expect
        .poll(async () => [away.attempts, (await gateway.status()).destinations[0].condition?.state])
        .toEqual([attempts, 'paused']);
    await untilPaused(1);
    gateway.retryNow();
    await untilPaused(2);
    now = start - 8766 * HOUR;
    const { since = 0, until = 0 } = (await gateway.status()).destinations[0].condition ?? {};
    expect(since).toBeLessThanOrEqual(now);
    expect(until - now).toBeGreaterThan(0);
    expect(until - now).toBeLessThanOrEqual(HOUR);
    gateway.retryNow();
    await gateway.idle();
    expect(await gateway.status()).toMatchObject({ quarantined: 0, waiting: 0 });
    expect(away.taken).toHaveLength(3);
  });

  it('keeps the order within a series though the destination has many places and one instance is not taken at first', async () => {
    const site = await createSite();
    const ordered = new ScriptedDestination('ordered', 4);
    const failures = new Map<string, number>();
    ordered.answer = async ({ sopInstanceUid }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const tries = (failures.get(sopInstanceUid) ?? 0) + 1;
      failures.set(sopInstanceUid, tries);
      return failures.size % 5 === 3 && tries < 3 ? OUT_OF_RESOURCES : SENT;
    };
    const { receive, gateway } = await startSite(site, [ordered], {
      rules: { ordered: { isOrdered: true } },
      backoff: { firstMs: 1, maxMs: 4 },
    });
    const [one, two] = [await ctSlices(15, 1), await ctSlices(15, 2)];
    for (const [i, slice] of one.entries()) {
      await receive(slice);
      await receive(two[i]);
    }
    await gateway.idle();
    const received = [...site.ledger.rows.keys()];
    const bySeries = [0, 1].map((parity) => received.filter((_, i) => i % 2 === parity));
    const left = ordered.taken.map(({ recordId }) => recordId);
    for (const series of bySeries) expect(left.filter((id) => series.includes(id))).toEqual(series);
    expect(left).toHaveLength(30);
  });

  it('tries everything at once when a person asks for it, and after the first success', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    let isUp = false;
    research.answer = () => (isUp ? SENT : OUT_OF_RESOURCES);
    const { receive, gateway } = await startSite(site, [research], {
      backoff: { firstMs: 3_600_000, maxMs: 3_600_000 },
    });
    for (const slice of await ctSlices(10)) await receive(slice);
    await expect.poll(async () => (await gateway.status()).destinations[0].condition?.state).toBe('paused');
    const { condition } = (await gateway.status()).destinations[0];
    expect(condition).toMatchObject({ error: 'status 0xA700' });
    isUp = true;
    expect(gateway.retryNow('research')).toBeGreaterThan(0);
    await gateway.idle();
    expect(research.taken).toHaveLength(10);
    expect((await gateway.status()).destinations[0].condition).toEqual({ state: 'idle' });
  });

  it('takes up what a person released, at the destinations that have not got it, and again after a restart', async () => {
    const site = await createSite();
    const [research, archive] = [new ScriptedDestination('research'), new ScriptedDestination('archive')];
    research.answer = () => ({ kind: 'refused', status: 0xc000, text: 'status 0xC000' });
    const { receive, gateway, spool, stop } = await startSite(site, [research, archive]);
    for (const slice of await ctSlices(2)) await receive(slice);
    await gateway.idle();
    const [first, second] = [...site.ledger.rows.keys()];
    const release = (recordId: typeof first): void => {
      const row = site.ledger.rows.get(recordId);
      if (row !== undefined) row.state = 'released';
    };
    research.answer = () => SENT;
    release(first);
    gateway.reopen([first]);
    await gateway.idle();
    expect(site.ledger.rows.get(first)?.state).toBe('delivered');
    expect(research.taken).toHaveLength(1);
    expect(archive.taken).toHaveLength(2);
    expect(spool.marksOf(second)).toContainEqual(expect.objectContaining({ kind: 'quarantined' }));
    await stop();
    release(second); // while no gateway runs
    const again = await startSite(site, [research, archive]);
    await again.gateway.idle();
    expect(site.ledger.rows.get(second)?.state).toBe('delivered');
    expect(research.taken).toHaveLength(2);
    expect(archive.taken).toHaveLength(2);
  });

  it('gives back the space of what a person discarded', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    research.answer = () => ({ kind: 'refused', status: 0xc000, text: 'status 0xC000' });
    const { receive, gateway, spool } = await startSite(site, [research]);
    for (const slice of await ctSlices(1)) await receive(slice);
    await gateway.idle();
    const [recordId] = site.ledger.rows.keys();
    gateway.discard([recordId]);
    await expect(spool.open(recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
  });
});
