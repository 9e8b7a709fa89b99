// Huffman tables of JPEG (ITU-T T.81 Annexes C, F.2.2.3 and K.2).
import type { HuffmanSpecification } from './segments.ts';

const LONGEST_CODE = 16;

/** For every 16 bits that may come: length of the code << 8 | its symbol; 0 where no code begins so. */
export function decodingTable({ counts, symbols }: HuffmanSpecification): Uint16Array {
  const table = new Uint16Array(1 << LONGEST_CODE);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const span = 1 << (LONGEST_CODE - length);
    for (let i = 0; i < counts[length - 1]; i++, code += span) {
      if (code + span > table.length) throw new Error('a Huffman table with more codes than there are');
      table.fill((length << 8) | symbols[next++], code, code + span);
    }
  }
  return table;
}

/** The code of each symbol and its length in bits; length 0 for a symbol without one. */
export interface EncodingTable {
  readonly codes: Uint16Array;
  readonly lengths: Uint8Array;
}

export function encodingTable({ counts, symbols }: HuffmanSpecification): EncodingTable {
  const codes = new Uint16Array(256);
  const lengths = new Uint8Array(256);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= LONGEST_CODE; length++, code <<= 1) {
    for (let i = 0; i < counts[length - 1]; i++) {
      const symbol = symbols[next++];
      codes[symbol] = code++;
      lengths[symbol] = length;
    }
  }
  return { codes, lengths };
}

/** The best table for symbols that occur so often, no code longer than 16 bits and none of ones alone (K.2). */
export function optimalTable(frequencies: Uint32Array): HuffmanSpecification {
  const counts = countsByLength(frequencies);
  const symbols = [...frequencies.keys()].filter((symbol) => frequencies[symbol] > 0);
  symbols.sort((a, b) => frequencies[b] - frequencies[a] || a - b);
  return { counts: Uint8Array.from(counts.slice(1, LONGEST_CODE + 1)), symbols: Uint8Array.from(symbols) };
}

/** How many codes have each length. One more symbol, the rarest, takes the code of ones alone and is left out again. */
function countsByLength(frequencies: Uint32Array): number[] {
  const counts = new Array<number>(300).fill(0);
  interface Tree {
    readonly weight: number;
    readonly leaves: readonly number[];
  }
  const depth = new Uint16Array(257);
  let trees: Tree[] = [{ weight: 0, leaves: [256] }];
  for (const [symbol, weight] of frequencies.entries()) if (weight > 0) trees.push({ weight, leaves: [symbol] });
  while (trees.length > 1) {
    trees.sort((a, b) => b.weight - a.weight);
    const [first, second] = trees.splice(-2);
    const leaves = [...first.leaves, ...second.leaves];
    for (const leaf of leaves) depth[leaf]++;
    trees = [...trees, { weight: first.weight + second.weight, leaves }];
  }
  for (const length of depth) if (length > 0) counts[length]++;
  // Figure K.3: two of the longest codes become one that is shorter, and a shorter one is split.
  for (let length = counts.length - 1; length > LONGEST_CODE; length--) {
    while (counts[length] > 0) {
      let shorter = length - 2;
      while (counts[shorter] === 0) shorter--;
      counts[length] -= 2;
      counts[length - 1]++;
      counts[shorter + 1] += 2;
      counts[shorter]--;
    }
  }
  let longest = LONGEST_CODE;
  while (longest > 0 && counts[longest] === 0) longest--;
  counts[longest]--;
  return counts;
}
