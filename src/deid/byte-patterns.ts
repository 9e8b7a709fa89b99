// Finds any of many byte patterns in one pass over bytes. The three bytes that a pattern ends in say where in a table it is
// noted; only where the bytes that were just read lead to a note is anything compared (as Wu and Manber do, 1994, without
// their skips: some patterns are short). Patients differ, so that making the table has to cost no more than a look at an instance.
//
// ASCII letters count alike in both cases, and so do the characters that separate the parts of a name: what is found is a
// place worth reading, not yet a match.

/** All of these are one symbol. */
const SEPARATORS = ' \t\n\v\f\r^,._=-/';
/** Shorter patterns are not taken. */
export const SHORTEST_PATTERN = 3;
/** More than this comes from instances that carry thousands of identifiers; see tokens.ts for their bound. */
const MAX_BYTES = 1 << 17;
/** A byte leaves the hash after three shifts. */
const HASH_SHIFT = 4;
const HASH_MASK = (1 << (SHORTEST_PATTERN * HASH_SHIFT)) - 1;

const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (SEPARATORS.includes(String.fromCharCode(byte))) return 0x20;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
});

const ALPHANUMERIC: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9]/.test(String.fromCharCode(byte)),
);

export class BytePatterns {
  /** Number of the last pattern whose end has this hash; 0 for none. */
  readonly #heads: Uint16Array;
  /** By number of pattern: the next one whose end has the same hash, and where its folded bytes end in the pool. */
  readonly #nexts: number[];
  readonly #ends: number[];
  /** By number of pattern: whether it is a word. */
  readonly #areWords: boolean[];
  #pool: Uint8Array;

  /** @param base patterns to begin with, which are copied */
  constructor(base?: BytePatterns) {
    this.#heads = base === undefined ? new Uint16Array(HASH_MASK + 1) : base.#heads.slice();
    this.#nexts = base === undefined ? [0] : [...base.#nexts];
    this.#ends = base === undefined ? [0] : [...base.#ends];
    this.#areWords = base === undefined ? [false] : [...base.#areWords];
    this.#pool = base === undefined ? new Uint8Array(1024) : base.#pool.slice();
  }

  /**
   * @param pattern as Latin-1, one character a byte; shorter ones than SHORTEST_PATTERN are passed over
   * @param gap zeros between its bytes: 1 finds ASCII in UTF-16 of either byte order
   * @param isWord it tells nothing where a letter or digit stands beside it
   * @throws RangeError when the patterns are too many
   */
  add(pattern: string, { gap = 0, isWord = false }: { readonly gap?: 0 | 1; readonly isWord?: boolean } = {}): void {
    const stride = gap + 1;
    const length = pattern.length * stride - gap;
    if (length < SHORTEST_PATTERN) return;
    const start = this.#ends[this.#ends.length - 1];
    const end = start + length;
    const pool = this.#reserve(end);
    pool.fill(0, start, end);
    for (let i = 0; i < pattern.length; i++) pool[start + i * stride] = FOLDED[pattern.charCodeAt(i) & 0xff];
    const hash = hashOf(pool, end);
    for (let number = this.#heads[hash]; number !== 0; number = this.#nexts[number])
      if (this.#isSame(number, start, length)) {
        if (!isWord) this.#areWords[number] = false;
        return;
      }
    const number = this.#ends.push(end) - 1;
    this.#nexts.push(this.#heads[hash]);
    this.#areWords.push(isWord);
    this.#heads[hash] = number;
  }

  /**
   * The offset behind the last byte of the first pattern that ends in bytes [from, to), or -1.
   * @param start patterns may begin from here on: with the start of a run, a search goes on behind what it found before
   */
  search(bytes: Uint8Array, from: number, to: number, start = from): number {
    const heads = this.#heads;
    let hash = 0;
    for (let at = Math.max(start, from - SHORTEST_PATTERN + 1); at < from; at++)
      hash = (hash << HASH_SHIFT) ^ FOLDED[bytes[at]];
    for (let at = from; at < to; at++) {
      hash = ((hash << HASH_SHIFT) ^ FOLDED[bytes[at]]) & HASH_MASK;
      if (heads[hash] !== 0 && this.#endsAt(heads[hash], bytes, start, at + 1)) return at + 1;
    }
    return -1;
  }

  /** As `search`, for bytes that are one value: what stands beside a word in them is text. */
  isInValue(bytes: Uint8Array, from: number, to: number): boolean {
    const heads = this.#heads;
    let hash = 0;
    for (let at = from; at < to; at++) {
      hash = ((hash << HASH_SHIFT) ^ FOLDED[bytes[at]]) & HASH_MASK;
      if (heads[hash] !== 0 && this.#endsAt(heads[hash], bytes, from, at + 1, to)) return true;
    }
    return false;
  }

  /** False when no pattern stands in a text, which is ASCII; undefined when it is not, so that its bytes may be others. */
  isInAscii(text: string): boolean | undefined {
    const heads = this.#heads;
    let hash = 0;
    let isNoted = false;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80) return undefined;
      hash = ((hash << HASH_SHIFT) ^ FOLDED[unit]) & HASH_MASK;
      isNoted ||= heads[hash] !== 0;
    }
    if (!isNoted) return false;
    const bytes = Buffer.from(text, 'latin1');
    return this.search(bytes, 0, bytes.length) !== -1;
  }

  /**
   * True when the pattern, or one that it leads to, stands in the bytes before `end`.
   * @param valueEnd where the value ends that begins at `start`; without it words count wherever they stand
   */
  #endsAt(first: number, bytes: Uint8Array, start: number, end: number, valueEnd?: number): boolean {
    const pool = this.#pool;
    for (let number = first; number !== 0; number = this.#nexts[number]) {
      const patternStart = this.#ends[number - 1];
      let at = this.#ends[number];
      let byte = end;
      if (at - patternStart > end - start) continue;
      while (at > patternStart && pool[at - 1] === FOLDED[bytes[byte - 1]]) {
        at--;
        byte--;
      }
      if (at !== patternStart) continue;
      if (valueEnd === undefined || !this.#areWords[number]) return true;
      const isWithin = (byte > start && ALPHANUMERIC[bytes[byte - 1]]) || (end < valueEnd && ALPHANUMERIC[bytes[end]]);
      if (!isWithin) return true;
    }
    return false;
  }

  #isSame(number: number, start: number, length: number): boolean {
    const from = this.#ends[number - 1];
    if (this.#ends[number] - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#pool[from + i] !== this.#pool[start + i]) return false;
    return true;
  }

  #reserve(bytes: number): Uint8Array {
    if (bytes > MAX_BYTES || this.#ends.length > 0xffff) throw new RangeError('too many patterns');
    if (bytes > this.#pool.length) {
      const larger = new Uint8Array(Math.max(bytes, 2 * this.#pool.length));
      larger.set(this.#pool);
      this.#pool = larger;
    }
    return this.#pool;
  }
}

/** Of the last SHORTEST_PATTERN bytes before `end`, which are folded. */
function hashOf(folded: Uint8Array, end: number): number {
  let hash = 0;
  for (let at = end - SHORTEST_PATTERN; at < end; at++) hash = (hash << HASH_SHIFT) ^ folded[at];
  return hash & HASH_MASK;
}
