// Storage commitment that we ask for (RELIABILITY figure G14): against a strict peer on both kinds of association, and what becomes of
// instances that are not committed.
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { admitReporters, ReportDesk, SharedReportDesk } from '../../../src/compose-commitment.ts';
import { newRecordId } from '../../../src/core/brands.ts';
import { LetheError } from '../../../src/core/errors.ts';
import { askForCommitment } from '../../../src/dimse/commitment-scu.ts';
import { sendEventReport } from '../../../src/dimse/event-report.ts';
import type { CommitmentChannel, CommitmentReport, CommitmentRequest } from '../../../src/pipeline/commitment-ports.ts';
import { CommittingDestination, type CommittingOptions } from '../../../src/pipeline/committing-destination.ts';
import type { CleanInstance, DeliveryOutcome, Destination } from '../../../src/pipeline/ports.ts';
import { ReportFiles } from '../../../src/spool/report-files.ts';
import { makeTempDirectory, removeDirectory, until } from '../../support/programs.ts';
import { CT, MR, MemoryProvider, makeListener, quiet } from '../dimse/wire.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

const instance = (sopInstanceUid: string, sopClassUid = CT): CleanInstance => ({
  ...{ recordId: newRecordId(), sopClassUid, sopInstanceUid, seriesInstanceUid: '1.2', studyInstanceUid: '1.3' },
  ...{ transferSyntaxUid: '1.2.840.10008.1.2', length: 0, alternatives: [] },
  encode: () => Promise.reject(new Error('nobody reads it')),
});

/** Takes everything, as far as C-STORE goes. */
const taking = (outcome: DeliveryOutcome = { kind: 'sent', status: 0 }): Destination => ({
  name: 'pacs',
  concurrency: 1,
  deliver: () => Promise.resolve(outcome),
  close: () => Promise.resolve(),
});

function committing(options: Partial<CommittingOptions> & Pick<CommittingOptions, 'ask'>): CommittingDestination {
  const destination = new CommittingDestination({
    ...{ destination: taking(), atOnce: 10, withinMs: 60_000, gatherMs: 5, log: quiet },
    ...{ backoff: { firstMs: 5, maxMs: 10 }, ...options },
  });
  cleanUp.push(() => destination.close());
  return destination;
}

/** A peer that commits what the test says, and how. */
class StrictPeer extends MemoryProvider {
  readonly requests: CommitmentRequest[] = [];
  answer: (request: CommitmentRequest, channel: CommitmentChannel) => void = () => undefined;
  status = 0;
  commitment = {
    request: (request: CommitmentRequest, channel: CommitmentChannel): Promise<number> => {
      this.requests.push(request);
      if (this.status === 0) this.answer(request, channel);
      return Promise.resolve(this.status);
    },
  };
}

async function startPeer(): Promise<{ peer: StrictPeer; port: number }> {
  const peer = new StrictPeer();
  const listener = makeListener(peer);
  const { port } = await listener.listen();
  cleanUp.push(() => listener.close(100));
  return { peer, port };
}

const askAt =
  (port: number, reportWithinMs = 20_000): CommittingOptions['ask'] =>
  (request, take) =>
    askForCommitment(
      { host: '127.0.0.1', port, aeTitle: 'PACS', callingAeTitle: 'LETHE', timeoutMs: 20_000, reportWithinMs },
      request,
      take,
    );

const all = ({ transactionUid, references }: CommitmentRequest): CommitmentReport => ({
  ...{ transactionUid, committed: references, failed: [] },
});

describe('a strict peer', () => {
  it('is asked once for what was delivered together, and commits on the same association', async () => {
    const { peer, port } = await startPeer();
    const confirmed: boolean[] = [];
    peer.answer = (request, channel) => {
      void channel.report(all(request)).then((isConfirmed) => confirmed.push(isConfirmed));
    };
    const destination = committing({ ask: askAt(port) });
    const outcomes = await Promise.all([instance('1.2.1'), instance('1.2.2', MR)].map((of) => destination.deliver(of)));
    expect(outcomes).toEqual([
      { kind: 'sent', status: 0 },
      { kind: 'sent', status: 0 },
    ]);
    expect(peer.requests).toHaveLength(1);
    expect(peer.requests[0]).toMatchObject({
      callingAeTitle: 'LETHE',
      references: [
        { sopClassUid: CT, sopInstanceUid: '1.2.1' },
        { sopClassUid: MR, sopInstanceUid: '1.2.2' },
      ],
    });
    expect(peer.requests[0].transactionUid).toMatch(/^2\.25\.\d+$/);
    expect(await until(() => confirmed.length === 1)).toBe(true);
    expect(confirmed).toEqual([true]);
  });

  it('commits on an association of its own, in the role of SCP, though it may send us nothing', async () => {
    const { peer, port } = await startPeer();
    const desk = new ReportDesk();
    const destination = committing({ ask: askAt(port, 50) });
    desk.add('PACS', destination);
    const own = new MemoryProvider();
    own.admit = () => ({ result: 1, source: 1, reason: 3, text: 'no source' });
    const door = admitReporters(own, desk, 'LETHE');
    const listener = makeListener(door);
    const { port: ownPort } = await listener.listen();
    cleanUp.push(() => listener.close(100));
    const report = (of: CommitmentReport, callingAeTitle = 'PACS') =>
      sendEventReport({ host: '127.0.0.1', port: ownPort, aeTitle: 'LETHE', callingAeTitle, timeoutMs: 20_000 }, of);

    const delivering = destination.deliver(instance('1.2.1'));
    expect(await until(() => peer.requests.length === 1)).toBe(true);
    const [request] = peer.requests;
    await expect(report(all(request), 'STRANGER')).rejects.toMatchObject({ code: 'association-rejected' });
    await expect(report({ ...all(request), transactionUid: '1.2.3' })).rejects.toMatchObject({
      code: 'status-refused',
    });
    await report(all(request));
    expect(await delivering).toEqual({ kind: 'sent', status: 0 });
    // Our answer may have been lost.
    await report(all(request));
    const facts = { callingAeTitle: 'PACS', calledAeTitle: 'LETHE', peerAddress: '127.0.0.1' };
    expect(door.admit(facts)).toBeUndefined();
    expect(door.begin({ ...facts, sopClassUid: CT, sopInstanceUid: '1.2', transferSyntaxUid: '1.2' } as never)).toBe(
      0x0124,
    );
  });

  it('may report to another process, which hands it on by a file that is gone afterwards', async () => {
    const directory = makeTempDirectory();
    cleanUp.push(() => {
      removeDirectory(directory);
      return Promise.resolve();
    });
    const { peer, port } = await startPeer();
    const destination = committing({
      ...{ ask: askAt(port, 50), sharedReports: await ReportFiles.open(directory), collectMs: 10 },
    });
    const asked = { destinations: { pacs: { kind: 'dicom', aeTitle: 'PACS', delivery: { commitment: {} } } } };
    const desk = new SharedReportDesk(asked as never, await ReportFiles.open(directory));
    const listener = makeListener(admitReporters(new MemoryProvider(), desk, 'LETHE'));
    const { port: ownPort } = await listener.listen();
    cleanUp.push(() => listener.close(100));
    const report = (of: CommitmentReport) =>
      sendEventReport(
        { host: '127.0.0.1', port: ownPort, aeTitle: 'LETHE', callingAeTitle: 'PACS', timeoutMs: 20_000 },
        of,
      );

    const delivering = destination.deliver(instance('1.2.1'));
    expect(await until(() => peer.requests.length === 1)).toBe(true);
    await expect(report({ ...all(peer.requests[0]), transactionUid: '1.2.3' })).rejects.toMatchObject({
      code: 'status-refused',
    });
    expect(readdirSync(directory)).toHaveLength(1);
    await report(all(peer.requests[0]));
    expect(await delivering).toEqual({ kind: 'sent', status: 0 });
    expect(await until(() => readdirSync(directory).length === 0)).toBe(true);
  });

  it('commits a part: the rest is unavailable with the reason in words, to be sent again', async () => {
    const { peer, port } = await startPeer();
    peer.answer = (request, channel) => {
      const [failed, ...committed] = request.references;
      void channel.report({
        ...{ transactionUid: request.transactionUid, committed },
        failed: [{ ...failed, reason: 0x0213 }],
      });
    };
    const destination = committing({ ask: askAt(port) });
    const outcomes = await Promise.all(['1.2.1', '1.2.2'].map((uid) => destination.deliver(instance(uid))));
    expect(outcomes).toEqual([
      { kind: 'unavailable', isAnswered: true, text: 'storage commitment refused: resource limitation' },
      { kind: 'sent', status: 0 },
    ]);
  });

  it('that refuses the request commits nothing, and is not asked again for it', async () => {
    const { peer, port } = await startPeer();
    peer.status = 0x0110;
    const destination = committing({ ask: askAt(port) });
    expect(await destination.deliver(instance('1.2.1'))).toEqual({
      ...{ kind: 'unavailable', isAnswered: true, text: 'storage commitment cannot be asked for: status-refused' },
    });
    expect(peer.requests).toHaveLength(1);
  });

  it('that offers no storage commitment is told apart from one that is away', async () => {
    const listener = makeListener(new MemoryProvider());
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(100));
    expect(await committing({ ask: askAt(port) }).deliver(instance('1.2.1'))).toMatchObject({
      ...{ kind: 'unavailable', text: 'storage commitment cannot be asked for: context-not-accepted' },
    });
  });
});

describe('an instance', () => {
  it('that was not delivered is not asked for', async () => {
    const outcome = { kind: 'refused', status: 0xc000, text: 'no' } as const;
    const destination = committing({
      destination: taking(outcome),
      ask: () => expect.unreachable('nobody was to be asked'),
    });
    expect(await destination.deliver(instance('1.2.1'))).toEqual(outcome);
  });

  it('waits while the peer cannot be asked, and is asked for again', async () => {
    let attempts = 0;
    const destination = committing({
      ask(request, take) {
        if (++attempts < 3) return Promise.reject(new LetheError('peer-unreachable', 'away'));
        expect(take({ ...request, committed: request.references, failed: [] })).toBe(0);
        return Promise.resolve();
      },
    });
    expect(await destination.deliver(instance('1.2.1'))).toEqual({ kind: 'sent', status: 0 });
    expect(attempts).toBe(3);
  });

  it('is sent again when nothing is reported in time, and a report that comes after it is no success', async () => {
    const reports: (() => number | Promise<number>)[] = [];
    const destination = committing({
      withinMs: 30,
      ask(request, take) {
        reports.push(() => take({ ...request, committed: request.references, failed: [] }));
        return Promise.resolve();
      },
    });
    const late = { kind: 'unavailable', isAnswered: true, text: 'storage was not committed in time' };
    expect(await destination.deliver(instance('1.2.1'))).toEqual(late);
    const again = destination.deliver(instance('1.2.1'));
    expect(await until(() => reports.length === 2)).toBe(true);
    expect(reports[0]()).toBe(0);
    expect(await again).toEqual(late);
  });

  it('is not committed by a report on another class, on nothing, or with it among the failures, too', async () => {
    const destination = committing({
      withinMs: 200,
      async ask({ transactionUid, references }, take) {
        const [first, second, third] = references;
        await take({ transactionUid, committed: [{ ...first, sopClassUid: MR }], failed: [] });
        await take({ transactionUid, committed: [], failed: [] });
        await take({ transactionUid, committed: [second, third], failed: [{ ...second, reason: 0x0112 }] });
      },
    });
    const outcomes = await Promise.all(['1.2.1', '1.2.2', '1.2.3'].map((uid) => destination.deliver(instance(uid))));
    expect(outcomes.map((outcome) => ('text' in outcome ? outcome.text : outcome.kind))).toEqual([
      'storage was not committed in time',
      'storage commitment refused: no such object instance',
      'sent',
    ]);
  });

  it('that waits when the gateway stops was not delivered', async () => {
    let asked = 0;
    const destination = committing({
      ask() {
        asked++;
        return Promise.resolve();
      },
    });
    const delivering = destination.deliver(instance('1.2.1'));
    expect(await until(() => asked === 1)).toBe(true);
    const closing = destination.close();
    expect(await delivering).toMatchObject({ kind: 'unavailable' });
    await closing;
  });
});
