// Which fragments make up which frame of encapsulated pixel data (PS3.5 A.4 and PS3.3 C.7.6.3.1.8, 2026d).
import { InstanceError } from '../core/errors.ts';
import type { Fragment } from '../dicom/element.ts';

/** Fragments [first, end) of the list without the basic offset table. */
export interface FrameRange {
  readonly first: number;
  readonly end: number;
}

/** Bytes of the item header in front of each fragment; offset tables count them. */
const ITEM_HEADER_BYTES = 8;

/** Entries of a basic offset table (32 bits) or an extended one (64 bits); empty when the length fits no whole number of them. */
export function readOffsets(table: Buffer, entryBytes: 4 | 8): readonly number[] {
  if (table.length % entryBytes !== 0) return [];
  return Array.from({ length: table.length / entryBytes }, (_, i) =>
    entryBytes === 4 ? table.readUInt32LE(i * 4) : Number(table.readBigUInt64LE(i * 8)),
  );
}

/**
 * The fragments of each frame: by the extended offset table, the basic one, one fragment a frame, or by where a codestream starts, whichever
 * of them fits the number of frames first; more codestreams than frames fit nothing, as the surplus would leave unseen. `startsFrame` tells
 * whether a fragment begins with the codec's start marker; undefined for a codec that has none. Throws InstanceError `codec-failed` when nothing fits.
 */
export function mapFrames(
  fragments: readonly Fragment[],
  numberOfFrames: number,
  offsetTables: readonly (readonly number[])[],
  startsFrame: readonly boolean[] | undefined,
): readonly FrameRange[] {
  const starts = startsFrame?.flatMap((isStart, i) => (isStart ? [i] : [])) ?? [];
  if (starts.length > numberOfFrames) throw undivided();
  if (numberOfFrames === 1 && fragments.length > 0 && starts.length <= 1) return rangesFrom([0], fragments.length);
  for (const offsets of offsetTables) {
    const found = startsByOffset(fragments, offsets);
    if (found?.length === numberOfFrames) return rangesFrom(found, fragments.length);
  }
  if (fragments.length === numberOfFrames) return fragments.map((_, i) => ({ first: i, end: i + 1 }));
  if (starts.length === numberOfFrames && starts[0] === 0) return rangesFrom(starts, fragments.length);
  throw undivided();
}

function undivided(): InstanceError {
  return new InstanceError(
    'codec-failed',
    'The fragments of the pixel data do not divide into the stated number of frames',
  );
}

function rangesFrom(starts: readonly number[], fragmentCount: number): readonly FrameRange[] {
  return starts.map((first, i) => ({ first, end: i + 1 < starts.length ? starts[i + 1] : fragmentCount }));
}

/** Index of the fragment at each offset; undefined when one points elsewhere or they do not ascend from 0. */
function startsByOffset(fragments: readonly Fragment[], offsets: readonly number[]): readonly number[] | undefined {
  if (offsets.length === 0 || offsets[0] !== 0) return undefined;
  const starts: number[] = [];
  let index = 0;
  let position = 0;
  for (const offset of offsets) {
    while (position < offset && index < fragments.length) position += fragments[index++].length + ITEM_HEADER_BYTES;
    if (position !== offset || index >= fragments.length || index === starts.at(-1)) return undefined;
    starts.push(index);
  }
  return starts;
}
