// A row per rule of PS3.5 on how a data set is encoded: hand-made bytes, what the reader makes of them. 2026d.
import { describe, expect, it } from 'vitest';
import type { Element } from '../../src/dicom/element.ts';
import { parseDataSetSync } from '../../src/dicom/reader.ts';
import { findTransferSyntax } from '../../src/standard/transfer-syntaxes.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG = '1.2.840.10008.1.2.2';
const JPEG = '1.2.840.10008.1.2.4.50';

function read(transferSyntaxUid: string, hex: string): readonly Element[] {
  const transferSyntax = findTransferSyntax(transferSyntaxUid);
  if (transferSyntax === undefined) throw new Error('no such transfer syntax');
  return parseDataSetSync(Buffer.from(hex.replace(/\s/g, ''), 'hex'), { transferSyntax }).elements;
}

/** The tree as short text: `gggg,eeee VR @value+length`, `[…]` for the items of a sequence, `<…>` for fragments. */
function show(elements: readonly Element[]): string {
  return elements
    .map((one) => {
      const tag = one.tag.toString(16).padStart(8, '0');
      const items = one.items?.map((item) => `{${show(item.elements)}}`).join('');
      const fragments = one.fragments?.map((fragment) => `${fragment.valueStart}+${fragment.length}`).join(' ');
      const content = items === undefined ? (fragments === undefined ? '' : `<${fragments}>`) : `[${items}]`;
      const value = `@${one.valueStart}+${one.valueLength}${one.hasUndefinedLength ? 'u' : ''}`;
      return `${tag.slice(0, 4)},${tag.slice(4)} ${one.vr} ${value}${content}`;
    })
    .join(' ');
}

const ROWS: readonly (readonly [clause: string, rule: string, syntax: string, hex: string, tree: string])[] = [
  ['7.1.2', 'explicit VR, 16-bit length', EXPLICIT, '1000 2000 4C4F 0200 4142', '0010,0020 LO @8+2'],
  [
    '7.1.2',
    'explicit VR, two reserved bytes and a 32-bit length',
    EXPLICIT,
    '4200 1100 4F42 0000 02000000 0001',
    '0042,0011 OB @12+2',
  ],
  ['7.1.2', 'UT, UC and UR have the long form', EXPLICIT, '4000 60A1 5554 0000 02000000 4142', '0040,a160 UT @12+2'],
  ['7.1.2', 'SV and UV have the long form', EXPLICIT, '7200 8200 5356 0000 00000000', '0072,0082 SV @12+0'],
  ['7.1.2', 'the reserved bytes mean nothing', EXPLICIT, '4200 1100 4F42 FFFF 02000000 0001', '0042,0011 OB @12+2'],
  ['7.1.3', 'implicit VR: the dictionary tells the VR', IMPLICIT, '1000 2000 02000000 4142', '0010,0020 LO @8+2'],
  ['7.1.3', 'implicit VR, an unknown standard tag', IMPLICIT, '0800 FFEE 00000000', '0008,eeff UN @8+0'],
  [
    '7.1.3',
    'implicit VR, an unknown standard tag where private creators would stand',
    IMPLICIT,
    '0800 FE00 00000000',
    '0008,00fe UN @8+0',
  ],
  ['7.3', 'big endian: tag and length', BIG, '0010 0020 4C4F 0002 4142', '0010,0020 LO @8+2'],
  ['7.3', 'big endian: 32-bit length', BIG, '0042 0011 4F42 0000 00000002 0001', '0042,0011 OB @12+2'],
  ['7.2', 'group length', IMPLICIT, '0900 0000 04000000 00000000', '0009,0000 UL @8+4'],
  ['7.8.1', 'private creator in implicit VR', IMPLICIT, '0900 1000 02000000 4142', '0009,0010 LO @8+2'],
  ['7.8.1', 'private element in implicit VR', IMPLICIT, '0900 0110 02000000 4142', '0009,1001 UN @8+2'],
  [
    '7.5.1',
    'defined length, defined items',
    EXPLICIT,
    '0800 4011 5351 0000 12000000  FEFF00E0 0A000000 0800 0001 5348 0200 4142',
    '0008,1140 SQ @12+18[{0008,0100 SH @28+2}]',
  ],
  [
    '7.5.1',
    'two items, one of them empty',
    EXPLICIT,
    '0800 4011 5351 0000 10000000  FEFF00E0 00000000 FEFF00E0 00000000',
    '0008,1140 SQ @12+16[{}{}]',
  ],
  ['7.5.1', 'a sequence without items', EXPLICIT, '0800 4011 5351 0000 00000000', '0008,1140 SQ @12+0[]'],
  [
    '7.5.2',
    'undefined length, undefined items',
    EXPLICIT,
    '0800 4011 5351 0000 FFFFFFFF  FEFF00E0 FFFFFFFF 0800 0001 5348 0200 4142 FEFF0DE0 00000000 FEFFDDE0 00000000',
    '0008,1140 SQ @12+26u[{0008,0100 SH @28+2}]',
  ],
  [
    '7.5.2',
    'undefined length, defined items',
    EXPLICIT,
    '0800 4011 5351 0000 FFFFFFFF  FEFF00E0 0A000000 0800 0001 5348 0200 4142 FEFFDDE0 00000000',
    '0008,1140 SQ @12+18u[{0008,0100 SH @28+2}]',
  ],
  [
    '7.5.2',
    'undefined length in implicit VR',
    IMPLICIT,
    '0800 4011 FFFFFFFF  FEFF00E0 FFFFFFFF 0800 0001 02000000 4142 FEFF0DE0 00000000 FEFFDDE0 00000000',
    '0008,1140 SQ @8+26u[{0008,0100 SH @24+2}]',
  ],
  [
    '7.5.2',
    'undefined length in big endian',
    BIG,
    '0008 1140 5351 0000 FFFFFFFF  FFFEE000 FFFFFFFF 0008 0100 5348 0002 4142 FFFEE00D 00000000 FFFEE0DD 00000000',
    '0008,1140 SQ @12+26u[{0008,0100 SH @28+2}]',
  ],
  [
    '7.5.2',
    'a private sequence of undefined length in implicit VR',
    IMPLICIT,
    '0900 0110 FFFFFFFF  FEFF00E0 00000000 FEFFDDE0 00000000',
    '0009,1001 SQ @8+8u[{}]',
  ],
  [
    '6.2.2',
    'UN with a known tag has the VR of the dictionary',
    EXPLICIT,
    '1000 2000 554E 0000 02000000 4142',
    '0010,0020 LO @12+2',
  ],
  ['6.2.2', 'UN with an unknown tag stays UN', EXPLICIT, '0900 0110 554E 0000 02000000 4142', '0009,1001 UN @12+2'],
  [
    '6.2.2',
    'UN of undefined length holds implicit VR little endian (CP-246)',
    EXPLICIT,
    '0900 0110 554E 0000 FFFFFFFF  FEFF00E0 0A000000 0800 0001 02000000 4142 FEFFDDE0 00000000',
    '0009,1001 SQ @12+18u[{0008,0100 SH @28+2}]',
  ],
  [
    '6.2.2',
    'also in big endian',
    BIG,
    '0009 1001 554E 0000 FFFFFFFF  FEFF00E0 0A000000 0800 0001 02000000 4142 FEFFDDE0 00000000',
    '0009,1001 SQ @12+18u[{0008,0100 SH @28+2}]',
  ],
  [
    '6.2.2',
    'UN of defined length with the tag of a sequence',
    EXPLICIT,
    '0800 4011 554E 0000 12000000  FEFF00E0 0A000000 0800 0001 02000000 4142',
    '0008,1140 SQ @12+18[{0008,0100 SH @28+2}]',
  ],
  [
    '6.2.2',
    'UN of defined length with the tag of a sequence, holding none',
    EXPLICIT,
    '0800 4011 554E 0000 02000000 4142',
    '0008,1140 UN @12+2',
  ],
  [
    'A.4',
    'encapsulated pixel data, empty offset table',
    JPEG,
    'E07F 1000 4F42 0000 FFFFFFFF  FEFF00E0 00000000 FEFF00E0 04000000 FFD8FFD9 FEFFDDE0 00000000',
    '7fe0,0010 OB @12+20u<20+0 28+4>',
  ],
  [
    'A.4',
    'encapsulated pixel data, offset table of two frames',
    JPEG,
    'E07F 1000 4F42 0000 FFFFFFFF  FEFF00E0 08000000 00000000 0A000000 FEFF00E0 02000000 FFD8 FEFF00E0 02000000 FFD9 FEFFDDE0 00000000',
    '7fe0,0010 OB @12+36u<20+8 36+2 46+2>',
  ],
  [
    'A.4',
    'extended offset tables are plain elements',
    JPEG,
    'E07F 0100 4F56 0000 08000000 0000000000000000 E07F 0200 4F56 0000 08000000 0200000000000000',
    '7fe0,0001 OV @12+8 7fe0,0002 OV @32+8',
  ],
  ['A.2', 'native pixel data', EXPLICIT, 'E07F 1000 4F57 0000 02000000 0102', '7fe0,0010 OW @12+2'],
  ['A.1', 'native pixel data in implicit VR is OW', IMPLICIT, 'E07F 1000 02000000 0102', '7fe0,0010 OW @8+2'],
  ['7.4', 'an empty value', EXPLICIT, '1000 1000 504E 0000', '0010,0010 PN @8+0'],
  ['PS3.10 7.2', 'trailing padding', EXPLICIT, 'FCFF FCFF 4F42 0000 02000000 0000', 'fffc,fffc OB @12+2'],
];

describe('PS3.5', () => {
  it.each(ROWS)('%s: %s', (_clause, _rule, transferSyntaxUid, hex, tree) => {
    expect(show(read(transferSyntaxUid, hex))).toBe(tree);
  });
});
