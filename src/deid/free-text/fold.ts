// Folding for comparison: case, accents, width, ligatures, kana and digits made equal, with the way back to the original.

/** A folded text; `origin[i]` is the UTF-16 offset in the source of folded unit i (and of the end); undefined: the same offsets. */
export interface Folded {
  readonly source: string;
  readonly text: string;
  readonly origin: Int32Array | undefined;
}

const ASCII = /^[\0-\x7F]*$/;
/** What compatibility decomposition (NFKD) leaves as it is although readers take it for other letters. */
const ALIKE: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ŋ: 'n',
  ı: 'i',
  ς: 'σ',
  '’': "'",
  '‘': "'",
  '´': "'",
  '`': "'",
  '‐': '-',
  '‑': '-',
  '‒': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '⁄': '/',
};
/** Marks that change no letter, and characters that nobody sees. */
const UNSEEN = /[\p{Mn}\p{Cf}\u0640]/gu;

const known = new Map<number, string>();

function foldCodePoint(code: number): string {
  let folded = known.get(code);
  if (folded === undefined) {
    folded = '';
    // Hangul stays in syllables; NFKD would spell them.
    if (code >= 0xac00 && code <= 0xd7a3) folded = String.fromCodePoint(code);
    else
      for (const char of String.fromCodePoint(code).normalize('NFKD').toLowerCase().replace(UNSEEN, ''))
        folded += ALIKE[char] ?? foldScript(char);
    known.set(code, folded);
  }
  return folded;
}

/** Hiragana to katakana; Arabic-Indic, Persian, Devanagari and Thai digits to ASCII ones. */
function foldScript(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x3041 && code <= 0x3096) return String.fromCharCode(code + 0x60);
  for (const zero of [0x0660, 0x06f0, 0x0966, 0x0e50])
    if (code >= zero && code <= zero + 9) return String.fromCharCode(0x30 + code - zero);
  return char;
}

/** The text folded for comparison. Linear; plain ASCII costs one pass. */
export function fold(source: string): Folded {
  if (ASCII.test(source)) return { source, text: source.toLowerCase(), origin: undefined };
  let origin = new Int32Array(source.length + (source.length >> 3) + 16);
  let text = '';
  let at = 0;
  while (at < source.length) {
    const code = source.codePointAt(at) ?? 0;
    const folded = foldCodePoint(code);
    if (text.length + folded.length + 1 >= origin.length) {
      const larger = new Int32Array(origin.length * 2 + folded.length);
      larger.set(origin);
      origin = larger;
    }
    origin.fill(at, text.length, text.length + folded.length);
    text += folded;
    at += code > 0xffff ? 2 : 1;
  }
  origin[text.length] = source.length;
  return { source, text, origin };
}

/** A word as it stands in folded texts. */
export function foldWord(word: string): string {
  return ASCII.test(word) ? word.toLowerCase() : fold(word).text;
}

/** The source offset where folded unit `at` begins. */
export function sourceStart({ origin }: Folded, at: number): number {
  return origin === undefined ? at : origin[at];
}

/** The source offset behind folded unit `end - 1`, with the marks that belong to it: never inside a source character. */
export function sourceEnd({ text, origin }: Folded, end: number): number {
  if (origin === undefined || end === 0) return end;
  const last = origin[end - 1];
  while (end < text.length && origin[end] === last) end++;
  return origin[end];
}
