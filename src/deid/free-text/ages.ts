// Ages above 89, which single people out (45 CFR 164.514(b)(2)(i)(C)): the number is exchanged for "90+", the category that
// the rule names; younger ages stay.
import type { FoundSpan } from './span.ts';
import { eachMatch } from './words.ts';

const YEARS =
  'лет|года?|y/?o\\b|y\\.o\\.|yo[mfw]?\\b|yrs?\\b|years?\\b|year-old|year old|y\\b|j\\b|jr\\b|jahre?n?\\b|jahrig|j\\.|ans\\b|anos?\\b|anni\\b|jaar\\b|jarige?\\b|jaehrig|lat\\b|[歳才岁歲]|세';
const BEFORE = new RegExp(`(?<![\\d.,/])(\\d{2,3})[\\s-]?(?:${YEARS})`, 'g');
const BEHIND =
  /\b(?:age|aged|ages|alter|edad|eta|leeftijd|idade|im alter von|agee?)[\s:=]{0,3}(?:of\s|de\s|van\s)?(\d{2,3})(?![\d+]|[.,]\d)/g;
/** "woman of 91". */
const OF_PEOPLE = /\b(?:(?:wo)?man|lady|gentleman|patient|pt|female|male) (?:of|aged) (\d{2,3})(?![\d+]|[.,]\d)/g;
/** 93F, 93 M with cough: age and sex as emergency departments write them; 99m Tc is none. */
const WITH_SEX =
  /(?<![\p{L}\d.,/:-])(?!99m[\s-]?(?:te?c|mdp|hdp|maa|mibi|sesta|dtpa|dmsa|mag3|pert))(9\d)(?:[fm](?![\p{L}\d])|\s[fm](?=[,;]|\s(?:with|w\/|c\/o|s\/p|h\/o|p\/w|presents|pt|patient|fall)))/gu;
const IN_WORDS = /\bninety(?:[- ]?(?:one|two|three|four|five|six|seven|eight|nine))?(?=[- ]years?(?:[- ]old|\b))/g;

/** Cheap look: without such a number there is no such age. */
const OLDER = /(?:9|1[0-3])\d/;
const OLDEST_TOLD = 89;
const OLDEST_MEANT = 130;

export function findAges(text: string): FoundSpan[] {
  const spans: FoundSpan[] = [];
  for (const pattern of OLDER.test(text) ? [BEFORE, BEHIND, OF_PEOPLE, WITH_SEX] : []) {
    eachMatch(pattern, text, (match) => {
      const age = Number(match[1]);
      if (age <= OLDEST_TOLD || age > OLDEST_MEANT) return false;
      const start = match.index + match[0].indexOf(match[1]);
      spans.push({ start, end: start + match[1].length, kind: 'age', replacement: '90+' });
      return true;
    });
  }
  if (!text.includes('ninety')) return spans;
  eachMatch(IN_WORDS, text, ({ index, 0: words }) => {
    spans.push({ start: index, end: index + words.length, kind: 'age', replacement: '90+' });
    return true;
  });
  return spans;
}
