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
