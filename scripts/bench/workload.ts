// What the benchmarks send: the same synthetic CT slices and small reports for every program.
import { mkdirSync, writeFileSync } from 'node:fs';
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

/** CT slices of 512 x 512 x 16 bit, about 530 KB each. */
export function writeSlices(directory: string, slices: number): Workload {
  return write(directory, slices, buildCtSeries({ slices, rows: 512, columns: 512, seed: 1 }));
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
