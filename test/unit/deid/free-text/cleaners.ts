// A patient, relatives and staff for the tables of texts before and after.
import { expect, it } from 'vitest';

import { TextCleaner } from '../../../../src/deid/free-text/clean-text.ts';
import type { TextIdentifiers } from '../../../../src/deid/free-text/clean-text.ts';

/** A text, and what is to be left of it; without the second the text is to stay as it is. */
export type Row = readonly [before: string, after?: string | undefined];

export function cleanerFor(values: Partial<TextIdentifiers>, shiftDays?: number): TextCleaner {
  return TextCleaner.of({ names: [], ids: [], dates: [], uids: [], places: [], ...values }, { shiftDays });
}

/** A test per row. */
export function testRows(cleaner: TextCleaner, rows: readonly Row[]): void {
  for (const [before, after] of rows) {
    const name =
      after === undefined
        ? `keeps ${JSON.stringify(before)}`
        : `leaves ${JSON.stringify(before)} as ${JSON.stringify(after)}`;
    it(name, () => {
      const cleaned = cleaner.clean(before);
      expect(cleaned.text).toBe(after ?? before);
      expect(cleaned.removed.length > 0).toBe(after !== undefined);
    });
  }
}
