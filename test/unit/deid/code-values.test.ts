// Names of an instance among its codes: terms of the standard stay, whatever the patient is called; anything else that is a name goes.
import { describe, expect, it } from 'vitest';

import { checkResidue } from '../../../src/deid/residue-check.ts';
import { DEFAULT_CHARACTER_SET } from '../../../src/dicom/character-set.ts';
import { splice } from '../../../src/dicom/writer.ts';
import { Identifiers } from '../../../src/deid/identifiers.ts';
import { basicProfile } from '../../../src/profile/compiled.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';

import { clean, ctSlice, parse, SUBJECT, textAt } from './support/instances.ts';

describe('a name of the instance among its codes', () => {
  const named = (name: string): DataSetBuilder => ctSlice().putAll({ PatientName: name });

  it.each([
    ["O'BRIEN^MARK", 'OBRIEN'],
    ["O'BRIEN^MARK", "O'BRIEN"],
    ["O'BRIEN^MARK", 'O_BRIEN'],
    ["O'BRIEN^MARK", 'OBRIENMARK'],
    ["O'BRIEN^MARK", 'MARKOBRIEN_1'],
    ["O'BRIEN^MARK", 'OBRIEN^KNEE'],
    ["O'BRIEN^MARK", 'CHEST_OBRIEN'],
    ['Quimby^Josephine', 'quimby'],
    ['Smith-Jones^Ann', 'SMITHJONES'],
    ['KIM^SOO', 'KIM'],
    ['WILSON^ANN', 'WILSON'],
    ['WILSON^ANN', 'KNEE_WILSON'],
  ])('of %s goes: %s', async (name, code) => {
    const { bytes, dataSet } = await clean(
      named(name)
        .putAll({ BodyPartExamined: code, ScanOptions: ['HELICAL MODE', code, 'FS'] })
        .put('AcquisitionNumber', 'IS', code)
        .put('NetworkID', 'AE', code)
        .sequence('AnatomicRegionSequence', [
          new DataSetBuilder().putAll({ Laterality: code, CodeValue: code, CodingSchemeDesignator: '99X' }),
        ]),
    );
    expect(bytes.toString('latin1')).not.toContain(code);
    expect(textAt(dataSet, 'BodyPartExamined')).toBeUndefined();
    expect(textAt(dataSet, 'ScanOptions')).toBe('HELICAL MODE\\DEIDENTIFIED\\FS');
  });

  it.each(['Müller^Jörg', 'Mu\u0308ller^Jo\u0308rg'])('is found in ASCII: %s', async (name) => {
    const instance = named(name).putAll({
      SpecificCharacterSet: 'ISO_IR 192',
      ScanOptions: ['MULLER', 'MUELLER', 'FS'],
    });
    const { dataSet } = await clean(instance);
    expect(textAt(dataSet, 'ScanOptions')).toBe('DEIDENTIFIED\\DEIDENTIFIED\\FS');
  });

  it('leaves the other value where the attribute has one by the dictionary', async () => {
    const { dataSet } = await clean(named("O'BRIEN^MARK").putAll({ BodyPartExamined: ['CHEST', "O'BRIEN"] }));
    expect(textAt(dataSet, 'BodyPartExamined')).toBe('CHEST');
  });

  it('is that of staff and relatives, too', async () => {
    const { dataSet } = await clean(
      ctSlice().putAll({
        OperatorsName: 'Park^Min',
        ScanOptions: ['FS', 'PARKMIN'],
        ImageType: ['ORIGINAL', 'PRIMARY', 'PARK'],
      }),
    );
    expect(textAt(dataSet, 'ScanOptions')).toBe('FS\\DEIDENTIFIED');
    expect(textAt(dataSet, 'ImageType')).toBe('ORIGINAL\\PRIMARY\\DEIDENTIFIED');
  });

  it('stays where it is a term of the standard for that attribute, and nowhere else', async () => {
    const { dataSet } = await clean(
      named('TEXT^KNEE')
        .putAll({ BodyPartExamined: 'KNEE', ScanOptions: ['FS', 'KNEE'] })
        .sequence('AnatomicRegionSequence', [
          new DataSetBuilder().putAll({ ValueType: 'TEXT', BodyPartExamined: 'Knee' }),
        ]),
    );
    expect(textAt(dataSet, 'BodyPartExamined')).toBe('KNEE');
    expect(textAt(dataSet, 'ScanOptions')).toBe('FS\\KNEE');
    const ulna = await clean(named('ZYGOMA^X').putAll({ BodyPartExamined: 'ZYGOMA', ScanOptions: ['FS', 'ZYGOMA'] }));
    expect(textAt(ulna.dataSet, 'BodyPartExamined')).toBe('ZYGOMA');
    expect(textAt(ulna.dataSet, 'ScanOptions')).toBe('FS\\DEIDENTIFIED');
  });

  it('is no part of a longer code when it is a word', async () => {
    const { dataSet } = await clean(
      named('CHEST^MODE').putAll({ BodyPartExamined: 'CHEST', ScanOptions: ['HELICAL MODE', 'PAR'] }),
    );
    expect(textAt(dataSet, 'ScanOptions')).toBe('HELICAL MODE\\PAR');
    expect(textAt(dataSet, 'BodyPartExamined')).toBe('CHEST');
  });

  it('of two letters is a code like any other', async () => {
    const { dataSet } = await clean(named('LI^NG').putAll({ ScanOptions: ['FS', 'LI'] }));
    expect(textAt(dataSet, 'ScanOptions')).toBe('FS\\LI');
  });

  it('goes from private codes that are kept as safe', async () => {
    const instance = named("O'BRIEN^MARK")
      .put(0x20010010, 'LO', 'Philips Imaging DD 001')
      .put(0x20011006, 'CS', 'OBRIEN')
      .put(0x20011008, 'IS', 'OBRIEN')
      .put(0x20011011, 'CS', 'PLAIN');
    const { bytes } = await clean(instance, { profile: basicProfile({ options: ['retain-safe-private'] }) });
    expect(bytes.toString('latin1')).not.toContain('OBRIEN');
  });
});

describe('the residue check', () => {
  it.each([
    ['ScanOptions', ['FS', 'OBRIEN'], true],
    ['BodyPartExamined', ['CHEST', "O'BRIEN"], true],
    ['ScanOptions', ['FS', 'FC'], false],
    ['BodyPartExamined', ['ZYGOMA'], false],
    ['ScanOptions', ['ZYGOMA'], true],
  ] as const)('reads %s = %s: a name is left: %s', (keyword, values, isLeft) => {
    const dataSet = parse(
      ctSlice()
        .putAll({ [keyword]: [...values] })
        .toBytes(),
    );
    const identifiers = new Identifiers();
    for (const name of ["O'BRIEN^MARK", 'ZYGOMA^X'])
      identifiers.add('name', Buffer.from(name, 'latin1'), 'PN', DEFAULT_CHARACTER_SET);
    const { source, encoding, elements } = dataSet;
    const output = { source, encoding, elements: elements.map((element) => ({ kind: 'kept', element }) as const) };
    const check = (): unknown =>
      checkResidue({ plan: splice(output), output, dataSet, identifiers, subject: SUBJECT, areDatesMoved: false });
    if (isLeft) expect(check).toThrow('(0018,');
    else expect(check).not.toThrow();
  });
});
