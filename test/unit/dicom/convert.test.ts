import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataSet, Element, OutputDataSet, OutputElement } from '../../../src/dicom/element.ts';
import { convertEncoding } from '../../../src/dicom/convert.ts';
import { deflatePlan } from '../../../src/dicom/deflate.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { parseDataSet, parseDataSetSync } from '../../../src/dicom/reader.ts';
import { readReceived } from '../../../src/dicom/received.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { BIG, delimiter, element, encode, EXPLICIT, IMPLICIT, item, turned, u16 } from './support/naive-encoder.ts';
import type { Node, Style } from './support/naive-encoder.ts';
import { expectBytes } from './support/expect-bytes.ts';
import { FileLikeSource, syntax } from './support/sources.ts';
import { trees } from './support/trees.ts';

const LITTLE = syntax(EXPLICIT_VR_LITTLE_ENDIAN);
const IMPLICIT_SYNTAX = syntax(IMPLICIT_VR_LITTLE_ENDIAN);
const BIG_SYNTAX = syntax(EXPLICIT_VR_BIG_ENDIAN);
const DEFLATED = syntax(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);
const ENCODINGS = [
  [IMPLICIT, IMPLICIT_SYNTAX],
  [EXPLICIT, LITTLE],
  [BIG, BIG_SYNTAX],
] as const;

const keep = (one: Element): OutputElement => ({ kind: 'kept', element: one });

function kept(dataSet: DataSet): OutputDataSet {
  return { source: dataSet.source, encoding: dataSet.encoding, elements: dataSet.elements.map(keep) };
}

async function convert(bytes: Buffer, from: typeof LITTLE, to: typeof LITTLE): Promise<Buffer> {
  return collectPlan(convertEncoding(kept(parseDataSetSync(bytes, { transferSyntax: from })), from, to));
}

describe('every native encoding into every other', () => {
  it('equals what an independent encoder makes of the same tree', async () => {
    const pair = fc.tuple(fc.constantFrom(...ENCODINGS), fc.constantFrom(...ENCODINGS));
    await fc.assert(
      fc.asyncProperty(trees({ wrapped: false }), pair, async (tree, [[from, fromSyntax], [to, toSyntax]]) => {
        expectBytes(await convert(encode(tree, from), fromSyntax, toSyntax), encode(tree, to));
      }),
      { numRuns: 300 },
    );
  });

  it('and back again gives the same bytes, sequences in UN included, between the explicit ones', async () => {
    await fc.assert(
      fc.asyncProperty(trees({ wrapped: true }), async (tree) => {
        const bytes = encode(tree, EXPLICIT);
        const there = await convert(bytes, LITTLE, BIG_SYNTAX);
        expectBytes(there, encode(tree, BIG));
        expectBytes(await convert(there, BIG_SYNTAX, LITTLE), bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('through deflated: what is inflated again is the data set', async () => {
    await fc.assert(
      fc.asyncProperty(trees({ wrapped: false }), async (tree) => {
        const dataSet = parseDataSetSync(encode(tree, BIG), { transferSyntax: BIG_SYNTAX });
        const chunks: Buffer[] = [];
        for await (const chunk of deflatePlan(convertEncoding(kept(dataSet), BIG_SYNTAX, DEFLATED))) chunks.push(chunk);
        const deflated = Buffer.concat(chunks);
        expect(deflated.length % 2).toBe(0);
        const back = await readReceived(new BufferSource(deflated), DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);
        expectBytes(await collectPlan(convertEncoding(kept(back), DEFLATED, BIG_SYNTAX)), encode(tree, BIG));
        await back.close?.();
      }),
      { numRuns: 30 },
    );
  });

  it('between explicit little endian and deflated costs nothing: the plan is one range', () => {
    const bytes = element(EXPLICIT, 0x00100020, 'LO', Buffer.from('ABC123'));
    const plan = convertEncoding(kept(parseDataSetSync(bytes, { transferSyntax: LITTLE })), LITTLE, DEFLATED);
    expect(plan.pieces).toEqual([{ offset: 0, length: bytes.length }]);
  });
});

describe('written values and changed sequences', () => {
  it('are converted with the rest', async () => {
    const code: Node = { tag: 0x00080100, vr: 'SH', value: Buffer.from('CODE') };
    const rows: Node = { tag: 0x00280010, vr: 'US', value: u16(2) };
    const tree: Node[] = [{ tag: 0x00081140, items: [{ nodes: [code], isUndefined: true }], isUndefined: true }, rows];
    for (const [from, fromSyntax] of ENCODINGS) {
      for (const [to, toSyntax] of ENCODINGS) {
        const dataSet = parseDataSetSync(encode(tree, from), { transferSyntax: fromSyntax });
        const [sequence] = dataSet.elements;
        const original = sequence.items?.[0];
        const value = u16(512, from.isBigEndian);
        const output: OutputDataSet = {
          ...kept(dataSet),
          elements: [
            {
              kind: 'sequence',
              tag: sequence.tag,
              original: sequence,
              items: [
                { ...(original && { original }), elements: [] },
                { elements: [keep(original?.elements[0] as Element)] },
              ],
            },
            { kind: 'written', tag: 0x00280010, vr: 'US', value },
          ],
        };
        const items = [
          { nodes: [], isUndefined: true },
          { nodes: [code], isUndefined: false },
        ];
        const expected = encode(
          [
            { tag: 0x00081140, items, isUndefined: true },
            { ...rows, value: u16(512) },
          ],
          to,
        );
        expectBytes(await collectPlan(convertEncoding(output, fromSyntax, toSyntax)), expected);
      }
    }
  });
});

describe('bulk data', () => {
  it('is turned while it is copied, never loaded', async () => {
    const pixels = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const bytes = element(BIG, 0x7fe00010, 'OW', pixels);
    const source = new FileLikeSource(bytes);
    const dataSet = await parseDataSet(source, { transferSyntax: BIG_SYNTAX });
    const read = source.bytesRead;
    const plan = convertEncoding(kept(dataSet), BIG_SYNTAX, LITTLE);
    expect(plan.pieces[1]).toEqual({ offset: 12, length: 300_000, swapBytes: 2 });
    expect(source.bytesRead).toBe(read);
    expectBytes(await collectPlan(plan), element(EXPLICIT, 0x7fe00010, 'OW', turned(pixels, 2)));
  });

  it('of bytes stays one range', async () => {
    const bytes = element(BIG, 0x7fe00010, 'OB', Buffer.alloc(100_000, 7));
    expectBytes(
      await convert(bytes, BIG_SYNTAX, LITTLE),
      element(EXPLICIT, 0x7fe00010, 'OB', Buffer.alloc(100_000, 7)),
    );
  });

  it('of pixel cells wider than 16 bits is refused when the byte order would change: writers differ on it', async () => {
    const tree = (bits: number): Node[] => [
      { tag: 0x00280100, vr: 'US', value: u16(bits) },
      { tag: 0x7fe00010, vr: 'OW', value: Buffer.alloc(8, 1) },
    ];
    await expect(convert(encode(tree(32), BIG), BIG_SYNTAX, LITTLE)).rejects.toMatchObject({
      code: 'unsupported-transfer-syntax',
    });
    expectBytes(await convert(encode(tree(16), BIG), BIG_SYNTAX, LITTLE), encode(tree(16), EXPLICIT));
    expectBytes(await convert(encode(tree(32), IMPLICIT), IMPLICIT_SYNTAX, LITTLE), encode(tree(32), EXPLICIT));
  });

  it('in fragments is refused', async () => {
    const jpeg = syntax('1.2.840.10008.1.2.4.50');
    const bytes = element(EXPLICIT, 0x00100020, 'LO', Buffer.from('AB'));
    await expect(async () => convert(bytes, jpeg, LITTLE)).rejects.toMatchObject({
      code: 'unsupported-transfer-syntax',
    });
    const icon = Buffer.concat([
      element(EXPLICIT, 0x7fe00010, 'OB', item(EXPLICIT, Buffer.alloc(4)), 0xffffffff),
      delimiter(EXPLICIT, 0xfffee0dd),
    ]);
    const withIcon = element(EXPLICIT, 0x00880200, 'SQ', item(EXPLICIT, icon));
    await expect(async () => convert(withIcon, LITTLE, BIG_SYNTAX)).rejects.toMatchObject({
      code: 'unsupported-transfer-syntax',
    });
  });
});

describe('VRs that implicit VR leaves open', () => {
  const signed = (value: number): Node => ({ tag: 0x00280103, vr: 'US', value: u16(value) });
  const allocated = (value: number): Node => ({ tag: 0x00280100, vr: 'US', value: u16(value) });
  const padding = (vr: string): Node => ({ tag: 0x00280120, vr, value: Buffer.from([0x30, 0xf8]) });
  const pixels = (vr: string): Node => ({ tag: 0x7fe00010, vr, value: Buffer.from([1, 2, 3, 4]) });
  const wave = (tag: number, vr: string, value: Buffer): Node => ({ tag, vr, value });

  const cases: readonly (readonly [string, readonly Node[]])[] = [
    ['US or SS is SS when pixel values are signed', [signed(1), padding('SS')]],
    ['US or SS is US when they are not', [signed(0), padding('US')]],
    ['US or SS is US when nothing says it', [padding('US')]],
    ['pixel data is OB up to 8 bits allocated', [allocated(8), pixels('OB')]],
    ['pixel data is OW beyond', [allocated(16), pixels('OW')]],
    ['pixel data is OW when nothing says it', [pixels('OW')]],
    ['LUT data is OW', [{ tag: 0x00283006, vr: 'OW', value: Buffer.from([1, 2]) }]],
    ['overlay data is OW', [{ tag: 0x60003000, vr: 'OW', value: Buffer.from([1, 2]) }]],
    [
      'an item inherits what surrounds it, and says its own',
      [
        signed(1),
        {
          tag: 0x00283000,
          isUndefined: false,
          items: [
            { isUndefined: false, nodes: [{ tag: 0x00283002, vr: 'SS', value: Buffer.alloc(6) }] },
            { isUndefined: false, nodes: [signed(0), { tag: 0x00283002, vr: 'US', value: Buffer.alloc(6) }] },
          ],
        },
      ],
    ],
    ['waveform data is OB up to 8 bits', [wave(0x54001004, 'US', u16(8)), wave(0x54001010, 'OB', Buffer.alloc(2))]],
    ['waveform data is OW beyond', [wave(0x54001004, 'US', u16(16)), wave(0x54001010, 'OW', Buffer.alloc(2))]],
  ];
  it.each(cases)('%s', async (_, tree) => {
    expectBytes(await convert(encode(tree, IMPLICIT), IMPLICIT_SYNTAX, LITTLE), encode(tree, EXPLICIT));
    expectBytes(await convert(encode(tree, IMPLICIT), IMPLICIT_SYNTAX, BIG_SYNTAX), encode(tree, BIG));
  });

  it('a private sequence of undefined length becomes SQ, other private elements UN', async () => {
    const make = (style: Style, vr: string): Buffer =>
      Buffer.concat([
        element(style, 0x00290010, 'LO', Buffer.from('MAKER ')),
        element(style, 0x00291001, vr, Buffer.from('ABCD')),
        element(
          style,
          0x00291002,
          'SQ',
          item(style, element(style, 0x00080100, 'SH', Buffer.from('CODE'))),
          0xffffffff,
        ),
        delimiter(style, 0xfffee0dd),
      ]);
    expectBytes(await convert(make(IMPLICIT, ''), IMPLICIT_SYNTAX, LITTLE), make(EXPLICIT, 'UN'));
  });
});

describe('special elements', () => {
  it('a value too long for a 16-bit length becomes UN, little endian', async () => {
    const value = Buffer.alloc(70_000, Buffer.from([1, 0]));
    const implicit = element(IMPLICIT, 0x00720078, '', value);
    for (const [style, to] of [ENCODINGS[1], ENCODINGS[2]]) {
      expectBytes(await convert(implicit, IMPLICIT_SYNTAX, to), element(style, 0x00720078, 'UN', value));
    }
  });

  it('UN is little endian everywhere, with a known tag too', async () => {
    const make = (style: Style): Buffer => element(style, 0x00280010, 'UN', Buffer.from([2, 1]));
    expectBytes(await convert(make(BIG), BIG_SYNTAX, LITTLE), make(EXPLICIT));
    expectBytes(await convert(make(EXPLICIT), LITTLE, BIG_SYNTAX), make(BIG));
    expectBytes(await convert(make(BIG), BIG_SYNTAX, IMPLICIT_SYNTAX), make(IMPLICIT));
  });

  it('a VR that is none gets that of the dictionary', async () => {
    const bytes = element(EXPLICIT, 0x00100020, '??', Buffer.from('ABC1'));
    expectBytes(await convert(bytes, LITTLE, BIG_SYNTAX), element(BIG, 0x00100020, 'LO', Buffer.from('ABC1')));
  });

  it('group lengths are dropped, in items too', async () => {
    const content = Buffer.concat([
      element(EXPLICIT, 0x00080000, 'UL', Buffer.alloc(4)),
      element(EXPLICIT, 0x00080100, 'SH', Buffer.from('CODE')),
    ]);
    const bytes = Buffer.concat([
      element(EXPLICIT, 0x00080000, 'UL', Buffer.alloc(4)),
      element(EXPLICIT, 0x00081140, 'SQ', item(EXPLICIT, content)),
    ]);
    const expected = element(
      IMPLICIT,
      0x00081140,
      '',
      item(IMPLICIT, element(IMPLICIT, 0x00080100, '', Buffer.from('CODE'))),
    );
    expectBytes(await convert(bytes, LITTLE, IMPLICIT_SYNTAX), expected);
  });
});
