// Which presentation contexts a destination is asked for, so that one association serves a whole batch.
import type { CleanInstance } from '../pipeline/ports.ts';
import type { AcceptedContext } from './negotiation.ts';
import { CONTEXT_RESULT, MAX_CONTEXTS } from './pdu-associate.ts';
import type { ProposedContext } from './pdu-associate.ts';

/** What the choice of a context needs to know of an instance. */
export type ContextWish = Pick<CleanInstance, 'sopClassUid' | 'transferSyntaxUid' | 'alternatives'>;

/** A context to be proposed; its key tells it apart from all others. */
interface WishedContext {
  readonly key: string;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

/**
 * The contexts that an instance would use. Its own transfer syntax stands alone, so that the peer cannot choose another in
 * its place; what we could encode it in instead stands in a second context of the same SOP class.
 */
function contextsOf(wish: ContextWish): readonly WishedContext[] {
  const alternatives = wish.alternatives.filter((uid) => uid !== wish.transferSyntaxUid);
  const lists = alternatives.length === 0 ? [[wish.transferSyntaxUid]] : [[wish.transferSyntaxUid], alternatives];
  return lists.map((transferSyntaxes) => ({
    key: `${wish.sopClassUid} ${transferSyntaxes.join(' ')}`,
    abstractSyntax: wish.sopClassUid,
    transferSyntaxes,
  }));
}

/** Remembers what a destination was asked for, the latest last, as many as one association can hold. */
export class ContextMemory {
  readonly #contexts = new Map<string, WishedContext>();

  remember(wish: ContextWish): void {
    for (const context of contextsOf(wish)) {
      this.#contexts.delete(context.key);
      this.#contexts.set(context.key, context);
    }
    for (const key of this.#contexts.keys()) {
      if (this.#contexts.size <= MAX_CONTEXTS) break;
      this.#contexts.delete(key);
    }
  }

  /** At most 128 contexts with odd ids: for these instances first, then for what was asked before. */
  propose(wishes: Iterable<ContextWish>): { contexts: readonly ProposedContext[]; keys: ReadonlySet<string> } {
    const chosen = new Map<string, WishedContext>();
    const add = (context: WishedContext): void => {
      if (chosen.size < MAX_CONTEXTS) chosen.set(context.key, context);
    };
    for (const wish of wishes) {
      if (chosen.size >= MAX_CONTEXTS) break;
      contextsOf(wish).forEach(add);
    }
    [...this.#contexts.values()].reverse().forEach(add);
    const contexts = [...chosen.values()].map(({ abstractSyntax, transferSyntaxes }, index) => ({
      id: 2 * index + 1,
      abstractSyntax,
      transferSyntaxes,
    }));
    return { contexts, keys: new Set(chosen.keys()) };
  }
}

/** What an association can do for an instance. */
export type ContextChoice =
  /** Contexts to try, best first. */
  | { readonly kind: 'use'; readonly contexts: readonly AcceptedContext[] }
  /** A context that the instance would use was never proposed on this association. */
  | { readonly kind: 'renegotiate' }
  | { readonly kind: 'refused'; readonly text: string };

export interface NegotiatedContexts {
  readonly keys: ReadonlySet<string>;
  readonly accepted: readonly AcceptedContext[];
  readonly answers: readonly { readonly context: ProposedContext; readonly result: number }[];
}

export function chooseContexts(wish: ContextWish, negotiated: NegotiatedContexts): ContextChoice {
  const ofSopClass = negotiated.accepted.filter((context) => context.abstractSyntax === wish.sopClassUid);
  const own = ofSopClass.find((context) => context.transferSyntax === wish.transferSyntaxUid);
  if (own !== undefined) return { kind: 'use', contexts: [own] };
  if (!contextsOf(wish).every(({ key }) => negotiated.keys.has(key))) return { kind: 'renegotiate' };
  const contexts = wish.alternatives
    .map((uid) => ofSopClass.find((context) => context.transferSyntax === uid))
    .filter((context) => context !== undefined);
  if (contexts.length > 0) return { kind: 'use', contexts };
  const results = negotiated.answers
    .filter(({ context }) => context.abstractSyntax === wish.sopClassUid)
    .map(({ result }) => result);
  return { kind: 'refused', text: refusalText(results) };
}

function refusalText(results: readonly number[]): string {
  if (results.every((result) => result === CONTEXT_RESULT.abstractSyntaxNotSupported)) return 'SOP class not accepted';
  if (results.some((result) => result === CONTEXT_RESULT.userRejection || result === CONTEXT_RESULT.noReason)) {
    return 'SOP class or transfer syntax not accepted, no reason given';
  }
  return 'transfer syntax not accepted';
}
