// The patient's own values planted in every text attribute of the dictionary, in reports, annotations, private and nested data, under
// combinations of all options: none may leave, and the clinical words around them may not go with them.
import { describe, expect, it } from 'vitest';

import { dictionaryTags } from './support/dictionary-tags.ts';
import { IDENTIFYING_TAGS } from '../../src/deid/attribute-classes.ts';
import { CharacterSet } from '../../src/dicom/character-set.ts';
import { textOf } from '../../src/dicom/values.ts';
import { findByTag } from '../../src/standard/dictionary.ts';
import { findRow, rows } from '../../src/standard/table-e1-1.ts';
import { parseTag } from '../../src/standard/tags.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, elementAt, profileOf, textAt } from '../unit/deid/support/instances.ts';

const CLEANING = 'clean-descriptors, clean-structured-content, clean-graphics';
const PROFILES: readonly (readonly [string, string])[] = [
  ['cleaning alone', `options: [${CLEANING}]`],
  [
    'as in research',
    `options: [${CLEANING}, retain-longitudinal-modified-dates, retain-patient-characteristics, retain-safe-private]`,
  ],
  [
    'with all that can be retained',
    `options: [${CLEANING}, retain-longitudinal-full-dates, retain-patient-characteristics, retain-safe-private, retain-device-identity, retain-institution-identity, retain-uids]`,
  ],
];
const NAME = 'Vandermolen^Philippa^Rosalind';
const ID = 'ZK-884213';
const TEXTS = {
  LO: `CHEST Vandermolen, Philippa ${ID}`,
  SH: 'CHEST ZK-884213',
  ST: `CHEST for PHILIPPA R. VANDERMOLEN (${ID}) contrast`,
  LT: `CHEST\r\nMrs Vandermolen, id ${ID}\r\nno contrast`,
  UT: `CHEST philippa vandermolen ${ID}`,
  UC: `CHEST Vandermolen^Philippa ${ID}`,
} as const;
const TEXT_BY_VR: ReadonlyMap<string, string> = new Map(Object.entries(TEXTS));
const PLANTED = /vandermolen|philippa|rosalind|884213/i;

function planted(): DataSetBuilder {
  const built = ctSlice().putAll({ PatientName: NAME, PatientID: ID });
  for (const tag of dictionaryTags()) {
    const text = TEXT_BY_VR.get(findByTag(tag)?.vr ?? '');
    // What names an institution or an order is looked for itself: clinical words in there would be taken out everywhere.
    if (IDENTIFYING_TAGS.has(tag)) continue;
    if (text !== undefined && built.get(tag) === undefined) built.put(tag, findByTag(tag)?.vr ?? 'LO', text);
  }
  const content = (valueType: string, values: Record<string, string>) =>
    new DataSetBuilder().putAll({ ValueType: valueType, ...values });
  return built
    .sequence('ContentSequence', [
      content('CONTAINER', {}).sequence('ContentSequence', [
        content('TEXT', { TextValue: TEXTS.UT }),
        content('PNAME', { PersonName: NAME }),
        content('CODE', {}).sequence('ConceptCodeSequence', [
          new DataSetBuilder().putAll({ CodeValue: ID, CodingSchemeDesignator: '99X', CodeMeaning: TEXTS.LO }),
        ]),
      ]),
      content('MADE UP', { TextValue: TEXTS.UT }),
    ])
    .sequence('GraphicAnnotationSequence', [
      new DataSetBuilder().sequence('TextObjectSequence', [
        new DataSetBuilder().putAll({ UnformattedTextValue: TEXTS.ST }),
      ]),
    ])
    .put(0x00190010, 'LO', 'GEMS_ACQU_01')
    .put(0x0019109e, 'LO', TEXTS.LO)
    .put(0x20010010, 'LO', 'Philips Imaging DD 001')
    .sequence(0x2001105f, [new DataSetBuilder().putAll({ ImageComments: TEXTS.LT, Manufacturer: TEXTS.LO })]);
}

describe.each(PROFILES)('the patient planted everywhere, %s', (_, options) => {
  it('is nowhere in what leaves', async () => {
    const { bytes } = await clean(planted(), { profile: profileOf(options) });
    const text = bytes.toString('latin1');
    const found = PLANTED.exec(text);
    expect(found === null ? 'nothing' : text.slice(Math.max(0, found.index - 60), found.index + 20)).toBe('nothing');
  });

  it('takes no clinical word along where the option cleans', async () => {
    const { dataSet } = await clean(planted(), { profile: profileOf(options) });
    const lost = rows()
      .filter((row) => row.options['clean-descriptors'] === 'C')
      .map(({ tagPattern }) => parseTag(tagPattern))
      .filter((tag): tag is number => tag !== undefined && TEXT_BY_VR.get(findByTag(tag)?.vr ?? '') !== undefined)
      .filter((tag) => !(textAt(dataSet, tag) ?? '').startsWith('CHEST'))
      .map((tag) => findRow(tag)?.keyword);
    expect(lost).toEqual([]);
  });
});

describe('a name in the character set of the instance', () => {
  const profile = profileOf('options: [clean-descriptors, clean-structured-content]');

  it.each([
    [['ISO_IR 100'], 'Løvenskiold^Åse', /L\u00f8venskiold|\u00c5se/i],
    [['ISO_IR 144'], 'Люкceмбypг^Нина', /Люкceмбypг|Нина/i],
    [['ISO_IR 126'], 'Διονυσιος^Πετρος', /Διονυσιος|Πετρος/i],
    [['ISO_IR 166'], 'นามสกุล^ชื่อ', /นามสกุล/],
    [['ISO_IR 192'], 'Wang^XiaoDong=王^小東', /wang|xiaodong|小東/i],
    [['GB18030'], 'Wang^XiaoDong=王^小东', /wang|xiaodong|小东/i],
    [['', 'ISO 2022 IR 87'], 'Yamada^Tarou=山田^太郎=やまだ^たろう', /yamada|tarou|山田|太郎|やまだ/i],
    [['', 'ISO 2022 IR 149'], 'Hong^Gildong=洪^吉洞=홍^길동', /gildong|吉洞|길동/i],
  ])('%j: %s goes from descriptions and reports, in each of its spellings', async (terms, name, found) => {
    for (const spelling of name.split('=').map((group) => group.replace('^', ' '))) {
      const { dataSet } = await clean(
        ctSlice()
          .put('SpecificCharacterSet', 'CS', terms)
          .putAll({ PatientName: name, StudyDescription: `CHEST ${spelling}`, ImageComments: `CHEST ${spelling} CT` })
          .sequence('ContentSequence', [
            new DataSetBuilder().putAll({ ValueType: 'TEXT', TextValue: `CHEST ${spelling}` }),
          ]),
        { profile },
      );
      const characterSet = CharacterSet.of(terms);
      const texts = [['StudyDescription'], ['ImageComments'], ['ContentSequence', 'TextValue']].map((path) => {
        const element = elementAt(dataSet, ...path);
        return element === undefined ? '' : textOf(dataSet, element, characterSet);
      });
      for (const text of texts) expect(text).not.toMatch(found);
      expect(texts.every((text) => text.startsWith('CHEST'))).toBe(true);
    }
  });
});
