import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { DataSet, Element, OutputDataSet, OutputElement } from '../../../src/dicom/element.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { parseDataSetSync } from '../../../src/dicom/reader.ts';
import { encodeElement, insertInOrder, splice } from '../../../src/dicom/writer.ts';
import {
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { BIG, delimiter, element, encode, EXPLICIT, IMPLICIT, item } from './support/naive-encoder.ts';
import type { Node } from './support/naive-encoder.ts';
import { expectBytes } from './support/expect-bytes.ts';
import { syntax } from './support/sources.ts';
import { trees } from './support/trees.ts';

const ENCODINGS = [
  [IMPLICIT, syntax(IMPLICIT_VR_LITTLE_ENDIAN)],
  [EXPLICIT, syntax(EXPLICIT_VR_LITTLE_ENDIAN)],
  [BIG, syntax(EXPLICIT_VR_BIG_ENDIAN)],
] as const;

const keep = (one: Element): OutputElement => ({ kind: 'kept', element: one });

/** Every element as kept, every sequence opened up. */
function opened(one: Element): OutputElement {
  if (one.items === undefined) return keep(one);
  const items = one.items.map((original) => ({ original, elements: original.elements.map(opened) }));
  return { kind: 'sequence', tag: one.tag, original: one, items };
}

function output(dataSet: DataSet, elements: readonly OutputElement[]): OutputDataSet {
  return { source: dataSet.source, encoding: dataSet.encoding, elements };
}

describe('what is kept', () => {
  it('leaves byte for byte, as one range, whether sequences are kept whole or walked through', async () => {
    await fc.assert(
      fc.asyncProperty(
        trees({ wrapped: true }),
        fc.constantFrom(...ENCODINGS),
        async (tree, [style, transferSyntax]) => {
          const bytes = encode(tree, style);
          const dataSet = parseDataSetSync(bytes, { transferSyntax });
          for (const each of [keep, opened]) {
            const plan = splice(output(dataSet, dataSet.elements.map(each)));
            expect(plan.pieces).toEqual(bytes.length === 0 ? [] : [{ offset: 0, length: bytes.length }]);
            expect(plan.length).toBe(bytes.length);
            expectBytes(await collectPlan(plan), bytes);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** A decision per node, drawn from a list of numbers: the model and the output are edited by the same draws. */
class Draws {
  #next = 0;
  readonly #numbers: readonly number[];

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  below(n: number): number {
    return this.#numbers[this.#next++ % this.#numbers.length] % n;
  }
}

const REPLACED = Buffer.from('REPLACED');
const ADDED: Node = { tag: 0x00120062, vr: 'CS', value: Buffer.from('YES ') };
const added: OutputElement = { kind: 'written', tag: 0x00120062, vr: 'CS', value: Buffer.from('YES ') };

/** The same edits on the tree that was read and on the model it was encoded from. */
function edit(
  elements: readonly Element[],
  nodes: readonly Node[],
  draws: Draws,
): { out: OutputElement[]; model: Node[] } {
  const out: OutputElement[] = [];
  const model: Node[] = [];
  nodes.forEach((node, i) => {
    const one = elements[i];
    const choice = draws.below(5);
    if (choice === 0) return;
    if ('value' in node) {
      if (choice === 1 && node.vr !== 'OF' && node.vr !== 'OW' && node.vr !== 'FD') {
        out.push({ kind: 'written', tag: node.tag, vr: 'LO', value: REPLACED });
        model.push({ tag: node.tag, vr: 'LO', value: REPLACED });
      } else {
        out.push(keep(one));
        model.push(node);
      }
      return;
    }
    const items = [];
    const modelItems = [];
    for (const [at, inner] of node.items.entries()) {
      if (draws.below(4) === 0) continue;
      const original = one.items?.[at];
      const edited = edit(original?.elements ?? [], inner.nodes, draws);
      items.push({ ...(original === undefined ? {} : { original }), elements: edited.out });
      modelItems.push({ nodes: edited.model, isUndefined: inner.isUndefined });
    }
    if (draws.below(3) === 0) {
      items.push({ elements: [added] });
      modelItems.push({ nodes: [ADDED], isUndefined: false });
    }
    out.push({ kind: 'sequence', tag: node.tag, original: one, items });
    model.push({ ...node, items: modelItems });
  });
  if (draws.below(2) === 0 && !nodes.some((node) => node.tag === ADDED.tag)) {
    model.push(ADDED);
    model.sort((a, b) => a.tag - b.tag);
    return { out: [...insertInOrder(out, [added])], model };
  }
  return { out, model };
}

describe('what is changed', () => {
  it('equals what an independent encoder makes of the edited tree', async () => {
    await fc.assert(
      fc.asyncProperty(
        trees({ wrapped: true }),
        fc.constantFrom(...ENCODINGS),
        fc.array(fc.nat(), { minLength: 1, maxLength: 50 }),
        async (tree, [style, transferSyntax], numbers) => {
          const dataSet = parseDataSetSync(encode(tree, style), { transferSyntax });
          const { out, model } = edit(dataSet.elements, tree, new Draws(numbers));
          expectBytes(await collectPlan(splice(output(dataSet, out))), encode(model, style));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('keeps what surrounds a change as ranges: one change gives three pieces', () => {
    const one = (tag: number): Buffer => element(EXPLICIT, tag, 'LO', Buffer.from('ABCD'));
    const bytes = Buffer.concat([one(0x00080070), one(0x00080080), one(0x00100020), one(0x00104000), one(0x00180015)]);
    const dataSet = parseDataSetSync(bytes, { transferSyntax: ENCODINGS[1][1] });
    const [a, b, c, d, e] = dataSet.elements;
    const written: OutputElement = { kind: 'written', tag: c.tag, vr: 'LO', value: Buffer.from('XY') };
    const plan = splice(output(dataSet, [keep(a), keep(b), written, keep(d), keep(e)]));
    expect(plan.pieces).toEqual([
      { offset: 0, length: 24 },
      encodeElement(EXPLICIT, c.tag, 'LO', written.value),
      { offset: 36, length: 24 },
    ]);
  });

  it('keeps a sequence of another order, twice the same tag, and odd lengths', async () => {
    const bytes = Buffer.concat([
      element(EXPLICIT, 0x00100020, 'LO', Buffer.from('ABC')),
      element(EXPLICIT, 0x00080060, 'CS', Buffer.from('OT')),
      element(EXPLICIT, 0x00100020, 'LO', Buffer.from('D')),
    ]);
    const dataSet = parseDataSetSync(bytes, { transferSyntax: ENCODINGS[1][1] });
    expectBytes(await collectPlan(splice(output(dataSet, dataSet.elements.map(keep)))), bytes);
  });

  it('drops the needless delimiter of a defined item only when something in it changed', async () => {
    const code = element(EXPLICIT, 0x00080100, 'SH', Buffer.from('CODE'));
    const content = item(EXPLICIT, Buffer.concat([code, code, delimiter(EXPLICIT, 0xfffee00d)]));
    const bytes = element(EXPLICIT, 0x00081140, 'SQ', content);
    const dataSet = parseDataSetSync(bytes, { transferSyntax: ENCODINGS[1][1] });
    const [sequence] = dataSet.elements;
    expectBytes(await collectPlan(splice(output(dataSet, [opened(sequence)]))), bytes);
    const original = sequence.items?.[0];
    const items = [{ ...(original && { original }), elements: [keep(original?.elements[0] as Element)] }];
    const changed = splice(output(dataSet, [{ kind: 'sequence', tag: sequence.tag, original: sequence, items }]));
    expectBytes(await collectPlan(changed), element(EXPLICIT, 0x00081140, 'SQ', item(EXPLICIT, code)));
  });
});

describe('a written value', () => {
  const source = new BufferSource(Buffer.alloc(0));
  const write = (style: typeof EXPLICIT, vr: string, value: Buffer): Promise<Buffer> =>
    collectPlan(splice({ source, encoding: style, elements: [{ kind: 'written', tag: 0x00104000, vr, value }] }));

  it('of 65,534 bytes fits a 16-bit length', async () => {
    const value = Buffer.alloc(0xfffe, 0x41);
    expectBytes(await write(EXPLICIT, 'LT', value), element(EXPLICIT, 0x00104000, 'LT', value));
  });

  it('that is longer goes out as UN, little endian (PS3.5 6.2.2 note 2); in implicit VR as it is', async () => {
    const value = Buffer.alloc(0x10000, 'AB');
    expectBytes(await write(EXPLICIT, 'LT', value), element(EXPLICIT, 0x00104000, 'UN', value));
    expectBytes(await write(IMPLICIT, 'LT', value), element(IMPLICIT, 0x00104000, 'LT', value));
    const numbers = Buffer.alloc(0x10000, Buffer.from([0, 1]));
    expectBytes(
      await write(BIG, 'US', numbers),
      element(BIG, 0x00104000, 'UN', Buffer.alloc(0x10000, Buffer.from([1, 0]))),
    );
  });

  it('of a VR with a 32-bit length may be as long', async () => {
    const value = Buffer.alloc(0x20000, 0x41);
    expectBytes(await write(BIG, 'UT', value), element(BIG, 0x00104000, 'UT', value));
  });

  it('of odd length is our own mistake', () => {
    expect(() => encodeElement(EXPLICIT, 0x00104000, 'LT', Buffer.alloc(3))).toThrow(RangeError);
  });
});

describe('a sequence of ours', () => {
  it('has defined lengths in the encoding that surrounds it', async () => {
    const source = new BufferSource(Buffer.alloc(0));
    const code: OutputElement = { kind: 'written', tag: 0x00080100, vr: 'SH', value: Buffer.from('113100') };
    for (const [style] of ENCODINGS) {
      const made: OutputElement = {
        kind: 'sequence',
        tag: 0x00120064,
        items: [{ elements: [code] }, { elements: [] }],
      };
      const node: Node = { tag: 0x00080100, vr: 'SH', value: Buffer.from('113100') };
      const items = [
        { nodes: [node], isUndefined: false },
        { nodes: [], isUndefined: false },
      ];
      const expected = encode([{ tag: 0x00120064, items, isUndefined: false }], style);
      expectBytes(await collectPlan(splice({ source, encoding: style, elements: [made] })), expected);
    }
  });
});

describe('insertInOrder', () => {
  const written = (tag: number): OutputElement => ({ kind: 'written', tag, vr: 'LO', value: Buffer.alloc(0) });
  const tags = (elements: readonly OutputElement[]): number[] =>
    elements.map((one) => (one.kind === 'kept' ? one.element.tag : one.tag));

  it('puts additions in ascending order at the start, in between and at the end', () => {
    expect(tags(insertInOrder([5, 9].map(written), [12, 1, 7].map(written)))).toEqual([1, 5, 7, 9, 12]);
    expect(tags(insertInOrder([], [3, 2].map(written)))).toEqual([2, 3]);
  });

  it('does not reorder a data set that came out of order', () => {
    expect(tags(insertInOrder([9, 5, 20].map(written), [7, 21].map(written)))).toEqual([7, 9, 5, 20, 21]);
  });
});
