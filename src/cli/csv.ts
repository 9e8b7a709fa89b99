// CSV as RFC 4180 has it, safe to open in a spreadsheet.

/**
 * A cell. One that a spreadsheet would run as a formula (it begins with = + - @, tab or carriage return) gets an
 * apostrophe in front; one that begins with an apostrophe gets another, so that taking one leading apostrophe away from
 * a cell that has one always gives the value back.
 */
export function formatCell(value: string): string {
  const safe = /^[=+\-@\t\r']/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function formatRow(cells: readonly string[]): string {
  return `${cells.map(formatCell).join(',')}\r\n`;
}

/** The value of a cell that `formatCell` made, after the quotes of CSV are off. */
export function readCell(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell;
}
