import { describe, expect, it } from 'vitest';
import { parseReviewedRegion } from '../../../src/core/pixel-review.ts';

describe('a region that a person writes', () => {
  it.each([
    ['10,20,300x40', { x: 10, y: 20, width: 300, height: 40 }],
    ['3:0,0,1x1', { x: 0, y: 0, width: 1, height: 1, frames: [3, 3] }],
    [' 2-5:10,20,300x40 ', { x: 10, y: 20, width: 300, height: 40, frames: [2, 5] }],
  ])('is %s', (text, region) => {
    expect(parseReviewedRegion(text)).toEqual(region);
  });

  it.each([
    '',
    '10,20',
    '10,20,300,40',
    '10,20,0x40',
    '10,20,300x0',
    '-1,20,3x4',
    '0:1,1,1x1',
    '5-2:1,1,1x1',
    '1.5,2,3x4',
  ])('is not %j', (text) => {
    expect(parseReviewedRegion(text)).toBeUndefined();
  });
});
