// Two texts as one: what stayed, what is gone, what came in its place.

export interface TextChange {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Words, and what stands between them. */
const PIECE = /[\p{L}\p{M}\p{N}]+|\s+|[^\p{L}\p{M}\p{N}\s]/gu;
/** Pieces ahead within which both texts are brought together again. */
const REACH = 400;
/** So many pieces in a row that are alike are no chance. */
const SURE = 4;

/** In order; joined without `new` they are `before`, without `gone` they are `after`. Linear in the texts, at most REACH² a difference. */
export function changesBetween(before: string, after: string): readonly TextChange[] {
  const from = before.match(PIECE) ?? [];
  const to = after.match(PIECE) ?? [];
  const changes: { kind: TextChange['kind']; parts: string[] }[] = [];
  const add = (kind: TextChange['kind'], parts: readonly string[]): void => {
    if (parts.length === 0) return;
    const last = changes.at(-1);
    if (last?.kind === kind) for (const part of parts) last.parts.push(part);
    else changes.push({ kind, parts: [...parts] });
  };
  let [i, j] = [0, 0];
  while (i < from.length && j < to.length) {
    if (from[i] === to[j]) {
      add('same', [from[i++]]);
      j++;
      continue;
    }
    const [gone, come] = meeting(from, to, i, j);
    add('gone', from.slice(i, i + gone));
    add('new', to.slice(j, j + come));
    i += gone;
    j += come;
  }
  add('gone', from.slice(i));
  add('new', to.slice(j));
  return changes.map(({ kind, parts }) => ({ kind, text: parts.join('') }));
}

/** How many pieces of each to pass over until both go on alike, the fewest together; all within reach when they do not. */
function meeting(
  from: readonly string[],
  to: readonly string[],
  i: number,
  j: number,
): readonly [gone: number, come: number] {
  for (let sum = 1; sum <= REACH; sum++)
    for (let come = 0; come <= sum; come++) if (isAlike(from, to, i + sum - come, j + come)) return [sum - come, come];
  return [Math.min(REACH, from.length - i), Math.min(REACH, to.length - j)];
}

function isAlike(from: readonly string[], to: readonly string[], i: number, j: number): boolean {
  if (i > from.length || j > to.length) return false;
  // Both texts may end before, and only together.
  const pieces = Math.min(SURE, Math.max(from.length - i, to.length - j));
  for (let at = 0; at < pieces; at++) if (from[i + at] !== to[j + at]) return false;
  return true;
}
