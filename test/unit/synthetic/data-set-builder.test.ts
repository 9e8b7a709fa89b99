import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';

function hexOf(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/(..)/g, '$1 ').trim();
}

describe('the data set builder', () => {
  it('refuses an unknown keyword, a value the VR cannot hold and text the character set lacks', () => {
    expect(() => new DataSetBuilder().put('PatientNam', 'PN', 'x')).toThrow('no keyword');
    expect(() => new DataSetBuilder().put('PixelData', 'OB', 5).toBytes()).toThrow('takes a Buffer');
    expect(() => new DataSetBuilder().put('PatientName', 'PN', 'é').toBytes()).toThrow('not representable');
    expect(() => new DataSetBuilder().put('PatientID', 'LO', 'x'.repeat(70_000)).toBytes()).toThrow('do not fit');
  });

  it('writes short and long explicit headers, in tag order, padded as the VR asks', () => {
    const bytes = new DataSetBuilder()
      .put('PixelData', 'OB', Buffer.of(7))
      .put('SOPInstanceUID', 'UI', '1.2')
      .put('PatientID', 'LO', 'A')
      .toBytes(EXPLICIT);
    expect(hexOf(bytes)).toBe(
      '08 00 18 00 55 49 04 00 31 2e 32 00 10 00 20 00 4c 4f 02 00 41 20 e0 7f 10 00 4f 42 00 00 02 00 00 00 07 00',
    );
  });

  it('writes implicit VR and big endian, words of Buffers turned round', () => {
    const builder = new DataSetBuilder()
      .put('Rows', 'US', 258)
      .put('FrameIncrementPointer', 'AT', 0x00181063)
      .put('PixelData', 'OW', Buffer.of(1, 0, 2, 0));
    expect(hexOf(builder.toBytes(IMPLICIT))).toBe(
      '28 00 09 00 04 00 00 00 18 00 63 10 28 00 10 00 02 00 00 00 02 01 e0 7f 10 00 04 00 00 00 01 00 02 00',
    );
    expect(hexOf(builder.toBytes(BIG_ENDIAN))).toBe(
      '00 28 00 09 41 54 00 04 00 18 10 63 00 28 00 10 55 53 00 02 01 02 7f e0 00 10 4f 57 00 00 00 00 00 04 00 01 00 02',
    );
  });

  it('writes items of defined and of undefined length, in the character set around them', () => {
    const items = [new DataSetBuilder().put('PatientName', 'PN', 'é')];
    const builder = new DataSetBuilder().put('SpecificCharacterSet', 'CS', 'ISO_IR 100');
    expect(hexOf(builder.sequence(0x00081115, items).toBytes(EXPLICIT)).slice(18 * 3)).toBe(
      '08 00 15 11 53 51 00 00 12 00 00 00 fe ff 00 e0 0a 00 00 00 10 00 10 00 50 4e 02 00 e9 20',
    );
    const undefinedLength = builder.sequence(0x00081115, items, { hasUndefinedLength: true });
    expect(hexOf(undefinedLength.toBytes(EXPLICIT)).slice(18 * 3)).toBe(
      `08 00 15 11 53 51 00 00 ff ff ff ff fe ff 00 e0 ff ff ff ff 10 00 10 00 50 4e 02 00 e9 20 fe ff 0d e0 00 00 00 00
       fe ff dd e0 00 00 00 00`.replaceAll(/\s+/g, ' '),
    );
  });

  it('writes encapsulated pixel data with its offset table', () => {
    const bytes = new DataSetBuilder().encapsulated([Buffer.of(1), Buffer.of(2, 3)], [0, 10]).toBytes();
    expect(hexOf(bytes)).toBe(
      `e0 7f 10 00 4f 42 00 00 ff ff ff ff fe ff 00 e0 08 00 00 00 00 00 00 00 0a 00 00 00 fe ff 00 e0 02 00 00 00 01 00
       fe ff 00 e0 02 00 00 00 02 03 fe ff dd e0 00 00 00 00`.replaceAll(/\s+/g, ' '),
    );
  });

  it('makes a Part 10 file whose data set can be deflated', () => {
    const builder = new DataSetBuilder().putAll({ SOPClassUID: '1.2.3', SOPInstanceUID: '1.2.4', InstanceNumber: 5 });
    const file = builder.toFile(DEFLATED, { sourceAeTitle: 'CT01' });
    expect(file.toString('latin1', 128, 132)).toBe('DICM');
    const metaEnd = 144 + file.readUInt32LE(140);
    expect(file.toString('latin1', 132, metaEnd)).toContain('CT01');
    expect(inflateRawSync(file.subarray(metaEnd))).toEqual(builder.toBytes(EXPLICIT));
  });

  it('makes the head of a file whose pixel data are streamed behind it', () => {
    const builder = new DataSetBuilder().putAll({ SOPClassUID: '1.2.3', SOPInstanceUID: '1.2.4' });
    const head = builder.put('PixelData', 'OW', Buffer.alloc(8)).toFileHead(EXPLICIT, 'OW', 0x7ffffffe);
    expect(head.readUInt32LE(head.length - 4)).toBe(0x7ffffffe);
    expect(head.readUInt16LE(head.length - 12)).toBe(0x7fe0);
  });
});
