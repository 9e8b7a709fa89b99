import { describe, expect, it } from 'vitest';
import type { Frame, FrameLayout } from '../../../../src/pixels/frames/frame.ts';
import { grayPicturesOf, strayBitsOf } from '../../../../src/pixels/frames/gray.ts';

const LAYOUT: FrameLayout = {
  rows: 32,
  columns: 32,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  isSigned: false,
  isFloat: false,
  isPlanar: false,
  isSubsampled: false,
  photometricInterpretation: 'MONOCHROME2',
};
const PIXELS = 32 * 32;
/** Where the stroke is that must be seen. */
const STROKE = Array.from({ length: 30 }, (_, i) => 5 * 32 + i + 1);
const GROUND = 20 * 32;

function deep(overrides: Partial<FrameLayout>, valueAt: (index: number) => number): Frame {
  const bytes = Buffer.alloc(PIXELS * 2);
  for (let i = 0; i < PIXELS; i++) bytes.writeUInt16LE(valueAt(i) & 0xffff, i * 2);
  return { index: 0, layout: { ...LAYOUT, ...overrides }, bytes, isComplete: true };
}

function colour(overrides: Partial<FrameLayout>, colourAt: (index: number) => readonly number[]): Frame {
  const bytes = Buffer.from(Array.from({ length: PIXELS }, (_, i) => colourAt(i)).flat());
  const rgb = { samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8, highBit: 7, photometricInterpretation: 'RGB' };
  return { index: 0, layout: { ...LAYOUT, ...rgb, ...overrides }, bytes, isComplete: true };
}

/** The greatest difference in gray levels between stroke and ground of all the pictures. */
function contrast(frame: Frame): number {
  const pictures = grayPicturesOf(frame, { palette: undefined });
  return Math.max(0, ...pictures.map(({ data }) => Math.abs(data[STROKE[4]] - data[GROUND])));
}

const isStroke = (index: number): boolean => STROKE.includes(index);
const noise = (index: number, range: number): number => (index * 7919) % range;

describe('gray pictures', () => {
  it('are none when all pixels are equal', () => {
    expect(
      grayPicturesOf(
        deep({}, () => 7),
        { palette: undefined },
      ),
    ).toEqual([]);
  });

  it('are never more than four', () => {
    const frame = deep({}, (i) => (i === 3 ? 65_535 : i % 5 === 0 ? 3000 + (i % 3) : noise(i, 50)));
    expect(grayPicturesOf(frame, { palette: undefined }).length).toBeLessThanOrEqual(4);
  });

  it.each([
    ['bright text above all anatomy', deep({}, (i) => (isStroke(i) ? 4095 : noise(i, 1500)))],
    ['text at the top of 16 bits', deep({}, (i) => (isStroke(i) ? 65_535 : noise(i, 300)))],
    [
      'text in a narrow window, below one very bright pixel',
      deep({}, (i) => (i === 0 ? 65_535 : isStroke(i) ? 1060 : 1000 + noise(i, 20))),
    ],
    ['text of negative values', deep({ isSigned: true }, (i) => (isStroke(i) ? -2000 : noise(i, 900)))],
    [
      'inverse text of 12 bits',
      deep({ bitsStored: 12, highBit: 11, photometricInterpretation: 'MONOCHROME1' }, (i) =>
        isStroke(i) ? 0 : 3000 + noise(i, 1000),
      ),
    ],
    [
      'text of left-justified samples',
      deep({ bitsStored: 12, highBit: 15 }, (i) => (isStroke(i) ? 4000 : noise(i, 1000)) << 4),
    ],
    ['blue on black', colour({}, (i) => (isStroke(i) ? [0, 0, 255] : [0, 0, 0]))],
    ['yellow on white', colour({}, (i) => (isStroke(i) ? [255, 255, 0] : [255, 255, 255]))],
    [
      'two hues as bright and as saturated as each other',
      colour({}, (i) => (isStroke(i) ? [0, 50, 150] : [150, 0, 0])),
    ],
    [
      'two hues as bright as each other',
      colour({ photometricInterpretation: 'YBR_FULL' }, (i) => (isStroke(i) ? [120, 200, 128] : [120, 128, 128])),
    ],
  ])('show %s', (_, frame) => {
    expect(contrast(frame)).toBeGreaterThan(40);
  });

  it('show text that only a narrow window shows, on a ground of one value', () => {
    const [side, strokes] = [96, 100];
    const bytes = Buffer.alloc(side * side * 2);
    const valueAt = (i: number): number => (i >= side * 48 ? noise(i, 4000) + 90 : i < strokes ? 3 : 0);
    for (let i = 0; i < side * side; i++) bytes.writeUInt16LE(valueAt(i), i * 2);
    const frame = { index: 0, layout: { ...LAYOUT, rows: side, columns: side }, bytes, isComplete: true };
    const pictures = grayPicturesOf(frame, { palette: undefined });
    expect(Math.max(...pictures.map(({ data }) => data[0] - data[strokes]))).toBeGreaterThan(8);
  });

  it('show MONOCHROME1 as a viewer does: 0 is white', () => {
    const frame = deep({ photometricInterpretation: 'MONOCHROME1' }, (i) => i);
    const [picture] = grayPicturesOf(frame, { palette: undefined });
    expect([picture.data[0], picture.data[PIXELS - 1]]).toEqual([255, 0]);
  });

  it('show floating-point numbers, and what is no number as the least', () => {
    const bytes = Buffer.alloc(PIXELS * 4);
    for (let i = 0; i < PIXELS; i++) bytes.writeFloatLE(i === 0 ? NaN : i / 1e6, i * 4);
    const layout = { ...LAYOUT, bitsAllocated: 32, bitsStored: 32, highBit: 31, isFloat: true };
    const [picture] = grayPicturesOf({ index: 0, layout, bytes, isComplete: true }, { palette: undefined });
    expect([picture.data[0], picture.data[PIXELS - 1]]).toEqual([0, 255]);
  });

  it.each([32, 64])('show floating-point numbers of %i bits beside one that is far from all others', (bits) => {
    const bytes = Buffer.alloc(PIXELS * (bits / 8));
    for (let i = 0; i < PIXELS; i++) {
      const value = i === 0 ? 3e38 : isStroke(i) ? 0.9 : noise(i, 50) / 100;
      if (bits === 32) bytes.writeFloatLE(value, i * 4);
      else bytes.writeDoubleLE(value, i * 8);
    }
    const layout = { ...LAYOUT, bitsAllocated: bits, bitsStored: bits, highBit: bits - 1, isFloat: true };
    expect(contrast({ index: 0, layout, bytes, isComplete: true })).toBeGreaterThan(40);
  });

  it('show integers of two values beside one that is far from both', () => {
    const bytes = Buffer.alloc(PIXELS * 4);
    for (let i = 0; i < PIXELS; i++) bytes.writeUInt32LE(i === 0 ? 0xffffffff : isStroke(i) ? 8 : 7, i * 4);
    const layout = { ...LAYOUT, bitsAllocated: 32, bitsStored: 32, highBit: 31 };
    expect(contrast({ index: 0, layout, bytes, isComplete: true })).toBeGreaterThan(40);
  });

  it('show single bits', () => {
    const layout = { ...LAYOUT, bitsAllocated: 1, bitsStored: 1, highBit: 0 };
    const bytes = Buffer.alloc(PIXELS / 8);
    bytes[0] = 0b100;
    const [picture] = grayPicturesOf({ index: 0, layout, bytes, isComplete: true }, { palette: undefined });
    expect([...picture.data.subarray(0, 4)]).toEqual([0, 0, 255, 0]);
  });
});

describe('stray bits', () => {
  const twelve = { bitsStored: 12, highBit: 11 };

  it('are those above the samples that are set', () => {
    expect(strayBitsOf(deep(twelve, (i) => (i === 9 ? 0x4123 : i)))).toBe(0x4000);
    expect(strayBitsOf(deep(twelve, (i) => i))).toBe(0);
  });

  it('are not the sign of a signed sample that goes on to the top', () => {
    expect(strayBitsOf(deep({ ...twelve, isSigned: true }, (i) => -i))).toBe(0);
    expect(strayBitsOf(deep({ ...twelve, isSigned: true }, (i) => (i === 9 ? 0x2001 : -i)))).toBe(0x2000);
  });
});
