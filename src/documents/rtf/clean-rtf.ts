// RTF: looks and text stay, text is judged across the groups and controls inside a line; who wrote it, pictures, objects, fields, hidden and
// deleted text, and every destination and control that is not known go. Written anew in ASCII, other characters as \uN.
import type { TextJudge } from '../../core/text-judge.ts';
import type { CleanDocument, DocumentJob } from '../document.ts';
import { Tally } from '../tally.ts';
import { TextRuns } from '../text-runs.ts';
import { unreadable } from '../unreadable.ts';
import { decode, DEFAULT_ENCODING, encodingOfCodePage, encodingOfFont } from './code-pages.ts';
import {
  BLOCK_ENDS,
  CHARACTERS,
  DROPPED,
  FORMATTING,
  SEPARATORS,
  STARRED_AND_KEPT,
  TEXT_DESTINATIONS,
} from './control-words.ts';
import { tokensOf } from './tokens.ts';
import type { RtfToken } from './tokens.ts';

/** What a group inherits and its end undoes. */
interface GroupState {
  readonly isDropped: boolean;
  readonly isHidden: boolean;
  readonly isFontTable: boolean;
  readonly isTextDestination: boolean;
  readonly font: number | undefined;
  /** Characters that stand for one \uN. */
  readonly fallbackChars: number;
}

/** A text between two controls: what it is now. */
interface TextPart {
  text: string;
}

const OUTSIDE: GroupState = {
  isDropped: false,
  isHidden: false,
  isFontTable: false,
  isTextDestination: false,
  font: undefined,
  fallbackChars: 1,
};
const MAX_PARAMETER = 9_999_999;

/** @throws InstanceError `document-unreadable` for what is no RTF, is cut off, or is nested too deeply */
export function cleanRtf({ bytes, judge, limits }: DocumentJob): CleanDocument {
  if (!bytes.subarray(0, 6).toString('latin1').startsWith('{\\rtf') || bytes.length > limits.maxInflatedBytes)
    throw unreadable('The document says that it is RTF, and is none.');
  const tally = new Tally();
  const cleaner = new RtfCleaner(judge, tally, limits.maxDepth);
  for (const token of tokensOf(bytes)) if (!cleaner.take(token)) break;
  return { bytes: cleaner.finish(), findings: tally.findings() };
}

class RtfCleaner {
  readonly #tally: Tally;
  readonly #runs: TextRuns;
  readonly #maxDepth: number;
  readonly #out: (string | TextPart)[] = [];
  readonly #fonts = new Map<number, string>();
  readonly #stack: GroupState[] = [];
  #state = OUTSIDE;
  #codePage = DEFAULT_ENCODING;
  #defaultFont: number | undefined;
  /** Where the group was opened, while nothing stands in it yet. */
  #opened: number | undefined;
  #isStarred = false;
  #pending: Buffer[] = [];
  #part: TextPart | undefined;
  #toSkip = 0;

  constructor(judge: TextJudge, tally: Tally, maxDepth: number) {
    this.#tally = tally;
    this.#runs = new TextRuns(judge, tally);
    this.#maxDepth = maxDepth;
  }

  /** False behind the end of the outermost group: nothing there is part of the document. */
  take(token: RtfToken): boolean {
    if (token.kind !== 'bytes') this.#decodePending();
    switch (token.kind) {
      case 'open':
        this.#open();
        break;
      case 'close':
        return this.#close();
      case 'star':
        this.#isStarred = true;
        return true;
      case 'word':
        this.#word(token.word, token.parameter);
        break;
      case 'bytes':
        this.#bytes(token.bytes);
        break;
      case 'character':
        this.#character(token.text);
        break;
      case 'unicode':
        this.#add(String.fromCharCode(token.unit));
        this.#toSkip = this.#state.fallbackChars;
        break;
    }
    this.#isStarred = false;
    if (token.kind !== 'open') this.#opened = undefined;
    return true;
  }

  finish(): Buffer {
    if (this.#stack.length > 0) throw unreadable('The RTF document is cut off.');
    this.#endBlock();
    return Buffer.from(
      this.#out.map((part) => (typeof part === 'string' ? part : encode(part.text))).join(''),
      'latin1',
    );
  }

  #open(): void {
    this.#toSkip = 0;
    this.#endPart();
    if (this.#stack.length >= this.#maxDepth) throw unreadable('The RTF document is nested too deeply.');
    this.#stack.push(this.#state);
    this.#opened = this.#out.length;
    if (!this.#state.isDropped) this.#out.push('{');
  }

  #close(): boolean {
    this.#toSkip = 0;
    this.#endPart();
    const outer = this.#stack.pop();
    if (outer === undefined) throw unreadable('The RTF document ends more groups than it begins.');
    const { isDropped, isTextDestination, isFontTable } = this.#state;
    if (!isDropped && (isFontTable || (isTextDestination && !outer.isTextDestination))) this.#runs.flush();
    if (!isDropped) this.#out.push('}');
    else if (!outer.isDropped && this.#opened === undefined) this.#closeDropped();
    this.#state = outer;
    this.#opened = undefined;
    this.#isStarred = false;
    return this.#stack.length > 0;
  }

  /** A group that was dropped from its middle on has an opening brace in the output. */
  #closeDropped(): void {
    if (this.#halfOpen.delete(this.#stack.length)) this.#out.push('}');
  }

  /** Depths of groups that were written before they turned out to be dropped. */
  readonly #halfOpen = new Set<number>();

  #word(word: string, parameter: number | undefined): void {
    this.#toSkip = 0;
    if (this.#state.isDropped) return;
    if (DROPPED.has(word) || (this.#isStarred && !STARRED_AND_KEPT.has(word))) {
      this.#dropGroup(word);
      return;
    }
    const character = CHARACTERS.get(word);
    if (character !== undefined) {
      this.#add(character);
      return;
    }
    this.#applyState(word, parameter);
    const separator = SEPARATORS.get(word);
    this.#endPart();
    if (BLOCK_ENDS.has(word)) this.#runs.flush();
    else if (separator !== undefined) this.#runs.separate(separator);
    if (!FORMATTING.has(word) || Math.abs(parameter ?? 0) > MAX_PARAMETER) this.#tally.add('control');
    else if (word !== 'uc' && word !== 'ansicpg') this.#out.push(`\\${word}${parameter ?? ''} `);
  }

  #dropGroup(word: string): void {
    this.#tally.add(word === 'pict' ? 'picture' : word === 'info' ? 'metadata' : 'destination');
    if (this.#opened !== undefined) this.#out.length = this.#opened;
    else this.#halfOpen.add(this.#stack.length - 1);
    this.#state = { ...this.#state, isDropped: true };
  }

  #applyState(word: string, parameter: number | undefined): void {
    const isOn = parameter !== 0;
    if (word === 'ansicpg') this.#codePage = encodingOfCodePage(parameter ?? 0);
    else if (word === 'mac') this.#codePage = 'macintosh';
    else if (word === 'deff') this.#defaultFont = parameter;
    else if (word === 'uc') this.#state = { ...this.#state, fallbackChars: Math.min(8, Math.max(0, parameter ?? 1)) };
    else if (word === 'f') this.#state = { ...this.#state, font: parameter };
    else if (word === 'v' || word === 'deleted') this.#state = { ...this.#state, isHidden: isOn };
    else if (word === 'plain') this.#state = { ...this.#state, isHidden: false, font: undefined };
    else if (word === 'fcharset' && this.#state.isFontTable) this.#noteFont(parameter ?? 0);
    if (!TEXT_DESTINATIONS.has(word)) return;
    this.#runs.flush();
    this.#state = { ...this.#state, isTextDestination: true, isFontTable: word === 'fonttbl' };
  }

  #noteFont(charset: number): void {
    const encoding = encodingOfFont(charset);
    if (encoding !== undefined && this.#state.font !== undefined) this.#fonts.set(this.#state.font, encoding);
  }

  #bytes(bytes: Buffer): void {
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    if (skipped < bytes.length) this.#pending.push(bytes.subarray(skipped));
  }

  #character(text: string): void {
    if (this.#toSkip > 0) this.#toSkip--;
    else this.#add(text);
  }

  /** Characters of two bytes may come byte by byte. */
  #decodePending(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    const font = this.#state.font ?? this.#defaultFont;
    const encoding = (font === undefined ? undefined : this.#fonts.get(font)) ?? this.#codePage;
    this.#add(decode(bytes, encoding));
  }

  #add(text: string): void {
    const { isDropped, isHidden } = this.#state;
    if (isDropped) return;
    if (isHidden) {
      this.#tally.add('hidden-text');
      return;
    }
    if (this.#part === undefined) {
      this.#part = { text: '' };
      this.#out.push(this.#part);
    }
    this.#part.text += text;
  }

  #endPart(): void {
    const part = this.#part;
    if (part === undefined) return;
    this.#part = undefined;
    this.#runs.add(part.text, (text) => {
      part.text = text;
    });
  }

  #endBlock(): void {
    this.#decodePending();
    this.#endPart();
    this.#runs.flush();
  }
}

/** Text in ASCII; other characters as UTF-16 units with a question mark for readers that do not know them. */
function encode(text: string): string {
  return text.replace(/[\\{}]|[^\x20-\x7e]/g, (char) => {
    if (char === '\\' || char === '{' || char === '}') return `\\${char}`;
    if (char === '\t') return '\\tab ';
    if (char === '\n' || char === '\r') return '';
    const unit = char.charCodeAt(0);
    return `\\u${unit > 0x7fff ? unit - 0x10000 : unit}?`;
  });
}
