import { describe, expect, it } from 'vitest';
import type { TextJudge } from '../../../../src/core/text-judge.ts';
import type { FoundStrip } from '../../../../src/pixels/look/look-job.ts';
import type { Looked } from '../../../../src/pixels/look/looker.ts';
import { NOTHING_READ } from '../../../../src/pixels/read/reading.ts';
import { LookedJudge } from '../../../../src/pixels/stage/judge-looked.ts';

const judge: TextJudge = { find: () => [], mayBeKnown: () => false, isPlain: () => false, clean: (text) => text };

/** A text at a place and of a width of its own, so that it can be told what was read. */
function strip(number: number, likelihood: number): FoundStrip {
  const box = { x: 10 * number, y: 0, width: 8, height: 8 };
  const pixels = { width: 8 + number, height: 8, data: new Uint8Array(8 * (8 + number)) };
  const cells = { mean: 1, sum: 1, strongPart: 1 };
  return { ...box, score: 0.9, cells, polarity: 'bright', level: 0, likelihood, picture: 0, pixels, left: 0, top: 0 };
}

async function judgeAll(texts: readonly (readonly [FoundStrip, readonly number[]])[], framesLookedAt: number) {
  const read: number[] = [];
  const reader = {
    read: ({ width }: { readonly width: number }) => {
      read.push(width - 8);
      return Promise.resolve(NOTHING_READ);
    },
  };
  const groups = texts.map(([text, frames]) => ({ strip: text, boxes: new Map(frames.map((frame) => [frame, text])) }));
  const looked: Looked = { groups, framesLookedAt, strayBits: new Map() };
  const regions = await new LookedJudge({ judge, keepText: [], leastLikelihood: 0.2 }, reader).judgeFrames(looked, []);
  return { read, blanked: regions.filter(({ isBlanked }) => isBlanked).map(({ x }) => x / 10) };
}

const NUMBERS = Array.from({ length: 40 }, (_, number) => number);

describe('what is read of a loop', () => {
  it('is little of what single frames show and what does not look like text surely, the likeliest of it first', async () => {
    const { read } = await judgeAll(
      NUMBERS.map((number) => [strip(number, 0.02 * number), [number]] as const),
      60,
    );
    expect(read.length).toBeLessThan(15);
    expect(read).toEqual([...NUMBERS].reverse().slice(0, read.length));
  });

  it('is what surely looks like text, or stays for more than a frame', async () => {
    const { read } = await judgeAll(
      NUMBERS.map((number) => [strip(number, number < 20 ? 0.95 : 0.6), number < 20 ? [number] : [number, number + 1]]),
      60,
    );
    expect(read).toHaveLength(NUMBERS.length);
  });

  it('does not decide alone: what looks like text goes unread', async () => {
    const { blanked } = await judgeAll(
      NUMBERS.map((number) => [strip(number, 0.8), [number]] as const),
      60,
    );
    expect(blanked).toEqual(NUMBERS);
  });

  it('of a single image is all that was found, to the end of the budget', async () => {
    const { read } = await judgeAll(
      NUMBERS.map((number) => [strip(number, 0.3), [0]] as const),
      1,
    );
    expect(read).toHaveLength(NUMBERS.length);
  });
});
