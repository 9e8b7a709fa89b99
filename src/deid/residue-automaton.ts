// Finds any of many byte patterns in one pass over bytes (Aho and Corasick, 1975), over a dense table of transitions.
//
// ASCII letters count alike in both cases, and so do the characters that separate the parts of a name: what is found is a
// place worth reading, not yet a match.

/** All of these are one symbol. */
const SEPARATORS = ' \t\n\v\f\r^,._=-/';
/** More states than this come from instances that carry thousands of identifiers; see tokens.ts for their bound. */
const MAX_STATES = 1 << 17;

const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (SEPARATORS.includes(String.fromCharCode(byte))) return 0x20;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
});

export class ByteAutomaton {
  /** Symbol of each byte; 0 for those that stand in no pattern. */
  readonly #symbols = new Uint8Array(256);
  /** Next state by state + symbol, states counted in rows of the table; the complement of it when a pattern ends there. */
  readonly #next: Int32Array;
  /** Where the last search stopped. */
  #state = 0;

  /** @param patterns as Latin-1, one character a byte; empty ones are passed over. @throws RangeError when they are too many */
  constructor(patterns: Iterable<string>) {
    const folded = [...new Set(Array.from(patterns, fold))].filter((pattern) => pattern !== '');
    const width = this.#numberSymbols(folded);
    const maxStates = folded.reduce((sum, { length }) => sum + length, 1);
    if (maxStates > MAX_STATES) throw new RangeError('too many patterns');
    const table = new Int32Array(maxStates * width);
    const { used, ends } = plant(table, width, folded, this.#symbols);
    connect(table, width, ends);
    this.#next = table.slice(0, used);
  }

  /** Forgets what was read so far. */
  reset(): void {
    this.#state = 0;
  }

  /**
   * The offset behind the last byte of the first pattern that ends in bytes [from, to), or -1. Goes on from where the last
   * search stopped, so that a run of bytes may come in parts: `reset` before another run.
   */
  search(bytes: Uint8Array, from: number, to: number): number {
    const next = this.#next;
    const symbols = this.#symbols;
    let state = this.#state;
    for (let at = from; at < to; at++) {
      state = next[state + symbols[bytes[at]]];
      if (state < 0) {
        this.#state = ~state;
        return at + 1;
      }
    }
    this.#state = state;
    return -1;
  }

  /** Returns how many symbols there are. */
  #numberSymbols(folded: readonly string[]): number {
    const present = new Uint8Array(256);
    for (const pattern of folded) for (let i = 0; i < pattern.length; i++) present[pattern.charCodeAt(i)] = 1;
    let width = 1;
    const symbolOf = new Uint8Array(256);
    for (let byte = 0; byte < 256; byte++) if (present[byte] === 1) symbolOf[byte] = width++;
    for (let byte = 0; byte < 256; byte++) this.#symbols[byte] = symbolOf[FOLDED[byte]];
    return width;
  }
}

function fold(pattern: string): string {
  let folded = '';
  for (let i = 0; i < pattern.length; i++) folded += String.fromCharCode(FOLDED[pattern.charCodeAt(i) & 0xff]);
  return folded;
}

/** The trie of the patterns; 0 stands for no branch yet. */
function plant(
  table: Int32Array,
  width: number,
  patterns: readonly string[],
  symbols: Uint8Array,
): { readonly used: number; readonly ends: Uint8Array } {
  const ends = new Uint8Array(table.length / width);
  let used = width;
  for (const pattern of patterns) {
    let state = 0;
    for (let i = 0; i < pattern.length; i++) {
      const at = state + symbols[pattern.charCodeAt(i)];
      if (table[at] === 0) {
        table[at] = used;
        used += width;
      }
      state = table[at];
    }
    ends[state / width] = 1;
  }
  return { used, ends };
}

/** Fills every missing branch with where the longest known suffix leads, breadth first, and marks states in which a pattern ends. */
function connect(table: Int32Array, width: number, ends: Uint8Array): void {
  const suffixes = new Map<number, number>();
  const queue: number[] = [];
  for (let symbol = 0; symbol < width; symbol++) if (table[symbol] !== 0) queue.push(table[symbol]);
  for (const state of queue) {
    const suffix = suffixes.get(state) ?? 0;
    if (ends[suffix / width] === 1) ends[state / width] = 1;
    for (let symbol = 0; symbol < width; symbol++) {
      const along = table[suffix + symbol];
      const branch = table[state + symbol];
      if (branch === 0) table[state + symbol] = along;
      else {
        suffixes.set(branch, along);
        queue.push(branch);
      }
    }
  }
  for (let at = 0; at < table.length; at++) if (ends[table[at] / width] === 1) table[at] = ~table[at];
}
