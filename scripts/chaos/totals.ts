// The counts of many runs together: a file with a line for each run, so that runs can follow each other or go side by side, on any day.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Topology } from '../../test/support/custody/gateway-rig.ts';
import type { Verdict } from '../../test/support/custody/verdict.ts';

export type Counts = Readonly<Record<string, number>>;

/** One run; one that was broken off counted nothing. */
export interface RunRecord {
  readonly topology: Topology;
  readonly seed: number;
  readonly brokenOff?: string;
  readonly kills?: Counts;
  readonly outages?: Counts;
  readonly verdict?: Verdict;
  /** Planted terms found, deaths and stalls. */
  readonly others?: Counts;
  readonly slowestStartMs?: number;
}

export function addToTotals(file: string, run: RunRecord): void {
  // Which they were says nothing once the run is over.
  const line = JSON.stringify(run, (name, value: unknown) => (name === 'suspects' ? undefined : value));
  appendFileSync(file, `${line}\n`);
}

/** A line of text for each count, over all runs of a topology. */
export function describeTotals(file: string, topology: Topology): string[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const runs = lines.map((line) => JSON.parse(line) as RunRecord).filter((run) => run.topology === topology);
  const counted = runs.filter(({ brokenOff }) => brokenOff === undefined);
  const kills = sum(counted.map((run) => run.kills));
  const outages = sum(counted.map((run) => run.outages));
  const verdict = sum(counted.map((run) => run.verdict));
  const others = sum(counted.map((run) => run.others));
  const slowest = Math.max(0, ...counted.map(({ slowestStartMs = 0 }) => slowestStartMs));
  return [
    `runs ${counted.length}, broken off ${runs.length - counted.length}`,
    `kills ${total(kills)} ${JSON.stringify(kills)}`,
    `outages ${total(outages)} ${JSON.stringify(outages)}`,
    ...Object.entries({ ...verdict, ...others }).map(([name, count]) => `${name} ${count}`),
    `slowest restart ${Math.round(slowest)} ms`,
  ];
}

/** By name; what is no number is left out. */
function sum(all: readonly (object | undefined)[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries<unknown>({ ...counts }))
      if (typeof count === 'number') sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((whole, count) => whole + count, 0);
}
