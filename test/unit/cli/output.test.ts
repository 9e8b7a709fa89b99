import { describe, expect, it } from 'vitest';
import { formatTable, printable } from '../../../src/cli/output.ts';

describe('formatTable', () => {
  it('makes columns as wide as their longest cell, numbers to the right', () => {
    expect(
      formatTable(
        ['destination', 'sent'],
        [
          ['research', '12'],
          ['a', '3'],
        ],
      ),
    ).toEqual(['destination  sent', '───────────  ────', 'research       12', 'a               3']);
  });
});

describe('printable', () => {
  it('keeps letters of any script and takes out what moves the cursor or turns the text', () => {
    expect(printable('山田^太郎 Müller')).toBe('山田^太郎 Müller');
    expect(printable('a\u001b[2Jb\r\n\u009b\u202ec')).toBe('a?[2Jb????c');
  });
});
