// Conditions of Karnak (a part of the Spring Expression Language) as conditions of a Lethe profile.
import { findByKeyword } from '../../standard/dictionary.ts';
import { parseTag } from '../../standard/tags.ts';

import { tagText } from './profile-builder.ts';

const TOKEN =
  /\s+|(?<sign>&&|\|\||==|!=|!|\(|\)|,)|"(?<double>[^"]*)"|'(?<single>(?:[^']|'')*)'|#Tag\.(?<keyword>\w+)|(?<word>[A-Za-z_]\w*)/iy;

interface Token {
  readonly kind: 'sign' | 'text' | 'keyword' | 'word';
  readonly text: string;
}

/** Not a condition that has a counterpart. */
class Untranslatable extends Error {}

/**
 * The condition in the words of a profile, or undefined when any part of it has no counterpart.
 * @param ownTag the attribute that `stringValue` means
 */
export function translateCondition(source: string, ownTag?: number): string | undefined {
  try {
    return new Translator(tokenize(source), ownTag).translate();
  } catch (error: unknown) {
    if (error instanceof Untranslatable) return undefined;
    throw error;
  }
}

function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < source.length;) {
    const match = TOKEN.exec(source);
    if (match === null) throw new Untranslatable();
    const groups: Partial<Record<string, string>> = match.groups ?? {};
    const quoted = groups.double ?? groups.single?.replaceAll("''", "'");
    if (groups.sign !== undefined) tokens.push({ kind: 'sign', text: groups.sign });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted });
    else if (groups.keyword !== undefined) tokens.push({ kind: 'keyword', text: groups.keyword });
    else if (groups.word !== undefined) tokens.push({ kind: 'word', text: groups.word });
  }
  return tokens;
}

class Translator {
  readonly #tokens: readonly Token[];
  readonly #ownTag: number | undefined;
  #next = 0;

  constructor(tokens: readonly Token[], ownTag: number | undefined) {
    this.#tokens = tokens;
    this.#ownTag = ownTag;
  }

  translate(): string {
    const condition = this.#either();
    if (this.#next < this.#tokens.length) throw new Untranslatable();
    return condition;
  }

  #takeIf(...texts: readonly string[]): boolean {
    const token = this.#tokens.at(this.#next);
    if (this.#next >= this.#tokens.length || token === undefined) return false;
    if (token.kind === 'text' || !texts.includes(token.text.toLowerCase())) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takeIf(text)) throw new Untranslatable();
  }

  #either(): string {
    const terms = [this.#both()];
    while (this.#takeIf('||', 'or')) terms.push(this.#both());
    return terms.length === 1 ? terms[0] : `(${terms.join(' or ')})`;
  }

  #both(): string {
    const factors = [this.#factor()];
    while (this.#takeIf('&&', 'and')) factors.push(this.#factor());
    return factors.join(' and ');
  }

  #factor(): string {
    if (this.#takeIf('!', 'not')) return `not ${this.#factor()}`;
    if (this.#takeIf('(')) {
      const inside = this.#either();
      this.#expect(')');
      return `(${inside})`;
    }
    const test = this.#test();
    if (this.#takeIf('==')) return this.#takeIf('false') ? `not ${test}` : this.#always(test);
    return test;
  }

  #always(test: string): string {
    this.#expect('true');
    return test;
  }

  #test(): string {
    if (this.#takeIf('stringvalue')) return this.#comparison(this.#ownTag);
    if (this.#takeIf('getstring')) {
      this.#expect('(');
      const tag = this.#tag();
      this.#expect(')');
      return this.#comparison(tag);
    }
    for (const [name, write] of FUNCTIONS) if (this.#takeIf(name)) return this.#call(write);
    throw new Untranslatable();
  }

  #comparison(tag: number | undefined): string {
    const isNegated = this.#takeIf('!=');
    if (!isNegated) this.#expect('==');
    if (tag === undefined) throw new Untranslatable();
    return `${tagText(tag)} ${isNegated ? '!=' : '='} ${quoteText(this.#text())}`;
  }

  #call(write: (tag: string, value: string) => string): string {
    this.#expect('(');
    const tag = tagText(this.#tag());
    const value = this.#takeIf(',') ? this.#text() : '';
    this.#expect(')');
    return write(tag, value);
  }

  #tag(): number {
    const token = this.#tokens.at(this.#next++);
    const tag = token?.kind === 'keyword' ? findByKeyword(token.text)?.tag : parseTag(token?.text ?? '');
    if (tag === undefined) throw new Untranslatable();
    return tag;
  }

  #text(): string {
    const token = this.#tokens.at(this.#next++);
    if (token?.kind !== 'text') throw new Untranslatable();
    return token.text;
  }
}

const FUNCTIONS: readonly (readonly [name: string, write: (tag: string, value: string) => string])[] = [
  ['tagvalueispresent', (tag, value) => `${tag} = ${quoteText(value)}`],
  ['tagvaluecontains', (tag, value) => `${tag} contains ${quoteText(value)}`],
  ['tagvaluebeginswith', (tag, value) => `${tag} matches ${quoteText(`^${escapePattern(value)}`)}`],
  ['tagvalueendswith', (tag, value) => `${tag} matches ${quoteText(`${escapePattern(value)}$`)}`],
  ['tagispresent', (tag) => `${tag} is present`],
];

/** A text between double quotes, as a condition reads it. */
export function quoteText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** The text itself as a regular expression. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
