// Opens a segment that an earlier process left, whatever state its first page is in.
import { stat, unlink } from 'node:fs/promises';
import { closeFile, openFile, PAGE_BYTES, readInto } from './file-io.ts';
import { decodeRecordHead, decodeSegmentHead } from './record-format.ts';
import { Segment } from './segment.ts';

/**
 * Undefined, and the file gone, when its creation was cut short: the first page is written last. When the first page is
 * damaged the first record names the stamp; the segment is then sealed.
 */
export async function openSegment(path: string, synced: boolean): Promise<Segment | undefined> {
  const fd = await openFile(path, synced);
  const pages = Buffer.alloc(2 * PAGE_BYTES);
  await readInto(fd, pages, 0);
  const head = decodeSegmentHead(pages);
  if (head !== undefined) return new Segment({ path, fd, ...head });
  const first = decodeRecordHead(pages.subarray(PAGE_BYTES));
  if (first !== undefined) {
    const { size } = await stat(path);
    const capacity = size - (size % PAGE_BYTES);
    const segment = new Segment({ path, fd, capacity, stamp: first.place.stamp, sequence: 0 });
    segment.sealedAt = performance.now();
    return segment;
  }
  await closeFile(fd);
  await unlink(path);
  return undefined;
}
