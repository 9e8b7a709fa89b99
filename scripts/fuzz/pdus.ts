// Fuzzes the upper layer and the services above it: whole sessions with damage, into an acceptor over a pair of streams.
import { duplexPair } from 'node:stream';
import type { Listener } from '../../src/dimse/listener.ts';
import type { CommitmentRequest } from '../../src/pipeline/commitment-ports.ts';
import { createRandom, type Random } from '../../src/synthetic/random.ts';
import {
  ABORT,
  CT,
  EXPLICIT,
  IMPLICIT,
  JPEG_BASELINE,
  MAX_LENGTH_ITEM,
  MemoryProvider,
  RELEASE,
  context,
  data,
  dataSet,
  echoRequest,
  element,
  item,
  makeListener,
  pdv,
  readAnswers,
  request,
  store,
} from '../../test/unit/dimse/wire.ts';
import { chunksOf, mutate } from './mutate.ts';

export interface PduFuzzResult {
  sessions: number;
  /** Sessions that did not end within the limit. */
  hangs: number;
  /** Successes that no provider had promised. */
  falseSuccesses: number;
  /** Sessions after which a reception was neither committed nor aborted. */
  leaks: number;
  /** Instances under names that no UID may have. */
  badNames: number;
  /** Untouched sessions in between that were not served. */
  unserved: number;
  /** Seeds of the sessions that are counted above. */
  readonly seeds: number[];
}

const HANG_MS = 20_000;
const INNOCENT_EVERY = 500;
const COMMITMENT = '1.2.840.10008.1.20.1';
const COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';
const BYTES = Buffer.from('0800160012000000'.repeat(64), 'hex');

const CONTEXTS = [
  context(1, CT, [EXPLICIT, IMPLICIT]),
  context(3, '1.2.840.10008.1.1', [IMPLICIT]),
  context(5, COMMITMENT, [IMPLICIT]),
  context(7, CT, [JPEG_BASELINE]),
];
const ROLE = item(
  0x54,
  Buffer.concat([Buffer.from([0, COMMITMENT.length]), Buffer.from(COMMITMENT), Buffer.from([1, 0])]),
);
const IDENTITY = item(0x58, Buffer.from('0201000475736572000470617373', 'hex'));
const WINDOW = item(0x53, Buffer.from('00080008', 'hex'));
const REQUEST = request({
  contexts: CONTEXTS,
  userInformation: item(0x50, Buffer.concat([MAX_LENGTH_ITEM, item(0x52, '1.2.3'), WINDOW, ROLE, IDENTITY])),
});

function actionCommand(): Buffer {
  const elements = Buffer.concat([
    element(0x0003, COMMITMENT),
    element(0x0100, 0x0130),
    element(0x0110, 9),
    element(0x0800, 1),
    element(0x1001, COMMITMENT_INSTANCE),
    element(0x1008, 1),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  return Buffer.concat([element(0, length), elements]);
}

const reference = (uid: string): Buffer =>
  Buffer.concat([element(0x1150, CT, undefined, 0x0008), element(0x1155, uid, undefined, 0x0008)]);
const sequenceItem = (bytes: Buffer): Buffer => {
  const head = Buffer.from('feff00e000000000', 'hex');
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
};
const ACTION = Buffer.concat([
  data(pdv(5, 3, actionCommand())),
  dataSet(
    Buffer.concat([
      element(0x1195, '1.2.3.99', undefined, 0x0008),
      element(
        0x1199,
        Buffer.concat(['1.2.3.4.5', '1.2.9'].map((uid) => sequenceItem(reference(uid)))),
        undefined,
        0x0008,
      ),
    ]),
    5,
  ),
]);
const STORE = Buffer.concat([store(), data(pdv(1, 0, BYTES), pdv(1, 2, BYTES))]);
const STORE_IN_PIECES = Buffer.concat([
  store(),
  ...Array.from({ length: 9 }, () => data(pdv(1, 0, BYTES))),
  dataSet(BYTES),
]);

/** What a good peer may do between the request and the end. */
const STEPS: readonly Buffer[] = [STORE, STORE_IN_PIECES, echoRequest(), ACTION];

/** A listener that offers everything, over providers that note what they promised. */
export class PduFuzzer {
  readonly result: PduFuzzResult = {
    ...{ sessions: 0, hangs: 0, falseSuccesses: 0, leaks: 0, badNames: 0, unserved: 0 },
    seeds: [],
  };
  readonly #provider = new FuzzedProvider();
  readonly #listener: Listener = makeListener(this.#provider, { artimMs: 1000, idleMs: 2000, pduMs: 2000 });

  /** One session, made by its seed. */
  async run(seed: number): Promise<void> {
    const random = createRandom(seed);
    this.result.sessions++;
    const end = random.pick([RELEASE, RELEASE, ABORT, Buffer.alloc(0)]);
    const steps = Array.from({ length: random.between(1, 4) }, () => random.pick(STEPS));
    const session = Buffer.concat([REQUEST, ...steps, end]);
    // Most damage goes behind the request, which is half of the bytes and ends most sessions at once.
    const bytes =
      random.next() < 0.4
        ? mutate(session, random)
        : Buffer.concat([REQUEST, mutate(session.subarray(REQUEST.length), random)]);
    const echoes = steps.filter((step) => step === STEPS[2]).length;
    await this.#judge(seed, bytes, random, echoes + 2);
    if (this.result.sessions % INNOCENT_EVERY === 0) await this.#serveInnocent();
  }

  async close(): Promise<void> {
    await this.#listener.close(1000);
  }

  async #judge(seed: number, bytes: Buffer, random: Random, echoes: number): Promise<void> {
    const { result } = this;
    const provider = this.#provider;
    provider.reset();
    const answers = await this.#session([...chunksOf(bytes, random)]);
    const before = result.seeds.length;
    const blame = (kind: 'hangs' | 'falseSuccesses' | 'leaks' | 'badNames'): void => {
      result[kind]++;
      if (result.seeds.length === before) result.seeds.push(seed);
    };
    if (answers === undefined) blame('hangs');
    const successes = answers?.filter(({ status }) => status === 0).length ?? 0;
    if (successes > provider.stored.length + provider.commitments.length + echoes) blame('falseSuccesses');
    if (answers !== undefined && provider.begun !== provider.committed + provider.aborted) blame('leaks');
    const names = [
      ...provider.stored.flatMap(({ facts }) => [facts.sopClassUid, facts.sopInstanceUid]),
      ...provider.commitments.flatMap(({ transactionUid, references }) => [
        transactionUid,
        ...references.flatMap((named) => [named.sopClassUid, named.sopInstanceUid]),
      ]),
    ];
    if (!names.every((name) => /^[0-9.]{1,64}$/.test(name))) blame('badNames');
  }

  async #serveInnocent(): Promise<void> {
    this.#provider.reset();
    const answers = await this.#session([REQUEST, echoRequest(), STORE, ACTION, RELEASE]);
    const statuses = answers?.map(({ type, status }) => status ?? type) ?? [];
    if (statuses.join() !== '2,0,0,0,6' || this.#provider.stored.length !== 1) this.result.unserved++;
  }

  /** What came back; undefined when the session hung. */
  async #session(chunks: readonly Buffer[]): Promise<ReturnType<typeof readAnswers> | undefined> {
    const [ours, theirs] = duplexPair();
    const received: Buffer[] = [];
    ours.on('error', () => undefined);
    ours.on('data', (chunk: Buffer) => received.push(chunk));
    const { ended } = this.#listener.serveAssociation(theirs, '10.0.0.1');
    for (const chunk of chunks) if (ours.writable) ours.write(chunk);
    ours.end();
    let timer: NodeJS.Timeout | undefined;
    const hung = new Promise<'hung'>((resolve) => {
      timer = setTimeout(resolve, HANG_MS, 'hung');
    });
    const outcome = await Promise.race([ended, hung]);
    clearTimeout(timer);
    await new Promise((resolve) => setImmediate(resolve));
    ours.destroy();
    theirs.destroy();
    return outcome === 'hung' ? undefined : readAnswers(Buffer.concat(received));
  }
}

class FuzzedProvider extends MemoryProvider {
  commitments: CommitmentRequest[] = [];
  readonly commitment = {
    request: (asked: CommitmentRequest): Promise<number> => {
      this.commitments.push(asked);
      return Promise.resolve(0);
    },
  };

  reset(): void {
    this.begun = this.aborted = this.committed = 0;
    this.stored.length = 0;
    this.commitments = [];
  }
}
