// A batch of rows as columns: one array parameter each, for `unnest`.
import { arrayLiteral } from './array-literal.ts';

type Cell = string | number | null | undefined;

/** One array literal per column; `read` gives the cells of a row, always as many. */
export function columnsOf<T>(rows: readonly T[], read: (row: T) => readonly Cell[]): string[] {
  const columns: Cell[][] = [];
  for (const row of rows) {
    const cells = read(row);
    for (let i = 0; i < cells.length; i++) (columns[i] ??= []).push(cells[i]);
  }
  return columns.map(arrayLiteral);
}
