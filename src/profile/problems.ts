// What is wrong in a profile file, each with its place, collected so that an author sees everything at once.
import type { LineCounter } from 'yaml';

import { LetheError } from '../core/errors.ts';
import { nearest } from '../core/text.ts';

/** Anything of a YAML document that knows where it stands. */
export interface Placed {
  readonly range?: readonly [number, number, number] | null | undefined;
}

/** Collects problems while a file is read; nothing is thrown before the end. */
export class Problems {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #found: { offset: number; text: string }[] = [];

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  get count(): number {
    return this.#found.length;
  }

  /** @param text what is wrong, then what to write instead */
  add(at: Placed | number, text: string): void {
    this.#found.push({ offset: typeof at === 'number' ? at : (at.range?.[0] ?? 0), text });
  }

  /** `file:line` of a node, for receipts. */
  placeOf(at: Placed): string {
    return `${this.#file}:${this.#lines.linePos(at.range?.[0] ?? 0).line}`;
  }

  /** Throws `profile-invalid` with one line per problem, in the order of the file, when there is any. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const lines = this.#found
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, text }) => {
        const { line, col } = this.#lines.linePos(offset);
        return `${this.#file}:${line}:${col}: ${text}`;
      });
    throw new LetheError('profile-invalid', lines.join('\n'));
  }
}

/** `; did you mean "x"?`, or what may be written when nothing is near. */
export function suggest(word: string, candidates: Iterable<string>, otherwise: string): string {
  const near = nearest(word, candidates);
  return near === undefined ? `; ${otherwise}` : `; did you mean "${near}"?`;
}
