// Ages above 89, which single people out (45 CFR 164.514(b)(2)(i)(C)): the number is exchanged for "90+", the category that
// the rule names; younger ages stay.
import type { FoundSpan } from './span.ts';
import { eachMatch } from './words.ts';

const YEARS =
  'y/?o\\b|y\\.o\\.|yo[mfw]?\\b|yrs?\\b|years?\\b|year-old|year old|y\\b|j\\b|jr\\b|jahre?n?\\b|jahrig|j\\.|ans\\b|anos?\\b|anni\\b|jaar\\b|jarige?\\b|jaehrig|lat\\b|[歳才岁歲]|세';
const BEFORE = new RegExp(`(?<![\\d.,/])(\\d{2,3})[\\s-]?(?:${YEARS})`, 'g');
const BEHIND =
  /\b(?:age|aged|ages|alter|edad|eta|leeftijd|idade|im alter von|agee?)[\s:=]{0,3}(?:of\s|de\s|van\s)?(\d{2,3})(?![\d.,+])/g;

const OLDEST_TOLD = 89;
const OLDEST_MEANT = 130;

export function findAges(text: string): FoundSpan[] {
  const spans: FoundSpan[] = [];
  for (const pattern of [BEFORE, BEHIND]) {
    eachMatch(pattern, text, (match) => {
      const age = Number(match[1]);
      if (age <= OLDEST_TOLD || age > OLDEST_MEANT) return false;
      const start = match.index + match[0].indexOf(match[1]);
      spans.push({ start, end: start + match[1].length, kind: 'age', replacement: '90+' });
      return true;
    });
  }
  return spans;
}
