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
}

export interface JudgeRules {
  readonly judge: TextJudge;
  /** Kinds of harmless text that stay. */
  readonly keepText: readonly HarmlessKind[];
}

/** Below this a reading is a guess. */
const READ = 0.35;
/** The least sure word of a text that stays. */
const SURE = 0.6;
/** The part of the strokes that the words account for: what they leave over may be a text that was not read. */
const ACCOUNTED = 0.8;

/**
 * Judges one text. It stays only when every line of it was read surely, is harmless as a whole, is no known value even when letters were
 * mistaken, and when nothing else is in its box.
 */
export function judgeReading(reading: Reading, score: number, { judge, keepText }: JudgeRules): Verdict {
  const { lines, confidence, accounted } = reading;
  if (lines.some(({ text }) => identifies(text, judge)) || identifies(lines.map(({ text }) => text).join(' '), judge))
    return { cause: 'identifying', confidence, isBlanked: true };
  if (lines.length === 0 || confidence < READ) return { cause: 'unread', confidence: score, isBlanked: true };
  const kinds = kindsOf(lines.map(({ text }) => text));
  if (kinds === undefined) return { cause: 'text', confidence, isBlanked: true };
  const isSure = lines.every((line) => line.confidence >= SURE) && accounted >= ACCOUNTED;
  if (!isSure) return { cause: 'unread', confidence, isBlanked: true };
  const stays = [...kinds].every((kind) => keepText.includes(kind));
  return { cause: stays ? 'harmless' : 'text', confidence, isBlanked: !stays };
}

function identifies(text: string, judge: TextJudge): boolean {
  return judge.find(text).length > 0 || judge.mayBeKnown(text);
}

/** Undefined when any line is no harmless one. */
function kindsOf(lines: readonly string[]): ReadonlySet<HarmlessKind> | undefined {
  const all = new Set<HarmlessKind>();
  for (const line of lines) {
    const kinds = harmlessKindsOf(line);
    if (kinds === undefined) return undefined;
    for (const kind of kinds) all.add(kind);
  }
  return all;
}
