// Last byte in to first byte out: one instance at a time through a running gateway, durable.
import { readFileSync, readdirSync } from 'node:fs';
import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BufferSource } from '../../src/core/bytes.ts';
import { newRecordId } from '../../src/core/brands.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { splice } from '../../src/dicom/writer.ts';
import { createListener } from '../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../src/dimse/negotiation.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import { createLog } from '../../src/log/log.ts';
import { isStorageSopClass } from '../../src/standard/sop-classes.ts';
import { startGateway } from './gateway.ts';
import { freePort } from './processes.ts';
import { quantile } from './report.ts';
import type { BenchContext, Workload } from './workload.ts';

interface Relay {
  readonly port: number;
  /** When the kernel last took bytes for the other side, by `performance.now()`. */
  readonly lastByteAt: number;
  close(): void;
}

/** Stands between scanner and gateway: tells when the last byte went in, however much of it the scanner still held when it had read it. */
async function startRelay(to: number): Promise<Relay> {
  let lastByteAt = 0;
  const server = createServer({ noDelay: true }, (scanner) => {
    const gateway = connect({ host: '127.0.0.1', port: to, noDelay: true });
    scanner.on('data', (chunk) => gateway.write(chunk, () => (lastByteAt = performance.now())));
    scanner.on('close', () => gateway.destroy());
    gateway.pipe(scanner);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get lastByteAt() {
      return lastByteAt;
    },
    close: () => server.close(),
  };
}

export async function measureLatency(context: BenchContext, work: Workload): Promise<void> {
  const log = createLog({ level: 'error' });
  const arrivals = new EventEmitter();
  const sink = createListener(
    {
      host: '127.0.0.1',
      port: 0,
      maxAssociations: 8,
      maxAssociationsPerPeer: 8,
      maxPduBytes: 131_072,
      idleMs: 60_000,
      artimMs: 30_000,
      pduMs: 60_000,
    },
    {
      admit: () => undefined,
      begin: () => {
        arrivals.emit('instance', performance.now());
        return { write: () => undefined, commit: () => Promise.resolve(0), abort: () => Promise.resolve() };
      },
    },
    isStorageSopClass,
    TRANSFER_SYNTAX_PREFERENCE,
    log,
  );
  const { port: sinkPort } = await sink.listen();
  const port = await freePort();
  const gateway = await startGateway({ directory: join(context.disk, 'latency'), port, sinkPort, isSynced: true });
  const relay = await startRelay(port);
  const scanner = createDicomDestination(
    {
      name: 'gateway',
      aeTitle: 'LETHE',
      callingAeTitle: 'BENCH',
      host: '127.0.0.1',
      port: relay.port,
      maxPduBytes: 131_072,
      connectMs: 10_000,
      responseMs: 60_000,
      idleMs: 30_000,
    },
    log,
  );
  const samples: number[] = [];
  try {
    const files = readdirSync(work.directory).slice(0, 600);
    for (const [index, name] of files.entries()) {
      const { dataSet, meta, transferSyntax } = await readFile10(
        new BufferSource(readFileSync(join(work.directory, name))),
      );
      const elements = dataSet.elements.map((element) => ({ kind: 'kept', element }) as const);
      const plan = splice({ ...dataSet, elements });
      const arrived = once(arrivals, 'instance') as Promise<[number]>;
      const outcome = await scanner.deliver({
        recordId: newRecordId(),
        sopClassUid: meta?.mediaStorageSopClassUid ?? '',
        sopInstanceUid: meta?.mediaStorageSopInstanceUid ?? '',
        seriesInstanceUid: '',
        studyInstanceUid: '',
        transferSyntaxUid: transferSyntax.uid,
        length: plan.length,
        alternatives: [],
        encode: () => Promise.resolve(plan),
      });
      if (outcome.kind !== 'sent') throw new Error(outcome.text);
      const [arrivedAt] = await arrived;
      if (index >= 100) samples.push(arrivedAt - relay.lastByteAt);
    }
  } finally {
    await scanner.close();
    relay.close();
    await gateway.stop();
    await sink.close(0);
  }
  for (const [what, share, limit] of [
    ['last byte in to first byte out, p50', 0.5, 1],
    ['last byte in to first byte out, p99', 0.99, 5],
  ] as const) {
    const value = quantile(samples, share);
    context.verdicts.push({ what, value, unit: 'ms', target: `<= ${limit}`, isMet: value <= limit });
  }
}
