// Scanners' software writes what it read as unseen text over its picture. Where our reading of the picture says the same, two readers agree on it, and
// it may stay as the same words of a printed page would.
import type { TextJudge } from '../../core/text-judge.ts';
import { CHAR, type PageText } from './messages.ts';
import { readingsOf } from './readings.ts';

/** So many words are told apart from a chance; of fewer, none may be cut at the border of what was read. */
const SOME_WORDS = 3;

/**
 * The judge for the pictures of a page whose text was judged: a line as it was read from a picture is plain when its words stand in the page's text
 * in the same order, with nothing between them that was removed or was never there. What identifies is found as before, and comes first.
 * @param removed 1 for each character that may not stay
 */
export function withLayer(judge: TextJudge, text: PageText, removed: Uint8Array): TextJudge {
  if (text.count === 0) return judge;
  let layer: string | undefined;
  return {
    find: (reading) => judge.find(reading),
    clean: (reading) => judge.clean(reading),
    mayBeKnown: (reading) => judge.mayBeKnown(reading),
    isPlain: (reading) => judge.isPlain(reading) || isIn((layer ??= layerOf(text, removed)), wordsOf(reading)),
  };
}

/** The words that stay, in the page's own order and in that of its lines; a character that is removed or has no meaning parts them. */
function layerOf(text: PageText, removed: Uint8Array): string {
  const parts: string[] = [];
  for (const reading of readingsOf(text)) {
    if (reading.isAcrossLines) continue;
    let written = '';
    for (let unit = 0; unit < reading.text.length; unit++) {
      const char = reading.chars[unit];
      const isGone = char >= 0 && (removed[char] === 1 || (text.flags[char] & CHAR.unmapped) !== 0);
      written += isGone ? '\n' : reading.text[unit];
    }
    for (const line of written.split('\n')) parts.push(` ${wordsOf(line).join(' ')} `);
  }
  return parts.join('\n');
}

function isIn(layer: string, words: readonly string[]): boolean {
  if (words.length === 0) return false;
  const wanted = words.join(' ');
  return layer.includes(words.length < SOME_WORDS ? ` ${wanted} ` : wanted);
}

/** Letters and digits without case. */
function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
