// RLE Lossless (PS3.5 Annex G, 2026d). Our own: it takes any Bits Allocated, and it refuses a segment that ends short or runs over.

const HEADER_BYTES = 64;
const MAX_SEGMENTS = 15;

/**
 * One frame, samples interleaved, words little endian. `pixels` and `samplesPerPixel` and `bitsAllocated` (1, 8, 16, 32) say how it is laid out.
 * Throws Error when the frame breaks Annex G.
 */
export function decodeRle(
  frame: Buffer,
  shape: { readonly pixels: number; readonly samplesPerPixel: number; readonly bitsAllocated: number },
): Buffer {
  const { samplesPerPixel, bitsAllocated } = shape;
  const bytesPerSample = Math.max(1, bitsAllocated / 8);
  const segmentBytes = bitsAllocated === 1 ? Math.ceil(shape.pixels / 8) : shape.pixels;
  const segments = samplesPerPixel * bytesPerSample;
  const bounds = segmentBounds(frame, segments);
  const out = Buffer.alloc(segmentBytes * segments);
  for (let segment = 0; segment < segments; segment++) {
    // Segments go sample by sample, the most significant byte of each first.
    const sample = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    decodeSegment(frame.subarray(bounds[segment], bounds[segment + 1]), out, sample * bytesPerSample + byte, segments);
  }
  return out;
}

/** Start of each segment and the end of the last. */
function segmentBounds(frame: Buffer, segments: number): readonly number[] {
  if (frame.length < HEADER_BYTES || segments > MAX_SEGMENTS) throw new Error('no RLE header');
  if (frame.readUInt32LE(0) !== segments) throw new Error('the number of RLE segments is not that of the attributes');
  const bounds = Array.from({ length: segments }, (_, i) => frame.readUInt32LE(4 + i * 4));
  bounds.push(frame.length);
  for (let i = 0; i < segments; i++) {
    if (bounds[i] < HEADER_BYTES || bounds[i] > bounds[i + 1]) throw new Error('RLE segments out of order');
  }
  return bounds;
}

/**
 * One frame, laid out as `decodeRle` gives it, each row encoded by itself (G.3.1). The segments are of even length.
 * At most 15 segments: three samples of 32 bits, or one of 64.
 */
export function encodeRle(
  pixels: Buffer,
  shape: { readonly columns: number; readonly samplesPerPixel: number; readonly bitsAllocated: number },
): Buffer {
  const { samplesPerPixel, bitsAllocated } = shape;
  const bytesPerSample = Math.max(1, bitsAllocated / 8);
  const segments = samplesPerPixel * bytesPerSample;
  const segmentBytes = pixels.length / segments;
  // Rows of single bits need not end at a byte, so that the segment is one run.
  const rowBytes = bitsAllocated === 1 ? segmentBytes : shape.columns;
  // Literal runs of 128 bytes take one byte more each.
  const longest = Math.ceil(segmentBytes / rowBytes) * (rowBytes + Math.ceil(rowBytes / 128));
  const out = Buffer.alloc(HEADER_BYTES + segments * (longest + 1));
  out.writeUInt32LE(segments, 0);
  let end = HEADER_BYTES;
  const plane = Buffer.alloc(segmentBytes);
  for (let segment = 0; segment < segments; segment++) {
    const sample = Math.floor(segment / bytesPerSample);
    const first = sample * bytesPerSample + bytesPerSample - 1 - (segment % bytesPerSample);
    for (let i = 0, from = first; i < segmentBytes; i++, from += segments) plane[i] = pixels[from];
    out.writeUInt32LE(end, 4 + segment * 4);
    for (let row = 0; row < segmentBytes; row += rowBytes) {
      end = encodeRun(plane, row, Math.min(row + rowBytes, segmentBytes), out, end);
    }
    end += end % 2;
  }
  return out.subarray(0, end);
}

/** Encodes bytes [from, end) as runs (G.3.1) to `out` at `at`; the place behind them. */
function encodeRun(bytes: Buffer, from: number, end: number, out: Buffer, at: number): number {
  let literal = from;
  let to = at;
  const flush = (until: number): void => {
    for (; literal < until; literal += 128) {
      const count = Math.min(128, until - literal);
      out[to++] = count - 1;
      bytes.copy(out, to, literal, literal + count);
      to += count;
    }
    literal = until;
  };
  for (let i = from; i < end;) {
    let run = 1;
    while (run < 128 && i + run < end && bytes[i + run] === bytes[i]) run++;
    // A pair inside a literal run would save nothing.
    if (run >= 3) {
      flush(i);
      out[to++] = 257 - run;
      out[to++] = bytes[i];
      literal = i + run;
    }
    i += run;
  }
  flush(end);
  return to;
}

/** Fills out[first], out[first + stride], … to the end. */
function decodeSegment(segment: Buffer, out: Buffer, first: number, stride: number): void {
  let to = first;
  let at = 0;
  while (to < out.length) {
    if (at + 1 >= segment.length) throw new Error('an RLE segment ends before its pixels do');
    const control = segment[at++];
    if (control === 128) continue;
    const isLiteral = control < 128;
    const count = isLiteral ? control + 1 : 257 - control;
    if (to + (count - 1) * stride >= out.length) throw new Error('an RLE run goes over the end of the frame');
    if (isLiteral && at + count > segment.length) throw new Error('an RLE run goes over the end of its segment');
    for (let i = 0; i < count; i++, to += stride) out[to] = segment[isLiteral ? at + i : at];
    at += isLiteral ? count : 1;
  }
  // Padding follows, if anything: more runs would be pixels that the attributes do not know of.
  for (; at < segment.length; at++) {
    if (segment[at] !== 0 && segment[at] !== 128) throw new Error('an RLE segment has more pixels than its frame');
  }
}
