// What the header of a compressed frame says about its size, read before a codec sees it: a codec must never be asked for more, or
// less, than the attributes promise. ITU-T T.81 B.2.2, T.87 C.2.2, T.800 A.5.1, ISO/IEC 18181-1 and -2.

export interface CodestreamSize {
  readonly columns: number;
  readonly rows: number;
  /** Undefined where reading it would take a decoder (JPEG XL). */
  readonly components: number | undefined;
  readonly bitsPerSample: number | undefined;
}

export type CodestreamFormat = 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'ht-jpeg-2000' | 'jpeg-xl';

/** True when the bytes are the beginning of a frame in this format. */
export function isFrameStart(format: CodestreamFormat, bytes: Buffer): boolean {
  const head = bytes.toString('hex', 0, 12);
  if (format === 'jpeg' || format === 'jpeg-ls') return head.startsWith('ffd8ff');
  if (format === 'jpeg-xl') return head.startsWith('ff0a') || head === '0000000c4a584c200d0a870a';
  return head.startsWith('ff4fff51') || head === '0000000c6a5020200d0a870a';
}

/** Size of the picture in the codestream; undefined when the header is not that of the format. */
export function readCodestreamSize(format: CodestreamFormat, frame: Buffer): CodestreamSize | undefined {
  if (!isFrameStart(format, frame)) return undefined;
  if (format === 'jpeg' || format === 'jpeg-ls') return readJpegSize(frame);
  return format === 'jpeg-xl' ? readJpegXlSize(frame) : readJpeg2000Size(frame);
}

/** True when the frame ends with an EOI or EOC marker, padding behind it aside. */
export function hasEndMarker(frame: Buffer): boolean {
  let end = frame.length;
  while (end > 1 && frame[end - 1] === 0) end--;
  return end > 1 && frame[end - 2] === 0xff && frame[end - 1] === 0xd9;
}

/** Looks for the frame header: SOF0 to SOF15 without DHT, JPG and DAC, or SOF55 of JPEG-LS. */
function readJpegSize(frame: Buffer): CodestreamSize | undefined {
  let at = 2;
  while (at + 9 < frame.length) {
    if (frame[at] !== 0xff) return undefined;
    const marker = frame[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrameHeader = (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
    if (isFrameHeader) {
      return {
        bitsPerSample: frame[at + 4],
        rows: frame.readUInt16BE(at + 5),
        columns: frame.readUInt16BE(at + 7),
        components: frame[at + 9],
      };
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + frame.readUInt16BE(at + 2);
  }
  return undefined;
}

/** The SIZ segment, which is always the first; in a JP2 file, which PS3.5 forbids and some send, that of the first codestream box. */
function readJpeg2000Size(frame: Buffer): CodestreamSize | undefined {
  const start = frame[0] === 0xff ? 0 : boxContent(frame, 'jp2c');
  if (start === undefined || start + 42 > frame.length || frame.readUInt32BE(start) !== 0xff4fff51) return undefined;
  return {
    columns: frame.readUInt32BE(start + 8) - frame.readUInt32BE(start + 16),
    rows: frame.readUInt32BE(start + 12) - frame.readUInt32BE(start + 20),
    components: frame.readUInt16BE(start + 40),
    bitsPerSample: start + 42 < frame.length ? (frame[start + 42] & 0x7f) + 1 : undefined,
  };
}

/** Offset of the content of the first box of this type (ISO/IEC 14496-12 boxes, 32-bit lengths). */
function boxContent(frame: Buffer, type: string): number | undefined {
  for (let at = 0; at + 8 <= frame.length;) {
    const length = frame.readUInt32BE(at);
    if (frame.toString('latin1', at + 4, at + 8) === type) return at + 8;
    if (length < 8) return undefined;
    at += length;
  }
  return undefined;
}

/** ISO/IEC 18181-1 D.2, SizeHeader: bits least significant first. */
function readJpegXlSize(frame: Buffer): CodestreamSize | undefined {
  const partial = frame[0] === 0xff ? undefined : boxContent(frame, 'jxlp');
  const start =
    frame[0] === 0xff ? 0 : (boxContent(frame, 'jxlc') ?? (partial === undefined ? undefined : partial + 4));
  if (start === undefined || start + 12 > frame.length || frame.readUInt16BE(start) !== 0xff0a) return undefined;
  const read = bitReader(frame, start + 2);
  const isSmall = read(1) === 1;
  const dimension = (): number => (isSmall ? (read(5) + 1) * 8 : read([9, 13, 18, 30][read(2)]) + 1);
  const rows = dimension();
  const ratio = read(3);
  const [numerator, denominator] = ASPECT_RATIOS[ratio];
  const columns = ratio === 0 ? dimension() : Math.floor((rows * numerator) / denominator);
  return { rows, columns, components: undefined, bitsPerSample: undefined };
}

const ASPECT_RATIOS = [
  [1, 1],
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
] as const;

function bitReader(bytes: Buffer, start: number): (count: number) => number {
  let bit = start * 8;
  return (count) => {
    let value = 0;
    for (let i = 0; i < count; i++, bit++) value += ((bytes[bit >> 3] >> (bit & 7)) & 1) * 2 ** i;
    return value;
  };
}
