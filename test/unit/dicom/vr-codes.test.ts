import { describe, expect, it } from 'vitest';
import { unknownVrForm, unknownVrName, VR_FORM, VR_FORMS, VR_NAMES } from '../../../src/dicom/vr-codes.ts';

const code = (vr: string): number => vr.charCodeAt(0) * 256 + vr.charCodeAt(1);

// PS3.5 Table 7.1-1 (12-byte headers) and Table 7.1-2 (8-byte headers), 2026d.
const LONG = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SV', 'UC', 'UR', 'UT', 'UV'];
const SHORT = 'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' ');

describe('VR codes', () => {
  it('know every VR of PS3.5 and its form', () => {
    for (const vr of LONG) expect(VR_FORMS[code(vr)], vr).toBe(VR_FORM.long);
    for (const vr of SHORT) expect(VR_FORMS[code(vr)], vr).toBe(VR_FORM.short);
    expect(VR_FORMS[code('SQ')]).toBe(VR_FORM.sequence);
    expect(VR_FORMS[code('UN')]).toBe(VR_FORM.un);
    for (const vr of [...LONG, ...SHORT, 'SQ', 'UN']) expect(VR_NAMES[code(vr)]).toBe(vr);
  });

  it('know nothing else', () => {
    expect(VR_FORMS.reduce((known, form) => known + (form === VR_FORM.unknown ? 0 : 1), 0)).toBe(34);
  });

  it('tell how a header goes on after what is no VR', () => {
    for (const vr of ['ZZ', 'OX', 'XX']) expect(unknownVrForm(code(vr)), vr).toBe('long');
    for (const vr of ['??', '  ', '--', '12', 'A1', '\0\0']) expect(unknownVrForm(code(vr)), vr).toBe('short');
    for (const vr of ['ox', 'aB', 'Ab', '\x08\0', '\0\x01', 'A\0', '\xff\xff']) {
      expect(unknownVrForm(code(vr)), JSON.stringify(vr)).toBeUndefined();
    }
    expect(unknownVrName(code('??'))).toBe('??');
  });
});
