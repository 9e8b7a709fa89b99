// Random data sets for properties: tags with the VR that the dictionary has for them, so that every encoding can carry them.
import fc from 'fast-check';
import type { ItemNode, Node } from './naive-encoder.ts';

/** Leaves by tag; the number is the size of one word in bytes. */
const LEAVES: readonly (readonly [number, string, number])[] = [
  [0x00080005, 'CS', 2],
  [0x00080018, 'UI', 2],
  [0x00080104, 'LO', 2],
  [0x00100010, 'PN', 2],
  [0x001021b0, 'LT', 2],
  [0x00181600, 'CS', 2],
  [0x00189087, 'FD', 8],
  [0x00280009, 'AT', 4],
  [0x00280010, 'US', 2],
  [0x00281201, 'OW', 2],
  [0x00290010, 'LO', 2],
  [0x00291001, 'UN', 2],
  [0x0040a160, 'UT', 2],
  [0x00660016, 'OF', 4],
  [0x00720064, 'IS', 2],
  [0xfffcfffc, 'OB', 2],
];
const SEQUENCES = [0x00081115, 0x00081140, 0x0040a730, 0x00400555, 0x00189301] as const;

const leaf = fc
  .record({ at: fc.nat(LEAVES.length - 1), words: fc.nat(6), fill: fc.uint8Array({ minLength: 48, maxLength: 48 }) })
  .map(({ at, words, fill }): Node => {
    const [tag, vr, wordBytes] = LEAVES[at];
    return { tag, vr, value: Buffer.from(fill.subarray(0, words * wordBytes)) };
  });

function ascending(nodes: readonly Node[]): Node[] {
  const byTag = new Map(nodes.map((node) => [node.tag, node]));
  return [...byTag.values()].sort((a, b) => a.tag - b.tag);
}

/** Data sets up to four sequences deep; `wrapped` puts some sequences into UN. */
export function trees({ wrapped }: { readonly wrapped: boolean }): fc.Arbitrary<readonly Node[]> {
  return fc.letrec<{ nodes: Node[]; node: Node; item: ItemNode }>((tie) => ({
    nodes: fc.array(tie('node'), { maxLength: 8, depthIdentifier: 'tree' }).map(ascending),
    node: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'tree' },
      { weight: 3, arbitrary: leaf },
      {
        weight: 2,
        arbitrary: fc.record({
          tag: fc.constantFrom(...SEQUENCES),
          items: fc.array(tie('item'), { maxLength: 3 }),
          isUndefined: fc.boolean(),
          isWrapped: wrapped ? fc.boolean() : fc.constant(false),
        }),
      },
    ),
    item: fc.record({ nodes: tie('nodes'), isUndefined: fc.boolean() }),
  })).nodes;
}
