// An invented patient, the judge that an instance of hers gives, and what may not be found in any clean document.
import { expect } from 'vitest';

import type { TextJudge } from '../../../../src/core/text-judge.ts';
import { CharacterSet } from '../../../../src/dicom/character-set.ts';
import { Identifiers } from '../../../../src/deid/identifiers.ts';
import { textJudgeFor } from '../../../../src/deid/text-judge.ts';
import type { ContextualJob } from '../../../../src/documents/context.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../../../../src/documents/document.ts';
import type { CleanDocument } from '../../../../src/documents/document.ts';

const UTF_8 = CharacterSet.of(['ISO_IR 192']);

/**
 * What the data set around a document tells.
 * @param shiftDays null takes dates out
 */
export function judgeOf(shiftDays: number | null = -10, name = 'Quimbleton^Josephine^Maria'): TextJudge {
  const identifiers = new Identifiers();
  const add = (kind: 'name' | 'id' | 'phrase' | 'date', text: string, vr: string, isPatient = false): void => {
    identifiers.add(kind, Buffer.from(text), vr, UTF_8, isPatient);
  };
  add('name', name, 'PN', true);
  add('name', 'Okonkwonsen^Adaezebeth', 'PN');
  add('id', 'MRQ-4711082', 'LO');
  add('id', 'ACQ55128', 'SH');
  add('date', '19580217', 'DA', true);
  add('date', '20200310', 'DA');
  add('phrase', 'Taunusblickheim Clinic', 'LO');
  add('phrase', 'Hirschgrabenallee 23', 'LO');
  return textJudgeFor(identifiers, shiftDays ?? undefined);
}

export const PLANTED: readonly string[] = [
  ...['quimbleton', 'josephine', 'okonkwonsen', 'adaezebeth', 'mrq-4711082', 'mrq4711082', '4711082', 'acq55128'],
  ...['taunusblickheim', 'hirschgrabenallee', '19580217', '1958-02-17', '17.02.1958', '20200310', '2020-03-10'],
];

export type JobChange = Partial<ContextualJob> & { readonly hasUids?: boolean };

export function jobOf(bytes: Buffer | string, { hasUids = true, ...change }: JobChange = {}): ContextualJob {
  const replaceUid = (uid: string): string =>
    `2.25.${Buffer.from(uid).reduce((sum, byte) => (sum * 31 + byte) % 1_000_000_007, 7)}`;
  return {
    bytes: Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes),
    judge: judgeOf(),
    pictures: undefined,
    limits: DEFAULT_DOCUMENT_LIMITS,
    keepsCharacteristics: true,
    ...(hasUids ? { replaceUid } : {}),
    ...change,
  };
}

/** No byte of it tells who it was: as UTF-8, as UTF-16, in any case, with markup and control words left out or not. */
export function expectNothingPlanted({ bytes }: CleanDocument, planted: readonly string[] = PLANTED): void {
  const readings = [bytes.toString('utf8'), bytes.toString('utf16le'), bytes.subarray(1).toString('utf16le')];
  const plain = bytes
    .toString('utf8')
    .replace(/<[^>]*>/g, '')
    .replace(/\\u(-?\d+)\?/g, (_, unit: string) => String.fromCharCode((Number(unit) + 0x10000) % 0x10000))
    .replace(/\\[a-z]+-?\d* ?|[{}]/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
  for (const reading of [...readings, plain]) {
    const folded = reading.toLowerCase();
    for (const value of planted) expect(folded.includes(value), `planted value ${value}`).toBe(false);
  }
}

/** The share of these words that the text still has. */
export function shareOfWords(text: string, words: readonly string[]): number {
  return words.filter((word) => text.includes(word)).length / words.length;
}

export const HARMLESS =
  'There is a spiculated nodule of 14 mm in the right upper lobe with pleural retraction and no enlarged lymph nodes. ' +
  'The heart is of normal size. No pericardial effusion. Degenerative changes of the thoracic spine. ' +
  'Impression: suspicious nodule, biopsy is recommended after discussion in the tumor board.';
