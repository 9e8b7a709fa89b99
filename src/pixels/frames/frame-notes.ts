// What the compressed frames of an instance carry beside their pictures, with its place in the instance.
import { streamNotesOf } from '../stream-notes.ts';
import type { StreamNote } from '../stream-notes.ts';
import { formatOf, readEncodedFrame } from './encapsulated-frames.ts';
import type { EncapsulatedFrames } from './encapsulated-frames.ts';

export interface FrameNote {
  readonly kind: StreamNote['kind'];
  readonly bytes: Buffer;
  /** Where the bytes are in the source, in their order: a frame may lie in several fragments. */
  readonly places: readonly { readonly offset: number; readonly length: number }[];
}

/** The notes of one frame. Rejects with InstanceError `codec-failed` for a frame that is too long, and as the source does. */
export async function readFrameNotes(frames: EncapsulatedFrames, index: number): Promise<readonly FrameNote[]> {
  const format = formatOf(frames.codec);
  if (format === undefined) return [];
  const frame = await readEncodedFrame(frames, index);
  return streamNotesOf(format, frame).map(({ kind, start, length }) => ({
    kind,
    bytes: frame.subarray(start, start + length),
    places: placesOf(frames, index, start, length),
  }));
}

function placesOf(
  { fragments, ranges }: EncapsulatedFrames,
  index: number,
  start: number,
  length: number,
): FrameNote['places'] {
  const places: { offset: number; length: number }[] = [];
  let fragmentStart = 0;
  for (const fragment of fragments.slice(ranges[index].first, ranges[index].end)) {
    const from = Math.max(start, fragmentStart);
    const until = Math.min(start + length, fragmentStart + fragment.length);
    if (until > from) places.push({ offset: fragment.valueStart + from - fragmentStart, length: until - from });
    fragmentStart += fragment.length;
  }
  return places;
}
