// Whether a text that a machine read from a picture may be a known value: letters are mistaken for others, words are cut or joined.
import { foldWord } from './free-text/fold.ts';
import { flagsOf, PLACEHOLDER } from './free-text/lexicon.ts';
import { NameIndex } from './free-text/name-index.ts';
import type { TextIdentifiers } from './free-text/clean-text.ts';

/** Characters that readers take for each other, by the one that stands for all of them. */
const CONFUSED: Readonly<Record<string, string>> = {
  o: '0',
  q: '0',
  i: '1',
  l: '1',
  j: '1',
  '|': '1',
  '!': '1',
  ']': '1',
  '[': '1',
  z: '2',
  s: '5',
  $: '5',
  g: '6',
  b: '8',
};
/** Two letters that look like one. */
const JOINED: readonly (readonly [RegExp, string])[] = [
  [/rn|nn|rri/g, 'm'],
  [/vv/g, 'w'],
  [/cl/g, 'd'],
];
const PIECE = /[\p{L}\p{N}|!$[\]]+/gu;
const SHORTEST = 2;
/** From here on letters may be wrong. */
const SHORTEST_TOLERANT = 4;
/** From here on a value is looked for across gaps, too. */
const SHORTEST_ACROSS = 6;
/** A beginning or an end of a value counts from here on. */
const SHORTEST_CUT = 4;
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

interface KnownValue {
  readonly shape: string;
  /** Numbers have no redundancy: one wrong digit is another number unless there are many. */
  readonly isNumber: boolean;
  /** A part of it tells it: the end of a name, not the year of a date. */
  readonly mayBeCut: boolean;
}

/** The values of one patient, as shapes that do not tell apart what readers confuse. */
export class KnownReadings {
  readonly #values = new Map<string, KnownValue>();

  constructor({ names, ids, dates, places, known }: TextIdentifiers) {
    for (const name of [...names, ...(known ?? [])]) this.#addName(name);
    const index = new NameIndex();
    for (const place of places) index.addPlace(place);
    for (const [word, { sort }] of index.words) if (sort === 'distinct') this.#add(word, true);
    for (const id of [...ids, ...(known ?? [])]) for (const value of id.split('\\')) this.#addId(value);
    for (const place of places) if (/\d{4}/.test(place)) this.#addId(place);
    for (const date of [...dates, ...(known ?? [])]) this.#addDates(date);
  }

  /** Linear in the reading for a given patient. */
  mayHold(reading: string): boolean {
    const pieces = (foldWord(reading).match(PIECE) ?? []).map(shapeOf);
    const joined = pieces.join('');
    for (const value of this.#values.values()) {
      if (pieces.some((piece) => isPieceOf(piece, value))) return true;
      if (value.shape.length >= SHORTEST_ACROSS && holdsAlmost(joined, value.shape, toleranceOf(value))) return true;
    }
    return false;
  }

  #addName(name: string): void {
    const index = new NameIndex();
    index.addName(name);
    for (const part of index.parts.flat()) this.#add(part, true);
  }

  #addId(id: string): void {
    const plain = foldWord(id).replace(/[^\p{L}\p{N}]/gu, '');
    if (plain.length > SHORTEST && !/^(.)\1*$/u.test(plain)) this.#add(plain, true);
    // A number is written with and without its zeros in front.
    const short = plain.replace(/^0+/, '');
    if (short.length >= SHORTEST_CUT) this.#add(short, true);
  }

  #addDates(value: string): void {
    for (const [, year, , month, day] of value.matchAll(/(?<!\d)(\d{4})([-./]?)(\d\d)\2(\d\d)/g)) {
      const short = year.slice(2);
      const name = MONTHS[Number(month) - 1] ?? '';
      const plainDay = String(Number(day));
      for (const spelt of [
        year + month + day,
        day + month + year,
        month + day + year,
        short + month + day,
        day + month + short,
        month + day + short,
        `${Number(month)}${plainDay}${year}`,
        `${plainDay}${Number(month)}${year}`,
        ...(name === '' ? [] : [`${plainDay}${name}${year}`, `${name}${plainDay}${year}`, `${year}${name}${plainDay}`]),
        ...(name === '' ? [] : [`${day}${name}${short}`, `${day}${name}${year}`, `${name}${day}${year}`]),
      ])
        this.#add(spelt, false);
    }
  }

  #add(value: string, mayBeCut: boolean): void {
    if (value.length < SHORTEST || (flagsOf(value) & PLACEHOLDER) !== 0) return;
    const shape = shapeOf(value);
    const before = this.#values.get(shape);
    this.#values.set(shape, {
      shape,
      isNumber: /^\d+$/.test(value) && before?.isNumber !== false,
      mayBeCut: mayBeCut || before?.mayBeCut === true,
    });
  }
}

function shapeOf(folded: string): string {
  let text = folded;
  for (const [letters, letter] of JOINED) text = text.replace(letters, letter);
  let shape = '';
  for (const char of text) shape += CONFUSED[char] ?? char;
  return shape;
}

function toleranceOf({ shape, isNumber }: KnownValue): number {
  if (shape.length < (isNumber ? SHORTEST_ACROSS : SHORTEST_TOLERANT)) return 0;
  return Math.min(3, Math.floor(shape.length / 4));
}

/** A word of the reading that is the value, almost, or what a border of the picture left of it. */
function isPieceOf(piece: string, value: KnownValue): boolean {
  const { shape, mayBeCut } = value;
  if (piece === shape) return true;
  const tolerance = toleranceOf(value);
  if (tolerance > 0 && Math.abs(piece.length - shape.length) <= tolerance && isAlmost(piece, shape, tolerance))
    return true;
  if (!mayBeCut || piece.length < SHORTEST_CUT || piece.length >= shape.length) return false;
  return shape.startsWith(piece) || shape.endsWith(piece);
}

function isAlmost(one: string, other: string, tolerance: number): boolean {
  return distances(one, other, false) <= tolerance;
}

/** True when some stretch of the text differs from the value in at most `tolerance` characters. */
function holdsAlmost(text: string, value: string, tolerance: number): boolean {
  if (text.length + tolerance < value.length) return false;
  if (tolerance === 0) return text.includes(value);
  return distances(value, text, true) <= tolerance;
}

/** Edit distance of `value` to `text`, or to the stretch of `text` that is most like it (Sellers). */
function distances(value: string, text: string, isAnywhere: boolean): number {
  let above = new Int32Array(text.length + 1);
  let row = new Int32Array(text.length + 1);
  if (!isAnywhere) for (let at = 0; at <= text.length; at++) above[at] = at;
  for (let of = 1; of <= value.length; of++) {
    row[0] = of;
    const unit = value.charCodeAt(of - 1);
    for (let at = 1; at <= text.length; at++) {
      const replaced = above[at - 1] + (unit === text.charCodeAt(at - 1) ? 0 : 1);
      row[at] = Math.min(replaced, above[at] + 1, row[at - 1] + 1);
    }
    [above, row] = [row, above];
  }
  return isAnywhere ? above.reduce((least, distance) => Math.min(least, distance), value.length) : above[text.length];
}
