// Changes of bytes in place: runs at a steady distance that take a pattern. What a rectangle of an image is in its bytes.

export interface Patch {
  /** Offset of the first run. */
  readonly start: number;
  readonly runBytes: number;
  /** From the beginning of one run to that of the next; not less than `runBytes`. */
  readonly strideBytes: number;
  readonly runs: number;
  /** Repeated from the beginning of each run. */
  readonly pattern: Buffer;
  /** Which bits of the pattern count, as long as the pattern; all of them when undefined. */
  readonly mask?: Buffer | undefined;
}

/** Offset behind the last run. */
export function endOf(patch: Patch): number {
  return patch.start + (patch.runs - 1) * patch.strideBytes + patch.runBytes;
}

/** The patch counted from another place. */
export function moved(patch: Patch, by: number): Patch {
  return { ...patch, start: patch.start + by };
}

/** Applies what of the patch falls into `bytes`, the first of which is at `offset`. */
export function applyPatch(bytes: Buffer, offset: number, patch: Patch): void {
  const { start, runBytes, strideBytes, runs } = patch;
  const end = offset + bytes.length;
  const first = Math.max(0, Math.floor((offset - start - runBytes) / strideBytes) + 1);
  for (let run = first; run < runs; run++) {
    const runStart = start + run * strideBytes;
    if (runStart >= end) return;
    const from = Math.max(runStart, offset);
    fill(bytes, from - offset, Math.min(runStart + runBytes, end) - offset, patch, from - runStart);
  }
}

function fill(bytes: Buffer, from: number, end: number, { pattern, mask }: Patch, phase: number): void {
  if (mask === undefined && pattern.length === 1) {
    bytes.fill(pattern[0], from, end);
    return;
  }
  for (let i = from, p = phase % pattern.length; i < end; i++) {
    bytes[i] = mask === undefined ? pattern[p] : (bytes[i] & ~mask[p]) | (pattern[p] & mask[p]);
    if (++p === pattern.length) p = 0;
  }
}
