// Finds the records of a segment that an earlier process left behind, however it ended.
import { crc32 } from 'node:zlib';
import { systemCodeOf } from '../core/errors.ts';
import type { SpoolRecord } from '../pipeline/ports.ts';
import { PAGE_BYTES, readInto, roundToPages } from './file-io.ts';
import { decodeRecordHead } from './record-format.ts';
import type { Segment } from './segment.ts';

/** A record found on the disk. */
export interface FoundRecord {
  readonly record: SpoolRecord;
  readonly index: number;
  readonly offset: number;
  readonly headLength: number;
}

export interface SegmentScan {
  readonly found: readonly FoundRecord[];
  /** Acknowledged records that are neither found nor released. */
  readonly unreadable: number;
}

/** No record lies farther than this behind the last good one: see appender.ts. */
const MAX_UNSETTLED_BYTES = 36 << 20;
const HOP_BYTES = 4 * PAGE_BYTES;
const SWEEP_BYTES = 1 << 20;
const VERIFY_BYTES = 1 << 20;

interface Head extends FoundRecord {
  readonly settled: number;
}

/**
 * Reads heads from record to record. Behind a broken one it looks at every page: another association's record may
 * stand there. Records above the settled mark may be torn: their data are compared, and those that differ are left
 * out, they were never acknowledged. Sets the tail of the segment and seals it when something torn lies behind it.
 * @param notedAsSettled what the journal knows of the settled mark
 */
export async function scanSegment(
  segment: Segment,
  released: ReadonlySet<number>,
  notedAsSettled: number,
): Promise<SegmentScan> {
  const heads = await readHeads(segment);
  let settled = notedAsSettled;
  for (const head of heads) settled = Math.max(settled, head.settled);
  const found: FoundRecord[] = [];
  const seen = new Set<number>();
  for (const head of heads) {
    seen.add(head.index);
    segment.nextIndex = Math.max(segment.nextIndex, head.index + 1);
    const end = head.offset + roundToPages(head.headLength + head.record.length);
    segment.tail = Math.max(segment.tail, end);
    if (released.has(head.index)) continue;
    if (head.index >= settled && !(await isIntact(segment.fd, head.offset + head.headLength, head.record))) {
      segment.sealedAt ??= performance.now();
      continue;
    }
    found.push(head);
  }
  let unreadable = 0;
  for (let index = 0; index < settled; index++) if (!seen.has(index) && !released.has(index)) unreadable++;
  return { found, unreadable };
}

async function readHeads(segment: Segment): Promise<Head[]> {
  const heads: Head[] = [];
  const window = Buffer.allocUnsafeSlow(SWEEP_BYTES);
  let windowStart = 0;
  let windowBytes = 0;
  let offset = PAGE_BYTES;
  let lastGood = PAGE_BYTES;
  while (offset < segment.capacity && offset - lastGood <= MAX_UNSETTLED_BYTES) {
    if (offset < windowStart || offset + PAGE_BYTES > windowStart + windowBytes) {
      const wanted = offset === lastGood ? HOP_BYTES : SWEEP_BYTES;
      windowStart = offset;
      windowBytes = await readWhatIsThere(segment.fd, window.subarray(0, wanted), offset);
      if (windowBytes === 0) break;
    }
    const at = offset - windowStart;
    const head = decodeRecordHead(window.subarray(at, Math.min(at + PAGE_BYTES, windowBytes)));
    if (head?.place.stamp !== segment.stamp) {
      offset += PAGE_BYTES;
      continue;
    }
    const { record, headLength, place } = head;
    heads.push({ record, headLength, offset, index: place.index, settled: place.settled });
    offset += roundToPages(headLength + record.length);
    lastGood = offset;
  }
  return heads;
}

/** Like `readInto`, but pages that the device cannot read any more come as zeros. */
async function readWhatIsThere(fd: number, target: Buffer, position: number): Promise<number> {
  try {
    return await readInto(fd, target, position);
  } catch (error) {
    if (systemCodeOf(error) !== 'EIO') throw error;
    if (target.length > PAGE_BYTES) return readWhatIsThere(fd, target.subarray(0, PAGE_BYTES), position);
    target.fill(0);
    return target.length;
  }
}

/** Whether the data at `position` have the length and the checksum of the record. Rejects only when the disk fails. */
export async function isIntact(fd: number, position: number, record: SpoolRecord): Promise<boolean> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(VERIFY_BYTES, Math.max(record.length, 1)));
  let checksum = 0;
  for (let at = 0; at < record.length;) {
    const part = buffer.subarray(0, Math.min(buffer.length, record.length - at));
    if ((await readInto(fd, part, position + at)) < part.length) return false;
    checksum = crc32(part, checksum);
    at += part.length;
  }
  return checksum === record.checksum;
}
