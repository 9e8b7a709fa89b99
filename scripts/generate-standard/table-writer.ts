// Writes one table of profiles/standard: '#' comment lines that say where it comes from, then tab-separated rows.
import { writeFileSync } from 'node:fs';

const DIRECTORY = new URL('../../profiles/standard/', import.meta.url);

/**
 * @param header lines without the '#'; the last one names the columns
 * @throws TypeError when a cell holds a tab or a line break, which the format cannot carry
 */
export function writeTable(fileName: string, header: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const cell of rows.flat()) {
    if (/[\t\r\n]/.test(cell)) throw new TypeError(`${fileName}: a cell holds a tab or a line break`);
  }
  const lines = [...header.map((line) => `# ${line}`.trimEnd()), ...rows.map((row) => row.join('\t'))];
  writeFileSync(new URL(fileName, DIRECTORY), `${lines.join('\n')}\n`);
  console.log(`${fileName}: ${rows.length} rows`);
}
