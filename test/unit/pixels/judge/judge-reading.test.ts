// What a reading becomes: it stays only when it is surely harmless, and of a kind that the profile keeps.
import { describe, expect, it } from 'vitest';

import type { TextJudge } from '../../../../src/core/text-judge.ts';
import { judgeReading } from '../../../../src/pixels/judge/judge-reading.ts';
import { NOTHING_READ } from '../../../../src/pixels/read/reading.ts';
import type { Reading } from '../../../../src/pixels/read/reading.ts';
import { HARMLESS_KINDS } from '../../../../src/profile/pixel-policy.ts';
import type { HarmlessKind } from '../../../../src/profile/pixel-policy.ts';

/** Knows one name. */
const judge: TextJudge = {
  find: (text) => (/quimby/i.test(text) ? [{ start: 0, end: text.length, kind: 'name' }] : []),
  clean: (text) => text,
  mayBeKnown: (reading) => /qu[i1l]mby/i.test(reading),
  isPlain: (reading) => /^(?:the|lungs|are|clear|[ .])+$/i.test(reading),
};

const read = (lines: readonly string[], confidence = 0.95, accounted = 1): Reading => ({
  lines: lines.map((text) => ({ text, confidence })),
  confidence,
  accounted,
});

const verdictOf = (reading: Reading, keepText: readonly HarmlessKind[] = HARMLESS_KINDS) =>
  judgeReading(reading, { score: 0.9, likelihood: 0.9 }, { judge, keepText });

describe('a text in pixels', () => {
  it.each([
    ['120 kV', 'harmless'],
    ['Quimby', 'identifying'],
    ['QU1MBY', 'identifying'],
    ['Zanzibar Yolanda', 'text'],
  ])('that reads "%s" is %s', (text, cause) => {
    expect(verdictOf(read([text]))).toMatchObject({ cause, isBlanked: cause !== 'harmless' });
  });

  it('goes as a whole when one of its lines identifies, or is no harmless one', () => {
    expect(verdictOf(read(['120 kV', 'QUIMBY']))?.cause).toBe('identifying');
    expect(verdictOf(read(['120 kV', 'Zanzibar Yolanda']))?.cause).toBe('text');
  });

  it.each([
    ['was not read', NOTHING_READ],
    ['was guessed', read(['120 kV'], 0.05)],
    ['was read in part', read(['120 kV'], 0.95, 0.2)],
  ])('that %s goes', (_, reading) => {
    expect(verdictOf(reading)).toMatchObject({ cause: 'unread', isBlanked: true });
  });

  it('of a harmless kind goes where the profile does not keep that kind', () => {
    expect(verdictOf(read(['120 kV']), ['exposure'])).toMatchObject({ cause: 'harmless', isBlanked: false });
    expect(verdictOf(read(['120 kV']), ['window'])).toMatchObject({ cause: 'text', isBlanked: true });
    expect(verdictOf(read(['120 kV']), [])).toMatchObject({ cause: 'text', isBlanked: true });
  });

  it('of known words stays on the page of a report, and nowhere else', () => {
    const onPage = (lines: readonly string[], confidence?: number) =>
      judgeReading(
        read(lines, confidence),
        { score: 0.9, likelihood: 0.9 },
        { judge, keepText: HARMLESS_KINDS, isPage: true },
      );
    expect(onPage(['The lungs are clear.'])).toMatchObject({ cause: 'harmless', isBlanked: false });
    expect(onPage(['The lungs are clear.', 'Zanzibar Yolanda'])).toMatchObject({ cause: 'text', isBlanked: true });
    expect(onPage(['The lungs are clear.'], 0.5)).toMatchObject({ cause: 'unread', isBlanked: true });
    expect(verdictOf(read(['The lungs are clear.']))).toMatchObject({ cause: 'text', isBlanked: true });
  });

  it('that identifies goes whatever the profile keeps, and however badly it was read', () => {
    expect(verdictOf(read(['Quimby'], 0.4))).toMatchObject({ cause: 'identifying', isBlanked: true });
  });
});
