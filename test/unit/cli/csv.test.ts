import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCell, formatRow, readCell } from '../../../src/cli/csv.ts';

describe('formatCell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-7', "'-7"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', `"'\rx"`],
    ["'quoted", "''quoted"],
    ['PID-1', 'PID-1'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['', ''],
    ['Müller^Jörg', 'Müller^Jörg'],
  ])('%j becomes %j', (value, cell) => {
    expect(formatCell(value)).toBe(cell);
  });

  it('lets no cell begin as a formula, and every value come back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 20 }), (value) => {
        const cell = formatCell(value);
        const unquoted = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        expect(unquoted).not.toMatch(/^[=+\-@\t\r]/);
        expect(readCell(unquoted)).toBe(value);
      }),
    );
  });
});

it('ends a row as RFC 4180 has it', () => {
  expect(formatRow(['id_old', 'id_new'])).toBe('id_old,id_new\r\n');
});
