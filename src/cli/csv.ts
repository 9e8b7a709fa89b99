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

export interface CsvRow {
  /** On which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell in quotation marks, its text as a group. */
const QUOTED = /"((?:[^"]|"")*)"/y;

/**
 * The rows of a text, empty lines left out. Cells stand apart by what the first line has most of: commas, semicolons or tabs, as spreadsheets of
 * different countries write them. Undefined where it breaks the rules of RFC 4180: a quotation mark that is not closed, or text behind one.
 */
export function parseCsv(text: string): readonly CsvRow[] | undefined {
  const source = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(source);
  const plain = new RegExp(`[^"\\r\\n${separator}][^\\r\\n${separator}]*|`, 'y');
  const end = new RegExp(`${separator}|\\r\\n|\\n|\\r|$`, 'y');
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let [line, begunAt] = [1, 1];
  for (let at = 0; ;) {
    const quoted = match(QUOTED, source, at);
    const [cell, length] =
      quoted === undefined
        ? both(match(plain, source, at)?.[0] ?? '')
        : [quoted[1].replaceAll('""', '"'), quoted[0].length];
    const ending = match(end, source, at + length)?.[0];
    if (ending === undefined) return undefined;
    cells.push(cell);
    line += cell.split(/\r\n|\n|\r/).length - 1;
    at += length + ending.length;
    if (ending === separator) continue;
    if (cells.some((one) => one !== '')) rows.push({ line: begunAt, cells });
    if (ending === '') return rows;
    cells = [];
    begunAt = ++line;
  }
}

const both = (text: string): readonly [string, number] => [text, text.length];

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

const SEPARATORS = [',', ';', '\t'];

function separatorOf(text: string): string {
  const [first] = text.split(/[\r\n]/, 1);
  const count = (separator: string): number => first.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
}
