// Whether a chain of receipts is whole: each line as it was signed, none missing, none moved, none cut off at the end.
import { timingSafeEqual } from 'node:crypto';
import { EMPTY_CHAIN, parseLine, readBody } from './chain.ts';
import type { ChainHead, ChainLine, Sign } from './chain.ts';

export const BREAK_KINDS = {
  'wrong-key': 'no line fits the key of this project',
  changed: 'the line was changed after it was signed, or is no receipt',
  missing: 'receipts before this line are missing',
  reordered: 'the line stands in the wrong place',
  'cut-off': 'receipts after this line are missing',
  unfinished: 'the run was broken off here, or the receipts after this line are missing',
} as const;
export type BreakKind = keyof typeof BREAK_KINDS;

export interface ChainBreak {
  readonly kind: BreakKind;
  /** Name of the file and number of the line in it, from 1; line 0 stands for a file that has none. */
  readonly file: string;
  readonly line: number;
  /** The number that the chain expected there. */
  readonly sequence: number;
}

export interface ChainReport {
  readonly chain: string | undefined;
  readonly receipts: number;
  /** Number of the first line; more than 1 when earlier files are kept elsewhere. */
  readonly first: number;
  readonly last: ChainHead;
  /** The first place that is not whole. */
  readonly broken: ChainBreak | undefined;
}

/** A line and where it stands. */
export interface PlacedLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface VerifyOptions {
  /** The last receipt that is known to have been written. */
  readonly head?: ChainHead | undefined;
  /** Whether the first line must be the first of the chain; default true. */
  readonly isFromStart?: boolean;
}

/** Lines that are tried before the key is blamed. */
const KEY_TRIALS = 10;

/** Reads all lines once; after the first break it only looks for what tells the kinds apart. */
export async function verifyChain(
  lines: AsyncIterable<PlacedLine>,
  sign: Sign,
  options: VerifyOptions = {},
): Promise<ChainReport> {
  const check = new ChainCheck(sign, options);
  for await (const line of lines) if (!check.take(line)) break;
  return check.report();
}

class ChainCheck {
  readonly #sign: Sign;
  readonly #options: VerifyOptions;
  #chain: string | undefined;
  #first = 0;
  #last = EMPTY_CHAIN;
  #place = { file: '', line: 0 };
  #count = 0;
  /** Lines that the chain has when it is whole, where it says so. */
  #announced = 0;
  #doesHeadFit = true;
  #broken: ChainBreak | undefined;
  #trials = 0;

  constructor(sign: Sign, options: VerifyOptions) {
    this.#sign = sign;
    this.#options = options;
  }

  /** False when the rest can tell nothing more. */
  take({ file, line, text }: PlacedLine): boolean {
    const parsed = parseLine(text);
    if (this.#broken !== undefined) return this.#explain(parsed);
    const kind = this.#judge(parsed);
    if (kind === undefined && parsed !== undefined) {
      this.#accept(parsed, text);
      this.#place = { file, line };
      return true;
    }
    this.#broken = { kind: kind ?? 'changed', file, line, sequence: this.#last.sequence + 1 };
    return true;
  }

  report(): ChainReport {
    const broken = this.#broken ?? this.#breakAtEnd();
    return { chain: this.#chain, receipts: this.#count, first: this.#first, last: this.#last, broken };
  }

  #judge(parsed: ChainLine | undefined): BreakKind | undefined {
    if (parsed === undefined) return 'changed';
    // A changed line and a wrong key look the same until another line fits.
    if (!this.#fits(parsed)) return this.#count === 0 ? 'wrong-key' : 'changed';
    if (this.#count === 0) {
      if (parsed.sequence !== 1) return this.#options.isFromStart === false ? undefined : 'missing';
      return parsed.previous === EMPTY_CHAIN.hmac ? undefined : 'changed';
    }
    if (parsed.chain !== this.#chain) return 'reordered';
    if (parsed.sequence > this.#last.sequence + 1) return 'missing';
    if (parsed.sequence <= this.#last.sequence) return 'reordered';
    return parsed.previous === this.#last.hmac ? undefined : 'changed';
  }

  #fits({ signed, hmac }: ChainLine): boolean {
    return timingSafeEqual(Buffer.from(this.#sign(signed), 'hex'), Buffer.from(hmac, 'hex'));
  }

  #accept(parsed: ChainLine, text: string): void {
    const { head } = this.#options;
    const { chain, sequence, hmac } = parsed;
    if (this.#count === 0) {
      this.#chain = chain;
      this.#first = sequence;
      const inputs = readBody(text)?.inputs;
      if (typeof inputs === 'number') this.#announced = inputs;
    }
    this.#count++;
    this.#last = { sequence, hmac };
    if (sequence === head?.sequence && hmac !== head.hmac) this.#doesHeadFit = false;
  }

  /** Looks on for what tells a moved line from a missing one, and a changed line from a wrong key. */
  #explain(parsed: ChainLine | undefined): boolean {
    const { kind, sequence } = this.#broken as ChainBreak;
    if (kind === 'missing' && this.#count > 0) {
      if (parsed?.sequence !== sequence || parsed.chain !== this.#chain) return true;
      this.#turnTo('reordered');
      return false;
    }
    if (kind !== 'wrong-key') return false;
    if (parsed !== undefined && this.#fits(parsed)) {
      this.#turnTo('changed');
      return false;
    }
    return ++this.#trials < KEY_TRIALS;
  }

  #turnTo(kind: BreakKind): void {
    this.#broken = { ...(this.#broken as ChainBreak), kind };
  }

  #breakAtEnd(): ChainBreak | undefined {
    const { head } = this.#options;
    const at = { ...this.#place, sequence: this.#last.sequence + 1 };
    if (this.#count > 0 && this.#last.sequence < this.#announced) return { kind: 'unfinished', ...at };
    if (head === undefined) return undefined;
    if (this.#last.sequence < head.sequence) return { kind: 'cut-off', ...at };
    return this.#doesHeadFit ? undefined : { kind: 'changed', ...at, sequence: head.sequence };
  }
}
