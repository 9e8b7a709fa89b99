// Content items of structured reports (PS3.3 C.17.3) and of acquisition contexts and specimen preparations (PS3.3 10.2): what an
// item is about, read from its Value Type and Concept Name, so that its value can be judged (PS3.15 E.3.4, 2026d).
import type { Element } from '../dicom/element.ts';
import { findElement } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';

import type { HeaderBytes } from './header-bytes.ts';

/** Who or what the value of a content item names. */
export type ContentRole =
  /** Nobody in particular: text is cleaned, names become dummies, dates and UIDs go by the options, codes and numbers stay. */
  | 'finding'
  | 'subject-name'
  | 'subject-id'
  | 'birth-date'
  | 'sex'
  | 'age'
  | 'institution'
  | 'device'
  /** A number or login that stands for a person, an order or a specimen. */
  | 'identifier'
  /** Its value type is none that PS3.3 defines: nobody knows where its value stands. */
  | 'unknown';

/** Sequences whose items are content items, beside the sequences of Table E.1-1 that hold them. */
export const CONTENT_ITEM_SEQUENCES: ReadonlySet<number> = new Set([
  0x00400441, // Protocol Context: Content Item Modifier Sequence
  0x00400555, // Acquisition Context Sequence
  0x00400612, // Specimen Preparation Step Content Item Sequence
  0x0040a730, // Content Sequence
]);

/** Attributes that hold the value of a content item. */
export const CONTENT = {
  dateTime: 0x0040a120,
  date: 0x0040a121,
  time: 0x0040a122,
  personName: TAG.PersonName,
  uid: 0x0040a124,
  text: TAG.TextValue,
  code: 0x0040a168,
  measuredValue: 0x0040a300,
  number: 0x0040a30a,
} as const;

const VALUE_TYPES: ReadonlySet<string> = new Set([
  ...[
    'TEXT',
    'NUM',
    'NUMERIC',
    'CODE',
    'DATETIME',
    'DATE',
    'TIME',
    'UIDREF',
    'PNAME',
    'COMPOSITE',
    'IMAGE',
    'WAVEFORM',
  ],
  ...['SCOORD', 'SCOORD3D', 'TCOORD', 'CONTAINER', 'TABLE'],
]);

/** Concept names of PS3.16 Annex D (DCM), of the observation context templates TID 1001 to 1009 and 1020. */
const ROLES: ReadonlyMap<string, ContentRole> = new Map<string, ContentRole>([
  ['121029', 'subject-name'], // Subject Name
  ['121030', 'subject-id'], // Subject ID
  ['121031', 'birth-date'], // Subject Birth Date
  ['121032', 'sex'], // Subject Sex
  ['121033', 'age'], // Subject Age
  ['121009', 'institution'], // Person Observer's Organization Name
  ['113873', 'institution'], // Organization Name
  ['121012', 'device'], // Device Observer UID
  ['121013', 'device'], // Device Observer Name
  ['121016', 'device'], // Device Observer Serial Number
  ['121017', 'device'], // Device Observer Physical Location During Observation
  ['113877', 'device'], // Device Name
  ['113880', 'device'], // Device Serial Number
  ['128774', 'identifier'], // Person Observer's Login Name
  ['113871', 'identifier'], // Person ID
  ['113872', 'identifier'], // Person ID Issuer
  ['121020', 'identifier'], // Placer Number
  ['121021', 'identifier'], // Filler Number
  ['121022', 'identifier'], // Accession Number
  ['121040', 'identifier'], // Specimen Accession Number
  ['121041', 'identifier'], // Specimen Identifier
  ['111700', 'identifier'], // Specimen Container Identifier
]);

/** An item without a value type refers to another one, or is of a time when none was asked for. */
export function roleOf(item: readonly Element[], bytes: HeaderBytes): ContentRole {
  const valueType = textAt(item, TAG.ValueType, bytes);
  if (valueType !== '' && !VALUE_TYPES.has(valueType.toUpperCase())) return 'unknown';
  const concept = findElement(item, TAG.ConceptNameCodeSequence)?.items?.[0]?.elements;
  if (concept === undefined || textAt(concept, TAG.CodingSchemeDesignator, bytes) !== 'DCM') return 'finding';
  return ROLES.get(textAt(concept, TAG.CodeValue, bytes)) ?? 'finding';
}

/** The code value of the code that a sequence holds; undefined when there is none. */
export function codeValueOf(elements: readonly Element[], sequence: number, bytes: HeaderBytes): string | undefined {
  const code = findElement(elements, sequence)?.items?.[0]?.elements;
  return code === undefined ? undefined : textAt(code, TAG.CodeValue, bytes);
}

function textAt(elements: readonly Element[], tag: number, bytes: HeaderBytes): string {
  const element = findElement(elements, tag);
  return element === undefined ? '' : (bytes.text(element)?.trim() ?? '');
}
