import { describe, expect, it } from 'vitest';

import { LetheError } from '../../../src/core/errors.ts';
import { readTable } from '../../../src/standard/table-file.ts';

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error: unknown) {
    return error;
  }
  return undefined;
}

describe('table files', () => {
  it('names the file that is missing and says what to do', () => {
    const error = errorOf(() => readTable('no-such.tsv', 1));
    expect(error).toBeInstanceOf(LetheError);
    expect(error).toMatchObject({ code: 'config-unreadable', kind: 'config' });
    expect(String(error)).toContain('profiles/standard/no-such.tsv');
  });

  it('names the line that is too short', () => {
    const error = errorOf(() => readTable('cid-7050.tsv', 3));
    expect(error).toMatchObject({ code: 'config-unreadable' });
    expect(String(error)).toMatch(/cid-7050\.tsv:\d+: the line has 2 cells where 3 belong/);
  });

  it('leaves comments and blank lines out', () => {
    expect(readTable('cid-7050.tsv', 2)).toHaveLength(13);
  });
});
