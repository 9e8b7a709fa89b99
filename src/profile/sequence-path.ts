// Where an attribute has to stand for a rule: `ContentSequence.PersonName`, `.PatientID`, `(0040,A730).**.(0040,A123)`.
//
//   A.B       B directly in an item of A, wherever A stands        .A.B    the same, but A is in the data set itself
//   *         one sequence, whatever it is                         **      any number of sequences, or none
import { findByKeyword } from '../standard/dictionary.ts';
import { parseTag } from '../standard/tags.ts';

/** Something that knows which sequence it stands in; a chain that ends at the data set itself, whose `sequence` is undefined. */
export interface Surroundings {
  readonly parent: Surroundings | undefined;
  readonly sequence: number | undefined;
}

/** A tag whose bits under `mask` equal `value`. */
export interface TagMask {
  readonly mask: number;
  readonly value: number;
}

export type PathStep = ({ readonly kind: 'sequence' } & TagMask) | { readonly kind: 'any-depth' };

/** The sequences around an attribute, outermost first. */
export interface SequencePath {
  /** The first step is counted from the data set itself; else it may be nested anywhere. */
  readonly isAnchored: boolean;
  readonly steps: readonly PathStep[];
}

const EXACT = 0xffffffff;
const ONE_SEQUENCE: PathStep = { kind: 'sequence', mask: 0, value: 0 };
const ANY_DEPTH: PathStep = { kind: 'any-depth' };

/** `(0018,xxxx)`, `0018xxxx` or `0018,10xx`; undefined when it is no pattern. An exact tag is one too. */
export function parseTagMask(text: string): TagMask | undefined {
  const match = /^(?:\(([\dA-Fa-fxX]{4}),([\dA-Fa-fxX]{4})\)|([\dA-Fa-fxX]{4}),?([\dA-Fa-fxX]{4}))$/.exec(text);
  if (match === null) return undefined;
  const digits = match.slice(1).join('');
  return {
    mask: Number.parseInt(digits.replace(/[^xX]/g, 'F').replace(/[xX]/g, '0'), 16),
    value: Number.parseInt(digits.replace(/[xX]/g, '0'), 16),
  };
}

/** The parts of a path, which the dots separate; a leading dot, and a dot alone, give an empty first part. */
export function splitPath(text: string): readonly string[] {
  return text.trim() === '.' ? [''] : text.split('.').map((part) => part.trim());
}

/**
 * The sequences of a path, without the attribute behind them.
 * @param parts what stands before the last dot, from `splitPath`
 * @returns the path, undefined when it says nothing, or the part that is no sequence
 */
export function parseSequences(parts: readonly string[]): SequencePath | undefined | { readonly wrong: string } {
  const isAnchored = parts[0] === '';
  const steps: PathStep[] = [];
  for (const part of isAnchored ? parts.slice(1) : parts) {
    const step = parseStep(part);
    if (step === undefined) return { wrong: part };
    steps.push(step);
  }
  return isAnchored || steps.length > 0 ? { isAnchored, steps } : undefined;
}

function parseStep(part: string): PathStep | undefined {
  if (part === '*') return ONE_SEQUENCE;
  if (part === '**') return ANY_DEPTH;
  const tag = parseTag(part) ?? findByKeyword(part)?.tag;
  if (tag !== undefined) return { kind: 'sequence', mask: EXACT, value: tag };
  const mask = parseTagMask(part);
  return mask === undefined ? undefined : { kind: 'sequence', ...mask };
}

export function matchesMask({ mask, value }: TagMask, tag: number): boolean {
  return (tag & mask) >>> 0 === value;
}

/** Whether an attribute in these surroundings stands where the path says. */
export function matchesPath(path: SequencePath, surroundings: Surroundings | undefined): boolean {
  return matchesFrom(path, path.steps.length - 1, surroundings);
}

/** From the inside out: steps up to `last` against the sequences from `around` outwards. Paths are short, so recursion is cheap. */
function matchesFrom(path: SequencePath, last: number, around: Surroundings | undefined): boolean {
  const sequence = around?.sequence;
  if (last < 0) return !path.isAnchored || sequence === undefined;
  const step = path.steps[last];
  if (step.kind === 'any-depth') {
    return matchesFrom(path, last - 1, around) || (sequence !== undefined && matchesFrom(path, last, around?.parent));
  }
  return sequence !== undefined && matchesMask(step, sequence) && matchesFrom(path, last - 1, around?.parent);
}
