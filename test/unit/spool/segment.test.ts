import { constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import { closeFile } from '../../../src/spool/file-io.ts';
import { Segment } from '../../../src/spool/segment.ts';
import { bytesOf, FACTS, temporaryDirectory } from './fixtures.ts';

const PAGE = 4096;

async function createSegment(): Promise<Segment> {
  const path = join(await temporaryDirectory(), 'segment');
  const signal = new AbortController().signal;
  return Segment.create({ path, capacity: 64 * PAGE, sequence: 1, synced: false, isPrewritten: true, signal });
}

function filled(length: number): { record: Parameters<Segment['append']>[0][number]['record']; bytes: Buffer } {
  return {
    record: { ...FACTS, recordId: 'r' as RecordId, receivedAt: 1, length, checksum: 0 },
    bytes: bytesOf(length),
  };
}

describe('a segment', () => {
  it('takes no record beyond its capacity, nor after it was sealed', async () => {
    const segment = await createSegment();
    expect(segment.hasRoomFor(63 * PAGE)).toBe(true);
    expect(segment.hasRoomFor(63 * PAGE + 1)).toBe(false);
    segment.sealedAt = 1;
    expect(segment.hasRoomFor(1)).toBe(false);
    await closeFile(segment.fd);
  });

  it('counts a failed record as settled, not as live', async () => {
    const segment = await createSegment();
    await closeFile(segment.fd);
    const readOnly = openSync(segment.path, constants.O_RDONLY);
    const { path, capacity, stamp, sequence } = segment;
    const broken = new Segment({ path, fd: readOnly, capacity, stamp, sequence });
    await expect(broken.append([filled(10)])).rejects.toMatchObject({ code: 'EBADF' });
    expect([broken.liveRecords, broken.settledIndex]).toEqual([0, 1]);
    await closeFile(readOnly);
  });

  it('tells how far it is settled while records are under way', async () => {
    const segment = await createSegment();
    const writing = segment.append([filled(100), filled(5_000)]);
    expect(segment.settledIndex).toBe(0);
    const places = await writing;
    expect(segment.settledIndex).toBe(2);
    expect(places.map(({ index, offset }) => [index, offset])).toEqual([
      [0, PAGE],
      [1, 2 * PAGE],
    ]);
    expect([segment.liveRecords, segment.liveBytes, segment.tail]).toEqual([2, 3 * PAGE, 4 * PAGE]);
    await closeFile(segment.fd);
  });

  it('never shows the indexes of its last use under a new stamp', async () => {
    const segment = await createSegment();
    await segment.append([filled(100)]);
    const { stamp } = segment;
    const beginning = segment.beginAnew(2);
    expect(segment.stamp).not.toBe(stamp);
    expect(segment.settledIndex).toBe(0);
    await beginning;
    await closeFile(segment.fd);
  });
});
