import { describe, expect, it } from 'vitest';
import { withNeighbours } from '../../../../src/pixels/find/neighbours.ts';
import type { FoundText } from '../../../../src/pixels/find/text-finder.ts';

function box(x: number, y: number, width: number, height: number, rest: Partial<FoundText> = {}): FoundText {
  const cells = { mean: 0.5, sum: 4, strongPart: 0 };
  return { x, y, width, height, score: 0.6, cells, polarity: 'bright', level: 0, likelihood: 0.1, ...rest };
}

/** The likelihood of a box beside one that is surely text. */
function lentTo(text: FoundText, sure = box(100, 50, 90, 20, { likelihood: 1 })): number {
  return withNeighbours([text, sure])[0].likelihood;
}

describe('neighbours of what is surely text', () => {
  it.each([
    ['far away', box(230, 50, 60, 20)],
    ['in another line', box(100, 90, 90, 20)],
    ['much higher', box(195, 20, 60, 70)],
    ['of the other colour', box(195, 50, 60, 20, { polarity: 'dark' })],
    ['of letters four times as large', box(195, 50, 60, 20, { level: 2 })],
    ['that look like anything but text', box(195, 50, 60, 20, { likelihood: 0.01 })],
  ])('%s are as likely as they look', (_, text) => {
    expect(lentTo(text)).toBe(text.likelihood);
  });

  it('in its line are text more likely than by their own look', () => {
    expect(lentTo(box(195, 50, 60, 20))).toBeCloseTo(0.6);
    expect(lentTo(box(20, 54, 70, 16))).toBeCloseTo(0.6);
    expect(lentTo(box(120, 52, 90, 20))).toBeCloseTo(0.6);
  });

  it('above and below a line that runs upwards are so too', () => {
    const sure = box(50, 100, 20, 90, { likelihood: 1 });
    expect(lentTo(box(50, 195, 20, 60), sure)).toBeCloseTo(0.6);
    expect(lentTo(box(75, 100, 60, 20), sure)).toBe(0.1);
  });

  it('that lie in its box are pieces of it, whatever their height', () => {
    const block = box(100, 50, 200, 120, { likelihood: 1 });
    expect(lentTo(box(290, 80, 30, 24), block)).toBeCloseTo(0.6);
    expect(lentTo(box(295, 80, 30, 24), block)).toBe(0.1);
  });

  it('keep what is more, and pass on nothing that was lent to them', () => {
    expect(lentTo(box(195, 50, 60, 20, { likelihood: 0.8 }))).toBe(0.8);
    const row = withNeighbours([box(100, 50, 60, 20, { likelihood: 1 }), box(165, 50, 60, 20), box(230, 50, 60, 20)]);
    expect(row.map(({ likelihood }) => likelihood)).toEqual([1, 0.6, 0.1]);
  });
});
