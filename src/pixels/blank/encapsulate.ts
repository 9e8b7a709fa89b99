// An encapsulated Pixel Data element of old and new frames, with its offset tables (PS3.5 A.4, PS3.3 C.7.6.3.1.8 and C.7.6.3.1.9, 2026d).
import { BufferSource } from '../../core/bytes.ts';
import type { ByteSource } from '../../core/bytes.ts';
import type { Element, Fragment } from '../../dicom/element.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../../dicom/encodings.ts';
import {
  encodeDelimiter,
  encodeHeader,
  encodeItemHeader,
  SEQUENCE_DELIMITATION,
  UNDEFINED_LENGTH,
} from '../../dicom/header.ts';
import { TAG } from '../../standard/tags.ts';
import type { EncapsulatedFrames } from '../frames/encapsulated-frames.ts';
import { RopeSource } from './rope-source.ts';
import type { RopePart } from './rope-source.ts';

/** Where a new frame is in the scratch file. */
export interface NewFrame {
  readonly offset: number;
  /** Even. */
  readonly length: number;
  /** Without the padding. */
  readonly dataLength: number;
}

export interface EncapsulatedElement {
  /** The element alone, header and delimiter included. */
  readonly source: ByteSource;
  /** The element as it stands when `source` begins at this offset. */
  elementAt(offset: number): Element;
  /** Values of the extended offset tables. */
  readonly extended: { readonly offsets: Buffer; readonly lengths: Buffer };
  /** Encapsulated Pixel Data Value Total Length: the fragments with their headers, without table and delimiter. */
  readonly totalLength: number;
}

const ITEM_HEADER_BYTES = 8;
const LONGEST_BASIC_OFFSET = 0xffffffff;

/**
 * Frames without a new one keep their fragments, byte for byte; a new one is a single fragment. The basic offset table is written when there was one, or when
 * frames of several fragments could not be told apart without; never beside an extended one.
 */
export function encapsulate(
  original: Element,
  frames: EncapsulatedFrames,
  written: ReadonlyMap<number, NewFrame>,
  scratch: ByteSource,
  isExtended: boolean,
): EncapsulatedElement {
  const { source, fragments, ranges } = frames;
  const body: RopePart[] = [];
  const found: Fragment[] = [];
  const offsets: number[] = [];
  const lengths: number[] = [];
  let position = 0;
  const add = (from: ByteSource, offset: number, length: number): void => {
    const header = encodeItemHeader(EXPLICIT_LITTLE_ENDIAN, length);
    body.push(part(header), { source: from, offset, length });
    found.push({ valueStart: position + ITEM_HEADER_BYTES, length });
    position += ITEM_HEADER_BYTES + length;
  };
  for (const [index, { first, end }] of ranges.entries()) {
    offsets.push(position);
    const frame = written.get(index);
    if (frame !== undefined) {
      add(scratch, frame.offset, frame.length);
      lengths.push(frame.dataLength);
      continue;
    }
    const own = fragments.slice(first, end);
    for (const { valueStart, length } of own) add(source, valueStart, length);
    lengths.push(own.reduce((sum, { length }) => sum + length, 0));
  }
  const hadTable = (original.fragments?.at(0)?.length ?? 0) > 0;
  const isSplit = found.length !== ranges.length;
  const needsTable = !isExtended && (hadTable || isSplit) && offsets[offsets.length - 1] <= LONGEST_BASIC_OFFSET;
  const table = needsTable ? table32(offsets) : Buffer.alloc(0);
  const head = Buffer.concat([
    encodeHeader(EXPLICIT_LITTLE_ENDIAN, TAG.PixelData, 'OB', UNDEFINED_LENGTH),
    encodeItemHeader(EXPLICIT_LITTLE_ENDIAN, table.length),
    table,
  ]);
  const delimiter = encodeDelimiter(EXPLICIT_LITTLE_ENDIAN, SEQUENCE_DELIMITATION);
  const rope = new RopeSource([part(head), ...body, part(delimiter)]);
  const valueStart = head.length - table.length - ITEM_HEADER_BYTES;
  return {
    source: rope,
    elementAt: (offset) => ({
      tag: TAG.PixelData,
      vr: 'OB',
      encodedVr: 'OB',
      start: offset,
      valueStart: offset + valueStart,
      valueLength: rope.size - valueStart - delimiter.length,
      end: offset + rope.size,
      hasUndefinedLength: true,
      fragments: [
        { valueStart: offset + valueStart + ITEM_HEADER_BYTES, length: table.length },
        ...found.map((one) => ({ valueStart: offset + head.length + one.valueStart, length: one.length })),
      ],
    }),
    extended: { offsets: table64(offsets), lengths: table64(lengths) },
    totalLength: position,
  };
}

function part(bytes: Buffer): RopePart {
  return { source: new BufferSource(bytes), offset: 0, length: bytes.length };
}

function table32(entries: readonly number[]): Buffer {
  const table = Buffer.alloc(entries.length * 4);
  for (const [i, entry] of entries.entries()) table.writeUInt32LE(entry, i * 4);
  return table;
}

function table64(entries: readonly number[]): Buffer {
  const table = Buffer.alloc(entries.length * 8);
  for (const [i, entry] of entries.entries()) table.writeBigUInt64LE(BigInt(entry), i * 8);
  return table;
}
