import { describe, expect, it } from 'vitest';

import { TextCleaner } from '../../../../src/deid/free-text/clean-text.ts';

import { COMMON_NAMES, HARMLESS_DESCRIPTIONS } from './descriptions.ts';

describe('harmless descriptions', () => {
  it('are at least 400 different ones', () => {
    expect(HARMLESS_DESCRIPTIONS.length).toBeGreaterThanOrEqual(400);
    expect(new Set(COMMON_NAMES).size).toBe(200);
  });

  it('are altered in less than 1 % against each of 200 patients', () => {
    const altered: string[] = [];
    for (const name of COMMON_NAMES) {
      const cleaner = TextCleaner.of(
        { names: [name], ids: ['10482731'], dates: ['20210403'], uids: [], places: [] },
        { shiftDays: undefined },
      );
      for (const text of HARMLESS_DESCRIPTIONS) {
        const cleaned = cleaner.clean(text).text;
        if (cleaned !== text) altered.push(`${name}: ${text} → ${cleaned}`);
      }
    }
    const rate = altered.length / (COMMON_NAMES.length * HARMLESS_DESCRIPTIONS.length);
    console.log(
      `altered, one patient at a time: ${(rate * 100).toFixed(3)} % (${altered.length})`,
      altered.slice(0, 60),
    );
    expect(rate).toBeLessThan(0.01);
  });

  it('are altered in less than 1 % when all 200 names are looked for at once', () => {
    const cleaner = TextCleaner.of(
      { names: COMMON_NAMES, ids: ['10482731'], dates: ['20210403'], uids: [], places: [] },
      { shiftDays: undefined },
    );
    const altered = HARMLESS_DESCRIPTIONS.filter((text) => cleaner.clean(text).text !== text);
    console.log(
      `altered, 200 names at once: ${((altered.length / HARMLESS_DESCRIPTIONS.length) * 100).toFixed(2)} % of ${HARMLESS_DESCRIPTIONS.length}`,
      altered.map((text) => `${text} → ${cleaner.clean(text).text}`),
    );
    expect(altered.length / HARMLESS_DESCRIPTIONS.length).toBeLessThan(0.01);
  });
});
