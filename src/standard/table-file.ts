// The tables under profiles/standard: tab-separated lines below a header of '#' comments, read whole when first asked for.
import { readFileSync } from 'node:fs';

import { LetheError } from '../core/errors.ts';

/** From src/standard and from dist/standard alike, the package root is two levels up. */
const DIRECTORY = new URL('../../profiles/standard/', import.meta.url);

/**
 * The rows of a table file, cells split at tabs; comment lines and blank lines are left out. Reads synchronously: call it
 * once and keep what you make of it.
 * @throws LetheError `config-unreadable` when the file is missing or a row has fewer than `columns` cells
 */
export function readTable(fileName: string, columns: number): string[][] {
  const rows: string[][] = [];
  for (const [index, line] of readText(fileName).split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const cells = line.split('\t');
    if (cells.length < columns) {
      throw new LetheError(
        'config-unreadable',
        `profiles/standard/${fileName}:${index + 1}: the line has ${cells.length} cells where ${columns} belong; reinstall Lethe, or run scripts/generate-standard.ts`,
      );
    }
    rows.push(cells);
  }
  return rows;
}

function readText(fileName: string): string {
  try {
    return readFileSync(new URL(fileName, DIRECTORY), 'utf8');
  } catch (error: unknown) {
    throw new LetheError(
      'config-unreadable',
      `The table profiles/standard/${fileName} of the DICOM standard cannot be read; reinstall Lethe, or run scripts/generate-standard.ts`,
      { cause: error },
    );
  }
}
