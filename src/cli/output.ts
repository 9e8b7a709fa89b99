// Standard output of the commands: plain lines, tables for people, JSON for programs.

/** Writes one line to standard output. */
export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one line to standard error: progress, warnings, what went wrong. */
export function printNotice(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value));
}

/** Writes rows under their headings in columns that are as wide as their longest cell. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const line of formatTable(headings, rows)) printLine(line);
}

/** The lines of a table; numbers stand to the right. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, i) =>
    shown.reduce((width, row) => Math.max(width, row[i].length), heading.length),
  );
  const isNumeric = headings.map((_, i) => shown.length > 0 && shown.every((row) => /^[\d.,]*$/.test(row[i])));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(headings), line(widths.map((width) => '─'.repeat(width))), ...shown.map(line)];
}

/** Text for a terminal: letters of any script stay, control and format characters (PS3.5 6.1.3 and beyond) become `?`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}
