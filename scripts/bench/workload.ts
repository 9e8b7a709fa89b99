// What the benchmarks send: the same synthetic CT slices and small reports for every program.
import { closeSync, mkdirSync, openSync, readdirSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { buildCtSeries, buildReport } from '../../src/synthetic/clinic.ts';
import type { Row, Verdict } from './report.ts';

export interface Workload {
  readonly directory: string;
  readonly instances: number;
  readonly megabytes: number;
}

export interface BenchContext {
  /** A folder on tmpfs: input, and storage of the sinks. */
  readonly memory: string;
  /** A folder on disk: data directories of what is measured. */
  readonly disk: string;
  readonly rounds: number;
  readonly rows: Row[];
  readonly verdicts: Verdict[];
}

/** It stands in each UID of the slices: seven digits, also after many renewals. */
const FIRST_SEED = 1_000_000;
const SEED_IN_UID = /\b(1\.3\.6\.1\.4\.1\.999999\.)\d{7}(?=\.)/g;
/** File meta information and data set up to the pixel data end before this. */
const HEAD_BYTES = 16 << 10;

/** CT slices of 512 x 512 x 16 bit, about 530 KB each. */
export function writeSlices(directory: string, slices: number): Workload {
  return write(directory, slices, buildCtSeries({ slices, rows: 512, columns: 512, seed: FIRST_SEED }));
}

let renewals = 0;

/**
 * Makes the slices those of a study that nobody has seen: new UIDs of study, series and instances, all else as it was. Whoever keeps what it
 * received would take the same slices for repeats, and store or look up what it need not.
 */
export function renewUids({ directory }: Workload): void {
  const seed = FIRST_SEED + ++renewals;
  const head = Buffer.alloc(HEAD_BYTES);
  for (const name of readdirSync(directory)) {
    const file = openSync(join(directory, name), 'r+');
    const length = readSync(file, head, 0, HEAD_BYTES, 0);
    const renewed = head.toString('latin1', 0, length).replace(SEED_IN_UID, (_, root: string) => root + String(seed));
    writeSync(file, renewed, 0, 'latin1');
    closeSync(file);
  }
}

/** Structured reports of about 8 KB. */
export function writeReports(directory: string, count: number): Workload {
  const reports = Array.from({ length: count }, (_, index) => buildReport({ kilobytes: 8, seed: index + 1 }));
  return write(directory, count, reports);
}

function write(directory: string, instances: number, files: Iterable<{ bytes: Buffer }>): Workload {
  mkdirSync(directory, { recursive: true });
  let index = 0;
  let total = 0;
  for (const { bytes } of files) {
    writeFileSync(join(directory, `${String(index++).padStart(6, '0')}.dcm`), bytes);
    total += bytes.length;
  }
  return { directory, instances, megabytes: total / 1e6 };
}
