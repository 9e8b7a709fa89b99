// How a record stands on the disk: a fixed prefix, the facts as JSON, then the data set. A record describes itself, so that
// the synced record alone is the custody; the prefix names the writing of the segment it belongs to.
import { crc32 } from 'node:zlib';
import { asAeTitle } from '../core/brands.ts';
import type { RecordId } from '../core/brands.ts';
import type { SpoolRecord } from '../pipeline/ports.ts';
import { PAGE_BYTES } from './file-io.ts';

const RECORD_MAGIC = 0x4c455448; // 'LETH'
const SEGMENT_MAGIC = 0x4c455345; // 'LESE'
const FORMAT_VERSION = 1;
const PREFIX_BYTES = 64;
const CHECKSUM_AT = PREFIX_BYTES - 4;

/** Bytes of a stamp. */
const STAMP_BYTES = 8;

/**
 * Place of a record among those of its segment, and how far the segment was settled when the record was written: every
 * record of the same stamp with a lower index than `settled` had then been acknowledged or given up. So a broken record
 * below the highest `settled` is damage, and one above it was never acknowledged.
 */
export interface RecordPlace {
  /** 16 hexadecimal digits, drawn at random each time a segment is begun anew: bytes of earlier use never pass for records. */
  readonly stamp: string;
  readonly index: number;
  readonly settled: number;
}

export interface RecordHead {
  readonly record: SpoolRecord;
  readonly place: RecordPlace;
  /** Bytes of prefix and facts: the data set follows them in a segment. */
  readonly headLength: number;
}

/** Prefix and facts of a record; at most one page. Layout: see `decodeRecordHead`. */
export function encodeRecordHead(record: SpoolRecord, place: RecordPlace): Buffer {
  const { length, checksum, ...told } = record;
  const facts = Buffer.from(JSON.stringify(told));
  const head = Buffer.alloc(PREFIX_BYTES + facts.length);
  head.writeUInt32BE(RECORD_MAGIC, 0);
  head.writeUInt32LE(FORMAT_VERSION, 4);
  head.write(place.stamp, 8, STAMP_BYTES, 'hex');
  head.writeUInt32LE(place.index, 16);
  head.writeUInt32LE(place.settled, 20);
  head.writeUInt32LE(facts.length, 24);
  head.writeUInt32LE(checksum, 28);
  head.writeUIntLE(length, 32, 6);
  facts.copy(head, PREFIX_BYTES);
  head.writeUInt32LE(headChecksum(head), CHECKSUM_AT);
  return head;
}

/** The head that begins at `page`, or undefined when these bytes are not one, whole and undamaged. */
export function decodeRecordHead(page: Buffer): RecordHead | undefined {
  if (page.length < PREFIX_BYTES || page.readUInt32BE(0) !== RECORD_MAGIC || page.readUInt32LE(4) !== FORMAT_VERSION)
    return undefined;
  const headLength = PREFIX_BYTES + page.readUInt32LE(24);
  if (headLength > Math.min(PAGE_BYTES, page.length)) return undefined;
  const head = page.subarray(0, headLength);
  if (head.readUInt32LE(CHECKSUM_AT) !== headChecksum(head)) return undefined;
  const told = readFacts(head.toString('utf8', PREFIX_BYTES));
  if (told === undefined) return undefined;
  return {
    record: { ...told, length: head.readUIntLE(32, 6), checksum: head.readUInt32LE(28) },
    place: {
      stamp: head.toString('hex', 8, 8 + STAMP_BYTES),
      index: head.readUInt32LE(16),
      settled: head.readUInt32LE(20),
    },
    headLength,
  };
}

function headChecksum(head: Buffer): number {
  return crc32(head.subarray(PREFIX_BYTES), crc32(head.subarray(0, CHECKSUM_AT)));
}

function readFacts(json: string): Omit<SpoolRecord, 'length' | 'checksum'> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const facts = value as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined => (typeof facts[name] === 'string' ? facts[name] : undefined);
  const recordId = text('recordId');
  const callingAeTitle = asAeTitle(text('callingAeTitle') ?? '');
  const calledAeTitle = asAeTitle(text('calledAeTitle') ?? '');
  const peerAddress = text('peerAddress');
  const sopClassUid = text('sopClassUid');
  const sopInstanceUid = text('sopInstanceUid');
  const transferSyntaxUid = text('transferSyntaxUid');
  if (
    recordId === undefined ||
    callingAeTitle === undefined ||
    calledAeTitle === undefined ||
    peerAddress === undefined ||
    sopClassUid === undefined ||
    sopInstanceUid === undefined ||
    transferSyntaxUid === undefined ||
    typeof facts['receivedAt'] !== 'number'
  )
    return undefined;
  return {
    recordId: recordId as RecordId,
    callingAeTitle,
    calledAeTitle,
    peerAddress,
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUid,
    receivedAt: facts['receivedAt'],
  };
}

/** What the first page of a segment says. */
export interface SegmentHead {
  readonly stamp: string;
  /** Rises with each beginning of a segment in this spool: the order in which segments were filled. */
  readonly sequence: number;
  /** Bytes that the segment may grow to. */
  readonly capacity: number;
}

/** The first page of a segment. */
export function encodeSegmentHead(segment: SegmentHead): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  page.writeUInt32BE(SEGMENT_MAGIC, 0);
  page.writeUInt32LE(FORMAT_VERSION, 4);
  page.write(segment.stamp, 8, STAMP_BYTES, 'hex');
  page.writeUIntLE(segment.sequence, 16, 6);
  page.writeUIntLE(segment.capacity, 24, 6);
  page.writeUInt32LE(headChecksum(page.subarray(0, PREFIX_BYTES)), CHECKSUM_AT);
  return page;
}

export function decodeSegmentHead(page: Buffer): SegmentHead | undefined {
  if (page.length < PREFIX_BYTES || page.readUInt32BE(0) !== SEGMENT_MAGIC || page.readUInt32LE(4) !== FORMAT_VERSION)
    return undefined;
  if (page.readUInt32LE(CHECKSUM_AT) !== headChecksum(page.subarray(0, PREFIX_BYTES))) return undefined;
  return {
    stamp: page.toString('hex', 8, 8 + STAMP_BYTES),
    sequence: page.readUIntLE(16, 6),
    capacity: page.readUIntLE(24, 6),
  };
}
