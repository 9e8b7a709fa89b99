// PS3.15 E.3.4, Clean Structured Content: content trees stay, what identifies in them does not (2026d).
import { describe, expect, it } from 'vitest';

import type { DataSet, Element } from '../../src/dicom/element.ts';
import { findElement, trimPadding, valueBytes } from '../../src/dicom/values.ts';
import { findByKeyword } from '../../src/standard/dictionary.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, KEYS, profileOf } from '../unit/deid/support/instances.ts';

const SR = '1.2.840.10008.5.1.4.1.1.88.33';
const OPTION = profileOf('options: [clean-structured-content]');

function code(value: string, scheme = 'DCM', meaning = 'meaning'): DataSetBuilder {
  return new DataSetBuilder().putAll({ CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning });
}

function item(
  valueType: string,
  concept: DataSetBuilder | undefined,
  values: Record<string, string> = {},
): DataSetBuilder {
  const built = new DataSetBuilder().putAll({ RelationshipType: 'CONTAINS', ValueType: valueType, ...values });
  return concept === undefined ? built : built.sequence('ConceptNameCodeSequence', [concept]);
}

const FINDING = code('121071', 'DCM', 'Finding');

function report(items: readonly DataSetBuilder[]): DataSetBuilder {
  return ctSlice()
    .putAll({ SOPClassUID: SR, Modality: 'SR', ValueType: 'CONTAINER', StudyDate: '20200310' })
    .sequence('ContentSequence', items);
}

/** The nth content item at the top of the tree. */
function itemAt(dataSet: DataSet, index: number): readonly Element[] {
  return findElement(dataSet.elements, 0x0040a730)?.items?.[index]?.elements ?? [];
}

function valueOf(dataSet: DataSet, elements: readonly Element[], ...path: readonly string[]): string | undefined {
  let list = elements;
  let found: Element | undefined;
  for (const step of path) {
    found = findElement(list, findByKeyword(step)?.tag ?? 0);
    list = found?.items?.[0]?.elements ?? [];
  }
  return found === undefined ? undefined : trimPadding(valueBytes(dataSet, found)).toString('latin1');
}

async function cleanItem(content: DataSetBuilder, profile = OPTION) {
  const { dataSet, outcome } = await clean(report([content]), { profile });
  const elements = itemAt(dataSet, 0);
  return { outcome, elements, value: (...path: string[]) => valueOf(dataSet, elements, ...path) };
}

describe('without the option', () => {
  it('texts, names and dates of the tree become dummies and the option is not claimed', async () => {
    const { value, outcome } = await cleanItem(item('TEXT', FINDING, { TextValue: 'A mass' }), profileOf(''));
    expect(value('TextValue')).toBe('DEIDENTIFIED');
    expect(outcome.receipt.methods).toEqual(['113100']);
  });
});

describe('with the option', () => {
  it('a text keeps its clinical words and loses the patient; the option is claimed', async () => {
    const { value, outcome } = await cleanItem(item('TEXT', FINDING, { TextValue: 'Mass in Josephine Quimby, 2 cm' }));
    expect(value('TextValue')).toContain('Mass');
    expect(value('TextValue')).toContain('2 cm');
    expect(value('TextValue')).not.toMatch(/quimby|josephine/i);
    expect(outcome.receipt.methods).toEqual(['113100', '113104']);
  });

  it('a text of which nothing is left becomes a dummy, because a text item needs a value', async () => {
    const { value } = await cleanItem(item('TEXT', FINDING, { TextValue: 'Quimby, Josephine' }));
    expect(value('TextValue')).toBe('DEIDENTIFIED');
  });

  it('codes, numbers and the tree stay byte for byte', async () => {
    const number = new DataSetBuilder()
      .putAll({ NumericValue: '12.50' })
      .sequence('MeasurementUnitsCodeSequence', [code('mm', 'UCUM', 'millimeter')]);
    const instance = report([
      item('CONTAINER', FINDING, { ContinuityOfContent: 'SEPARATE' }).sequence('ContentSequence', [
        item('NUM', code('410668003', 'SCT', 'Length')).sequence('MeasuredValueSequence', [number]),
        item('CODE', FINDING).sequence('ConceptCodeSequence', [code('4147007', 'SCT', 'Mass')]),
        new DataSetBuilder()
          .putAll({ RelationshipType: 'INFERRED FROM' })
          .put('ReferencedContentItemIdentifier', 'UL', [1, 1]),
      ]),
    ]);
    const { dataSet, before } = await clean(instance, { profile: OPTION });
    const bytes = (of: DataSet): Buffer => {
      const tree = findElement(of.elements, 0x0040a730);
      if (tree === undefined) throw new Error('no tree');
      return valueBytes(of, tree);
    };
    expect(bytes(dataSet)).toEqual(bytes(before));
  });

  it("a name is the subject's where the concept says Subject Name, and a dummy elsewhere", async () => {
    const subject = await cleanItem(item('PNAME', code('121029'), { PersonName: 'Quimby^Josephine' }));
    expect(subject.value('PersonName')).toBe('SUBJECT-1');
    const observer = await cleanItem(item('PNAME', code('121008'), { PersonName: 'House^Gregory' }));
    expect(observer.value('PersonName')).toBe('DEIDENTIFIED');
  });

  it('Subject ID is the subject; orders, logins and specimens are dummies', async () => {
    expect((await cleanItem(item('TEXT', code('121030'), { TextValue: 'MRN-4711' }))).value('TextValue')).toBe(
      'SUBJECT-1',
    );
    for (const concept of ['121022', '121020', '121021', '128774', '121041']) {
      const { value } = await cleanItem(item('TEXT', code(concept), { TextValue: 'innocent words' }));
      expect(value('TextValue')).toBe('DEIDENTIFIED');
    }
  });

  it('the values of those items are looked for in all other texts', async () => {
    const { dataSet } = await clean(
      report([
        item('TEXT', FINDING, { TextValue: 'Seen by Zebrowski under X99-1234' }),
        item('PNAME', code('121008'), { PersonName: 'Zebrowski^Ann' }),
        item('TEXT', code('121022'), { TextValue: 'X99-1234' }),
      ]),
      { profile: OPTION },
    );
    expect(valueOf(dataSet, itemAt(dataSet, 0), 'TextValue')).not.toMatch(/zebrowski|x99/i);
  });

  it('dates are dummies, moved, or kept as the date options say; the birth date never stays', async () => {
    const date = item('DATE', FINDING, { Date: '20200310' });
    const dateTime = item('DATETIME', FINDING, { DateTime: '20200301001500+0100' });
    const birth = item('DATE', code('121031'), { Date: '19610704' });
    const moved = profileOf('options: [clean-structured-content, retain-longitudinal-modified-dates]');
    const full = profileOf('options: [clean-structured-content, retain-longitudinal-full-dates]');
    expect((await cleanItem(date)).value('Date')).toBe('19010203');
    expect((await cleanItem(date, moved)).value('Date')).toBe('20200229');
    expect((await cleanItem(dateTime, moved)).value('DateTime')).toBe('20200220001500+0100');
    expect((await cleanItem(date, full)).value('Date')).toBe('20200310');
    for (const profile of [OPTION, moved, full])
      expect((await cleanItem(birth, profile)).value('Date')).toBe('19010203');
  });

  it('UIDs and references are mapped like everywhere else', async () => {
    const { value } = await cleanItem(item('UIDREF', code('121018'), { UID: '1.2.999.1' }));
    expect(value('UID')).toBe(KEYS.replaceUid('1.2.999.1'));
    const image = item('IMAGE', FINDING).sequence('ReferencedSOPSequence', [
      new DataSetBuilder().putAll({
        ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        ReferencedSOPInstanceUID: '1.2.999.9',
      }),
    ]);
    const cleaned = await cleanItem(image);
    expect(cleaned.value('ReferencedSOPSequence', 'ReferencedSOPInstanceUID')).toBe(KEYS.replaceUid('1.2.999.9'));
    expect(cleaned.value('ReferencedSOPSequence', 'ReferencedSOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.2');
  });

  it('organisation and device of an observer follow the institution and device options', async () => {
    const organisation = item('TEXT', code('121009'), { TextValue: 'Radiology North' });
    const serial = item('TEXT', code('121016'), { TextValue: 'SN-12345' });
    const device = item('UIDREF', code('121012'), { UID: '1.2.999.77' });
    expect((await cleanItem(organisation)).value('TextValue')).toBe('DEIDENTIFIED');
    expect((await cleanItem(serial)).value('TextValue')).toBe('DEIDENTIFIED');
    expect((await cleanItem(device)).value('UID')).toBe(KEYS.replaceUid('1.2.999.77'));
    const keeping = profileOf(
      'options: [clean-structured-content, retain-institution-identity, retain-device-identity]',
    );
    expect((await cleanItem(organisation, keeping)).value('TextValue')).toBe('Radiology North');
    const kept = await cleanItem(serial, keeping);
    expect(kept.value('TextValue')).toBe('SN-12345');
    expect(kept.outcome.receipt.methods).toContain('113109');
    expect((await cleanItem(device, keeping)).value('UID')).toBe('1.2.999.77');
  });

  it('age and sex of the subject follow the patient characteristics, ages above 89 as 90', async () => {
    const ageOf = (value: string, unit = 'a') =>
      item('NUM', code('121033')).sequence('MeasuredValueSequence', [
        new DataSetBuilder()
          .putAll({ NumericValue: value })
          .sequence('MeasurementUnitsCodeSequence', [code(unit, 'UCUM', 'unit')]),
      ]);
    const sex = item('CODE', code('121032')).sequence('ConceptCodeSequence', [code('F', 'DCM', 'Female')]);
    const keeping = profileOf('options: [clean-structured-content, retain-patient-characteristics]');
    expect((await cleanItem(ageOf('47'))).value('MeasuredValueSequence')).toBe('');
    expect((await cleanItem(ageOf('47'), keeping)).value('MeasuredValueSequence', 'NumericValue')).toBe('47');
    expect((await cleanItem(ageOf('93'), keeping)).value('MeasuredValueSequence', 'NumericValue')).toBe('90');
    expect((await cleanItem(ageOf('1200', 'mo'), keeping)).value('MeasuredValueSequence', 'NumericValue')).toBe('1080');
    expect((await cleanItem(ageOf('93', 'years'), keeping)).value('MeasuredValueSequence', 'NumericValue')).toBe('0');
    expect((await cleanItem(sex)).value('ConceptCodeSequence', 'CodeValue')).toBe('DEIDENTIFIED');
    expect((await cleanItem(sex, keeping)).value('ConceptCodeSequence', 'CodeValue')).toBe('F');
  });

  it('an item of an unknown value type keeps its place, and nothing of its values', async () => {
    const { value } = await cleanItem(item('SECRET', FINDING, { TextValue: 'words', PersonName: 'A^B' }));
    expect(value('ValueType')).toBe('SECRET');
    expect(value('TextValue')).toBe('DEIDENTIFIED');
    expect(value('PersonName')).toBe('DEIDENTIFIED');
  });

  it('acquisition contexts, specimen preparations and waveform annotations are cleaned the same way', async () => {
    const text = () => item('TEXT', FINDING, { TextValue: 'Rest, Quimby' });
    const instance = ctSlice()
      .sequence('AcquisitionContextSequence', [text()])
      .sequence('SpecimenPreparationSequence', [
        new DataSetBuilder().sequence('SpecimenPreparationStepContentItemSequence', [text()]),
      ])
      .sequence('WaveformAnnotationSequence', [new DataSetBuilder().putAll({ UnformattedTextValue: 'Rest, Quimby' })]);
    const { dataSet, outcome } = await clean(instance, { profile: OPTION });
    const at = (...path: string[]) => valueOf(dataSet, dataSet.elements, ...path);
    expect(at('AcquisitionContextSequence', 'TextValue')).toBe('Rest');
    expect(at('SpecimenPreparationSequence', 'SpecimenPreparationStepContentItemSequence', 'TextValue')).toBe('Rest');
    expect(at('WaveformAnnotationSequence', 'UnformattedTextValue')).toBe('Rest');
    expect(outcome.receipt.methods).toEqual(['113100', '113104']);
  });

  it('claims nothing for an instance without content', async () => {
    const { outcome } = await clean(ctSlice(), { profile: OPTION });
    expect(outcome.receipt.methods).toEqual(['113100']);
    expect(outcome.receipt.withoutEffect).toEqual(['clean-structured-content']);
  });
});
