// RTF as tokens (Rich Text Format Specification 1.9.1, "Conventions of an RTF Reader").
import { unreadable } from '../unreadable.ts';

export type RtfToken =
  | { readonly kind: 'open' | 'close' | 'star' }
  | { readonly kind: 'word'; readonly word: string; readonly parameter: number | undefined }
  /** Bytes of text in the code page of their font. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** A character that is told by a symbol. */
  | { readonly kind: 'character'; readonly text: string }
  /** `\uN`; so many characters behind it stand for it in old readers. */
  | { readonly kind: 'unicode'; readonly unit: number };

const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ['{', '{'],
  ['}', '}'],
  ['~', '\u00A0'],
  ['_', '-'],
  // A hyphen that shows only at the end of a line parts nothing.
  ['-', ''],
]);
const HEXADECIMAL = /^[0-9a-fA-F]{2}$/;
const MAX_WORD = 32;
const MAX_DIGITS = 10;

/** @throws InstanceError `document-unreadable` for a control that is cut off or too long */
export function* tokensOf(bytes: Buffer): Generator<RtfToken> {
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === OPEN) {
      yield { kind: 'open' };
      at++;
    } else if (byte === CLOSE) {
      yield { kind: 'close' };
      at++;
    } else if (byte === BACKSLASH) {
      const { token, end } = readControl(bytes, at + 1);
      if (token !== undefined) yield token;
      at = end;
    } else {
      const end = endOfText(bytes, at);
      const text = bytes.subarray(at, end);
      if (text.length > 0 && !isLineEnd(text[0])) yield { kind: 'bytes', bytes: text };
      at = end;
    }
  }
}

interface Control {
  readonly token: RtfToken | undefined;
  readonly end: number;
}

function readControl(bytes: Buffer, at: number): Control {
  if (at >= bytes.length) throw unreadable('The RTF document ends within a control.');
  if (!isLetter(bytes[at])) return readSymbol(bytes, at);
  let end = at;
  while (end < bytes.length && isLetter(bytes[end])) end++;
  if (end - at > MAX_WORD) throw unreadable('A control word of the RTF document is too long.');
  const word = bytes.toString('latin1', at, end);
  const digits = /^-?\d+/.exec(bytes.toString('latin1', end, end + MAX_DIGITS + 2))?.[0] ?? '';
  if (digits.length > MAX_DIGITS) throw unreadable('A number of the RTF document is too long.');
  end += digits.length;
  const parameter = digits === '' ? undefined : Number(digits);
  if (bytes[end] === SPACE) end++;
  if (word === 'u' && parameter !== undefined)
    return { token: { kind: 'unicode', unit: ((parameter % 0x10000) + 0x10000) % 0x10000 }, end };
  // Raw bytes, whatever they look like; none of them is text.
  if (word === 'bin') return { token: undefined, end: Math.min(bytes.length, end + Math.max(0, parameter ?? 0)) };
  return { token: { kind: 'word', word, parameter }, end };
}

function readSymbol(bytes: Buffer, at: number): Control {
  const symbol = String.fromCharCode(bytes[at]);
  if (symbol === "'") {
    const digits = bytes.toString('latin1', at + 1, at + 3);
    if (!HEXADECIMAL.test(digits)) throw unreadable('A character of the RTF document is cut off.');
    return { token: { kind: 'bytes', bytes: Buffer.of(parseInt(digits, 16)) }, end: at + 3 };
  }
  if (symbol === '*') return { token: { kind: 'star' }, end: at + 1 };
  if (symbol === '\n' || symbol === '\r')
    return { token: { kind: 'word', word: 'par', parameter: undefined }, end: at + 1 };
  if (symbol === '\t') return { token: { kind: 'word', word: 'tab', parameter: undefined }, end: at + 1 };
  const text = SYMBOLS.get(symbol);
  return { token: text === undefined ? undefined : { kind: 'character', text }, end: at + 1 };
}

/** A run of text; line ends, which mean nothing, are runs of their own. */
function endOfText(bytes: Buffer, start: number): number {
  let end = start + 1;
  if (isLineEnd(bytes[start])) return end;
  while (end < bytes.length && !isSpecial(bytes[end])) end++;
  return end;
}

function isSpecial(byte: number): boolean {
  return byte === BACKSLASH || byte === OPEN || byte === CLOSE || isLineEnd(byte);
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x00;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}
