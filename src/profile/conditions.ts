// The `when` of a rule: a small language over the attributes at the top level of the instance, parsed into a tree.
//
//   condition  = term { "or" term }          term = factor { "and" factor }
//   factor     = "not" factor | "(" condition ")" | test
//   test       = attribute ( "=" | "!=" | "contains" | "matches" ) text
//              | attribute ( "<" | ">" | "<=" | ">=" ) number
//              | attribute "is" [ "not" ] ( "present" | "absent" )
//   attribute  = keyword | (gggg,eeee) | "SOPClass", which is compared by the names of PS3.6
//   text       = "text" | 'text' | number
import { findByKeyword, findByTag, keywords } from '../standard/dictionary.ts';
import { parseTag, TAG } from '../standard/tags.ts';

import { ConditionError, tokenize } from './condition-tokens.ts';
import type { Token } from './condition-tokens.ts';
import { numberOf } from './evaluate.ts';
import { PatternError } from './pattern-parser.ts';
import { Pattern } from './pattern.ts';
import { suggest } from './problems.ts';
import { sopClassesWhere, sopClassNames } from './sop-class-names.ts';

export type Comparison = '<' | '>' | '<=' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'present'; readonly tag: number }
  /** True when one of the attribute's values equals, contains or matches; `!=` is written as `not` over `=`. */
  | { readonly kind: 'equals' | 'contains'; readonly tag: number; readonly operand: string }
  | { readonly kind: 'matches'; readonly tag: number; readonly operand: string; readonly pattern: Pattern }
  /** True when one of the attribute's values is a number that is less or greater; an age counts in years. */
  | { readonly kind: 'compare'; readonly tag: number; readonly comparison: Comparison; readonly operand: number }
  /** True when one of the attribute's values is in the list. */
  | { readonly kind: 'among'; readonly tag: number; readonly operands: readonly string[] };

const OPERATORS = ['=', '!=', '<', '>', '<=', '>=', 'contains', 'matches', 'is'];
const COMPARISONS: readonly string[] = ['<', '>', '<=', '>='] satisfies Comparison[];
/** VRs whose values have an order that a profile may ask for. */
const ORDERED_VRS = ['AS', 'DA', 'DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'SV', 'TM', 'UL', 'US', 'UV'];
/** Stands for SOP Class UID, and is compared by name. */
const SOP_CLASS = 'SOPClass';
/** Deeper nesting than any reader of a profile follows. */
const MAX_DEPTH = 32;

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = [...tokenize(source)];
  }

  parse(): Condition {
    const condition = this.#either();
    const rest = this.#peek();
    if (rest.kind !== 'end')
      throw new ConditionError(rest.index, `"${rest.text}" is not expected here; join tests with and, or`);
    return condition;
  }

  #peek(): Token {
    return this.#tokens[this.#next];
  }

  #take(): Token {
    const token = this.#tokens[this.#next];
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #takeIf(text: string): boolean {
    const token = this.#peek();
    if (token.kind === 'text' || token.text !== text) return false;
    this.#next++;
    return true;
  }

  #either(): Condition {
    if (++this.#depth > MAX_DEPTH)
      throw new ConditionError(this.#peek().index, 'nested too deeply; split it into several rules');
    let left = this.#both();
    while (this.#takeIf('or')) left = { kind: 'or', left, right: this.#both() };
    this.#depth--;
    return left;
  }

  #both(): Condition {
    let left = this.#factor();
    while (this.#takeIf('and')) left = { kind: 'and', left, right: this.#factor() };
    return left;
  }

  #factor(): Condition {
    if (this.#takeIf('not')) {
      if (++this.#depth > MAX_DEPTH) throw new ConditionError(this.#peek().index, 'nested too deeply');
      const operand = this.#factor();
      this.#depth--;
      return { kind: 'not', operand };
    }
    if (!this.#takeIf('(')) return this.#test();
    const condition = this.#either();
    const close = this.#take();
    if (close.kind !== 'sign' || close.text !== ')') throw new ConditionError(close.index, 'write ")" here');
    return condition;
  }

  #test(): Condition {
    const isSopClass = this.#peek().kind === 'word' && this.#takeIf(SOP_CLASS);
    const tag = isSopClass ? TAG.SOPClassUID : this.#attribute();
    const operator = this.#take();
    const name = operator.kind === 'text' ? '' : operator.text;
    if (COMPARISONS.includes(name) && !isSopClass) return this.#compare(tag, name as Comparison, operator);
    switch (name) {
      case '=':
        return this.#equals(tag, isSopClass);
      case '!=':
        return { kind: 'not', operand: this.#equals(tag, isSopClass) };
      case 'contains':
        return isSopClass ? this.#sopClass((given, text) => given.includes(text)) : this.#contains(tag);
      case 'matches':
        return this.#matches(tag, isSopClass);
      case 'is':
        return this.#presence(tag);
      default:
        throw new ConditionError(
          operator.index,
          `"${operator.text}" is no comparison${isSopClass ? ' of SOP classes' : ''}${suggest(operator.text, OPERATORS, 'write =, !=, <, >, contains, matches, is present or is absent')}`,
        );
    }
  }

  #equals(tag: number, isSopClass: boolean): Condition {
    const { index } = this.#peek();
    const operand = this.#value();
    if (!isSopClass) return { kind: 'equals', tag, operand };
    const operands = sopClassesWhere((given, uid) => uid === operand || spaceless(given) === spaceless(operand));
    if (operands.length > 0) return { kind: 'among', tag, operands };
    throw new ConditionError(
      index,
      `"${operand}" is no storage SOP class${suggest(operand, sopClassNames(), 'write a name of PS3.6, for example "CT Image Storage"')}`,
    );
  }

  #contains(tag: number): Condition {
    return { kind: 'contains', tag, operand: this.#value() };
  }

  #sopClass(holds: (name: string, text: string) => boolean): Condition {
    const { index } = this.#peek();
    const text = this.#value();
    const operands = sopClassesWhere((name) => holds(name, text));
    if (operands.length === 0) throw new ConditionError(index, 'no storage SOP class has such a name');
    return { kind: 'among', tag: TAG.SOPClassUID, operands };
  }

  #compare(tag: number, comparison: Comparison, operator: Token): Condition {
    const vr = findByTag(tag)?.vr.slice(0, 2);
    if (vr !== undefined && !ORDERED_VRS.includes(vr))
      throw new ConditionError(
        operator.index,
        `"${comparison}" compares numbers, but this attribute is ${vr}; use = or matches`,
      );
    const { index } = this.#peek();
    const operand = numberOf(this.#value());
    if (operand === undefined) throw new ConditionError(index, `write a number after "${comparison}"`);
    return { kind: 'compare', tag, comparison, operand };
  }

  #presence(tag: number): Condition {
    const isNegated = this.#takeIf('not');
    const word = this.#take();
    if (word.kind === 'text' || (word.text !== 'present' && word.text !== 'absent'))
      throw new ConditionError(word.index, `write "present" or "absent" after "is"${isNegated ? ' not' : ''}`);
    const present: Condition = { kind: 'present', tag };
    return isNegated === (word.text === 'present') ? { kind: 'not', operand: present } : present;
  }

  #matches(tag: number, isSopClass: boolean): Condition {
    const token = this.#peek();
    const operand = this.#value();
    try {
      const pattern = new Pattern(operand);
      if (!isSopClass) return { kind: 'matches', tag, operand, pattern };
      const operands = sopClassesWhere((name) => pattern.test(name));
      if (operands.length > 0) return { kind: 'among', tag, operands };
    } catch (error: unknown) {
      if (!(error instanceof PatternError)) throw error;
      // A quoted text begins one character after its token.
      throw new ConditionError(
        token.index + error.index + (token.kind === 'text' ? 1 : 0),
        `matches: ${error.message}`,
      );
    }
    throw new ConditionError(token.index, 'no storage SOP class has a name like this');
  }

  #value(): string {
    const token = this.#take();
    if (token.kind === 'text') return token.text;
    if (token.kind === 'word' && /^[\d.+-]+$/.test(token.text)) return token.text;
    throw new ConditionError(token.index, 'write a value in quotes here');
  }

  #attribute(): number {
    const token = this.#take();
    const tag = token.kind === 'tag' ? parseTag(token.text) : findByKeyword(token.text)?.tag;
    if (tag !== undefined && token.kind !== 'text') return tag;
    if (token.kind === 'word') {
      throw new ConditionError(
        token.index,
        `"${token.text}" is no DICOM keyword${suggest(token.text, [SOP_CLASS, ...keywords()], 'write a keyword of PS3.6 or (gggg,eeee)')}`,
      );
    }
    throw new ConditionError(token.index, 'write a keyword of PS3.6 or (gggg,eeee) here');
  }
}

function spaceless(name: string): string {
  return name.replace(/[\s-]/g, '').toLowerCase();
}

/** @throws ConditionError */
export function parseCondition(source: string): Condition {
  return new Parser(source).parse();
}
