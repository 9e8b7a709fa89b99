// What is looked for in what would be kept, and once more in what leaves: patterns that find the place, scanners that read it.
import { AMBIGUOUS, flagsOf } from './free-text/lexicon.ts';
import { foldWord } from './free-text/fold.ts';
import { BytePatterns } from './byte-patterns.ts';
import type { Identifiers, IdentifyingValue } from './identifiers.ts';
import { addAnchors, uidRoot } from './residue-anchors.ts';
import { ResidualScanner } from './residual-scanner.ts';

export class ResidueSet {
  readonly patterns: BytePatterns;
  readonly #values: readonly IdentifyingValue[];
  #scanner: ResidualScanner | undefined;
  #timeless: ResidualScanner | undefined;

  constructor(patterns: BytePatterns, values: readonly IdentifyingValue[]) {
    this.patterns = patterns;
    this.#values = values;
  }

  /** Made when it is asked for: in nearly every instance the patterns find nothing to read. */
  get scanner(): ResidualScanner {
    this.#scanner ??= new ResidualScanner(this.#values, isAmbiguous);
    return this.#scanner;
  }

  /** Looks for everything but days. */
  get timeless(): ResidualScanner {
    this.#timeless ??= new ResidualScanner(
      this.#values.filter(({ kind }) => kind !== 'date'),
      isAmbiguous,
    );
    return this.#timeless;
  }
}

/** What instances of one patient have in common, and one instance's UIDs beside it. */
interface Entry {
  readonly values: readonly IdentifyingValue[];
  /** Without roots of UIDs; made when a second instance has other ones, which those of a series rarely have. */
  patterns: BytePatterns | undefined;
  roots: string;
  set: ResidueSet;
}

/** One per series that is under way. */
const MAX_ENTRIES = 64;
const entries = new Map<string, Entry>();

/** Undefined when the instance tells nothing. Ask when the walk is complete. @throws RangeError when there is too much to look for */
export function residueSetFor(identifiers: Identifiers): ResidueSet | undefined {
  const key = identifiers.key();
  const roots = rootsOf(identifiers.uids);
  if (key === '' && roots === '') return undefined;
  let entry = entries.get(key);
  if (entry === undefined) {
    const values = identifiers.values();
    entry = { values, patterns: undefined, roots, set: makeSet(values, patternsOf(values), roots) };
    if (entries.size >= MAX_ENTRIES) entries.delete(entries.keys().next().value ?? '');
    entries.set(key, entry);
  } else if (entry.roots !== roots) {
    entry.roots = roots;
    entry.patterns ??= patternsOf(entry.values);
    entry.set = makeSet(entry.values, new BytePatterns(entry.patterns), roots);
  }
  return entry.set;
}

function patternsOf(values: readonly IdentifyingValue[]): BytePatterns {
  const patterns = new BytePatterns();
  addAnchors(patterns, values);
  return patterns;
}

/** @param patterns of the values; they are added to */
function makeSet(values: readonly IdentifyingValue[], patterns: BytePatterns, roots: string): ResidueSet {
  for (const root of roots.split(' ')) patterns.add(root);
  return new ResidueSet(patterns, values);
}

function rootsOf(uids: ReadonlySet<string>): string {
  const roots = new Set<string>();
  for (const uid of uids) roots.add(uidRoot(uid));
  return [...roots].join(' ');
}

/** Parts of names that are words too were judged by their neighbours when the text was cleaned; whole names are looked for all the same. */
function isAmbiguous(word: string): boolean {
  return (flagsOf(foldWord(word)) & AMBIGUOUS) !== 0;
}
