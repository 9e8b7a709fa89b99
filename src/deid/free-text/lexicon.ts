// What is known of a word, whoever the patient is: one look-up per word of a text.
import { findByKeyword, keywords } from '../../standard/dictionary.ts';
import { STOP_WORDS } from '../stop-words.ts';

import { CLINICAL_WORDS, SENTENCE_WORDS, SEQUENCE_WORDS, UNIT_WORDS } from './clinical-words.ts';
import { BEFORE_EPONYM, COLLOCATIONS, EPONYM_HEADS, EPONYMS } from './eponyms.ts';
import {
  BY_VERBS,
  BY_WORDS,
  DEGREES,
  DETERMINERS,
  FILLER_LABELS,
  JOINERS,
  LEAD_INS,
  NAME_LABELS,
  NAME_PARTICLES,
  NOT_OF_PEOPLE,
  OPEN_NAME_LABELS,
  PLACEHOLDERS,
  RELATIVES,
  DATE_LEAD_INS,
  ID_LABELS,
  PHONE_LABELS,
  TITLES,
  VERSION_WORDS,
} from './label-words.ts';
import { MONTH_WORDS } from './calendar.ts';

/** Bits of what a word can be. */
export const CLINICAL = 1 << 0;
export const SENTENCE = 1 << 1;
export const EPONYM = 1 << 2;
export const EPONYM_HEAD = 1 << 3;
export const BEFORE_AN_EPONYM = 1 << 4;
/** Has neighbours of its own in COLLOCATIONS. */
export const COLLOCATED = 1 << 5;
export const SEQUENCE = 1 << 6;
export const UNIT = 1 << 7;
export const TITLE = 1 << 8;
/** Names people when a colon follows. */
export const NAME_LABEL = 1 << 9;
/** Names people even without a colon. */
export const OPEN_NAME_LABEL = 1 << 10;
export const BY_VERB = 1 << 11;
export const BY = 1 << 12;
export const DEGREE = 1 << 13;
export const PARTICLE = 1 << 14;
/** Dangles when the name behind it is gone. */
export const LEAD_IN = 1 << 15;
export const DATE_LEAD_IN = 1 << 16;
export const ID_LABEL = 1 << 17;
export const PHONE_LABEL = 1 << 18;
export const JOINER = 1 << 19;
export const DETERMINER = 1 << 20;
export const MONTH = 1 << 21;
export const VERSION = 1 << 22;
/** Stands in name fields of phantoms and tests: identifies nobody. */
export const PLACEHOLDER = 1 << 23;
/** Before "name": the name of a thing. */
export const THING = 1 << 24;
export const FILLER_LABEL = 1 << 25;
/** Stands in the name of an attribute of PS3.6: "Patient Orientation" names nobody. */
export const TERM = 1 << 26;
/** Of the family: names behind it are those of relatives. */
export const RELATIVE = 1 << 27;

/** What makes a word one of the language or of medicine, so that an unknown name does not reach over it. */
export const WORD_OF_LANGUAGE =
  TERM | CLINICAL | SENTENCE | EPONYM_HEAD | UNIT | TITLE | NAME_LABEL | OPEN_NAME_LABEL | BY_VERB;
/** What makes a name one to be judged by its context. */
export const AMBIGUOUS = CLINICAL | SENTENCE | EPONYM | COLLOCATED | MONTH;

let lexicon: ReadonlyMap<string, number> | undefined;

/** Ten thousand words: made when the first text is read, which many profiles never do. */
function makeLexicon(): ReadonlyMap<string, number> {
  const flags = new Map<string, number>();
  const enter = (flag: number, words: Iterable<string>): void => {
    for (const word of words) flags.set(word, (flags.get(word) ?? 0) | flag);
  };
  enter(CLINICAL, CLINICAL_WORDS);
  enter(CLINICAL, STOP_WORDS);
  enter(SENTENCE, SENTENCE_WORDS);
  enter(EPONYM, EPONYMS);
  enter(EPONYM_HEAD, EPONYM_HEADS);
  enter(BEFORE_AN_EPONYM, BEFORE_EPONYM);
  enter(COLLOCATED, Object.keys(COLLOCATIONS));
  enter(SEQUENCE, SEQUENCE_WORDS);
  enter(UNIT, UNIT_WORDS);
  enter(TITLE, TITLES);
  enter(NAME_LABEL, NAME_LABELS);
  enter(OPEN_NAME_LABEL, OPEN_NAME_LABELS);
  enter(BY_VERB, BY_VERBS);
  enter(BY, BY_WORDS);
  enter(DEGREE, DEGREES);
  enter(PARTICLE, NAME_PARTICLES);
  enter(LEAD_IN, LEAD_INS);
  enter(DATE_LEAD_IN, DATE_LEAD_INS);
  enter(ID_LABEL, ID_LABELS);
  enter(PHONE_LABEL, PHONE_LABELS);
  enter(JOINER, JOINERS);
  enter(DETERMINER, DETERMINERS);
  enter(MONTH, MONTH_WORDS.keys());
  enter(VERSION, VERSION_WORDS);
  enter(PLACEHOLDER, PLACEHOLDERS);
  enter(THING, NOT_OF_PEOPLE);
  enter(FILLER_LABEL, FILLER_LABELS);
  enter(RELATIVE, RELATIVES);

  for (const keyword of keywords())
    enter(TERM, new Set((findByKeyword(keyword)?.name ?? '').toLowerCase().match(/[a-z]{3,}/g)));
  return flags;
}

/** The bits of a folded word; 0 when it is unknown. */
export function flagsOf(word: string): number {
  lexicon ??= makeLexicon();
  return lexicon.get(word) ?? 0;
}
