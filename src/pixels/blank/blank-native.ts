// Blanks native pixel data where they are: a source that gives other bytes inside the regions, whatever the size of the instance.
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import { swapWords } from '../../dicom/byte-order.ts';
import { locateNativeFrames, readNativeFrame } from '../frames/native-frames.ts';
import type { PixelChange } from './blank-frames.ts';
import { framePatches } from './frame-patches.ts';
import { moved } from './patches.ts';
import type { Patch } from './patches.ts';
import { PatchedSource } from './patched-source.ts';

/** Rejects with InstanceError `codec-failed`, and as the source does. */
export async function blankNative(change: PixelChange, isBigEndian: boolean): Promise<ByteSource> {
  const { source, pixelData, attributes } = change;
  const frames = locateNativeFrames(source, pixelData, attributes, isBigEndian);
  const end = pixelData.valueStart + pixelData.valueLength;
  const patches: Patch[] = [];
  for (const index of change.frames) {
    if (index >= frames.frameCount) continue;
    const frame = await readNativeFrame(frames, index);
    const firstBit = index * frames.frameBits;
    const start = pixelData.valueStart + Math.floor(firstBit / 8);
    for (const patch of framePatches(change, frame, firstBit % 8)) {
      for (const turned of inByteOrder(patch, frames.wordSize, frame.layout.bitsAllocated, Math.floor(firstBit / 8))) {
        patches.push(...cutAt(moved(turned, start), end));
      }
    }
  }
  return new PatchedSource(source, patches);
}

/** The patch as big endian words have it. `at` is where the frame begins in the value. */
function inByteOrder(patch: Patch, wordSize: 1 | 2 | 4 | 8, bitsAllocated: number, at: number): readonly Patch[] {
  if (wordSize === 1) return [patch];
  if (bitsAllocated === wordSize * 8) {
    const mask = patch.mask === undefined ? undefined : swapWords(patch.mask, wordSize);
    return [{ ...patch, pattern: swapWords(patch.pattern, wordSize), mask }];
  }
  // Bytes in words of 16 bits: each changes places with its neighbour. The inside of a run stays where it is when all its bytes are equal.
  if (patch.pattern.some((byte) => byte !== patch.pattern[0]) || (patch.mask?.length ?? 1) !== 1) {
    throw new InstanceError('codec-failed', 'Bytes in big endian words can be blanked with equal bytes only');
  }
  const runs: Patch[] = [];
  for (let run = 0; run < patch.runs; run++) {
    const start = at + patch.start + run * patch.strideBytes;
    const end = start + patch.runBytes;
    const one = (from: number, until: number): void => {
      if (until <= from) return;
      runs.push({ ...patch, start: from - at, runBytes: until - from, strideBytes: until - from, runs: 1 });
    };
    const evenStart = start + (start % 2);
    const evenEnd = end - (end % 2);
    if (start % 2 === 1) one(start - 1, start);
    one(evenStart, evenEnd);
    if (end % 2 === 1) one(end, end + 1);
  }
  return runs;
}

/** What of the patch is inside a value that is shorter than its frames. */
function cutAt(patch: Patch, end: number): readonly Patch[] {
  const { start, runBytes, strideBytes, runs } = patch;
  if (start + (runs - 1) * strideBytes + runBytes <= end) return [patch];
  const whole = Math.max(0, Math.min(runs, Math.floor((end - start - runBytes) / strideBytes) + 1));
  const rest = start + whole * strideBytes;
  const parts: Patch[] = whole > 0 ? [{ ...patch, runs: whole }] : [];
  if (whole < runs && rest < end) {
    parts.push({ ...patch, start: rest, runBytes: Math.min(runBytes, end - rest), strideBytes: runBytes, runs: 1 });
  }
  return parts;
}
