// The identifying values of one instance, gathered while it is walked, with those that earlier instances of the patient carried.
import type { CharacterSet } from '../dicom/character-set.ts';
import { trimPadding } from '../dicom/values.ts';
import { isStandardUid } from '../standard/uids.ts';

import type { Identifies } from './decision.ts';
import type { TextIdentifiers } from './free-text/clean-text.ts';
import { scannerFor } from './residual-scanner.ts';
import type { ResidualScanner } from './residual-scanner.ts';

/** A value as decoded, and what it tells. An original value: never logged. */
export interface IdentifyingValue {
  readonly kind: Identifies;
  readonly text: string;
}

/** A longer value is a text, not an identifier. */
const MAX_BYTES = 1024;

export class Identifiers {
  readonly #uids = new Set<string>();
  /** UIDs that an option or a rule keeps somewhere. */
  readonly #keptUids = new Set<string>();
  readonly #values = new Map<string, IdentifyingValue>();
  /** The patient's own name, as decoded. */
  #patientName: string | undefined;
  #birthDate: string | undefined;
  /** Values that an option or a rule keeps somewhere: finding them again is no leak. */
  readonly #kept = new Set<string>();
  /** Values in a character set that is not declared: what their bytes look like, not what they say. */
  readonly #undecoded = new Set<string>();

  #key: string | undefined;
  #scanner: ResidualScanner | undefined;

  /** @param known what earlier instances told of the same patient */
  constructor(known: readonly IdentifyingValue[] = []) {
    for (const { kind, text } of known) {
      if (kind === 'uid') this.#uids.add(text);
      else this.#remember(kind, text);
    }
  }

  /** Original UIDs of this instance and of those it refers to, where they do not stay. Complete once the walk is. */
  get uids(): ReadonlySet<string> {
    for (const uid of this.#keptUids) this.#uids.delete(uid);
    return this.#uids;
  }

  /** @param isPatient the value is the patient's own name or birth date */
  add(kind: Identifies, bytes: Buffer, vr: string, characterSet: CharacterSet, isPatient = false): void {
    const value = trimPadding(bytes);
    if (value.length === 0 || value.length > MAX_BYTES) return;
    const raw = value.toString('latin1');
    if (kind === 'uid') {
      for (const uid of uidsIn(raw)) this.#uids.add(uid);
      return;
    }
    const short = shorten(kind, raw);
    const decoded = hasOtherThanAscii(value) ? characterSet.decode(value, vr) : short;
    this.#remember(kind, short);
    if (decoded !== short) {
      this.#undecoded.add(keyOf(kind, short));
      this.#remember(kind, decoded);
    }
    if (isPatient && kind === 'name') this.#patientName = decoded;
    // The first is that of the data set itself (walk.ts); an item may be about somebody else.
    if (isPatient && kind === 'date') this.#birthDate ??= decoded;
  }

  /** The value stays somewhere on purpose, so that it is not looked for elsewhere. */
  keep(kind: Identifies, bytes: Buffer, vr: string, characterSet: CharacterSet): void {
    const value = trimPadding(bytes);
    if (value.length === 0 || value.length > MAX_BYTES) return;
    const raw = value.toString('latin1');
    if (kind === 'uid') {
      for (const uid of uidsIn(raw)) this.#keptUids.add(uid);
      return;
    }
    const short = shorten(kind, raw);
    this.#forget();
    this.#kept.add(keyOf(kind, short));
    if (hasOtherThanAscii(value)) this.#kept.add(keyOf(kind, characterSet.decode(value, vr)));
  }

  #remember(kind: Identifies, text: string): void {
    const key = keyOf(kind, text);
    if (this.#values.has(key)) return;
    this.#values.set(key, { kind, text });
    this.#forget();
  }

  /** What was made of the values is made anew when there is another one. */
  #forget(): void {
    this.#key = undefined;
    this.#scanner = undefined;
  }

  /** The patient's birth date, which no option keeps or moves; undefined when it is not known. */
  get birthDate(): string | undefined {
    return this.#birthDate;
  }

  /** What must not be found in what leaves, UIDs aside. */
  values(): readonly IdentifyingValue[] {
    if (this.#kept.size === 0) return [...this.#values.values()];
    return [...this.#values].filter(([key]) => !this.#kept.has(key)).map(([, value]) => value);
  }

  /** The same for two instances exactly when they carry the same values, UIDs aside. */
  key(): string {
    this.#key ??= this.#makeKey();
    return this.#key;
  }

  #makeKey(): string {
    if (this.#kept.size === 0) return [...this.#values.keys()].join('\n');
    return [...this.#values.keys()].filter((key) => !this.#kept.has(key)).join('\n');
  }

  /** Looks for all values but the UIDs, which are told with each question. */
  scanner(): ResidualScanner {
    this.#scanner ??= scannerFor(this.key(), this.values());
    return this.#scanner;
  }

  /** What is taken out of texts. UIDs, which differ from slice to slice, are told by their form. */
  forText(): TextIdentifiers {
    const values = this.values().filter(({ kind, text }) => !this.#undecoded.has(keyOf(kind, text)));
    const of = (wanted: Identifies): string[] =>
      values.filter(({ kind }) => kind === wanted).flatMap(({ text }) => text.split('\\'));
    const names = of('name');
    const own = this.#patientName;
    return {
      names: own === undefined ? names : [own, ...names.filter((name) => name !== own)],
      ids: of('id'),
      dates: of('date'),
      uids: [],
      places: of('phrase'),
    };
  }
}

function keyOf(kind: Identifies, text: string): string {
  return `${kind} ${text}`;
}

/** Times differ from slice to slice; only the day is looked for. */
function shorten(kind: Identifies, raw: string): string {
  return kind === 'date' && !raw.includes('\\') ? raw.slice(0, 10) : raw;
}

function uidsIn(raw: string): readonly string[] {
  const parts = raw.includes('\\') ? raw.split('\\') : [raw];
  return parts.map((part) => part.trim()).filter((uid) => uid !== '' && !isStandardUid(uid));
}

/** True for bytes outside the default repertoire, escape sequences included. */
function hasOtherThanAscii(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] >= 0x80 || bytes[i] === 0x1b) return true;
  return false;
}
