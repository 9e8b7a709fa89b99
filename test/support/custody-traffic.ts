// Traffic for tests of custody: senders that number what they send, and a sink that counts what arrives.
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { newRecordId } from '../../src/core/brands.ts';
import { BufferSource } from '../../src/core/bytes.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { createListener } from '../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../src/dimse/negotiation.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import type { CleanInstance, Destination, Log, StoreProvider } from '../../src/pipeline/ports.ts';
import { isStorageSopClass } from '../../src/standard/sop-classes.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
const SENDERS = 4;
/** Each instance carries its number in its last pixels, which the gateway keeps as they are. */
const NUMBER_BYTES = 8;
const PIXEL_BYTES = 8 << 10;

/** A research PACS that counts. */
export interface Sink {
  readonly port: number;
  /** Number of the instance → how often it arrived, and the checksum of its pixels. */
  readonly received: ReadonlyMap<number, { readonly times: number; readonly pixels: number }>;
  close(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const received = new Map<number, { times: number; pixels: number }>();
  const provider: StoreProvider = {
    admit: () => undefined,
    begin: () => {
      const chunks: Buffer[] = [];
      return {
        write: (chunk) => void chunks.push(chunk),
        commit: () => {
          const bytes = Buffer.concat(chunks);
          const number = Number(bytes.readBigUInt64LE(bytes.length - NUMBER_BYTES));
          const times = (received.get(number)?.times ?? 0) + 1;
          received.set(number, { times, pixels: pixelsOf(bytes) });
          return Promise.resolve(0);
        },
        abort: () => Promise.resolve(),
      };
    },
  };
  const listener = createListener(
    { host: '127.0.0.1', port: 0 },
    provider,
    isStorageSopClass,
    TRANSFER_SYNTAX_PREFERENCE,
    SILENT,
  );
  const { port } = await listener.listen();
  return { port, received, close: () => listener.close(1_000) };
}

/** Send without pause; each instance is sent once, whatever becomes of it, so that the sink may get it at most once. */
export class Senders {
  readonly acknowledged = new Set<number>();
  /** Number of each instance that was sent → checksum of its pixels. */
  readonly pixels = new Map<number, number>();
  readonly #destinations: readonly Destination[];
  readonly #running: Promise<unknown>;
  #next = 1;
  #isStopping = false;

  constructor(port: number) {
    this.#destinations = Array.from({ length: SENDERS }, (_, i) =>
      createDicomDestination(
        { name: `sender-${i}`, aeTitle: 'LETHE', callingAeTitle: `CT0${i}`, host: '127.0.0.1', port, connectMs: 2_000 },
        SILENT,
      ),
    );
    this.#running = Promise.all(this.#destinations.map((destination, i) => this.#run(destination, i)));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    for (const destination of this.#destinations) await destination.close();
  }

  async #run(destination: Destination, seed: number): Promise<void> {
    const [template] = buildCtSeries({ slices: 1, rows: 64 + 64 * seed, columns: 128, seed: seed + 1 });
    const { dataSetStart } = await readFile10(new BufferSource(template.bytes));
    const dataSet = template.bytes.subarray(dataSetStart);
    const pixels = pixelsOf(dataSet);
    while (!this.#isStopping) {
      const number = this.#next++;
      this.pixels.set(number, pixels);
      const outcome = await destination.deliver(numbered(template, dataSet, number));
      if (outcome.kind === 'sent') this.acknowledged.add(number);
      else await sleep(20);
    }
  }
}

/** Checksum of the last pixels but for the number; each sender has other pixels. */
function pixelsOf(dataSet: Buffer): number {
  return crc32(dataSet.subarray(-PIXEL_BYTES, -NUMBER_BYTES));
}

/** The template with a SOP Instance UID of its own, and its number in the last pixels. */
function numbered(
  template: { readonly sopClassUid: string; readonly sopInstanceUid: string; readonly transferSyntaxUid: string },
  dataSet: Buffer,
  number: number,
): CleanInstance {
  const { sopClassUid, transferSyntaxUid } = template;
  const original = template.sopInstanceUid;
  const sopInstanceUid = `1.2.826.0.1.${number}.`.padEnd(original.length, '7');
  const bytes = Buffer.from(dataSet);
  for (let at = bytes.indexOf(original); at >= 0; at = bytes.indexOf(original, at + 1))
    bytes.write(sopInstanceUid, at, 'latin1');
  bytes.writeBigUInt64LE(BigInt(number), bytes.length - NUMBER_BYTES);
  const plan = { source: new BufferSource(bytes), pieces: [bytes], length: bytes.length };
  return {
    recordId: newRecordId(),
    sopClassUid,
    sopInstanceUid,
    seriesInstanceUid: '1.2.3',
    studyInstanceUid: '1.2.4',
    transferSyntaxUid,
    length: bytes.length,
    alternatives: [],
    encode: () => Promise.resolve(plan),
  };
}

/** Looks until it is so, or the time is over: what follows tells which. */
export async function untilTrue(
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 100,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > end) return;
    await sleep(everyMs);
  }
}
