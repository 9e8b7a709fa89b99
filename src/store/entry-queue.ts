// The records that wait to be written, oldest first, each with its transitions folded.
import type { RecordId } from '../core/brands.ts';
import { LedgerEntry, type Reception } from './ledger-entry.ts';
import type { MappingRow } from './mapping-statements.ts';

export interface WaitingEntry {
  readonly entry: LedgerEntry;
  readonly mappings: MappingRow[];
  /** An older entry of the same record waits, and must be written before this one. */
  readonly isSecond: boolean;
}

/** A transition joins the youngest waiting entry of its record, wherever that stands: order matters only within a record. */
export class EntryQueue {
  #entries: WaitingEntry[] = [];
  /** Entries before it were taken. */
  #head = 0;
  readonly #youngest = new Map<RecordId, WaitingEntry>();

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** The waiting entry that the next transition of the record joins. */
  entryOf(recordId: RecordId): WaitingEntry {
    return this.#youngest.get(recordId) ?? this.#add(recordId, undefined, false);
  }

  /** A new entry that inserts the record, or undefined when one waits already. */
  receive(recordId: RecordId, reception: Reception): WaitingEntry | undefined {
    const youngest = this.#youngest.get(recordId);
    if (youngest?.entry.reception !== undefined) return undefined;
    // What was asked of the record before it was received concerned the row that is there, or none.
    return this.#add(recordId, reception, youngest !== undefined);
  }

  /** Takes the oldest entries, each record once, until `maxRecords` or `maxMappings` is reached. */
  take(maxRecords: number, maxMappings: number): WaitingEntry[] {
    const batch: WaitingEntry[] = [];
    let mappings = 0;
    while (this.#head < this.#entries.length && batch.length < maxRecords && mappings < maxMappings) {
      const waiting = this.#entries[this.#head];
      if (waiting.isSecond && batch.length > 0) break;
      this.#head++;
      batch.push(waiting);
      mappings += waiting.mappings.length;
      const { recordId } = waiting.entry;
      if (this.#youngest.get(recordId) === waiting) this.#youngest.delete(recordId);
    }
    // Moving the rest to the front costs as much as was taken, on average.
    if (this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }

  #add(recordId: RecordId, reception: Reception | undefined, isSecond: boolean): WaitingEntry {
    const waiting = { entry: new LedgerEntry(recordId, reception), mappings: [], isSecond };
    this.#entries.push(waiting);
    this.#youngest.set(recordId, waiting);
    return waiting;
  }
}
