// Regular expressions for `matches`, run in time linear in the text: all states are followed at once (Thompson's construction),
// so that no profile can make an instance take seconds. Without back references and look-around, which need more than that.
import { parsePattern, PatternError } from './pattern-parser.ts';
import type { PatternNode, Ranges } from './pattern-parser.ts';

type Instruction =
  | { readonly op: 'character'; readonly ranges: Ranges; readonly isNegated: boolean }
  | { readonly op: 'start' | 'end' | 'match' }
  /** Goes on at both. */
  | { readonly op: 'split'; readonly to: readonly [number, number] }
  | { readonly op: 'jump'; readonly to: number };

const MAX_INSTRUCTIONS = 2000;

/** A compiled expression: `. [a-z] [^…] \d \w \s ^ $ ( ) (?: ) | * + ? {m,n}`, and `(?i)` in front for ASCII letters of either case. */
export class Pattern {
  readonly source: string;
  readonly #program: readonly Instruction[];

  /** @throws PatternError */
  constructor(source: string) {
    this.source = source;
    this.#program = compile(parsePattern(source));
  }

  /** Whether the expression matches anywhere in the text. */
  test(text: string): boolean {
    const program = this.#program;
    let states = new States(program);
    let next = new States(program);
    for (let at = 0; ;) {
      const isEnd = at >= text.length;
      // A match may begin at every place.
      if (states.follow(0, at === 0, isEnd)) return true;
      if (isEnd) return false;
      const point = text.codePointAt(at) ?? 0;
      at += point > 0xffff ? 2 : 1;
      next.clear();
      for (const index of states.list) {
        const instruction = program[index];
        if (instruction.op !== 'character' || isIn(instruction.ranges, point) === instruction.isNegated) continue;
        if (next.follow(index + 1, false, at >= text.length)) return true;
      }
      [states, next] = [next, states];
    }
  }

  /** For the digest of a profile. */
  toJSON(): string {
    return this.source;
  }
}

/** The instructions that are waiting for a character, each once. */
class States {
  readonly list: number[] = [];
  readonly #program: readonly Instruction[];
  readonly #seen: Uint8Array;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#seen = new Uint8Array(program.length);
  }

  clear(): void {
    this.list.length = 0;
    this.#seen.fill(0);
  }

  /** Adds what can be reached from an instruction without a character; true when that is a match. */
  follow(from: number, isStart: boolean, isEnd: boolean): boolean {
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#seen[index] === 1) continue;
      this.#seen[index] = 1;
      const instruction = this.#program[index];
      switch (instruction.op) {
        case 'match':
          return true;
        case 'character':
          this.list.push(index);
          break;
        case 'split':
          open.push(...instruction.to);
          break;
        case 'jump':
          open.push(instruction.to);
          break;
        case 'start':
          if (isStart) open.push(index + 1);
          break;
        case 'end':
          if (isEnd) open.push(index + 1);
      }
    }
    return false;
  }
}

function isIn(ranges: Ranges, point: number): boolean {
  for (const [from, to] of ranges) if (point >= from && point <= to) return true;
  return false;
}

function compile(node: PatternNode): readonly Instruction[] {
  const program: Instruction[] = [];
  emit(node, program);
  program.push({ op: 'match' });
  return program;
}

function push(program: Instruction[], instruction: Instruction): number {
  if (program.length >= MAX_INSTRUCTIONS) throw new PatternError(0, 'the expression is too large; use smaller counts');
  return program.push(instruction) - 1;
}

function emit(node: PatternNode, program: Instruction[]): void {
  switch (node.kind) {
    case 'character':
      push(program, { op: 'character', ranges: node.ranges, isNegated: node.isNegated });
      return;
    case 'start':
    case 'end':
      push(program, { op: node.kind });
      return;
    case 'sequence':
      for (const part of node.parts) emit(part, program);
      return;
    case 'either':
      emitEither(node.parts, program);
      return;
    case 'repeat':
      emitRepeat(node, program);
  }
}

function emitEither([first, ...others]: readonly PatternNode[], program: Instruction[]): void {
  if (others.length === 0) {
    emit(first, program);
    return;
  }
  const split = push(program, { op: 'match' });
  emit(first, program);
  const jump = push(program, { op: 'match' });
  program[split] = { op: 'split', to: [split + 1, program.length] };
  emitEither(others, program);
  program[jump] = { op: 'jump', to: program.length };
}

function emitRepeat({ part, min, max }: Extract<PatternNode, { kind: 'repeat' }>, program: Instruction[]): void {
  for (let i = 0; i < min; i++) {
    const before = program.length;
    emit(part, program);
    // Nothing, repeated, is nothing.
    if (program.length === before) return;
  }
  if (max === Infinity) {
    const split = push(program, { op: 'match' });
    emit(part, program);
    push(program, { op: 'jump', to: split });
    program[split] = { op: 'split', to: [split + 1, program.length] };
    return;
  }
  const splits: number[] = [];
  for (let i = min; i < max; i++) {
    splits.push(push(program, { op: 'match' }));
    emit(part, program);
  }
  for (const split of splits) program[split] = { op: 'split', to: [split + 1, program.length] };
}
