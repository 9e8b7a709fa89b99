// The file of a clean copy: a page that tells what follows, the bytes that the copy has of its own, and behind them a line for each destination
// that has it. The long values of most instances leave as they came: of these the page names the range in the record of the spool.
import { crc32 } from 'node:zlib';
import type { RecordId } from '../core/brands.ts';
import type { SplicePlan } from '../dicom/element.ts';
import { readPlan } from '../dicom/plan-io.ts';
import type { CleanCopyFacts, CopyPart } from '../pipeline/roles/ports.ts';
import { PAGE_BYTES, writeAll } from './file-io.ts';

const FORMAT = 2;
/** A shorter range of the record is copied. */
const MIN_RANGE_BYTES = 16 << 10;
/** Of more ranges the page would not hold the places: all is copied then. */
const MAX_RANGES = 32;

/** A run of the copy: as many of its own bytes, or a range of the record. */
type Run = number | readonly [offset: number, length: number];

export interface Head {
  readonly format: typeof FORMAT;
  readonly recordId: RecordId;
  readonly runs: readonly Run[];
  /** Of the bytes of its own. */
  readonly length: number;
  readonly checksum: number;
  readonly facts: CleanCopyFacts;
}

interface Sent {
  readonly destination: string;
  readonly status: number;
}

/** Writes an empty file; the page last. @param isOfRecord as `CleanCopies.write` */
export async function writeCopy(
  fd: number,
  recordId: RecordId,
  facts: CleanCopyFacts,
  plan: SplicePlan,
  isOfRecord: boolean,
): Promise<void> {
  const runs: Run[] = [];
  let length = 0;
  let checksum = 0;
  for (const part of partsOf(plan, isOfRecord)) {
    if ('offset' in part) {
      runs.push([part.offset, part.length]);
      continue;
    }
    for await (const chunk of readPlan(part)) {
      checksum = crc32(chunk, checksum);
      await writeAll(fd, [chunk], PAGE_BYTES + length);
      length += chunk.length;
    }
    runs.push(part.length);
  }
  const head: Head = { format: FORMAT, recordId, runs, length, checksum, facts };
  const page = Buffer.alloc(PAGE_BYTES, ' ');
  page.write(JSON.stringify(head), 0, 'latin1');
  await writeAll(fd, [page], 0);
}

/** The plan as plans of what is copied, and the long ranges between them. */
function partsOf(plan: SplicePlan, isOfRecord: boolean): (SplicePlan | { offset: number; length: number })[] {
  const parts: (SplicePlan | { offset: number; length: number })[] = [];
  let copied: SplicePlan['pieces'][number][] = [];
  const close = (): void => {
    if (copied.length === 0) return;
    const length = copied.reduce((sum, piece) => sum + piece.length, 0);
    parts.push({ source: plan.source, pieces: copied, length });
    copied = [];
  };
  let ranges = 0;
  for (const piece of plan.pieces) {
    if (Buffer.isBuffer(piece) || piece.swapBytes !== undefined || piece.length < MIN_RANGE_BYTES) copied.push(piece);
    else {
      close();
      parts.push({ offset: piece.offset, length: piece.length });
      ranges++;
    }
  }
  close();
  return isOfRecord && ranges <= MAX_RANGES ? parts : [plan];
}

/** Our own writing, or what a power cut left of it: undefined then, and for a file of an earlier version. */
export function parseHead(page: Buffer): Head | undefined {
  try {
    const head = JSON.parse(page.toString('latin1')) as Head | null;
    return head?.format === FORMAT ? head : undefined;
  } catch {
    return undefined;
  }
}

/** @param own gives a run of the copy's own bytes */
export function readRuns(runs: readonly Run[], own: (offset: number, length: number) => CopyPart): CopyPart[] {
  let at = 0;
  return runs.map((run) => {
    if (typeof run !== 'number') return { kind: 'of-record', offset: run[0], length: run[1] };
    at += run;
    return own(at - run, run);
  });
}

export function formatSent(destination: string, status: number): Buffer {
  return Buffer.from(`${JSON.stringify({ destination, status } satisfies Sent)}\n`);
}

/** Torn lines are passed over: who wrote one did not know yet that it was sent. */
export function parseSent(lines: Buffer): ReadonlyMap<string, number> {
  const sent = new Map<string, number>();
  for (const line of lines.toString('utf8').split('\n')) {
    if (line === '') continue;
    try {
      const { destination, status } = JSON.parse(line) as Partial<Sent>;
      if (typeof destination === 'string' && typeof status === 'number') sent.set(destination, status);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return sent;
}
