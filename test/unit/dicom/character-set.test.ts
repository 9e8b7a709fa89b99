import { existsSync, readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstanceError } from '../../../src/core/errors.ts';
import { CharacterSet, DEFAULT_CHARACTER_SET } from '../../../src/dicom/character-set.ts';

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

function expectBothWays(terms: readonly string[], vr: string, text: string, bytes: Buffer): void {
  const set = CharacterSet.of(terms);
  expect(set.decodeStrict(bytes, vr)).toBe(text);
  expect(set.encode(text, vr)?.toString('hex')).toBe(bytes.toString('hex'));
}

describe('terms of Specific Character Set', () => {
  it.each([
    ['ISO_IR 999'],
    ['ISO 2022 IR 1000'],
    ['latin one'],
    ['WINDOWS_1252'],
    ['ISO_IR'],
    ['100'],
    ['ISO 8859-10'],
    ['GB18030X'],
  ])('refuses %s without repeating it', (term) => {
    const refusal = catchError(() => CharacterSet.of([term]));
    expect(refusal).toBeInstanceOf(InstanceError);
    expect(refusal.reason).toBe('unknown-character-set');
    expect(refusal.message).not.toContain(term);
  });

  it('refuses UTF-8 behind another set, since nobody can tell which of the two a value is in', () => {
    expect(() => CharacterSet.of(['ISO_IR 100', 'ISO_IR 192'])).toThrow('Value 2');
  });

  it('takes a set without code extensions first or beside the default repertoire', () => {
    const bytes = Buffer.from('Müller', 'utf8');
    for (const terms of [
      ['ISO_IR 192', 'ISO 2022 IR 6'],
      ['', 'ISO_IR 192'],
      ['ISO_IR 192', 'ISO 2022 IR 87'],
    ]) {
      expect(CharacterSet.of(terms).decodeStrict(bytes, 'LO')).toBe('Müller');
    }
  });

  it.each([
    [
      'ISO_IR 100',
      [
        'ISO IR 100',
        'ISO-IR 100',
        'ISO_IR_100',
        'ISO_IR100',
        'iso_ir 100 ',
        'ISO 2022 100',
        'ISO 8859-1',
        'ISO_IR 100\0',
      ],
    ],
    ['ISO_IR 192', ['UTF-8', 'utf8', 'ISO 2022 IR 192', 'ISO-IR 192']],
    ['GBK', ['ISO 2022 GBK', 'gbk']],
    ['GB18030', ['gb18030 ', 'ISO 2022 GB18030']],
    ['ISO_IR 166', ['ISO 8859-11', 'ISO_2022_IR_166', 'ISO2022 IR 166']],
  ])('reads the misspellings of %s', (term, misspelled) => {
    const text = term.startsWith('GB') ? '王' : term.endsWith('166') ? 'ไ' : 'é';
    const bytes = CharacterSet.of([term]).encode(text, 'LO');
    for (const spelling of misspelled) expect(CharacterSet.of([spelling]).encode(text, 'LO')).toEqual(bytes);
  });

  it('reads ISO 2022 58 and GB2312 as ISO 2022 IR 58, and ISO_IR 58 behind an empty value', () => {
    const bytes = fromHex('1b 24 29 41 d5 c5');
    for (const term of ['ISO 2022 58', 'GB2312', 'ISO_IR 58']) {
      expect(CharacterSet.of(['', term]).decodeStrict(bytes, 'LO')).toBe('张');
    }
  });

  it('gives the same object for the same terms', () => {
    expect(CharacterSet.of(['ISO_IR 100'])).toBe(CharacterSet.of(['ISO_IR 100']));
    expect(CharacterSet.of([])).toBe(DEFAULT_CHARACTER_SET);
  });
});

describe('the examples of PS3.5, exact bytes both ways', () => {
  it('Annex H.3.1: Japanese, default repertoire and ISO 2022 IR 87', () => {
    expectBothWays(
      ['', 'ISO 2022 IR 87'],
      'PN',
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
      fromHex(`59 61 6d 61 64 61 5e 54 61 72 6f 75 3d 1b 24 42 3b 33 45 44 1b 28 42 5e 1b 24 42 42 40 4f 3a 1b 28 42
        3d 1b 24 42 24 64 24 5e 24 40 1b 28 42 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 42`),
    );
  });

  it('Annex H.3.2: Japanese, ISO 2022 IR 13 and ISO 2022 IR 87', () => {
    expectBothWays(
      ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
      'PN',
      'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
      fromHex(`d4 cf c0 de 5e c0 db b3 3d 1b 24 42 3b 33 45 44 1b 28 4a 5e 1b 24 42 42 40 4f 3a 1b 28 4a
        3d 1b 24 42 24 64 24 5e 24 40 1b 28 4a 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 4a`),
    );
  });

  it('Japanese in half-width katakana alone, ISO_IR 13', () => {
    expectBothWays(['ISO_IR 13'], 'PN', 'ﾔﾏﾀﾞ^ﾀﾛｳ', fromHex('d4 cf c0 de 5e c0 db b3'));
  });

  it('Annex I.2: Korean name, ISO 2022 IR 149', () => {
    expectBothWays(
      ['', 'ISO 2022 IR 149'],
      'PN',
      'Hong^Gildong=洪^吉洞=홍^길동',
      fromHex(`48 6f 6e 67 5e 47 69 6c 64 6f 6e 67 3d 1b 24 29 43 fb f3 5e 1b 24 29 43 d1 ce d4 d7
        3d 1b 24 29 43 c8 ab 5e 1b 24 29 43 b1 e6 b5 bf`),
    );
  });

  it('Annex J.1: Chinese name, UTF-8', () => {
    expectBothWays(
      ['ISO_IR 192'],
      'PN',
      'Wang^XiaoDong=王^小東=',
      fromHex('57 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d e7 8e 8b 5e e5 b0 8f e6 9d b1 3d'),
    );
  });

  it.each(['GB18030', 'GBK'])('Annex J.3: Chinese name, %s', (term) => {
    expectBothWays(
      [term],
      'PN',
      'Wang^XiaoDong=王^小东=',
      fromHex('57 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d cd f5 5e d0 a1 b6 ab 3d'),
    );
  });

  it('Annex K.2: Chinese name, ISO 2022 IR 58', () => {
    expectBothWays(
      ['', 'ISO 2022 IR 58'],
      'PN',
      'Zhang^XiaoDong=张^小东=',
      fromHex(`5a 68 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d 1b 24 29 41 d5 c5 5e 1b 24 29 41 d0 a1 b6 ab 3d`),
    );
  });

  it('Annex K.3: Chinese text of two lines, each of which designates its set anew', () => {
    const first = fromHex('31 2e 1b 24 29 41 b5 da d2 bb d0 d0 ce c4 d7 d6 a1 a3 0d 0a');
    const second = fromHex('32 2e 1b 24 29 41 b5 da b6 fe d0 d0 ce c4 d7 d6 a1 a3 0d 0a');
    expectBothWays(
      ['', 'ISO 2022 IR 58'],
      'LT',
      '1.第一行文字。\r\n2.第二行文字。\r\n',
      Buffer.concat([first, second]),
    );
  });
});

describe('what breaks the declared sets', () => {
  it.each([
    ['a byte above 0x7F in the default repertoire', [], '4d fc 6c', 'M\uFFFDl'],
    ['a C1 byte, as windows-1252 text has', ['ISO_IR 100'], '41 92 42', 'A\uFFFDB'],
    ['an unassigned byte of ISO 8859-6', ['ISO_IR 127'], 'c7 ff', 'ا\uFFFD'],
    ['an escape sequence of no defined term', ['', 'ISO 2022 IR 87'], '41 1b 2e 41 42', 'A\uFFFD.AB'],
    ['half a character of a double-byte set', ['', 'ISO 2022 IR 149'], '1b 24 29 43 c8', '\uFFFD'],
    ['a pair that is not assigned', ['', 'ISO 2022 IR 87'], '1b 24 42 7e 7e 1b 28 42', '\uFFFD'],
    ['a lead byte at the end', ['GB18030'], '41 cd', 'A\uFFFD'],
    ['a continuation byte alone', ['ISO_IR 192'], '41 bf', 'A\uFFFD'],
  ])('%s becomes U+FFFD, and nothing when strict', (_, terms, hex, expected) => {
    const set = CharacterSet.of(terms);
    expect(set.decode(fromHex(hex), 'LO')).toBe(expected);
    expect(set.decodeStrict(fromHex(hex), 'LO')).toBeUndefined();
  });

  it.each([
    ['an escape sequence that is not declared', ['ISO_IR 100'], '1b 24 42 3b 33 1b 28 42', '山'],
    ['a missing switch back before a delimiter', ['', 'ISO 2022 IR 87'], '1b 24 42 3b 33 5e 1b 24 42 45 44', '山^田'],
    ['a missing designation of the only declared set', ['', 'ISO 2022 IR 149'], 'c8 ab', '홍'],
    [
      'a designation that was not repeated behind a delimiter',
      ['', 'ISO 2022 IR 149'],
      '1b 24 29 43 c8 ab 5e b1 e6',
      '홍^길',
    ],
  ])('%s is understood, but not strictly', (_, terms, hex, expected) => {
    const set = CharacterSet.of(terms);
    expect(set.decode(fromHex(hex), 'PN')).toBe(expected);
    expect(set.decodeStrict(fromHex(hex), 'PN')).toBeUndefined();
  });

  it.each([
    [[], 'é'],
    [['ISO_IR 100'], 'ł'],
    [['ISO_IR 100'], '\x1B'],
    [['ISO_IR 100'], '\u0092'],
    [['ISO_IR 13'], '山'],
    [['ISO_IR 13'], '~'],
    [['', 'ISO 2022 IR 87'], 'é'],
    [['', 'ISO 2022 IR 149'], '\u{1F600}'],
    [['GBK'], '\u{1F600}'],
    [['GBK'], 'ü' + '\u0E01'],
    [['GB18030'], '\uD800'],
    [['ISO_IR 192'], 'a\uDC00'],
  ])('%j does not encode %j', (terms, text) => {
    expect(CharacterSet.of(terms).encode(text, 'LO')).toBeUndefined();
  });

  it('keeps a VR that Specific Character Set does not affect in the default repertoire', () => {
    const set = CharacterSet.of(['ISO_IR 100']);
    expect(set.decode(fromHex('4d fc'), 'CS')).toBe('M\uFFFD');
    expect(set.encode('ü', 'CS')).toBeUndefined();
  });
});

describe('code extensions', () => {
  it('switches between two upper halves and back to that of value 1 before a delimiter and at the end', () => {
    const bytes = fromHex('e9 1b 2d 46 e1 1b 2d 41 5c 1b 2d 46 e1 1b 2d 41');
    expectBothWays(['ISO 2022 IR 100', 'ISO 2022 IR 126'], 'LO', 'éα\\α', bytes);
  });

  it('writes ASCII between kanji in the initial set, the space included', () => {
    const bytes = fromHex('1b 24 42 3b 33 1b 28 42 20 41 1b 24 42 45 44 1b 28 42');
    expectBothWays(['', 'ISO 2022 IR 87'], 'LO', '山 A田', bytes);
  });

  it('takes JIS X 0212 for what JIS X 0208 lacks', () => {
    const bytes = fromHex('1b 24 42 3b 33 1b 24 28 44 30 21 1b 28 42');
    expectBothWays(['', 'ISO 2022 IR 87', 'ISO 2022 IR 159'], 'LO', '山丂', bytes);
  });

  it('finds the same JIS character for the two code points that tables give it', () => {
    const set = CharacterSet.of(['', 'ISO 2022 IR 87']);
    expect(set.encode('\u301C\u2212', 'LO')).toEqual(set.encode('\uFF5E\uFF0D', 'LO'));
  });

  it.each(['\t', '\n', '\f', '\r'])('resets the state behind control character %j', (control) => {
    const set = CharacterSet.of(['', 'ISO 2022 IR 149']);
    const bytes = set.encode(`홍${control}길`, 'UT');
    expect(bytes?.toString('latin1').match(/\x1B\$\)C/g)).toHaveLength(2);
    expect(set.decodeStrict(bytes ?? Buffer.alloc(0), 'UT')).toBe(`홍${control}길`);
  });
});

describe('the backslash', () => {
  it('is the delimiter of a multi-valued VR in JIS X 0201, and a yen sign in running text', () => {
    const set = CharacterSet.of(['ISO_IR 13']);
    const bytes = fromHex('d4 5c cf');
    expect(set.decodeStrict(bytes, 'LO')).toBe('ﾔ\\ﾏ');
    expect(set.split(bytes, 'LO')).toHaveLength(2);
    expect(set.decodeStrict(bytes, 'LT')).toBe('ﾔ¥ﾏ');
    expect(set.encode('ﾔ\\ﾏ', 'LO')).toEqual(bytes);
    expect(set.encode('ﾔ¥ﾏ', 'LT')).toEqual(bytes);
    expect(set.encode('ﾔ\\ﾏ', 'LT')).toBeUndefined();
  });

  it('does not separate values where it is the second byte of a Chinese character', () => {
    // 0x81 0x5C is U+4E55 in GBK.
    const bytes = fromHex('81 5c 5c cd f5');
    for (const term of ['GBK', 'GB18030']) {
      const set = CharacterSet.of([term]);
      expect(set.split(bytes, 'LO').map((value) => set.decodeStrict(value, 'LO'))).toEqual(['乗', '王']);
      expect(set.decodeStrict(bytes, 'LO')).toBe('乗\\王');
    }
  });

  it('does not separate values inside a pair of JIS X 0208', () => {
    const set = CharacterSet.of(['', 'ISO 2022 IR 87']);
    const text = '充\\充';
    const bytes = set.encode(text, 'LO') ?? Buffer.alloc(0);
    expect(bytes.toString('latin1')).toContain('=<');
    const tricky = fromHex('1b 24 42 30 5c 5c 30 1b 28 42 5c 41');
    expect(set.split(tricky, 'LO')).toHaveLength(2);
    expect(set.split(tricky, 'ST')).toHaveLength(1);
    expect(set.split(bytes, 'LO').map((value) => set.decodeStrict(value, 'LO'))).toEqual(text.split('\\'));
  });
});

/** Every character that a set of terms can hold, found by encoding the basic plane. */
function alphabetOf(set: CharacterSet): string[] {
  const found: string[] = [];
  for (let codePoint = 0xa0; codePoint < 0xffff; codePoint++) {
    const character = String.fromCharCode(codePoint);
    const bytes = set.encode(character, 'LO');
    if (bytes !== undefined && set.decode(bytes, 'LO') === character) found.push(character);
  }
  return found;
}

const ALL_TERMS: readonly (readonly [terms: readonly string[], leastCharacters: number])[] = [
  ...['100', '101', '109', '110', '144', '127', '126', '138', '148', '203', '166', '13'].flatMap(
    (n) =>
      [
        [[`ISO_IR ${n}`], 40],
        [[`ISO 2022 IR ${n}`], 40],
      ] as const,
  ),
  [['', 'ISO 2022 IR 87'], 6879],
  [['', 'ISO 2022 IR 87', 'ISO 2022 IR 159'], 12_000],
  [['ISO 2022 IR 13', 'ISO 2022 IR 87'], 6900],
  [['', 'ISO 2022 IR 149'], 8224],
  [['', 'ISO 2022 IR 58'], 7445],
  [['ISO 2022 IR 6', 'ISO 2022 IR 100', 'ISO 2022 IR 126', 'ISO 2022 IR 149'], 8300],
  [['ISO_IR 192'], 60_000],
  [['GB18030'], 60_000],
  [['GBK'], 21_000],
];

describe('round trips', () => {
  it.each(ALL_TERMS)('%j gives back every text of its %i characters or more, value by value', (terms, least) => {
    const set = CharacterSet.of(terms);
    const alphabet = alphabetOf(set);
    expect(alphabet.length).toBeGreaterThanOrEqual(least);
    const characters = fc.oneof(fc.constantFrom(...alphabet), fc.constantFrom('A', 'z', '0', ' ', '^', '=', '.'));
    const value = fc.string({ unit: characters, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.constantFrom('PN', 'LO', 'UC'), (values, vr) => {
        const bytes = set.encode(values.join('\\'), vr);
        if (bytes === undefined) throw new Error('not representable');
        expect(set.decodeStrict(bytes, vr)).toBe(values.join('\\'));
        expect(set.split(bytes, vr).map((part) => set.decodeStrict(part, vr))).toEqual(values);
      }),
      { numRuns: 60 },
    );
  });

  it('never throws and never loses the place on arbitrary bytes', () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(0x1b, 0x24, 0x28, 0x29, 0x42, 0x43, 0x5c, 0x5e), fc.nat(255)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        bytes,
        fc.constantFrom(...ALL_TERMS),
        fc.constantFrom('PN', 'LO', 'UT', 'CS'),
        (list, [terms], vr) => {
          const buffer = Buffer.from(list);
          const set = CharacterSet.of(terms);
          const strict = set.decodeStrict(buffer, vr);
          if (strict !== undefined) expect(set.decode(buffer, vr)).toBe(strict);
          expect(Buffer.concat(set.split(buffer, vr)).length).toBeLessThanOrEqual(buffer.length);
        },
      ),
    );
  });
});

const CORPUS = new URL('../../../../shared/corpus/general/', import.meta.url);

describe.skipIf(!existsSync(CORPUS))('files of the corpus', () => {
  const cases = ['042', '073', '075', '076', '077', '091', '092', '093', '094', '095', '096'];
  it.each(cases)('%s: every text decodes strictly and is byte-identical when encoded again', (number) => {
    const name = readdirSync(CORPUS).find((file) => file.startsWith(`${number}_`)) ?? '';
    const values = [...explicitTextValues(readFileSync(new URL(name, CORPUS)))];
    expect(values.length).toBeGreaterThan(0);
    let foreign = 0;
    for (const { set, vr, bytes } of values) {
      const text = set.decodeStrict(bytes, vr);
      expect(text).toBeDefined();
      // The writer of 096 switches back to ISO-IR 6 although value 1 is ISO 2022 IR 13; PS3.5 H.3.2 switches back to ISO-IR 14.
      const expected =
        number === '096' ? bytes.toString('latin1').replaceAll('\x1B(B', '\x1B(J') : bytes.toString('latin1');
      expect(set.encode(text ?? '', vr)?.toString('latin1')).toBe(expected);
      if (/[^\0-\x7F]/.test(text ?? '')) foreign++;
    }
    expect(foreign).toBeGreaterThan(0);
  });
});

/** Text elements of a small explicit VR little endian file, items included, each with the character set that holds there. */
function* explicitTextValues(file: Buffer): Generator<{ set: CharacterSet; vr: string; bytes: Buffer }> {
  let set = DEFAULT_CHARACTER_SET;
  let at = 132;
  while (at + 8 <= file.length) {
    if (file.readUInt16LE(at) === 0xfffe) {
      at += 8;
      continue;
    }
    const tag = file.readUInt16LE(at) * 0x10000 + file.readUInt16LE(at + 2);
    const vr = file.toString('latin1', at + 4, at + 6);
    const isLong = ['OB', 'OW', 'OF', 'SQ', 'UT', 'UN', 'UC', 'UR'].includes(vr);
    const length = isLong ? file.readUInt32LE(at + 8) : file.readUInt16LE(at + 6);
    at += isLong ? 12 : 8;
    if (vr === 'SQ') continue;
    const bytes = file.subarray(at, at + length);
    if (tag === 0x00080005) set = CharacterSet.of(bytes.toString('latin1').split('\\'));
    if (['LO', 'LT', 'PN', 'SH', 'ST', 'UT', 'UC'].includes(vr)) yield { set, vr, bytes };
    at += length;
  }
}

function catchError(act: () => unknown): InstanceError {
  try {
    act();
  } catch (error) {
    if (error instanceof InstanceError) return error;
  }
  throw new Error('no InstanceError');
}
