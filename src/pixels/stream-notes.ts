// What a compressed frame carries beside its picture: comments, application data (Exif, XMP), previews, bytes behind its end. No viewer shows
// them and no finder sees them, but they leave with the frame. ITU-T T.81 B.2.4 and T.871, T.87, T.800 A.9 and I.5, ISO/IEC 18181-2.
import type { CodestreamFormat } from './codestream.ts';

export interface StreamNote {
  /** `comment`: free text, mostly the name of the encoder. `application`, `preview`, `behind`: whatever a program put there. */
  readonly kind: 'comment' | 'application' | 'preview' | 'behind';
  /** In the frame. The bytes may become zeros: every decoder takes the frame for the same picture. */
  readonly start: number;
  readonly length: number;
}

const NOTHING: readonly StreamNote[] = [];

/** The notes of one frame, ascending, those of zeros only left out. What breaks the format ends the search: whether it is a frame is for the codec to say. */
export function streamNotesOf(format: CodestreamFormat, frame: Buffer): readonly StreamNote[] {
  const found = format === 'jpeg' || format === 'jpeg-ls' ? jpegNotes(frame, format === 'jpeg-ls') : boxedNotes(frame);
  return found.filter(({ start, length }) => !isZero(frame, start, length));
}

function isZero(frame: Buffer, start: number, length: number): boolean {
  for (let at = start; at < start + length; at++) if (frame[at] !== 0) return false;
  return true;
}

// ---- JPEG and JPEG-LS ----------------------------------------------------------------------------------------------

const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP15 = 0xef;
const COM = 0xfe;
/** Colour profiles, the colour transforms of Adobe and of JPEG-LS: decoders ask for them. */
const NEEDED = /^(?:ICC_PROFILE|Adobe|mrfx|SPIFF)/;
/** Bytes of a JFIF segment before its preview: identifier, version, densities, size of the preview. */
const JFIF_BYTES = 14;
const JFXX_BYTES = 6;

function jpegNotes(frame: Buffer, isJpegLs: boolean): readonly StreamNote[] {
  const notes: StreamNote[] = [];
  for (let at = 2; at + 4 <= frame.length && frame[at] === 0xff;) {
    const marker = frame[at + 1];
    if (marker === 0xff) at++;
    else if (isAlone(marker)) at += 2;
    else if (marker === EOI) return [...notes, { kind: 'behind', start: at + 2, length: frame.length - at - 2 }];
    else {
      const [start, end] = [at + 4, at + 2 + frame.readUInt16BE(at + 2)];
      if (end > frame.length || end < start) return notes;
      if (marker === COM) notes.push({ kind: 'comment', start, length: end - start });
      else if (marker >= APP0 && marker <= APP15) notes.push(...applicationNotes(frame, start, end));
      at = marker === SOS ? endOfScan(frame, end, isJpegLs) : end;
    }
  }
  return notes;
}

/** Markers without parameters: TEM, RST0 to RST7, SOI. */
function isAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

function applicationNotes(frame: Buffer, start: number, end: number): readonly StreamNote[] {
  const name = frame.toString('latin1', start, Math.min(end, start + 12));
  if (NEEDED.test(name)) return NOTHING;
  const own = name.startsWith('JFIF\0') ? JFIF_BYTES : name.startsWith('JFXX\0') ? JFXX_BYTES : 0;
  if (end <= start + own) return NOTHING;
  return [{ kind: own > 0 ? 'preview' : 'application', start: start + own, length: end - start - own }];
}

/** Where the next marker is that ends the entropy-coded data: behind 0xFF stands no stuffing (0 in JPEG, below 0x80 in JPEG-LS) and no restart. */
function endOfScan(frame: Buffer, from: number, isJpegLs: boolean): number {
  for (let at = frame.indexOf(0xff, from); at >= 0 && at + 1 < frame.length; at = frame.indexOf(0xff, at)) {
    const next = frame[at + 1];
    const isData = isJpegLs ? next < 0x80 : next === 0;
    if (next !== 0xff && !isData && !isAlone(next)) return at;
    at += next === 0xff ? 1 : 2;
  }
  return frame.length;
}

// ---- JPEG 2000 and JPEG XL, which may come in boxes ---------------------------------------------------------------

const CODESTREAM = 'jp2c';
const APPLICATION_BOXES: ReadonlySet<string> = new Set([
  'xml ',
  'uuid',
  'uinf',
  'Exif',
  'jumb',
  'brob',
  'cidx',
  'free',
  'skip',
]);
const BOX_HEADER_BYTES = 8;

function boxedNotes(frame: Buffer): readonly StreamNote[] {
  if (frame[0] === 0xff) return frame[1] === 0x4f ? codestreamNotes(frame, 0, frame.length) : NOTHING;
  const notes: StreamNote[] = [];
  for (let at = 0; at + BOX_HEADER_BYTES <= frame.length;) {
    const length = frame.readUInt32BE(at);
    // 0: up to the end. 1: a length of 64 bits, which no frame needs.
    const end = length === 0 ? frame.length : at + length;
    if (end > frame.length || end < at + BOX_HEADER_BYTES) return notes;
    const type = frame.toString('latin1', at + 4, at + 8);
    const start = at + BOX_HEADER_BYTES;
    if (type === CODESTREAM) notes.push(...codestreamNotes(frame, start, end));
    else if (APPLICATION_BOXES.has(type)) notes.push({ kind: 'application', start, length: end - start });
    at = end;
  }
  return notes;
}

const MARKER = { SOT: 0xff90, SOD: 0xff93, EOC: 0xffd9, COM: 0xff64 } as const;
/** Marker, length and registration of a comment. */
const COMMENT_HEADER_BYTES = 6;

/** Main header, then tile-parts, each with a header of its own: [start, end) of the frame is a JPEG 2000 codestream. */
function codestreamNotes(frame: Buffer, from: number, until: number): readonly StreamNote[] {
  const notes: StreamNote[] = [];
  let tileEnd = 0;
  for (let at = from + 2; at + 2 <= until;) {
    const marker = frame.readUInt16BE(at);
    if (marker === MARKER.EOC) return [...notes, { kind: 'behind', start: at + 2, length: until - at - 2 }];
    if (marker === MARKER.SOD) {
      if (tileEnd <= at || tileEnd > until) return notes;
      at = tileEnd;
      continue;
    }
    if (at + 4 > until) return notes;
    const end = at + 2 + frame.readUInt16BE(at + 2);
    if (end > until || end < at + 4) return notes;
    if (marker === MARKER.COM && end > at + COMMENT_HEADER_BYTES)
      notes.push({ kind: 'comment', start: at + COMMENT_HEADER_BYTES, length: end - at - COMMENT_HEADER_BYTES });
    if (marker === MARKER.SOT && end >= at + 12) {
      const length = frame.readUInt32BE(at + 6);
      // 0: up to the end of the codestream.
      tileEnd = length === 0 ? frame.lastIndexOf(Buffer.from('ffd9', 'hex'), until - 2) : at + length;
    }
    at = end;
  }
  return notes;
}
