// What pixels and documents of an instance ask about a text: made of the values that its data set carried (core/text-judge.ts).
import type { IdentifyingSpan, TextJudge } from '../core/text-judge.ts';
import type { CompiledProfile } from '../profile/compiled.ts';

import type { TextIdentifiers } from './free-text/clean-text.ts';
import { isPlainWords } from './free-text/plain-words.ts';
import type { Identifiers } from './identifiers.ts';
import { KnownReadings } from './known-readings.ts';
import type { Subject } from './subject.ts';
import { textCleaningFor } from './text-cleaning.ts';
import type { TextSource } from './text-cleaning.ts';

/** Readings by the values that they are compared with; one per series that is under way. */
const MAX_READINGS = 64;
const readings = new Map<string, KnownReadings>();

/** Dates in texts are treated as the dates around them: the days by which they move, 0 when they stay, undefined when they go. */
export function textShiftOf({ options }: CompiledProfile, { shiftDays }: Subject): number | undefined {
  if (options.has('retain-longitudinal-modified-dates')) return shiftDays;
  return options.has('retain-longitudinal-full-dates') ? 0 : undefined;
}

/** What a judge is made of, as it can be handed to another thread. Original values: never logged. */
export interface TextKnowledge {
  readonly key: string;
  readonly birthDate: string | undefined;
  readonly values: TextIdentifiers;
  readonly shiftDays: number | undefined;
}

export function textKnowledgeOf(identifiers: Identifiers, shiftDays: number | undefined): TextKnowledge {
  return { key: identifiers.key(), birthDate: identifiers.birthDate, values: identifiers.forText(), shiftDays };
}

/** The same judge as that of the instance that the knowledge is of. */
export function judgeOfKnowledge({ key, birthDate, values, shiftDays }: TextKnowledge): TextJudge {
  return textJudgeFor({ key: () => key, birthDate, forText: () => values }, shiftDays);
}

/**
 * The judge of one instance.
 * @param identifiers what `deidentify` gathered: the instance's own values and those of the patient's earlier ones
 * @param shiftDays of `textShiftOf`
 */
export function textJudgeFor(identifiers: TextSource, shiftDays: number | undefined): TextJudge {
  const cleaning = textCleaningFor(identifiers, shiftDays);
  return {
    find: (text): readonly IdentifyingSpan[] => cleaning.find(text),
    clean: (text) => cleaning.cleanText(text),
    mayBeKnown: (reading) => readingsFor(identifiers).mayHold(reading),
    isPlain: isPlainWords,
  };
}

function readingsFor(identifiers: TextSource): KnownReadings {
  const key = identifiers.key();
  let known = readings.get(key);
  if (known === undefined) {
    known = new KnownReadings(identifiers.forText());
    if (readings.size >= MAX_READINGS) readings.delete(readings.keys().next().value ?? '');
    readings.set(key, known);
  }
  return known;
}
