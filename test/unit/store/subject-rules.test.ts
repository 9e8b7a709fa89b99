import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { normalisePatient, patientKeyOf, shiftKeyOf } from '../../../src/store/patient-key.ts';
import { parseSubjectTemplate, subjectNameOf } from '../../../src/store/subject-template.ts';

const IDENTITY = { patientId: 'MRN1', issuer: 'HOSP', name: 'Doe^Jane', birthDate: '19600101' };

describe('a patient', () => {
  it('is the same for every way of writing the same identity', () => {
    const key = normalisePatient(IDENTITY);
    expect(normalisePatient({ ...IDENTITY, patientId: ' MRN1  ', issuer: 'HOSP ' })).toBe(key);
    expect(normalisePatient({ ...IDENTITY, name: 'other', birthDate: '' })).toBe(key);
    expect(normalisePatient({ ...IDENTITY, patientId: 'Zoe\u0308' })).toBe(
      normalisePatient({ ...IDENTITY, patientId: 'Zoë' }),
    );
  });

  it('is another with another id, case of id or issuer', () => {
    const keys = [
      IDENTITY,
      { ...IDENTITY, patientId: 'MRN2' },
      { ...IDENTITY, patientId: 'mrn1' },
      { ...IDENTITY, issuer: '' },
      { ...IDENTITY, patientId: '' },
      { ...IDENTITY, patientId: '', issuer: '' },
    ].map(normalisePatient);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('without id is known by name, whatever its case and empty components, and birth date', () => {
    const nameless = { ...IDENTITY, patientId: ' ' };
    expect(normalisePatient({ ...nameless, name: 'DOE^jane^^^ ' })).toBe(normalisePatient(nameless));
    expect(normalisePatient({ ...nameless, name: 'Doe^Jane==' })).toBe(normalisePatient(nameless));
    expect(normalisePatient({ ...nameless, birthDate: '' })).not.toBe(normalisePatient(nameless));
  });

  it('has another key in another project, and the key tells nothing of the id', () => {
    const [one, two] = [1, 2].map((byte) => new ProjectKeys(Buffer.alloc(32, byte)));
    const patient = normalisePatient(IDENTITY);
    expect(patientKeyOf(one, patient)).not.toBe(patientKeyOf(two, patient));
    expect(patientKeyOf(one, patient)).toMatch(/^[0-9A-Z]{32}$/);
  });

  it('is moved by the same days with its issuer and without', () => {
    const keys = new ProjectKeys(Buffer.alloc(32, 1));
    const shift = shiftKeyOf(keys, IDENTITY);
    expect(shiftKeyOf(keys, { ...IDENTITY, issuer: '' })).toBe(shift);
    expect(shiftKeyOf(keys, { ...IDENTITY, patientId: 'MRN2' })).not.toBe(shift);
  });

  it('never shares a key with one whose parts are cut elsewhere', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        const one = { ...IDENTITY, patientId: `x${a}${b}`, issuer: c };
        const two = { ...IDENTITY, patientId: `x${a}`, issuer: `${b}${c}` };
        fc.pre(one.patientId.trim() !== two.patientId.trim() && !/\n/.test(a + b + c));
        expect(normalisePatient(one)).not.toBe(normalisePatient(two));
      }),
    );
  });
});

describe('a subject template', () => {
  it('pads a sequence and lets it grow', () => {
    const template = parseSubjectTemplate('LUNG-{sequence:4}-A');
    expect(template).toMatchObject({ kind: 'sequence' });
    if (template.kind !== 'sequence') return;
    expect(template.idOf(42)).toBe('LUNG-0042-A');
    expect(template.idOf(123_456)).toBe('LUNG-123456-A');
  });

  it('places a hash', () => {
    const template = parseSubjectTemplate('{hash:8}');
    expect(template).toMatchObject({ kind: 'hash', chars: 8 });
    if (template.kind === 'hash') expect(template.idOf('ABCDEFGH')).toBe('ABCDEFGH');
  });

  it.each(['', 'ANON', '{sequence}', '{sequence:0}', '{hash:0}', '{hash:52}', '{id:4}'])('refuses %j', (template) => {
    expect(() => parseSubjectTemplate(template)).toThrow(expect.objectContaining({ code: 'profile-invalid' }) as Error);
  });

  it('puts the id into the name as it is', () => {
    expect(subjectNameOf('Subject^{id} ({id})', '$&1')).toBe('Subject^$&1 ($&1)');
  });
});
