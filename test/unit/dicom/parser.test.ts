import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstanceError } from '../../../src/core/errors.ts';
import type { Element } from '../../../src/dicom/element.ts';
import { DataSetParser } from '../../../src/dicom/parser.ts';
import { DEFAULT_READ_LIMITS } from '../../../src/dicom/read-limits.ts';
import { cpuMs } from './support/cpu-time.ts';
import {
  BIG,
  delimiter,
  element,
  encode,
  EXPLICIT,
  IMPLICIT,
  item,
  tagBytes,
  u16,
  u32,
} from './support/naive-encoder.ts';
import type { Style } from './support/naive-encoder.ts';
import { feed } from './support/sources.ts';
import { trees } from './support/trees.ts';

function parse(bytes: Buffer, style: Style = EXPLICIT, limits = DEFAULT_READ_LIMITS): readonly Element[] {
  const parser = new DataSetParser(0, bytes.length, style, limits);
  parser.supply(0, bytes);
  expect(parser.run()).toBe(true);
  return parser.elements;
}

function refusal(bytes: Buffer, style: Style = EXPLICIT, limits = DEFAULT_READ_LIMITS): InstanceError {
  try {
    parse(bytes, style, limits);
  } catch (error) {
    if (error instanceof InstanceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const UNDEFINED = 0xffffffff;
const CODE = element(EXPLICIT, 0x00080100, 'SH', text('CODE'));
const IMPLICIT_CODE = element(IMPLICIT, 0x00080100, 'SH', text('CODE'));
const ID = element(EXPLICIT, 0x00100020, 'LO', text('ABC123'));
const ITEM_END = delimiter(EXPLICIT, 0xfffee00d);
const SEQUENCE_END = delimiter(EXPLICIT, 0xfffee0dd);
const SQ = 0x00081140;

function sequence(content: Buffer, length = content.length): Buffer {
  return element(EXPLICIT, SQ, 'SQ', content, length);
}

/** An explicit header with any two bytes as VR and a 16-bit length. */
function oddVr(vr: Buffer, value: Buffer): Buffer {
  return Buffer.concat([tagBytes(0x00091010), vr, u16(value.length), value]);
}

describe('what the parser refuses, and where', () => {
  const cases: readonly (readonly [string, Buffer, RegExp, number])[] = [
    [
      'a value that is cut off',
      element(EXPLICIT, 0x00100020, 'LO', text('ABC'), 6),
      /announces 6 bytes, 3 are left/,
      0,
    ],
    ['a header that is cut off', Buffer.concat([ID, ID.subarray(0, 7)]), /header of 8 bytes, 7 are left/, 14],
    ['a long header that is cut off', tagOnly('OB', 11), /header of 12 bytes, 11 are left/, 0],
    [
      'pixel data that is cut off',
      element(EXPLICIT, 0x7fe00010, 'OW', text('abcd'), 8),
      /\(7FE0,0010\) announces 8/,
      0,
    ],
    [
      'a length of almost 4 GiB',
      element(EXPLICIT, 0x7fe00010, 'OW', text('ab'), 0xfffffffe),
      /announces 4294967294/,
      0,
    ],
    ['an element that is longer than its item', longElementInItem(), /announces 20 bytes, 4 are left in the item/, 20],
    ['an item that is longer than its sequence', longItem(), /an item of \(0008,1140\) announces 32 bytes/, 12],
    ['no sequence delimiter', sequence(item(EXPLICIT, CODE), UNDEFINED), /sequence delimitation item should stand/, 32],
    ['no item delimiter at the end', openItem(Buffer.alloc(0)), /item delimitation item should stand/, 32],
    ['no item delimiter before the sequence delimiter', openItem(SEQUENCE_END), /stands where an element should/, 32],
    [
      'an item delimiter after a whole item',
      sequence(Buffer.concat([item(EXPLICIT, CODE), ITEM_END])),
      /an item of the/,
      32,
    ],
    ['elements after an item delimiter inside a defined item', afterDelimiter(), /before the end of an item/, 32],
    ['a sequence delimiter before the end of a defined sequence', earlyEnd(), /before the end of a sequence/, 32],
    ['an item at top level', Buffer.concat([ID, item(EXPLICIT, CODE)]), /stands where an element should/, 14],
    ['an item delimiter at top level', Buffer.concat([ID, ITEM_END, ID]), /stands where an element should/, 14],
    ['text in a sequence', sequence(text('hello world ')), /an unknown tag stands where an item/, 12],
    ['items in the other byte order', sequence(item(BIG, CODE)), /stands where an item/, 12],
    ['a trailing byte', Buffer.concat([ID, Buffer.alloc(1)]), /1 are left/, 14],
    ['an implicit element among explicit ones', Buffer.concat([ID, IMPLICIT_CODE, ID]), /has no VR/, 14],
    ['a lower-case VR', oddVr(text('ox'), text('abcd')), /has no VR/, 0],
    ['undefined length in UT', element(EXPLICIT, 0x0040a160, 'UT', SEQUENCE_END, UNDEFINED), /undefined length/, 0],
    [
      'undefined length in OB that is not pixel data',
      element(EXPLICIT, 0x00420011, 'OB', SEQUENCE_END, UNDEFINED),
      /undefined/,
      0,
    ],
    [
      'a fragment that is cut off',
      pixels(Buffer.concat([tagBytes(0xfffee000), u32(10), text('abcd')])),
      /fragment of pixel/,
      12,
    ],
    ['pixel data without its delimiter', pixels(item(EXPLICIT, text('abcd'))), /delimitation item should stand/, 24],
    ['an element among fragments', pixels(ID), /where a fragment/, 12],
    [
      'UN of undefined length with explicit items',
      element(EXPLICIT, SQ, 'UN', item(EXPLICIT, CODE), UNDEFINED),
      /announces/,
      20,
    ],
  ];
  it.each(cases)('%s', (_, bytes, message, offset) => {
    const error = refusal(bytes);
    expect(error.reason).toBe('unparsable');
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
  });

  const implicit: readonly (readonly [string, Buffer, RegExp])[] = [
    ['explicit elements read as implicit', ID, /announces/],
    ['text where the dictionary has a sequence', element(IMPLICIT, SQ, '', text('abcdefgh')), /stands where an item/],
    [
      'undefined length in a known text',
      element(IMPLICIT, 0x00081030, '', SEQUENCE_END, UNDEFINED),
      /undefined length/,
    ],
  ];
  it.each(implicit)('in implicit VR: %s', (_, bytes, message) => {
    expect(refusal(bytes, IMPLICIT).message).toMatch(message);
  });

  it('never shows the bytes that wrong framing takes for a tag', () => {
    const secret = sequence(text('DOE^JANE^M  '));
    expect(refusal(secret).message).not.toMatch(/4F44|444F/i);
  });

  function tagOnly(vr: string, bytes: number): Buffer {
    return element(EXPLICIT, 0x00420011, vr, Buffer.alloc(0)).subarray(0, bytes);
  }
  function longElementInItem(): Buffer {
    return Buffer.concat([sequence(item(EXPLICIT, element(EXPLICIT, 0x00080100, 'SH', text('CODE'), 20))), ID, ID]);
  }
  function longItem(): Buffer {
    const content = Buffer.concat([tagBytes(0xfffee000), u32(32), CODE]);
    return Buffer.concat([sequence(content), ID, ID]);
  }
  function openItem(after: Buffer): Buffer {
    const content = Buffer.concat([tagBytes(0xfffee000), u32(UNDEFINED), CODE]);
    return Buffer.concat([sequence(content, UNDEFINED), after]);
  }
  function afterDelimiter(): Buffer {
    return sequence(item(EXPLICIT, Buffer.concat([CODE, ITEM_END, CODE])));
  }
  function earlyEnd(): Buffer {
    return sequence(Buffer.concat([item(EXPLICIT, CODE), SEQUENCE_END, item(EXPLICIT, CODE)]));
  }
});

function pixels(content: Buffer): Buffer {
  return element(EXPLICIT, 0x7fe00010, 'OB', content, UNDEFINED);
}

describe('what the parser tolerates, as DCMTK does', () => {
  it('a placeholder for the VR, before a 16-bit length; the dictionary then tells the VR', () => {
    for (const vr of ['??', '  ', '--', '12', '\0\0']) {
      const [first, second] = parse(Buffer.concat([oddVr(text(vr), text('abcd')), ID]));
      expect(first).toMatchObject({ vr: 'UN', encodedVr: vr, valueStart: 8, valueLength: 4 });
      expect(second.tag).toBe(0x00100020);
    }
    const named = Buffer.concat([tagBytes(0x00100020), text('??'), u16(4), text('abcd')]);
    expect(parse(named)[0]).toMatchObject({ vr: 'LO', encodedVr: '??' });
  });

  it('a VR to come, before a 32-bit length; never as a sequence, for nothing framed its items', () => {
    const unknown = Buffer.concat([tagBytes(SQ), text('ZZ'), u16(0), u32(4), text('abcd')]);
    expect(parse(unknown)[0]).toMatchObject({ vr: 'UN', encodedVr: 'ZZ', valueStart: 12, items: undefined });
  });

  it('a VR to come with undefined length, which holds implicit items as UN does', () => {
    const head = Buffer.concat([tagBytes(0x00091010), text('ZZ'), u16(0), u32(UNDEFINED)]);
    const [first] = parse(Buffer.concat([head, item(IMPLICIT, IMPLICIT_CODE), SEQUENCE_END]));
    expect(first).toMatchObject({ vr: 'SQ', encodedVr: 'ZZ' });
    expect(first.items?.[0].encoding.isImplicitVr).toBe(true);
  });

  it('odd lengths, out of order and repeated tags, all of them kept in the order that they came', () => {
    const odd = element(EXPLICIT, 0x00080060, 'CS', text('M'));
    const tags = parse(Buffer.concat([ID, ID, odd])).map((one) => one.tag);
    expect(tags).toEqual([0x00100020, 0x00100020, 0x00080060]);
  });

  it('a delimiter at the very end of an item or sequence of defined length', () => {
    const [inItem] = parse(Buffer.concat([sequence(item(EXPLICIT, Buffer.concat([CODE, ITEM_END]))), ID]));
    expect(inItem.items?.[0].elements).toHaveLength(1);
    expect(inItem.items?.[0].end).toBe(inItem.end);
    const [inSequence] = parse(Buffer.concat([sequence(Buffer.concat([item(EXPLICIT, CODE), SEQUENCE_END])), ID]));
    expect(inSequence.items).toHaveLength(1);
  });

  it('a delimiter that states a length', () => {
    const end = Buffer.concat([tagBytes(0xfffee0dd), u32(4)]);
    const itemEnd = Buffer.concat([tagBytes(0xfffee00d), u32(4)]);
    const open = Buffer.concat([tagBytes(0xfffee000), u32(UNDEFINED), CODE, itemEnd, end]);
    expect(parse(Buffer.concat([sequence(open, UNDEFINED), ID]))).toHaveLength(2);
  });

  it('an empty sequence, of defined and undefined length', () => {
    expect(parse(sequence(Buffer.alloc(0)))[0].items).toEqual([]);
    expect(parse(Buffer.concat([sequence(Buffer.alloc(0), UNDEFINED), SEQUENCE_END, ID]))[0]).toMatchObject({
      items: [],
      valueLength: 0,
      end: 20,
      hasUndefinedLength: true,
    });
  });

  it('elements after pixel data, trailing padding, group lengths, command elements', () => {
    const bytes = Buffer.concat([
      element(EXPLICIT, 0x00000000, 'UL', u32(0)),
      element(EXPLICIT, 0x00080000, 'UL', u32(0)),
      element(EXPLICIT, 0x7fe00010, 'OW', text('abcd')),
      element(EXPLICIT, 0xfffcfffc, 'OB', Buffer.alloc(10)),
    ]);
    expect(parse(bytes).map((one) => one.tag)).toEqual([0, 0x00080000, 0x7fe00010, 0xfffcfffc]);
  });

  it('nothing at all', () => {
    expect(parse(Buffer.alloc(0))).toEqual([]);
  });
});

describe('UN', () => {
  it('takes the VR of the dictionary when its tag is known', () => {
    expect(parse(element(EXPLICIT, 0x00100010, 'UN', text('A^B ')))[0]).toMatchObject({ vr: 'PN', encodedVr: 'UN' });
  });

  it('of defined length is read as a sequence of implicit items when the dictionary says SQ', () => {
    for (const style of [EXPLICIT, BIG]) {
      const [first, second] = parse(
        Buffer.concat([
          element(style, SQ, 'UN', item(IMPLICIT, IMPLICIT_CODE)),
          element(style, 0x00100020, 'LO', text('ABC123')),
        ]),
        style,
      );
      expect(first).toMatchObject({ vr: 'SQ', encodedVr: 'UN', hasUndefinedLength: false });
      expect(first.items?.[0].elements[0]).toMatchObject({ vr: 'SH', encodedVr: undefined });
      expect(second.vr).toBe('LO');
    }
  });

  it('of defined length stays opaque when its content is no sequence, wherever the fault is', () => {
    const contents = [
      text('abcdefghij'),
      text('abc'),
      item(IMPLICIT, IMPLICIT_CODE).subarray(0, 15),
      Buffer.concat([item(IMPLICIT, IMPLICIT_CODE), text('xx')]),
      item(EXPLICIT, CODE),
      item(IMPLICIT, element(IMPLICIT, SQ, '', text('no items'))),
      item(IMPLICIT, element(IMPLICIT, 0x00080100, '', text('CODE'), 400)),
    ];
    for (const content of contents) {
      for (const extra of [0, 3, 1000]) {
        const bytes = Buffer.concat([element(EXPLICIT, SQ, 'UN', content), ID]);
        const parser = new DataSetParser(0, bytes.length, EXPLICIT, DEFAULT_READ_LIMITS);
        feed(parser, bytes, extra);
        expect(parser.elements).toMatchObject([
          { vr: 'UN', encodedVr: 'UN', items: undefined, valueLength: content.length, end: 12 + content.length },
          { tag: 0x00100020, vr: 'LO' },
        ]);
      }
    }
  });

  it('that fails inside a sequence leaves the surrounding items whole', () => {
    const inner = Buffer.concat([element(EXPLICIT, SQ, 'UN', text('abcdefghij')), CODE]);
    const [outer] = parse(Buffer.concat([sequence(item(EXPLICIT, inner, true), UNDEFINED), SEQUENCE_END, ID]));
    expect(outer.items?.[0].elements.map((one) => one.vr)).toEqual(['UN', 'SH']);
  });

  it('many failing ones take linear time', () => {
    const one = element(EXPLICIT, SQ, 'UN', item(IMPLICIT, IMPLICIT_CODE).subarray(0, 15));
    const bytes = Buffer.concat(Array.from({ length: 50_000 }, () => one));
    const cost = cpuMs(() => {
      expect(parse(bytes)).toHaveLength(50_000);
    });
    expect(cost).toBeLessThan(2_000);
  });
});

describe('depth', () => {
  function nested(levels: number, isUndefined: boolean, style: Style): Buffer {
    const header = element(style, SQ, 'SQ', Buffer.alloc(0)).length;
    const parts: Buffer[] = [];
    for (let level = levels; level > 0; level--) {
      const inside = (level - 1) * (header + 8);
      const length = isUndefined ? UNDEFINED : inside + 8;
      parts.push(element(style, SQ, 'SQ', Buffer.alloc(0), length));
      parts.push(tagBytes(0xfffee000), u32(isUndefined ? UNDEFINED : inside));
    }
    const end = Buffer.concat([delimiter(style, 0xfffee00d), delimiter(style, 0xfffee0dd)]);
    if (isUndefined) for (let level = 0; level < levels; level++) parts.push(end);
    return Buffer.concat(parts);
  }

  it.each([
    [EXPLICIT, false],
    [EXPLICIT, true],
    [IMPLICIT, false],
    [IMPLICIT, true],
  ])('64 levels are read, 65 and 100,000 are refused at once (%o, undefined length: %s)', (style, isUndefined) => {
    for (const levels of [1, 2, 63, 64]) expect(parse(nested(levels, isUndefined, style), style)).toHaveLength(1);
    for (const levels of [65, 1_000, 100_000]) {
      const bytes = nested(levels, isUndefined, style);
      const cost = cpuMs(() => {
        expect(refusal(bytes, style).message).toMatch(/more than 64 levels deep/);
      });
      expect(cost).toBeLessThan(100);
    }
  });

  it('is iterative: with the limit lifted, 100,000 levels are read in linear time', () => {
    const limits = { ...DEFAULT_READ_LIMITS, maxDepth: 1_000_000 };
    for (const isUndefined of [false, true]) {
      const bytes = nested(100_000, isUndefined, EXPLICIT);
      const cost = cpuMs(() => {
        expect(parse(bytes, EXPLICIT, limits)).toHaveLength(1);
      });
      expect(cost).toBeLessThan(2_000);
    }
  });

  it('a UN that is too deep is opaque like any other that does not parse', () => {
    const bytes = element(EXPLICIT, SQ, 'UN', item(IMPLICIT, nested(80, false, IMPLICIT)));
    expect(parse(bytes)[0]).toMatchObject({ vr: 'UN', items: undefined });
  });
});

describe('limits', () => {
  it('refuses more elements, items and fragments than maxElements', () => {
    const limits = { ...DEFAULT_READ_LIMITS, maxElements: 10 };
    const many = Buffer.concat(Array.from({ length: 11 }, () => ID));
    expect(refusal(many, EXPLICIT, limits).reason).toBe('header-too-large');
    const items = Buffer.concat(Array.from({ length: 11 }, () => item(EXPLICIT, Buffer.alloc(0))));
    expect(refusal(sequence(items), EXPLICIT, limits).reason).toBe('header-too-large');
    expect(refusal(pixels(items), EXPLICIT, limits).reason).toBe('header-too-large');
  });

  it('counts what is outside bulk data against maxHeaderBytes, and nothing else', () => {
    const limits = { ...DEFAULT_READ_LIMITS, maxHeaderBytes: 1_000, bulkThreshold: 100 };
    const bulk = element(EXPLICIT, 0x00091010, 'OB', Buffer.alloc(5_000));
    const pixel = element(EXPLICIT, 0x7fe00010, 'OW', Buffer.alloc(50));
    expect(parse(Buffer.concat([bulk, pixel, bulk, ID]), EXPLICIT, limits)).toHaveLength(4);
    const header = Buffer.concat(Array.from({ length: 80 }, () => ID));
    expect(refusal(header, EXPLICIT, limits).reason).toBe('header-too-large');
  });
});

describe('pixel data', () => {
  it('is told by fragments, the basic offset table first', () => {
    const content = Buffer.concat([
      item(EXPLICIT, u32(0)),
      item(EXPLICIT, text('abcd')),
      item(EXPLICIT, text('efgh12')),
    ]);
    const [first, second] = parse(Buffer.concat([pixels(content), SEQUENCE_END, ID]));
    expect(first.fragments).toEqual([
      { valueStart: 20, length: 4 },
      { valueStart: 32, length: 4 },
      { valueStart: 44, length: 6 },
    ]);
    expect(first).toMatchObject({ valueStart: 12, valueLength: content.length, end: 12 + content.length + 8 });
    expect(second.tag).toBe(0x00100020);
  });
});

describe('the window', () => {
  it('may be of any size: the tree is the same', () => {
    fc.assert(
      fc.property(
        trees({ wrapped: true }),
        fc.constantFrom(EXPLICIT, IMPLICIT, BIG),
        fc.nat(40),
        (tree, style, extra) => {
          const bytes = encode(tree, style);
          const whole = parse(bytes, style);
          const parser = new DataSetParser(0, bytes.length, style, DEFAULT_READ_LIMITS);
          feed(parser, bytes, extra);
          expect(parser.elements).toEqual(whole);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('random bytes', () => {
  it('are read or refused, never anything else', () => {
    const seeds = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(trees({ wrapped: true }), fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 4 }))
        .map(([tree, edits]) => {
          const bytes = encode(tree, EXPLICIT);
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
          return bytes;
        }),
    );
    fc.assert(
      fc.property(seeds, fc.constantFrom(EXPLICIT, IMPLICIT, BIG), (bytes, style) => {
        try {
          for (const one of parse(Buffer.from(bytes), style)) expect(one.end).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(InstanceError);
          expect((error as InstanceError).offset).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
