// What the residue check of one series looks for: an automaton that finds the place and scanners that read it.
import { AMBIGUOUS, flagsOf } from './free-text/lexicon.ts';
import { foldWord } from './free-text/fold.ts';
import type { Identifiers } from './identifiers.ts';
import { anchorsOf, uidRoot } from './residue-anchors.ts';
import { ByteAutomaton } from './residue-automaton.ts';
import { ResidualScanner } from './residual-scanner.ts';

export interface ResidueSet {
  readonly automaton: ByteAutomaton;
  readonly scanner: ResidualScanner;
  /** Looks for everything but days. */
  readonly timeless: ResidualScanner;
}

/** One per series that is under way. */
const MAX_SETS = 64;
const sets = new Map<string, ResidueSet>();

/** Undefined when the instance tells nothing. */
export function residueSetFor(identifiers: Identifiers): ResidueSet | undefined {
  const roots = new Set<string>();
  for (const uid of identifiers.uids) roots.add(uidRoot(uid));
  const values = identifiers.key();
  if (values === '' && roots.size === 0) return undefined;
  const key = `${values}\n\n${[...roots].join(' ')}`;
  let set = sets.get(key);
  if (set === undefined) {
    set = makeSet(identifiers, roots);
    if (sets.size >= MAX_SETS) sets.delete(sets.keys().next().value ?? '');
    sets.set(key, set);
  }
  return set;
}

function makeSet(identifiers: Identifiers, roots: ReadonlySet<string>): ResidueSet {
  const values = identifiers.values();
  return {
    automaton: new ByteAutomaton([...anchorsOf(values), ...roots]),
    scanner: new ResidualScanner(values, isAmbiguous),
    timeless: new ResidualScanner(
      values.filter(({ kind }) => kind !== 'date'),
      isAmbiguous,
    ),
  };
}

/** Parts of names that are words too were judged by their neighbours when the text was cleaned; whole names are looked for all the same. */
function isAmbiguous(word: string): boolean {
  return (flagsOf(foldWord(word)) & AMBIGUOUS) !== 0;
}
