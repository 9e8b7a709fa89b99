import { describe, expect, it } from 'vitest';
import { ContextMemory, chooseContexts } from '../../../src/dimse/context-plan.ts';
import { BIG_ENDIAN, CT, EXPLICIT, IMPLICIT, JPEG_BASELINE, MR } from './wire.ts';

const ct = { sopClassUid: CT, transferSyntaxUid: JPEG_BASELINE, alternatives: [EXPLICIT, IMPLICIT] };
const mr = { sopClassUid: MR, transferSyntaxUid: EXPLICIT, alternatives: [] };
const shape = (contexts: readonly { abstractSyntax: string; transferSyntaxes: readonly string[] }[]) =>
  contexts.map(({ abstractSyntax, transferSyntaxes }) => [abstractSyntax, ...transferSyntaxes]);

describe('the proposal', () => {
  it('has the own transfer syntax alone and the alternatives in a second context', () => {
    const { contexts } = new ContextMemory().propose([ct]);
    expect(contexts.map(({ id }) => id)).toEqual([1, 3]);
    expect(shape(contexts)).toEqual([
      [CT, JPEG_BASELINE],
      [CT, EXPLICIT, IMPLICIT],
    ]);
  });

  it('covers what waits, then what was asked before, latest first', () => {
    const memory = new ContextMemory();
    memory.remember({ ...mr, transferSyntaxUid: BIG_ENDIAN });
    memory.remember({ ...mr, transferSyntaxUid: IMPLICIT });
    expect(shape(memory.propose([ct, mr]).contexts)).toEqual([
      [CT, JPEG_BASELINE],
      [CT, EXPLICIT, IMPLICIT],
      [MR, EXPLICIT],
      [MR, IMPLICIT],
      [MR, BIG_ENDIAN],
    ]);
  });

  it('never has more than 128 contexts, the first instance’s always among them', () => {
    const memory = new ContextMemory();
    const wishes = Array.from({ length: 200 }, (_, i) => ({ ...mr, sopClassUid: `1.2.${i}` }));
    wishes.forEach((wish) => {
      memory.remember(wish);
    });
    const { contexts } = memory.propose([ct, ...wishes]);
    expect(contexts).toHaveLength(128);
    expect(contexts[127].id).toBe(255);
    expect(shape(contexts.slice(0, 2))[0]).toEqual([CT, JPEG_BASELINE]);
    expect(new Set(shape(contexts).map((words) => words.join())).size).toBe(128);
  });
});

describe('the choice of a context', () => {
  const negotiated = (answers: readonly number[], transferSyntaxes: readonly string[]) => {
    const { contexts, keys } = new ContextMemory().propose([ct]);
    const accepted = contexts.flatMap(({ id, abstractSyntax }, i) =>
      answers[i] === 0 ? [{ id, abstractSyntax, transferSyntax: transferSyntaxes[i] }] : [],
    );
    return { keys, accepted, answers: contexts.map((context, i) => ({ context, result: answers[i] })) };
  };

  it('is the own transfer syntax whenever it was accepted', () => {
    const choice = chooseContexts(ct, negotiated([0, 0], [JPEG_BASELINE, IMPLICIT]));
    expect(choice).toEqual({ kind: 'use', contexts: [{ id: 1, abstractSyntax: CT, transferSyntax: JPEG_BASELINE }] });
  });

  it('is an alternative otherwise', () => {
    const choice = chooseContexts(ct, negotiated([4, 0], ['', IMPLICIT]));
    expect(choice).toEqual({ kind: 'use', contexts: [{ id: 3, abstractSyntax: CT, transferSyntax: IMPLICIT }] });
  });

  it('asks for another association when something was never proposed', () => {
    expect(chooseContexts(mr, negotiated([0, 0], [JPEG_BASELINE, IMPLICIT])).kind).toBe('renegotiate');
    expect(chooseContexts({ ...ct, alternatives: [] }, negotiated([4, 4], [])).kind).toBe('refused');
    expect(chooseContexts({ ...ct, alternatives: [BIG_ENDIAN] }, negotiated([4, 4], [])).kind).toBe('renegotiate');
  });

  it.each([
    [[3, 3], 'SOP class not accepted'],
    [[4, 4], 'transfer syntax not accepted'],
    [[3, 4], 'transfer syntax not accepted'],
    [[1, 4], 'SOP class or transfer syntax not accepted, no reason given'],
  ])('says why there is none: results %j', (results, text) => {
    expect(chooseContexts(ct, negotiated(results, []))).toEqual({ kind: 'refused', text });
  });
});
