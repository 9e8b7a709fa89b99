// Who an instance is about.
import { describe, expect, it } from 'vitest';

import { readIdentity } from '../../../src/deid/identity.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';

import { ctSlice, parse } from './support/instances.ts';

function identityOf(instance: DataSetBuilder): ReturnType<typeof readIdentity> {
  return readIdentity(parse(instance.toBytes()));
}

describe('the identity of a patient', () => {
  it('is refused when an identifying attribute stands there twice with different values', () => {
    const second = new DataSetBuilder().put('PatientID', 'LO', 'OTHER').toBytes();
    const twice = ctSlice().bytes(0x00100021, second);
    expect(() => identityOf(twice)).toThrow(expect.objectContaining({ reason: 'mixed-patients' }));
    const same = new DataSetBuilder().put('PatientID', 'LO', 'MRN-4711').toBytes();
    expect(identityOf(ctSlice().bytes(0x00100021, same)).patientId).toBe('MRN-4711');
  });

  it('is refused when there is nothing to go by', () => {
    const nothing = new DataSetBuilder().putAll({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', Modality: 'CT' });
    expect(() => identityOf(nothing)).toThrow(expect.objectContaining({ reason: 'no-patient-id' }));
    expect(() => identityOf(new DataSetBuilder().put('Modality', 'CS', 'CT'))).toThrow(
      expect.objectContaining({ reason: 'uid-mismatch' }),
    );
  });

  it('is refused when the character set is not defined', () => {
    const odd = ctSlice()
      .put('PatientID', 'LO', 'X')
      .bytes('SpecificCharacterSet', Buffer.from('0800050043530600', 'hex'));
    const bytes = Buffer.concat([odd.toBytes().subarray(0, 8), Buffer.from('KLINGN'), odd.toBytes().subarray(8)]);
    expect(() => readIdentity(parse(bytes))).toThrow(expect.objectContaining({ reason: 'unknown-character-set' }));
  });

  it('is read in the character set of the instance, without padding and empty components', () => {
    const instance = ctSlice().putAll({
      SpecificCharacterSet: 'ISO_IR 100',
      PatientName: 'Müller^Änne^^^',
      PatientID: ' 12 ',
      IssuerOfPatientID: 'HOSPITAL',
      PatientBirthDate: '1970.01.02',
    });
    expect(identityOf(instance)).toEqual({
      patientId: '12',
      issuer: 'HOSPITAL',
      name: 'Müller^Änne',
      birthDate: '19700102',
    });
  });

  it('falls back to the study, then to the instance', () => {
    const anonymous = ctSlice().putAll({ PatientID: '', PatientName: '^^' });
    expect(identityOf(anonymous).patientId).toBe('1.2.999.1');
    expect(identityOf(anonymous.remove('StudyInstanceUID')).patientId).toBe('1.2.999.1.1.1');
    expect(identityOf(ctSlice().remove('PatientID'))).toMatchObject({ patientId: '', name: 'Quimby^Josephine' });
  });
});
