// Texts of an instance: values of a list, character sets, what cannot be written, and that the same values share a cleaner.
import { describe, expect, it } from 'vitest';

import { Identifiers } from '../../../src/deid/identifiers.ts';
import { textCleaningFor } from '../../../src/deid/text-cleaning.ts';
import { CharacterSet, DEFAULT_CHARACTER_SET } from '../../../src/dicom/character-set.ts';

function identifiersOf(name: string): Identifiers {
  const identifiers = new Identifiers();
  identifiers.add('name', Buffer.from(name), 'PN', DEFAULT_CHARACTER_SET, true);
  return identifiers;
}

const CLEANING = textCleaningFor(identifiersOf('Quimby^Josephine'), undefined);

describe('cleaning a value', () => {
  it('gives the very text back when nothing in it identifies, padding aside', () => {
    expect(CLEANING.clean('CT CHEST ', 'LO', DEFAULT_CHARACTER_SET)).toEqual({ kind: 'same', text: 'CT CHEST' });
  });

  it('cleans value by value and keeps their number', () => {
    expect(CLEANING.clean('Head\\Quimby\\Neck', 'LO', DEFAULT_CHARACTER_SET)).toMatchObject({ text: 'Head\\\\Neck' });
  });

  it('reads a backslash in ST, LT and UT as a character', () => {
    expect(CLEANING.clean('Head\\Neck', 'LT', DEFAULT_CHARACTER_SET)).toEqual({ kind: 'same', text: 'Head\\Neck' });
  });

  it('says when nothing is left', () => {
    expect(CLEANING.clean('Josephine Quimby', 'LO', DEFAULT_CHARACTER_SET)).toEqual({ kind: 'nothing' });
    expect(CLEANING.clean('Quimby\\Josephine', 'LO', DEFAULT_CHARACTER_SET)).toEqual({ kind: 'nothing' });
  });

  it('writes in the character set that it read', () => {
    const greek = CharacterSet.of(['ISO_IR 126']);
    const raw = greek.encode('Κεφάλι Quimby', 'LO')?.toString('latin1') ?? '';
    expect(CLEANING.clean(raw, 'LO', greek)).toEqual({
      kind: 'changed',
      text: 'Κεφάλι',
      value: greek.encode('Κεφάλι', 'LO'),
    });
    expect(CLEANING.clean(raw, 'LO', DEFAULT_CHARACTER_SET)).not.toMatchObject({ text: 'Κεφάλι' });
  });

  it('gives up a value whose moved date would not fit its VR', () => {
    const shifting = textCleaningFor(identifiersOf('A^B'), 130);
    const cleaned = shifting.clean('5 May 2021 scan1', 'SH', DEFAULT_CHARACTER_SET);
    expect(cleaned.kind === 'nothing' || (cleaned.text.length <= 16 && !cleaned.text.includes('May'))).toBe(true);
  });
});

describe('a birth date', () => {
  const born = identifiersOf('Quimby^Josephine');
  born.add('date', Buffer.from('19610704'), 'DA', DEFAULT_CHARACTER_SET, true);

  it.each(['born 4 July 1961', 'DOB 04.07.1961', 'DOB 1961-07-04', 'born 19610704'])(
    'is neither kept nor moved where other dates are: %s',
    (text) => {
      for (const shiftDays of [0, -20, -300]) {
        const cleaned = textCleaningFor(born, shiftDays).clean(`CHEST ${text}`, 'LT', DEFAULT_CHARACTER_SET);
        expect(cleaned.kind === 'nothing' ? '' : cleaned.text).not.toMatch(/\d{2}/);
      }
    },
  );

  it('leaves other dates of the series to their option', () => {
    expect(textCleaningFor(born, -20).clean('CT 2020-03-25', 'LT', DEFAULT_CHARACTER_SET)).toMatchObject({
      text: 'CT 2020-03-05',
    });
  });
});

describe('a cleaner', () => {
  it('is shared by instances that carry the same values, and by no others', () => {
    expect(textCleaningFor(identifiersOf('Quimby^Josephine'), undefined)).toBe(CLEANING);
    expect(textCleaningFor(identifiersOf('Quimby^Josephine'), -3)).not.toBe(CLEANING);
    expect(textCleaningFor(identifiersOf('Quimby^Jo'), undefined)).not.toBe(CLEANING);
  });

  it('takes out what earlier instances of the patient carried', () => {
    const known = new Identifiers([{ kind: 'name', text: 'Maiden^Josephine' }]);
    const cleaned = textCleaningFor(known, undefined).clean('CHEST Maiden, Josephine', 'LO', DEFAULT_CHARACTER_SET);
    expect(cleaned).toMatchObject({ text: 'CHEST' });
  });
});
