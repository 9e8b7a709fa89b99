// Keyed pseudonyms of one project: HMAC-SHA-256, so that nobody recomputes them without the project's secret.
import { createHmac } from 'node:crypto';

/** How many replacements are remembered: a few series' worth, so that a slice's study, series and frame UIDs cost a look-up. */
const MAX_CACHED = 4096;
/** Base 32 of Crockford, upper case: no I, L, O and U, fits every text VR and file name. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SECRET_BYTES = 32;
/** 256 bits give 51 whole characters of 5 bits. */
const MAX_HASH_CHARS = 51;

/** Replacements of one project. The same secret and input give the same output on every machine and day. */
export class ProjectKeys {
  readonly #uidKey: Buffer;
  readonly #hashKey: Buffer;
  readonly #shiftKey: Buffer;
  readonly #receiptKey: Buffer;
  readonly #uids = new Map<string, string>();
  readonly #shifts = new Map<string, number>();

  /** @param secret 32 random bytes, made once per project and kept as long as its pseudonyms shall stay the same */
  constructor(secret: Buffer) {
    if (secret.length !== SECRET_BYTES) throw new RangeError(`a project secret has ${SECRET_BYTES} bytes`);
    // A key of its own per use: what one use reveals tells nothing about another.
    this.#uidKey = hmac(secret, 'lethe uid v1');
    this.#hashKey = hmac(secret, 'lethe hash v1');
    this.#shiftKey = hmac(secret, 'lethe shift v1');
    this.#receiptKey = hmac(secret, 'lethe receipt v1');
  }

  /** `2.25.` and 128 bits as a decimal number (PS3.5 B.2): at most 44 characters, never a UID of anybody else. */
  replaceUid(uid: string): string {
    let replacement = this.#uids.get(uid);
    if (replacement === undefined) {
      const digest = hmac(this.#uidKey, uid);
      const number = (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8);
      replacement = `2.25.${number}`;
      remember(this.#uids, uid, replacement);
    }
    return replacement;
  }

  /**
   * `chars` characters (at most 51) of a keyed hash in Crockford's base 32.
   * @param purpose keeps equal texts of different meaning apart
   */
  hash(purpose: string, text: string, chars: number): string {
    if (!Number.isInteger(chars) || chars < 1 || chars > MAX_HASH_CHARS)
      throw new RangeError(`chars must be 1 to ${MAX_HASH_CHARS}`);
    const digest = hmac(this.#hashKey, `${purpose}\0${text}`);
    let bits = 0;
    let held = 0;
    let out = '';
    for (const byte of digest) {
      bits = ((bits << 8) | byte) & 0xffff;
      held += 8;
      while (held >= 5 && out.length < chars) {
        held -= 5;
        out += ALPHABET[(bits >>> held) & 31];
      }
      if (out.length === chars) break;
    }
    return out;
  }

  /** Days to add to every date of a patient: -1 to -max, or 0 when `max` is 0. */
  shiftDays(patientKey: string, max: number): number {
    if (max === 0) return 0;
    const key = `${max}\0${patientKey}`;
    let days = this.#shifts.get(key);
    if (days === undefined) {
      // 48 bits: the bias of the remainder is below one in a billion.
      days = -1 - (hmac(this.#shiftKey, patientKey).readUIntBE(0, 6) % max);
      remember(this.#shifts, key, days);
    }
    return days;
  }

  /** HMAC-SHA-256 of a line of receipts, 64 hex characters. */
  signReceipt(text: string): string {
    return hmac(this.#receiptKey, text).toString('hex');
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Drops the oldest half when full: one cheap sweep now and then instead of reordering at every hit. */
function remember<Value>(cache: Map<string, Value>, key: string, value: Value): void {
  if (cache.size >= MAX_CACHED) {
    let left = MAX_CACHED / 2;
    for (const old of cache.keys()) {
      cache.delete(old);
      if (--left === 0) break;
    }
  }
  cache.set(key, value);
}
