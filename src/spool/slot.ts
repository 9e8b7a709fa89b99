// What the spool remembers of each record that is not released: where it stands, nothing of its content.
import type { SpoolRecord } from '../pipeline/ports.ts';
import { PAGE_BYTES } from './file-io.ts';
import type { Segment, SegmentPlace } from './segment.ts';

/** About 100 bytes: a backlog of a million records must fit in memory. */
export interface Slot {
  /** Undefined: the record has a file of its own. */
  segment: Segment | undefined;
  index: number;
  offset: number;
  headLength: number;
  readonly length: number;
  /** The checksum of its file was compared in this process. */
  isVerified: boolean;
  /** Open readers of its own file. */
  readers: number;
}

export function slotAt(place: SegmentPlace, record: SpoolRecord): Slot {
  const { segment, index, offset, headLength } = place;
  return { segment, index, offset, headLength, length: record.length, isVerified: true, readers: 0 };
}

export function slotOfOwnFile(record: SpoolRecord): Slot {
  const { length } = record;
  return { segment: undefined, index: 0, offset: 0, headLength: PAGE_BYTES, length, isVerified: false, readers: 0 };
}
