import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCell, formatRow, parseCsv, readCell } from '../../../src/cli/csv.ts';

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

describe('parseCsv', () => {
  const cellsOf = (text: string) => parseCsv(text)?.map(({ cells }) => cells);

  it('reads back what formatRow wrote', () => {
    const cell = fc.string({ unit: 'binary-ascii', maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (pairs) => {
        const text = [['id_old', 'id_new'], ...pairs].map(formatRow).join('');
        const kept = pairs.filter((pair) => pair.some((one) => one !== ''));
        expect(
          cellsOf(text)
            ?.slice(1)
            .map((cells) => cells.map(readCell)),
        ).toEqual(kept);
      }),
    );
  });

  it.each([
    [
      'a;b\n1;2,5',
      [
        ['a', 'b'],
        ['1', '2,5'],
      ],
    ],
    [
      'a\tb\r1\t',
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
    [
      '\uFEFF"a",b\r\n"x""y","1\r\n2"',
      [
        ['a', 'b'],
        ['x"y', '1\r\n2'],
      ],
    ],
    [
      'a,b\n\n,\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
  ])('reads %j', (text, rows) => {
    expect(cellsOf(text)).toEqual(rows);
  });

  it('tells on which line a row begins, behind cells of several lines too', () => {
    expect(parseCsv('a,b\n"1\n2",x\n\n3,4')?.map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it.each(['a,b\n"1,2', 'a,b\n"1"2,3'])('refuses %j', (text) => {
    expect(parseCsv(text)).toBeUndefined();
  });
});
