import { describe, expect, it } from 'vitest';
import { readEntries } from '../../../../src/cli/pseudonyms/import.ts';

const read = (lines: readonly string[], nameTemplate = '{id}') =>
  readEntries('list.csv', lines.join('\n'), nameTemplate);

describe('a list of assigned subjects', () => {
  it('is read by its headings, in any order and case, with an issuer where there is one', () => {
    expect(read(['ID_new; note ;id_old;Issuer', 'S-1;x;  007 ;HOSP', "S-2;;'=8;"])).toEqual([
      { line: 2, patientId: '007', issuer: 'HOSP', subjectId: 'S-1' },
      { line: 3, patientId: '=8', issuer: '', subjectId: 'S-2' },
    ]);
  });

  it('tells every mistake with its line, and repeats no value', () => {
    const lines = ['id_old,id_new', ',S-1', 'SECRET1,', 'SECRET2,a\\b', 'SECRET3,S-3', 'SECRET3,S-4', 'SECRET4,S-3'];
    const told = (): string => {
      try {
        read([...lines, `SECRET5,${'x'.repeat(65)}`]);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(told()).not.toContain('SECRET');
    expect(
      told()
        .split('\n')
        .map((line) => line.slice(0, 20)),
    ).toEqual([
      'list.csv:2: id_old i',
      'list.csv:3: id_new i',
      'list.csv:4: id_new i',
      'list.csv:6: id_old s',
      'list.csv:7: id_new s',
      'list.csv:8: id_new i',
    ]);
  });

  it.each([
    [['patient,subject', '1,2'], /^list\.csv:1: write the headings/],
    [['id_old,id_new'], /no entry/],
    [['id_old,id_new', '"1,2'], /quotation mark/],
    [[''], /^list\.csv:1: write the headings/],
  ])('%j is refused', (lines, message) => {
    expect(() => read(lines)).toThrow(message);
  });

  it('refuses a name that would be longer than a component of PN', () => {
    expect(() => read(['id_old,id_new', `1,${'x'.repeat(60)}`], 'Subject {id}')).toThrow(/too long/);
  });
});
