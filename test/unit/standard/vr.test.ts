import { describe, expect, it } from 'vitest';

import {
  hasLongLength,
  isCharacterSetVr,
  isTextVr,
  isVr,
  maxLengthOf,
  paddingOf,
  wordSizeOf,
} from '../../../src/standard/vr.ts';

/** PS3.5 Table 6.2-1, 2026d. */
const ALL =
  'AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV'.split(' ');

describe('value representations', () => {
  it('knows the 34 VRs of the standard and nothing else', () => {
    expect(ALL).toHaveLength(34);
    expect(ALL.filter((vr) => !isVr(vr))).toEqual([]);
    for (const other of ['', 'OX', 'ob', 'LO ', '??', 'US or SS', 'NONE', 'constructor'])
      expect(isVr(other)).toBe(false);
  });

  it('gives a 12-byte header to exactly the VRs of PS3.5 7.1.2', () => {
    expect(ALL.filter(hasLongLength).join(' ')).toBe('OB OD OF OL OV OW SQ SV UC UN UR UT UV');
  });

  it('treats a VR that it does not know as one with a 12-byte header, opaque and padded with NUL', () => {
    expect(hasLongLength('ZZ')).toBe(true);
    expect(isTextVr('ZZ')).toBe(false);
    expect(paddingOf('ZZ')).toBe(0x00);
    expect(wordSizeOf('ZZ')).toBe(1);
    expect(maxLengthOf('ZZ')).toBeUndefined();
  });

  it('lets Specific Character Set govern exactly the VRs of PS3.5 6.1.2.2', () => {
    expect(ALL.filter(isCharacterSetVr).join(' ')).toBe('LO LT PN SH ST UC UT');
  });

  it('pads text with a space, UI and everything binary with NUL', () => {
    expect(ALL.filter((vr) => paddingOf(vr) === 0x20).join(' ')).toBe(
      'AE AS CS DA DS DT IS LO LT PN SH ST TM UC UR UT',
    );
    expect(isTextVr('UI')).toBe(true);
  });

  it('turns bytes in words of the size that PS3.5 7.3 gives', () => {
    const bySize = (size: number): string => ALL.filter((vr) => wordSizeOf(vr) === size).join(' ');
    expect(bySize(2)).toBe('AT OW SS US');
    expect(bySize(4)).toBe('FL OF OL SL UL');
    expect(bySize(8)).toBe('FD OD OV SV UV');
  });

  it('limits a value as PS3.5 Table 6.2-1 does', () => {
    expect([maxLengthOf('LO'), maxLengthOf('SH'), maxLengthOf('UI'), maxLengthOf('AE')]).toEqual([64, 16, 64, 16]);
    expect([maxLengthOf('US'), maxLengthOf('FD'), maxLengthOf('LT')]).toEqual([2, 8, 10240]);
    expect([maxLengthOf('UT'), maxLengthOf('OB'), maxLengthOf('SQ')]).toEqual([undefined, undefined, undefined]);
  });
});
