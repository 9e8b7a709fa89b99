// Palette colours as a viewer shows them (PS3.3 C.7.6.3.1.5 and C.7.9.2, 2026d), brought to 8 bits.
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import type { Element } from '../../dicom/element.ts';
import { findElement } from '../../dicom/values.ts';
import { TAG } from '../../standard/tags.ts';

/** Three tables of one length; entry i is the colour of value `first + i`, and the outermost entries go on for values beyond. */
export interface Palette {
  readonly first: number;
  readonly red: Uint8Array;
  readonly green: Uint8Array;
  readonly blue: Uint8Array;
}

/** More than the 65,536 entries of 16 bits and a segmented table can need. */
const MAX_TABLE_BYTES = 1 << 20;

const CHANNELS = [
  [
    TAG.RedPaletteColorLookupTableDescriptor,
    TAG.RedPaletteColorLookupTableData,
    TAG.SegmentedRedPaletteColorLookupTableData,
  ],
  [
    TAG.GreenPaletteColorLookupTableDescriptor,
    TAG.GreenPaletteColorLookupTableData,
    TAG.SegmentedGreenPaletteColorLookupTableData,
  ],
  [
    TAG.BluePaletteColorLookupTableDescriptor,
    TAG.BluePaletteColorLookupTableData,
    TAG.SegmentedBluePaletteColorLookupTableData,
  ],
] as const;

/** The palette of a data set or item; undefined when it has none, as when it is only referred to. Throws InstanceError `codec-failed` for one that is damaged. */
export async function readPalette(
  source: ByteSource,
  elements: readonly Element[],
  isBigEndian: boolean,
  isSigned: boolean,
): Promise<Palette | undefined> {
  const tables: Uint8Array[] = [];
  let first = 0;
  for (const [descriptorTag, dataTag, segmentedTag] of CHANNELS) {
    const descriptor = await wordsOf(source, findElement(elements, descriptorTag), isBigEndian);
    const plain = findElement(elements, dataTag);
    const segmented = findElement(elements, segmentedTag);
    if (descriptor.length < 3 || (plain === undefined && segmented === undefined)) return undefined;
    const entries = descriptor[0] === 0 ? 0x10000 : descriptor[0];
    first = isSigned ? (descriptor[1] << 16) >> 16 : descriptor[1];
    const words = await wordsOf(source, plain ?? segmented, isBigEndian);
    tables.push(to8Bits(plain === undefined ? expand(words, entries) : unpack(words, entries), entries));
  }
  if (tables.some((table) => table.length !== tables[0].length)) {
    throw new InstanceError('codec-failed', 'The tables of the palette differ in length');
  }
  return { first, red: tables[0], green: tables[1], blue: tables[2] };
}

async function wordsOf(source: ByteSource, element: Element | undefined, isBigEndian: boolean): Promise<Uint16Array> {
  if (element === undefined || element.valueLength > MAX_TABLE_BYTES) return new Uint16Array(0);
  const bytes = await source.read(element.valueStart, element.valueLength);
  const words = new Uint16Array(bytes.length >>> 1);
  for (let i = 0; i < words.length; i++) words[i] = isBigEndian ? bytes.readUInt16BE(i * 2) : bytes.readUInt16LE(i * 2);
  return words;
}

/** One entry a word; older files pack two entries of 8 bits into one. */
function unpack(words: Uint16Array, entries: number): Uint16Array {
  if (words.length >= entries || words.length * 2 < entries) return words;
  return Uint16Array.from({ length: entries }, (_, i) => (words[i >> 1] >> (i % 2 === 0 ? 0 : 8)) & 0xff);
}

/** Segments of PS3.3 C.7.9.2: 0 discrete, 1 linear, 2 indirect. */
function expand(words: Uint16Array, entries: number): Uint16Array {
  const out = new Uint16Array(entries);
  let length = 0;
  const run = (from: number, segments: number, isNested: boolean): number => {
    let at = from;
    for (let n = 0; n < segments && at + 1 < words.length && length < entries; n++) {
      const [opcode, count] = [words[at], words[at + 1]];
      if (opcode === 0) {
        for (let i = 0; i < count && length < entries; i++) out[length++] = words[at + 2 + i];
        at += 2 + count;
      } else if (opcode === 1) {
        const [start, end] = [length === 0 ? 0 : out[length - 1], words[at + 2]];
        for (let i = 1; i <= count && length < entries; i++) out[length++] = start + ((end - start) * i) / count;
        at += 3;
      } else if (opcode === 2 && !isNested) {
        run(words[at + 2] + words[at + 3] * 0x10000, count, true);
        at += 4;
      } else {
        throw new InstanceError('codec-failed', 'A segmented palette has a segment of no known kind');
      }
    }
    return at;
  };
  run(0, words.length, false);
  return out.subarray(0, length);
}

/** Bits of the descriptor lie often enough: a table that never exceeds 255 is one of 8 bits. */
function to8Bits(words: Uint16Array, entries: number): Uint8Array {
  let isDeep = false;
  for (const word of words) isDeep ||= word > 0xff;
  return Uint8Array.from({ length: entries }, (_, i) => {
    const word = i < words.length ? words[i] : 0;
    return isDeep ? word >> 8 : word;
  });
}

/** The colour of a value; those outside the table take the first or the last entry. */
export function colourAt({ first, red, green, blue }: Palette, value: number): readonly [number, number, number] {
  const entry = Math.max(0, Math.min(red.length - 1, value - first));
  return [red[entry], green[entry], blue[entry]];
}
