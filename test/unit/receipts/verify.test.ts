import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceiptChain } from '../../../src/receipts/chain.ts';
import { verifyChain, type BreakKind, type VerifyOptions } from '../../../src/receipts/verify.ts';
import { placed, receiptOf, sign, signOtherwise } from './fixtures.ts';

function chainOf(count: number, name = 'lung/1'): { readonly lines: string[]; readonly chain: ReceiptChain } {
  const chain = new ReceiptChain(name, sign);
  return { lines: Array.from({ length: count }, (_, i) => chain.append(receiptOf(i + 1))), chain };
}

async function breakOf(
  lines: readonly string[],
  options: VerifyOptions = {},
): Promise<{ readonly kind: BreakKind; readonly line: number; readonly sequence: number } | undefined> {
  const { broken } = await verifyChain(placed(lines), sign, options);
  return broken && { kind: broken.kind, line: broken.line, sequence: broken.sequence };
}

describe('a chain of receipts', () => {
  it('is whole as it was written', async () => {
    const { lines, chain } = chainOf(20);
    const report = await verifyChain(placed(lines), sign, { head: chain.head });
    expect(report).toEqual({ chain: 'lung/1', receipts: 20, first: 1, last: chain.head, broken: undefined });
  });

  it('tells the place of a changed byte, wherever it is', async () => {
    const { lines } = chainOf(5);
    const text = fc.record({ line: fc.nat(4), at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(text, async ({ line, at, byte }) => {
        const bytes = Buffer.from(lines[line], 'latin1');
        const index = at % bytes.length;
        fc.pre(bytes[index] !== byte);
        bytes[index] = byte;
        const tampered = lines.with(line, bytes.toString('latin1'));
        const broken = await breakOf(tampered);
        expect(broken).toMatchObject({ kind: 'changed', line: line + 1 });
      }),
      { numRuns: 300 },
    );
  });

  it('misses a line that was taken out of the middle', async () => {
    const { lines } = chainOf(9);
    expect(await breakOf(lines.toSpliced(4, 1))).toEqual({ kind: 'missing', line: 5, sequence: 5 });
  });

  it('misses lines at the front, unless only a part is asked about', async () => {
    const { lines } = chainOf(9);
    expect(await breakOf(lines.slice(3))).toEqual({ kind: 'missing', line: 1, sequence: 1 });
    expect(await breakOf(lines.slice(3), { isFromStart: false })).toBeUndefined();
  });

  it.each([
    [4, 5, 5],
    [4, 7, 5],
    [1, 2, 2],
  ])('sees that lines %i and %i changed places', async (a, b, line) => {
    const { lines } = chainOf(9);
    const swapped = lines.with(a, lines[b]).with(b, lines[a]);
    expect(await breakOf(swapped)).toEqual({ kind: 'reordered', line, sequence: line });
  });

  it('sees a line that is there twice', async () => {
    const { lines } = chainOf(4);
    expect(await breakOf(lines.toSpliced(2, 0, lines[1]))).toEqual({ kind: 'reordered', line: 3, sequence: 3 });
  });

  it('finds a cut end by the head that is kept elsewhere, and cannot without it', async () => {
    const { lines, chain } = chainOf(9);
    expect(await breakOf(lines.slice(0, 6), { head: chain.head })).toEqual({ kind: 'cut-off', line: 6, sequence: 7 });
    expect(await breakOf(lines.slice(0, 6))).toBeUndefined();
    expect(await breakOf([], { head: chain.head })).toMatchObject({ kind: 'cut-off' });
  });

  it('takes lines that were written after the head was kept', async () => {
    const chain = new ReceiptChain('lung/1', sign);
    const early = [chain.append(receiptOf(1)), chain.append(receiptOf(2))];
    const { head } = chain;
    expect(await breakOf([...early, chain.append(receiptOf(3))], { head })).toBeUndefined();
  });

  it('finds a chain that was signed anew from some line on by the head', async () => {
    const { lines, chain } = chainOf(4);
    const other = new ReceiptChain('lung/1', sign);
    const rewritten = lines.slice(0, 2).map((_, i) => other.append(receiptOf(i + 1)));
    rewritten.push(other.append(receiptOf(77)), other.append(receiptOf(78)));
    expect(await breakOf(rewritten)).toBeUndefined();
    expect(await breakOf(rewritten, { head: chain.head })).toMatchObject({ kind: 'changed', sequence: 4 });
  });

  it('blames the key when no line fits it, and the line when others do', async () => {
    const { lines } = chainOf(5);
    const { broken } = await verifyChain(placed(lines), signOtherwise);
    expect(broken).toMatchObject({ kind: 'wrong-key', line: 1 });
    expect(await breakOf(lines.with(0, lines[0].replace('LUNG-0001', 'LUNG-0002')))).toMatchObject({ kind: 'changed' });
  });

  it('takes no line of another chain of the same project', async () => {
    const { lines } = chainOf(4);
    expect(await breakOf(lines.with(2, chainOf(4, 'lung/2').lines[2]))).toEqual({
      kind: 'reordered',
      line: 3,
      sequence: 3,
    });
  });

  it('knows of a run that announces its lines when the last ones are missing', async () => {
    const chain = new ReceiptChain('deid/1', sign);
    const lines = [1, 2, 3].map((number) => chain.append({ inputs: 3, number }));
    expect(await breakOf(lines)).toBeUndefined();
    expect(await breakOf(lines.slice(0, 2))).toEqual({ kind: 'unfinished', line: 2, sequence: 3 });
  });

  it('writes ASCII only, so that no two bytes read alike', () => {
    const line = new ReceiptChain('lung/1', sign).append({ subject: 'Größe 山' });
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(line)).toMatchObject({ subject: 'Größe 山' });
  });
});
