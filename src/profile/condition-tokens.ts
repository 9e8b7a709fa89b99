// The words and signs of a condition, each with its place.

/** Where and why a condition could not be parsed; `index` counts characters from its start. */
export class ConditionError extends Error {
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.name = 'ConditionError';
    this.index = index;
  }
}

export interface Token {
  readonly kind: 'word' | 'tag' | 'text' | 'sign' | 'end';
  /** Without the quotes. */
  readonly text: string;
  readonly index: number;
}

const TOKEN =
  /\s+|(?<tag>\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\))|(?<sign>!=|<=|>=|=|<|>|\(|\))|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|(?<word>[A-Za-z0-9_.+-]+)/y;

/** In double quotes a backslash before a quote or a backslash is taken away; in single quotes nothing is. */
export function* tokenize(source: string): Generator<Token> {
  let index = 0;
  while (index < source.length) {
    TOKEN.lastIndex = index;
    const match = TOKEN.exec(source);
    if (match === null) throw new ConditionError(index, describeUnreadable(source, index));
    const groups: Partial<Record<string, string>> = match.groups ?? {};
    const quoted = groups.double === undefined ? groups.single : groups.double.replace(/\\(["\\])/g, '$1');
    if (groups.tag !== undefined) yield { kind: 'tag', text: groups.tag, index };
    else if (groups.sign !== undefined) yield { kind: 'sign', text: groups.sign, index };
    else if (quoted !== undefined) yield { kind: 'text', text: quoted, index };
    else if (groups.word !== undefined) yield { kind: 'word', text: groups.word, index };
    index += match[0].length;
  }
  yield { kind: 'end', text: 'the end', index: source.length };
}

function describeUnreadable(source: string, index: number): string {
  if (/["']/.test(source[index])) return 'this quote is never closed';
  return `cannot read "${source.slice(index, index + 10)}"`;
}
