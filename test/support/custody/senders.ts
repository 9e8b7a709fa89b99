// Scanners for tests of custody: each instance has a number of its own and is sent once, whatever becomes of it, so that it may arrive at most
// once. What each of them was answered is kept.
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { newRecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { SplicePlan } from '../../../src/dicom/element.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import { createDicomDestination } from '../../../src/dimse/sender.ts';
import type { CleanInstance, DeliveryOutcome, Destination, Log } from '../../../src/pipeline/ports.ts';
import { buildCtSeries, type SyntheticInstance } from '../../../src/synthetic/clinic.ts';
import { createRandom } from '../../../src/synthetic/random.ts';

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
/** SOP Instance UIDs of the senders begin with it; the number follows. */
export const UID_ROOT = '1.2.999.77';
const SENDERS = 4;
/** Each instance carries its number in its last pixels, which the gateway keeps as they are. */
const NUMBER_BYTES = 8;
const PIXEL_BYTES = 8 << 10;
/** One in so many cannot be parsed, and belongs into quarantine. */
const UNREADABLE_EVERY = 40;
/** One in so many is broken off by its sender in the middle of the data set, and must never arrive. */
const BROKEN_OFF_EVERY = 60;
const RESPONSE_MS = 60_000;

export type Kind = 'sound' | 'unreadable' | 'broken-off';
/** `unanswered` says that the sender cannot know: the association ended before the answer. */
export type Answer = 'none-yet' | 'success' | 'failure' | 'unanswered';

export interface SentInstance {
  readonly kind: Kind;
  /** Checksum of its last pixels but for the number. */
  readonly pixels: number;
  answer: Answer;
}

export interface SendersOptions {
  readonly port: number;
  /** Patients and pauses follow from it. Default 1. */
  readonly seed?: number;
  /** Longest pause after an instance, in milliseconds. Default 0. */
  readonly paceMs?: number;
  /** Also sends what is unreadable or broken off. Default false. */
  readonly hasFaults?: boolean;
}

/** The instances that the senders of a seed are made from. */
export function templatesOf(seed: number): SyntheticInstance[] {
  return Array.from({ length: SENDERS }, (_, i) => {
    const [template] = buildCtSeries({ slices: 1, rows: 64 + 64 * i, columns: 128, seed: seed * SENDERS + i + 1 });
    return template;
  });
}

/** Send without end from the start, over an association each. */
export class Senders {
  readonly sent = new Map<number, SentInstance>();
  readonly #options: SendersOptions;
  readonly #destinations: readonly Destination[];
  readonly #running: Promise<unknown>;
  #acknowledged = 0;
  #isStopping = false;

  constructor(options: SendersOptions) {
    this.#options = options;
    const templates = templatesOf(options.seed ?? 1);
    this.#destinations = templates.map((_, i) =>
      createDicomDestination(
        {
          ...{
            name: `sender-${i}`,
            aeTitle: 'LETHE',
            callingAeTitle: `CT0${i}`,
            host: '127.0.0.1',
            port: options.port,
          },
          ...{ connectMs: 5_000, responseMs: RESPONSE_MS },
        },
        SILENT,
      ),
    );
    this.#running = Promise.all(templates.map((template, i) => this.#run(this.#destinations[i], template, i)));
  }

  /** Instances that were answered with success. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Begins nothing more; `stop` waits for what is under way. */
  abandon(): void {
    this.#isStopping = true;
  }

  async stop(): Promise<void> {
    this.abandon();
    await this.#running;
    for (const destination of this.#destinations) await destination.close();
  }

  async #run(destination: Destination, template: SyntheticInstance, index: number): Promise<void> {
    const { seed = 1, paceMs = 0, hasFaults = false } = this.#options;
    const random = createRandom(seed * 31 + index);
    const { dataSetStart } = await readFile10(new BufferSource(template.bytes));
    const dataSet = template.bytes.subarray(dataSetStart);
    const pixels = pixelsOf(dataSet);
    while (!this.#isStopping) {
      const number = this.sent.size + 1;
      const kind = hasFaults ? kindOf(number) : 'sound';
      const instance: SentInstance = { kind, pixels, answer: 'none-yet' };
      this.sent.set(number, instance);
      instance.answer = answerOf(await destination.deliver(numbered(template, dataSet, number, kind)));
      if (instance.answer === 'success') this.#acknowledged++;
      await sleep(instance.answer === 'success' ? Math.floor(random.next() * paceMs) : 20 + paceMs);
    }
  }
}

function kindOf(number: number): Kind {
  if (number % UNREADABLE_EVERY === 0) return 'unreadable';
  return number % BROKEN_OFF_EVERY === 1 ? 'broken-off' : 'sound';
}

function answerOf(outcome: DeliveryOutcome): Answer {
  switch (outcome.kind) {
    case 'sent':
      return 'success';
    case 'refused':
      return outcome.status === undefined ? 'unanswered' : 'failure';
    case 'unavailable':
      return outcome.isAnswered === true ? 'failure' : 'unanswered';
  }
}

/** Checksum of the last pixels but for the number; each sender has other pixels. */
export function pixelsOf(dataSet: Buffer): number {
  return crc32(dataSet.subarray(-PIXEL_BYTES, -NUMBER_BYTES));
}

/** The number in the last pixels of a data set. */
export function numberOf(dataSet: Buffer): number {
  return Number(dataSet.readBigUInt64LE(dataSet.length - NUMBER_BYTES));
}

/** The number in an original SOP Instance UID; undefined when it is none of ours. */
export function numberOfUid(uid: string): number | undefined {
  return uid.startsWith(`${UID_ROOT}.`) ? Number(uid.slice(UID_ROOT.length + 1).split('.')[0]) : undefined;
}

/** The template with a SOP Instance UID of its own, and its number in the last pixels. */
function numbered(template: SyntheticInstance, dataSet: Buffer, number: number, kind: Kind): CleanInstance {
  const { sopClassUid, transferSyntaxUid } = template;
  const original = template.sopInstanceUid;
  const sopInstanceUid = `${UID_ROOT}.${number}.`.padEnd(original.length, '7');
  const bytes = Buffer.from(dataSet);
  for (let at = bytes.indexOf(original); at >= 0; at = bytes.indexOf(original, at + 1))
    bytes.write(sopInstanceUid, at, 'latin1');
  bytes.writeBigUInt64LE(BigInt(number), bytes.length - NUMBER_BYTES);
  const plan = planOf(bytes, kind);
  return {
    recordId: newRecordId(),
    sopClassUid,
    sopInstanceUid,
    seriesInstanceUid: '1.2.3',
    studyInstanceUid: '1.2.4',
    transferSyntaxUid,
    length: plan.length,
    alternatives: [],
    encode: () => Promise.resolve(plan),
  };
}

function planOf(bytes: Buffer, kind: Kind): SplicePlan {
  const half = bytes.length >> 1;
  // Pixel Data says that it is longer than what is there.
  const whole = kind === 'unreadable' ? bytes.subarray(0, -PIXEL_BYTES) : bytes;
  if (kind !== 'broken-off') return { source: new BufferSource(whole), pieces: [whole], length: whole.length };
  const source = {
    size: bytes.length,
    view: () => undefined,
    read: () => Promise.reject(new Error('the scanner is switched off')),
  };
  const rest = { offset: half, length: bytes.length - half };
  return { source, pieces: [bytes.subarray(0, half), rest], length: bytes.length };
}
