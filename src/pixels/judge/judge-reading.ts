// What becomes of a text that was read, or could not be: whether it may identify, and if not, whether the profile lets its kind stay.
import type { RegionCause } from '../../core/picture.ts';
import type { TextJudge } from '../../core/text-judge.ts';
import type { HarmlessKind } from '../../profile/pixel-policy.ts';
import type { Reading } from '../read/reading.ts';
import { harmlessKindsOf } from './harmless.ts';

export interface Verdict {
  readonly cause: Extract<RegionCause, 'identifying' | 'unread' | 'text' | 'harmless'>;
  /** 0 to 1: how sure the reader is; of what could not be read the finder's score. */
  readonly confidence: number;
  readonly isBlanked: boolean;
  /** What the text is, when all of it is of kinds that tell nobody who the patient is. */
  readonly kinds?: readonly HarmlessKind[];
}

export interface JudgeRules {
  readonly judge: TextJudge;
  /** Kinds of harmless text that stay. */
  readonly keepText: readonly HarmlessKind[];
  /** Whether lines of known words are descriptions, as on the page of a report; an image says such things in phrases of its own. Default false. */
  readonly isPage?: boolean;
  /**
   * How likely a box that nobody can read must be text to go, 0 to 1, by the look of it (`FoundText.likelihood`). Default 0: whatever was
   * found and cannot be read goes.
   */
  readonly leastLikelihood?: number;
}

/** How a text looks, whatever it says. */
export interface Appearance {
  /** 0 to 1: what the finder made of it. */
  readonly score: number;
  /** 0 to 1: what a second look made of it. */
  readonly likelihood: number;
}

/** Below this a reading is a guess. */
const READ = 0.35;
/** Three letters and more that were read this surely are a word; what a reader makes of anatomy is less. */
const WORD_READ = 0.5;
const WORD = /[\p{L}\p{N}]{3}/u;
/** The least sure word of a text that stays. */
const SURE = 0.6;
/** The part of the strokes that the words account for: what they leave over may be a text that was not read. */
const ACCOUNTED = 0.8;

/**
 * Judges one text. It stays only when every line of it was read surely, is harmless as a whole, is no known value even when letters were
 * mistaken, and when nothing else is in its box. Undefined when neither its look nor what was read speaks for text: anatomy, most likely.
 */
export function judgeReading(
  reading: Reading,
  { score, likelihood }: Appearance,
  { judge, keepText, isPage = false, leastLikelihood = 0 }: JudgeRules,
): Verdict | undefined {
  const { lines, confidence, accounted } = reading;
  const looksLikeText = likelihood >= leastLikelihood;
  const texts = lines.map(({ text }) => text);
  if (looksLikeText || confidence >= READ)
    if (texts.some((text) => identifies(text, judge)) || identifies(texts.join(' '), judge))
      return { cause: 'identifying', confidence, isBlanked: true };
  if (!looksLikeText && !(confidence >= WORD_READ && texts.some((text) => WORD.test(text)))) return undefined;
  if (lines.length === 0 || confidence < READ) return { cause: 'unread', confidence: score, isBlanked: true };
  const kinds = kindsOf(texts, isPage ? judge : undefined);
  if (kinds === undefined) return { cause: 'text', confidence, isBlanked: true };
  const isSure = lines.every((line) => line.confidence >= SURE) && accounted >= ACCOUNTED;
  if (!isSure) return { cause: 'unread', confidence, isBlanked: true };
  const stays = [...kinds].every((kind) => keepText.includes(kind));
  return { cause: stays ? 'harmless' : 'text', confidence, isBlanked: !stays, kinds: [...kinds] };
}

function identifies(text: string, judge: TextJudge): boolean {
  return judge.find(text).length > 0 || judge.mayBeKnown(text);
}

const DESCRIPTION: readonly HarmlessKind[] = ['description'];

/** Undefined when any line is no harmless one. With a judge, lines of words that it knows are harmless as well. */
function kindsOf(lines: readonly string[], judge: TextJudge | undefined): ReadonlySet<HarmlessKind> | undefined {
  const all = new Set<HarmlessKind>();
  for (const line of lines) {
    const kinds = harmlessKindsOf(line) ?? (judge?.isPlain(line) === true ? DESCRIPTION : undefined);
    if (kinds === undefined) return undefined;
    for (const kind of kinds) all.add(kind);
  }
  return all;
}
