// The little language inside a CTP element: text, and calls such as `@hash(this,16)` or `@if(Modality,equals,"CT"){@keep()}{@remove()}`.

export interface CtpCall {
  /** Lower case, without the @. */
  readonly name: string;
  /** Without the quotes around them. */
  readonly args: readonly string[];
  /** What stands in braces behind it. */
  readonly blocks: readonly string[];
}

export type CtpPart = string | CtpCall;

/** The parts of a text, or undefined when its parentheses, braces or quotes do not match. */
export function parseCtp(source: string): readonly CtpPart[] | undefined {
  const parts: CtpPart[] = [];
  let text = '';
  for (let at = 0; at < source.length;) {
    const name = /^@([A-Za-z]+)\s*\(/.exec(source.slice(at, at + 64));
    if (name === null) {
      text += source[at++];
      continue;
    }
    if (text.trim() !== '') parts.push(text);
    text = '';
    const close = findClose(source, at + name[0].length - 1);
    if (close === -1) return undefined;
    const args = splitArguments(source.slice(at + name[0].length, close));
    at = close + 1;
    const blocks: string[] = [];
    for (let open = nextBrace(source, at); open !== -1; open = nextBrace(source, at)) {
      const end = findClose(source, open);
      if (end === -1) return undefined;
      blocks.push(source.slice(open + 1, end).trim());
      at = end + 1;
    }
    parts.push({ name: name[1].toLowerCase(), args, blocks });
  }
  if (text.trim() !== '') parts.push(text);
  return parts;
}

/** Where the brace of a block opens that follows at once; -1 when none does. */
function nextBrace(source: string, from: number): number {
  let at = from;
  while (/\s/.test(source.charAt(at))) at++;
  return source[at] === '{' ? at : -1;
}

/** Where what opens at `open` closes; brackets inside quotes do not count. -1 when it never does. */
function findClose(source: string, open: number): number {
  const sign = source[open];
  const closing = sign === '(' ? ')' : '}';
  let depth = 0;
  let isQuoted = false;
  for (let at = open; at < source.length; at++) {
    if (source[at] === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (source[at] === sign) depth++;
    else if (source[at] === closing && --depth === 0) return at;
  }
  return -1;
}

function splitArguments(source: string): readonly string[] {
  if (source.trim() === '') return [];
  return [...source.matchAll(/(?:"[^"]*"|[^",])+/g)].map(([part]) => part.trim().replace(/^"([^"]*)"$/, '$1'));
}
