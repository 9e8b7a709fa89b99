// Records that wait for one destination. Where order within a series is kept, only the first of each series stands in the line; the others
// of the series stand behind it until it is settled.
import type { RecordId } from '../core/brands.ts';
import { Fifo } from './fifo.ts';

export interface WaitingRecord {
  readonly recordId: RecordId;
  /** When it was received or released, in milliseconds since the epoch. */
  readonly waitsSince: number;
  /** Replacement Series Instance UID. */
  readonly series: string;
}

export class WaitingList {
  readonly #isOrdered: boolean;
  readonly #line = new Fifo<WaitingRecord>();
  /** Series of which a record is in the line, under way or aside → those behind it. */
  readonly #behind = new Map<string, Fifo<WaitingRecord>>();
  #behindCount = 0;

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  /** Those that stand behind another one of their series included. */
  get size(): number {
    return this.#line.size + this.#behindCount;
  }

  /** Whether `shift` gives nothing. */
  get isEmpty(): boolean {
    return this.#line.size === 0;
  }

  add(waiting: WaitingRecord): void {
    if (this.#isOrdered) {
      const behind = this.#behind.get(waiting.series);
      if (behind !== undefined) {
        behind.push(waiting);
        this.#behindCount++;
        return;
      }
      this.#behind.set(waiting.series, new Fifo());
    }
    this.#line.push(waiting);
  }

  /** The next one. Exactly one of `putBack`, `comeBack` and `settled` follows. */
  shift(): WaitingRecord | undefined {
    return this.#line.shift();
  }

  /** It is the next one again. */
  putBack(waiting: WaitingRecord): void {
    this.#line.putBack(waiting);
  }

  /** It waits again, as the last one of the line. */
  comeBack(waiting: WaitingRecord): void {
    this.#line.push(waiting);
  }

  /** It will not be sent again: the next one of its series stands in the line. */
  settled({ series }: WaitingRecord): void {
    const behind = this.#behind.get(series);
    if (behind === undefined) return;
    const next = behind.shift();
    if (next === undefined) this.#behind.delete(series);
    else {
      this.#behindCount--;
      this.#line.push(next);
    }
  }

  /** Takes from the front of the line as long as `isMeant`; each has to be settled. */
  *takeWhile(isMeant: (waiting: WaitingRecord) => boolean): Generator<WaitingRecord> {
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
      if (!isMeant(next)) {
        this.#line.putBack(next);
        return;
      }
      yield next;
    }
  }
}
