// Which instances came lately, in little memory: 32 bits each, two generations, the older of which is dropped when the younger is full.
import { createHash } from 'node:crypto';

/** Bytes of a key: the first of a SHA-256. */
export const KEY_BYTES = 8;

const NONE = 0;

/**
 * Remembers the last `capacity` keys at least, and up to twice as many. A key that was never added is taken for known about once in a thousand million: the place
 * in the table comes of other bits than what is kept there.
 */
export class InstanceFilter {
  readonly #capacity: number;
  readonly #mask: number;
  #young: Uint32Array;
  #old: Uint32Array;
  #count = 0;

  /** Takes 16 bytes for each of `capacity`, rounded up to a power of two. */
  constructor(capacity = 1 << 19) {
    this.#capacity = capacity;
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#mask = slots - 1;
    this.#young = new Uint32Array(slots);
    this.#old = new Uint32Array(slots);
  }

  /** True when the key was there. @param at where its `KEY_BYTES` begin */
  add(key: Buffer, at = 0): boolean {
    const start = key.readUInt32LE(at) & this.#mask;
    const mark = key.readUInt32LE(at + 4) || 1;
    const wasThere = this.#young[place(this.#young, start, mark)] === mark;
    if (wasThere) return true;
    const isOld = this.#old[place(this.#old, start, mark)] === mark;
    if (this.#count >= this.#capacity) {
      [this.#young, this.#old] = [this.#old.fill(NONE), this.#young];
      this.#count = 0;
    }
    this.#young[place(this.#young, start, mark)] = mark;
    this.#count++;
    return isOld;
  }
}

/** Where the mark is, or where it would be put; tables are never more than half full. */
function place(table: Uint32Array, start: number, mark: number): number {
  let at = start;
  while (table[at] !== NONE && table[at] !== mark) at = (at + 1) & (table.length - 1);
  return at;
}

/** The same that `KEY_OF_INSTANCE` computes in the database. */
export function keyOfInstance(project: string, sopInstanceUid: string): Buffer {
  return createHash('sha256').update(project).update(' ').update(sopInstanceUid).digest();
}

/** Of the columns `project` and `sop_instance_uid`. */
export const KEY_OF_INSTANCE = `substr(sha256(convert_to(project || ' ' || sop_instance_uid, 'UTF8')), 1, ${KEY_BYTES})`;
