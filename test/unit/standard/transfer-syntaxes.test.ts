import { describe, expect, it } from 'vitest';

import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  TRANSFER_SYNTAXES,
  findTransferSyntax,
} from '../../../src/standard/transfer-syntaxes.ts';

function namesWhere(key: 'isImplicitVr' | 'isBigEndian' | 'isDeflated'): string[] {
  return TRANSFER_SYNTAXES.filter((syntax) => syntax[key]).map(({ name }) => name);
}

describe('transfer syntaxes', () => {
  it('does not know what is private, padded, or no encoding of PS3.5', () => {
    for (const uid of [
      '',
      '1.2.840.113619.5.2',
      '1.2.840.10008.1.2\0',
      '1.2.840.10008.1.2.6.1',
      '1.2.840.10008.1.2.6.2',
    ])
      expect(findTransferSyntax(uid)).toBeUndefined();
  });

  it('tells the four native encodings apart', () => {
    expect(findTransferSyntax(IMPLICIT_VR_LITTLE_ENDIAN)).toMatchObject({ isImplicitVr: true, isEncapsulated: false });
    expect(findTransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN)).toMatchObject({ isImplicitVr: false, isBigEndian: false });
    expect(findTransferSyntax(EXPLICIT_VR_BIG_ENDIAN)).toMatchObject({ isImplicitVr: false, isBigEndian: true });
    expect(findTransferSyntax(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)).toMatchObject({
      isDeflated: true,
      isEncapsulated: false,
    });
  });

  it('calls implicit, big endian and deflated only what is', () => {
    expect(namesWhere('isImplicitVr')).toEqual(['Implicit VR Little Endian', 'Papyrus 3 Implicit VR Little Endian']);
    expect(namesWhere('isBigEndian')).toEqual(['Explicit VR Big Endian']);
    expect(namesWhere('isDeflated')).toEqual([
      'Deflated Explicit VR Little Endian',
      'JPIP Referenced Deflate',
      'JPIP HTJ2K Referenced Deflate',
    ]);
  });

  it('encapsulates compressed and video pixels, but not pixels that are elsewhere', () => {
    const encapsulated = (uid: string): boolean | undefined => findTransferSyntax(uid)?.isEncapsulated;
    for (const last of ['4.50', '4.70', '4.90', '4.103', '4.108', '4.112', '4.203', '5', '1.98', '8.1'])
      expect(encapsulated(`1.2.840.10008.1.2.${last}`)).toBe(true);
    for (const last of ['4.94', '4.95', '4.204', '4.205', '7.1', '7.3'])
      expect(encapsulated(`1.2.840.10008.1.2.${last}`)).toBe(false);
  });
});
