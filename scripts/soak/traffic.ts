// The scanners of the soak: an association each, a few instances of a patient nobody has seen, and among them peers that do not behave.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { newRecordId } from '../../src/core/brands.ts';
import { BufferSource } from '../../src/core/bytes.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import type { CleanInstance, DeliveryOutcome } from '../../src/pipeline/ports.ts';
import { buildCtSeries, buildReport, type SyntheticInstance } from '../../src/synthetic/clinic.ts';
import { createRandom, type Random } from '../../src/synthetic/random.ts';
import { SILENT } from '../../test/support/custody/senders.ts';
import { dataSet, RELEASE, request, store } from '../../test/unit/dimse/wire.ts';
import { mutate } from '../fuzz/mutate.ts';

/** One association in so many is not that of a scanner. */
const BAD_EVERY = 20;
const SILENCE_MS = 2_000;

export interface Counts {
  associations: number;
  bad: number;
  instances: number;
  /** Instances of good peers that were not taken, by what their sender was told. */
  readonly notTaken: Record<string, number>;
}

export class Traffic {
  readonly counts: Counts = { associations: 0, bad: 0, instances: 0, notTaken: {} };
  readonly #port: number;
  readonly #underWay = new Set<Promise<void>>();

  constructor(port: number) {
    this.#port = port;
  }

  /** Begins so many associations a second, each when it is due, whatever became of those before. */
  async run(perSecond: number, seconds: number): Promise<void> {
    const startedAt = performance.now();
    for (let index = 0; index < perSecond * seconds; index++) {
      await sleep(startedAt + (index * 1000) / perSecond - performance.now());
      const visit = this.#visit(index).finally(() => this.#underWay.delete(visit));
      this.#underWay.add(visit);
    }
    await Promise.all(this.#underWay);
  }

  async #visit(index: number): Promise<void> {
    const random = createRandom(index);
    this.counts.associations++;
    if (index % BAD_EVERY !== 0) await this.#scan(index, random);
    else {
      this.counts.bad++;
      await this.#misbehave(random);
    }
  }

  async #scan(seed: number, random: Random): Promise<void> {
    const instances =
      random.next() < 0.5
        ? [...buildCtSeries({ slices: random.between(1, 3), rows: 128, columns: 128, seed })]
        : [buildReport({ kilobytes: 8, seed })];
    const destination = this.#destination('LETHE');
    for (const instance of instances) {
      this.counts.instances++;
      const outcome = await destination.deliver(await asSent(instance));
      if (outcome.kind !== 'sent') this.counts.notTaken[outcome.text] = (this.counts.notTaken[outcome.text] ?? 0) + 1;
    }
    await destination.close();
  }

  async #misbehave(random: Random): Promise<void> {
    const [slice] = buildCtSeries({ slices: 1, rows: 64, columns: 64, seed: random.between(1, 1_000_000) });
    const session = Buffer.concat([request(), store(), dataSet(slice.bytes.subarray(400)), RELEASE]);
    const kinds: readonly (() => Promise<unknown>)[] = [
      () => this.#write(mutate(session, random)),
      () => this.#write(session), // what it names and what it sends are not the same instance
      () => this.#write(session.subarray(0, session.length >> 1)),
      () => this.#write(Buffer.alloc(0)),
      () => this.#write(request({ called: 'NOBODY' })),
      () => this.#deliverCut(slice),
    ];
    await random.pick(kinds)();
  }

  /** Writes, waits a little, and is gone without a word. */
  async #write(bytes: Buffer): Promise<void> {
    const socket = connect({ port: this.#port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes);
    await Promise.race([once(socket, 'close'), sleep(SILENCE_MS)]);
    socket.destroy();
  }

  /** An instance that ends inside its pixel data. */
  async #deliverCut(slice: SyntheticInstance): Promise<DeliveryOutcome> {
    const destination = this.#destination('LETHE');
    const outcome = await destination.deliver(await asSent(slice, 1000));
    await destination.close();
    return outcome;
  }

  #destination(aeTitle: string): ReturnType<typeof createDicomDestination> {
    const peer = { name: 'lethe', aeTitle, callingAeTitle: 'SOAK', host: '127.0.0.1', port: this.#port };
    return createDicomDestination({ ...peer, connectMs: 10_000, responseMs: 60_000 }, SILENT);
  }
}

/** @param missing bytes that are cut off its end */
async function asSent(instance: SyntheticInstance, missing = 0): Promise<CleanInstance> {
  const { bytes, sopClassUid, sopInstanceUid, transferSyntaxUid } = instance;
  const { dataSetStart } = await readFile10(new BufferSource(bytes));
  const sent = bytes.subarray(dataSetStart, bytes.length - missing);
  return {
    ...{ sopClassUid, sopInstanceUid, transferSyntaxUid },
    ...{ recordId: newRecordId(), seriesInstanceUid: '1.2.3', studyInstanceUid: '1.2.4' },
    ...{ length: sent.length, alternatives: [] },
    encode: () => Promise.resolve({ source: new BufferSource(sent), pieces: [sent], length: sent.length }),
  };
}
