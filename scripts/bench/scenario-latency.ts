// Last byte in to first byte out: one instance at a time through a running gateway, durable.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { BufferSource } from '../../src/core/bytes.ts';
import { newRecordId } from '../../src/core/brands.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { splice } from '../../src/dicom/writer.ts';
import type { SplicePlan } from '../../src/dicom/element.ts';
import { createListener } from '../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../src/dimse/negotiation.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import { createLog } from '../../src/log/log.ts';
import { isStorageSopClass } from '../../src/standard/sop-classes.ts';
import { startGateway } from './gateway.ts';
import { freePort } from './processes.ts';
import { quantile } from './report.ts';
import type { BenchContext, Workload } from './workload.ts';

/** Notes when the last byte of the plan was handed to the socket. */
function noteLastRead(plan: SplicePlan, note: () => void): SplicePlan {
  const { source } = plan;
  const noted = (offset: number, length: number): void => {
    if (offset + length >= source.size) note();
  };
  return {
    ...plan,
    source: {
      size: source.size,
      view: (offset, length) => {
        noted(offset, length);
        return source.view(offset, length);
      },
      read: (offset, length) => {
        noted(offset, length);
        return source.read(offset, length);
      },
    },
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
  const scanner = createDicomDestination(
    {
      name: 'gateway',
      aeTitle: 'LETHE',
      callingAeTitle: 'BENCH',
      host: '127.0.0.1',
      port,
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
      let lastByteAt = 0;
      const elements = dataSet.elements.map((element) => ({ kind: 'kept', element }) as const);
      const plan = noteLastRead(splice({ ...dataSet, elements }), () => (lastByteAt = performance.now()));
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
      if (index >= 100) samples.push(arrivedAt - lastByteAt);
    }
  } finally {
    await scanner.close();
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
