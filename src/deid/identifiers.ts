// The identifying values of one instance, gathered while it is walked.
import type { CharacterSet } from '../dicom/character-set.ts';
import { trimPadding } from '../dicom/values.ts';
import { isStandardUid } from '../standard/uids.ts';

import type { Identifies } from './decision.ts';
import { scannerFor } from './residual-scanner.ts';
import type { ResidualScanner } from './residual-scanner.ts';

/** A longer value is a text, not an identifier. */
const MAX_BYTES = 1024;

export class Identifiers {
  /** Original UIDs of this instance and of those it refers to. */
  readonly uids = new Set<string>();
  readonly #values: { kind: Identifies; text: string }[] = [];
  readonly #keys = new Set<string>();

  add(kind: Identifies, bytes: Buffer, vr: string, characterSet: CharacterSet): void {
    const value = trimPadding(bytes);
    if (value.length === 0 || value.length > MAX_BYTES) return;
    const raw = value.toString('latin1');
    if (kind === 'uid') {
      for (const part of raw.includes('\\') ? raw.split('\\') : [raw]) {
        const uid = part.trim();
        if (uid !== '' && !isStandardUid(uid)) this.uids.add(uid);
      }
      return;
    }
    // Times differ from slice to slice; only the day is looked for.
    this.#remember(kind, kind === 'date' && !raw.includes('\\') ? raw.slice(0, 10) : raw);
    if (hasOtherThanAscii(value)) this.#remember(kind, characterSet.decode(value, vr));
  }

  #remember(kind: Identifies, text: string): void {
    const key = `${kind} ${text}`;
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#values.push({ kind, text });
  }

  /** Looks for all values but the UIDs, which are told with each question. */
  scanner(): ResidualScanner {
    return scannerFor([...this.#keys].join('\n'), this.#values);
  }
}

/** True for bytes outside the default repertoire, escape sequences included. */
function hasOtherThanAscii(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] >= 0x80 || bytes[i] === 0x1b) return true;
  return false;
}
