// The table that the benchmark prints: a row per measurement, ratios against its yardstick, the target beside it.

export interface Row {
  readonly name: string;
  readonly instances: number;
  readonly megabytes: number;
  /** None for a part of another row. */
  readonly wallSeconds?: number;
  readonly cpuSeconds?: number;
  readonly peakMebibytes?: number;
}

export interface Verdict {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
  readonly isMet: boolean;
}

export function printRows(rows: readonly Row[]): void {
  const header = ['measurement', 'inst/s', 'MB/s', 'wall s', 'CPU s/GB', 'peak MiB'];
  const body = rows.map((row) => [
    row.name,
    row.wallSeconds === undefined ? '' : (row.instances / row.wallSeconds).toFixed(0),
    row.wallSeconds === undefined ? '' : (row.megabytes / row.wallSeconds).toFixed(0),
    row.wallSeconds?.toFixed(2) ?? '',
    row.cpuSeconds === undefined ? '' : (row.cpuSeconds / (row.megabytes / 1000)).toFixed(2),
    row.peakMebibytes === undefined ? '' : row.peakMebibytes.toFixed(0),
  ]);
  printTable([header, ...body]);
}

export function printVerdicts(verdicts: readonly Verdict[]): void {
  const body = verdicts.map(({ what, value, unit, target, isMet }) => [
    what,
    `${value.toFixed(2)} ${unit}`,
    target,
    isMet ? 'met' : 'MISSED',
  ]);
  printTable([['target', 'measured', 'wanted', ''], ...body]);
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
    console.log(cells.join('  ').trimEnd());
  }
  console.log();
}

/** The value below which `share` of the samples lie. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}
