// An RLE encoder for fixtures (PS3.5 Annex G): literal and replicate runs as they come.

function encodeSegment(bytes: Buffer): Buffer {
  const out: number[] = [];
  for (let at = 0; at < bytes.length;) {
    let run = 1;
    while (run < 128 && at + run < bytes.length && bytes[at + run] === bytes[at]) run++;
    if (run > 1) out.push(257 - run, bytes[at]);
    else out.push(0, bytes[at]);
    at += run;
  }
  return Buffer.from(out.length % 2 === 0 ? out : [...out, 128]);
}

/** One frame; `pixels` has its samples interleaved and its words little endian. */
export function encodeRle(pixels: Buffer, samplesPerPixel: number, bytesPerSample: number): Buffer {
  const stride = samplesPerPixel * bytesPerSample;
  const segments: Buffer[] = [];
  for (let sample = 0; sample < samplesPerPixel; sample++) {
    for (let byte = bytesPerSample - 1; byte >= 0; byte--) {
      const first = sample * bytesPerSample + byte;
      segments.push(encodeSegment(Buffer.from(pixels.filter((_, i) => i % stride === first))));
    }
  }
  const header = Buffer.alloc(64);
  header.writeUInt32LE(segments.length, 0);
  let offset = 64;
  for (const [i, segment] of segments.entries()) {
    header.writeUInt32LE(offset, 4 + i * 4);
    offset += segment.length;
  }
  return Buffer.concat([header, ...segments]);
}
