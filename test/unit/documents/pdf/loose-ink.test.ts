import { describe, expect, it } from 'vitest';
import type { GrayPicture } from '../../../../src/core/picture.ts';
import { mayShowText } from '../../../../src/documents/pdf/loose-ink.ts';

const SIDE = 200;

function picture(paint: (set: (x: number, y: number, level: number) => void) => void): GrayPicture {
  const data = new Uint8Array(SIDE * SIDE).fill(255);
  paint((x, y, level) => {
    data[y * SIDE + x] = level;
  });
  return { width: SIDE, height: SIDE, data };
}

describe('mayShowText', () => {
  it('sees none on blank paper, in rules, frames and filled boxes', () => {
    expect(mayShowText(picture(() => undefined))).toBe(false);
    const table = picture((set) => {
      for (let at = 20; at < 180; at++)
        for (const line of [20, 21, 100, 101, 178, 179]) {
          set(at, line, 0);
          set(line, at, 0);
        }
      for (let y = 110; y < 170; y++) for (let x = 110; x < 170; x++) set(x, y, 200);
    });
    expect(mayShowText(table)).toBe(false);
  });

  it('sees a single small letter', () => {
    const letter = picture((set) => {
      for (let at = 0; at < 9; at++) {
        set(100, 60 + at, 0);
        set(106, 60 + at, 0);
        if (at < 7) set(100 + at, 64, 0);
      }
    });
    expect(mayShowText(letter)).toBe(true);
  });

  it('sees faint letters', () => {
    const faint = picture((set) => {
      for (let at = 0; at < 12; at++)
        for (const x of [50, 54, 58]) {
          set(x, 50 + at, 240);
          set(x + 1, 50 + at, 240);
        }
    });
    expect(mayShowText(faint)).toBe(true);
  });

  it('does not take the texture of a photograph for rules', () => {
    const noise = picture((set) => {
      for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) set(x, y, (x * 7919 + y * 104_729) % 251);
    });
    expect(mayShowText(noise)).toBe(true);
  });
});
