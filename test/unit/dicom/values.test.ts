import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CharacterSet } from '../../../src/dicom/character-set.ts';
import type { Element } from '../../../src/dicom/element.ts';
import { parseDataSet, parseDataSetSync } from '../../../src/dicom/reader.ts';
import { findElement, padValue, stringsOf, textOf, valueBytes } from '../../../src/dicom/values.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../../src/standard/transfer-syntaxes.ts';
import { element, EXPLICIT } from './support/naive-encoder.ts';
import { FileLikeSource, syntax } from './support/sources.ts';

const LITTLE = { transferSyntax: syntax(EXPLICIT_VR_LITTLE_ENDIAN) };
const DEFAULT = CharacterSet.of([]);

function strings(vr: string, value: Buffer | string, characterSet = DEFAULT): readonly string[] {
  const dataSet = parseDataSetSync(element(EXPLICIT, 0x00100020, vr, Buffer.from(value)), LITTLE);
  return stringsOf(dataSet, dataSet.elements[0], characterSet);
}

function text(vr: string, value: string): string {
  const dataSet = parseDataSetSync(element(EXPLICIT, 0x00100020, vr, Buffer.from(value)), LITTLE);
  return textOf(dataSet, dataSet.elements[0], DEFAULT);
}

describe('values', () => {
  it('are views of the received bytes', () => {
    const bytes = element(EXPLICIT, 0x00100020, 'LO', Buffer.from('ABC123'));
    const dataSet = parseDataSetSync(bytes, LITTLE);
    const value = valueBytes(dataSet, dataSet.elements[0]);
    expect(value).toEqual(Buffer.from('ABC123'));
    expect(value.buffer).toBe(bytes.buffer);
  });

  it('that are bulk data of a file are not at hand', async () => {
    const bytes = element(EXPLICIT, 0x7fe00010, 'OW', Buffer.alloc(200_000));
    const dataSet = await parseDataSet(new FileLikeSource(bytes), LITTLE);
    expect(() => valueBytes(dataSet, dataSet.elements[0])).toThrow(RangeError);
  });
});

describe('text', () => {
  it('comes without padding at its end, be it spaces or NULs', () => {
    expect(text('LO', 'ABC ')).toBe('ABC');
    expect(text('UI', '1.2.3\0')).toBe('1.2.3');
    expect(text('UI', '1.2.34  ')).toBe('1.2.34');
    expect(text('LT', '  A\\B \0 ')).toBe('  A\\B');
    expect(text('LO', '')).toBe('');
  });

  it('is split at backslashes, each value without padding', () => {
    expect(strings('CS', 'ORIGINAL\\PRIMARY \\ AXIAL')).toEqual(['ORIGINAL', 'PRIMARY', 'AXIAL']);
    expect(strings('DS', ' 1.0\\ 2.0 ')).toEqual(['1.0', '2.0']);
    expect(strings('LO', 'A\\\\B ')).toEqual(['A', '', 'B']);
    expect(strings('UI', '1.2\\3.4\0')).toEqual(['1.2', '3.4']);
  });

  it('without a value has no strings', () => {
    expect(strings('LO', '')).toEqual([]);
    expect(strings('LO', '  ')).toEqual([]);
  });

  it('of one value by nature is not split', () => {
    expect(strings('LT', ' one\\two ')).toEqual([' one\\two']);
    expect(strings('UT', 'C:\\PATH')).toEqual(['C:\\PATH']);
  });

  it('is not split inside a character of a multi-byte set', () => {
    // In GB18030 the bytes 81 5C are one character.
    const value = Buffer.from([0x81, 0x5c, 0x5c, 0x41, 0x42, 0x20]);
    expect(strings('LO', value, CharacterSet.of(['GB18030']))).toHaveLength(2);
    expect(strings('LO', value, CharacterSet.of(['GB18030']))[1]).toBe('AB');
  });

  it('of VRs that no character set affects is Latin-1, whatever is declared', () => {
    expect(strings('CS', Buffer.from([0x41, 0xe9]), CharacterSet.of(['ISO_IR 192']))).toEqual(['Aé']);
  });
});

describe('findElement', () => {
  const at = (tag: number, start: number): Element => ({
    tag,
    vr: 'LO',
    encodedVr: 'LO',
    start,
    valueStart: start + 8,
    valueLength: 0,
    end: start + 8,
    hasUndefinedLength: false,
  });

  it('finds every element and nothing else, in order or not', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50), { maxLength: 20 }), fc.boolean(), (tags, isSorted) => {
        const elements = (isSorted ? [...tags].sort((a, b) => a - b) : tags).map(at);
        for (let tag = 0; tag <= 51; tag++)
          expect(findElement(elements, tag)?.tag).toBe(tags.includes(tag) ? tag : undefined);
      }),
    );
  });

  it('finds the first of two with the same tag', () => {
    expect(findElement([at(1, 0), at(2, 8), at(2, 16), at(3, 24)], 2)?.start).toBe(8);
    expect(findElement([at(3, 0), at(2, 8), at(2, 16), at(1, 24)], 2)?.start).toBe(8);
  });
});

describe('padValue', () => {
  it('adds one byte to an odd length: NUL for UI and binary values, else a space', () => {
    expect(padValue(Buffer.from('ABC'), 'LO')).toEqual(Buffer.from('ABC '));
    expect(padValue(Buffer.from('1.2'), 'UI')).toEqual(Buffer.from('1.2\0'));
    expect(padValue(Buffer.from([1]), 'OB')).toEqual(Buffer.from([1, 0]));
    expect(padValue(Buffer.from('ABCD'), 'LO')).toEqual(Buffer.from('ABCD'));
  });
});
