// What an image says of itself decides how hard its pixels are looked at.
import { describe, expect, it } from 'vitest';

import { riskOf } from '../../../src/pixels/risk.ts';
import { image, parse } from './images.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const ULTRASOUND = '1.2.840.10008.5.1.4.1.1.6.1';
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

function riskFor(SOPClassUID: string, values: Readonly<Record<string, string>> = {}) {
  return riskOf(parse(image({ SOPClassUID, ...values })));
}

describe('the risk of text in the pixels', () => {
  it.each([
    ['that says so', CT, { BurnedInAnnotation: 'YES' }, 'stated', ['BurnedInAnnotation YES']],
    ['that says so and is a screen', ULTRASOUND, { BurnedInAnnotation: 'YES' }, 'stated', ['BurnedInAnnotation YES']],
    ['of ultrasound', ULTRASOUND, {}, 'high', ['SOPClassUID']],
    ['of ultrasound that denies it', ULTRASOUND, { BurnedInAnnotation: 'NO' }, 'high', ['SOPClassUID']],
    ['captured from a screen', SECONDARY_CAPTURE, {}, 'high', ['SOPClassUID']],
    ['scanned', CT, { ConversionType: 'WSD' }, 'high', ['ConversionType']],
    ['drawn by a workstation', CT, { ImageType: 'DERIVED\\SECONDARY\\DOSE_INFO' }, 'high', ['ImageType']],
    [
      'of a detector that denies it',
      CT,
      { ImageType: 'ORIGINAL\\PRIMARY\\AXIAL', BurnedInAnnotation: 'NO' },
      'low',
      ['ImageType', 'BurnedInAnnotation NO'],
    ],
    ['of a detector that says nothing', CT, { ImageType: 'ORIGINAL\\PRIMARY\\AXIAL' }, 'usual', []],
    ['that says nothing at all', CT, {}, 'usual', []],
  ])('of an image %s', (_, sopClass, values, level, reasons) => {
    expect(riskFor(sopClass, values)).toEqual({ level, reasons });
  });

  it('is no less for an unknown SOP class, and for attributes that are padded or in lower case', () => {
    expect(riskFor('1.2.3.4').level).toBe('usual');
    expect(riskFor(CT, { BurnedInAnnotation: 'yes ' }).level).toBe('stated');
  });

  it('names attributes and no value of the image but words of the standard', () => {
    const { reasons } = riskFor(ULTRASOUND, { ImageType: 'DERIVED\\SECONDARY\\QUIMBY', ConversionType: 'WSD' });
    expect(reasons).toEqual(['SOPClassUID', 'ConversionType', 'ImageType']);
  });
});
