// A chain of receipts: lines of JSON, each with its number, the HMAC of the line before it and its own. Whoever has the
// project's key can tell years later, without this program, whether a line was changed, left out, added or moved:
//
//   {"chain":"lung/5f0c…","sequence":7,"previous":"<64 hex>", … ,"hmac":"<64 hex>"}
//
// `hmac` is HMAC-SHA-256 over the text of the line before `,"hmac":`, as it stands, which is ASCII. The key is HMAC-SHA-256 of
// the text `lethe receipt v1` under the 32 bytes of the project's key file. `previous` of the first line is 64 zeros.

/** HMAC of a text as 64 hex characters. */
export type Sign = (text: string) => string;

/** The last line of a chain. */
export interface ChainHead {
  /** Lines so far; the first one is 1. */
  readonly sequence: number;
  readonly hmac: string;
}

export const EMPTY_CHAIN: ChainHead = { sequence: 0, hmac: '0'.repeat(64) };

export class ReceiptChain {
  readonly name: string;
  readonly #sign: Sign;
  #head: ChainHead;

  /** @param name tells chains of the same key apart: no line of one fits into another */
  constructor(name: string, sign: Sign, head: ChainHead = EMPTY_CHAIN) {
    this.name = name;
    this.#sign = sign;
    this.#head = head;
  }

  get head(): ChainHead {
    return this.#head;
  }

  /** The next line, without a line feed. `body` has none of the chain's own fields. */
  append(body: object): string {
    const sequence = this.#head.sequence + 1;
    const json = JSON.stringify({ chain: this.name, sequence, previous: this.#head.hmac, ...body });
    const signed = json.slice(0, -1).replace(/[\u0080-\uffff]/g, escapeCharacter);
    const hmac = this.#sign(signed);
    this.#head = { sequence, hmac };
    return `${signed},"hmac":"${hmac}"}`;
  }
}

/** Lines are ASCII: each byte of a file is one character, so that no change of a byte can hide in its decoding. */
function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A line taken apart; nothing is verified. */
export interface ChainLine {
  readonly chain: string;
  readonly sequence: number;
  readonly previous: string;
  readonly hmac: string;
  /** What the HMAC covers. */
  readonly signed: string;
}

const HEAD = /^\{"chain":"([^"\\]{1,200})","sequence":([1-9]\d{0,14}),"previous":"([0-9a-f]{64})"[,}]?/;
const TAIL = /,"hmac":"([0-9a-f]{64})"\}$/;

/** Undefined when the text is no line of a chain. */
export function parseLine(text: string): ChainLine | undefined {
  const tail = TAIL.exec(text);
  const head = HEAD.exec(text);
  if (head === null || tail === null) return undefined;
  const signed = text.slice(0, tail.index);
  return { chain: head[1], sequence: Number(head[2]), previous: head[3], hmac: tail[1], signed };
}

/** The fields of a receipt; undefined when the text is no JSON object. */
export function readBody(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not JSON: that is the answer
  }
}
