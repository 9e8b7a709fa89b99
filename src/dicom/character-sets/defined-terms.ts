// The defined terms of Specific Character Set (PS3.3 C.12.1.1.2, 2026d, Tables C.12-2 to C.12-5) and how the field misspells them.
import { InstanceError } from '../../core/errors.ts';
import { GRAPHIC_SETS } from './graphic-sets.ts';
import type { GraphicSet } from './graphic-sets.ts';

/** What the values of (0008,0005) together say about text. */
export type Repertoire =
  { readonly kind: 'utf-8' } | { readonly kind: 'gb'; readonly hasFourByteCodes: boolean } | Iso2022Repertoire;

/** Single-byte text and text with code extensions: what is active at the start, and what may be switched to. */
export interface Iso2022Repertoire {
  readonly kind: 'iso-2022';
  readonly initialG0: GraphicSet;
  readonly initialG1: GraphicSet | undefined;
  /** Every graphic set of the declared terms, the initial ones first. Longer than those only with code extensions. */
  readonly declared: readonly GraphicSet[];
}

/** The graphic sets of a registration number, G0 first; a multi-byte set brings none but itself. */
const SETS_BY_REGISTRATION: ReadonlyMap<string, readonly GraphicSet[]> = new Map([
  ['6', [GRAPHIC_SETS.isoIr6]],
  ['13', [GRAPHIC_SETS.isoIr14, GRAPHIC_SETS.isoIr13]],
  ['100', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr100]],
  ['101', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr101]],
  ['109', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr109]],
  ['110', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr110]],
  ['126', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr126]],
  ['127', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr127]],
  ['138', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr138]],
  ['144', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr144]],
  ['148', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr148]],
  ['166', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr166]],
  ['203', [GRAPHIC_SETS.isoIr6, GRAPHIC_SETS.isoIr203]],
  ['58', [GRAPHIC_SETS.isoIr58]],
  ['87', [GRAPHIC_SETS.isoIr87]],
  ['149', [GRAPHIC_SETS.isoIr149]],
  ['159', [GRAPHIC_SETS.isoIr159]],
]);

/** Registration number of each part of ISO 8859 that has a defined term. */
const REGISTRATION_BY_8859_PART: Readonly<Record<string, string>> = {
  1: '100',
  2: '101',
  3: '109',
  4: '110',
  5: '144',
  6: '127',
  7: '126',
  8: '138',
  9: '148',
  11: '166',
  15: '203',
};

const STANDALONE: ReadonlyMap<string, Repertoire> = new Map<string, Repertoire>([
  ['192', { kind: 'utf-8' }],
  ['GB18030', { kind: 'gb', hasFourByteCodes: true }],
  ['GBK', { kind: 'gb', hasFourByteCodes: false }],
]);

/**
 * The registration number that a term stands for, or `GB18030`, `GBK`. Accepts the defined terms and what DCMTK, pydicom and dcm4che
 * accept beside them: `ISO IR 100`, `ISO-IR 100`, `ISO_IR_100`, `ISO_IR100`, `ISO 2022 58`, `ISO2022 IR 87`, `ISO_2022_IR_87`,
 * `ISO 2022 IR 192`, `ISO 2022 GBK`, `ISO 8859-1`, `ISO_8859_1`, `UTF-8`, `GB2312`, lower case and padding.
 * Undefined when nothing fits.
 */
function registrationOf(term: string): string | undefined {
  const plain = term
    .replaceAll('\0', '')
    .trim()
    .toUpperCase()
    .replaceAll(/[\s_-]+/g, ' ');
  if (plain === '') return '6';
  const numbered = /^ISO ?(?:2022 ?IR|2022|IR) ?(\d+)$/.exec(plain)?.[1];
  if (numbered !== undefined) return numbered;
  const part = /^ISO ?8859 ?(\d+)$/.exec(plain)?.[1];
  if (part !== undefined) return REGISTRATION_BY_8859_PART[part];
  if (/^UTF ?8$/.test(plain)) return '192';
  if (plain === 'GB2312' || plain === 'GB 2312') return '58';
  return /^(?:ISO ?2022 )?(GB18030|GBK)$/.exec(plain)?.[1];
}

/**
 * What the values of (0008,0005) mean together. No value is the default repertoire. Two departures that are met in the field are
 * understood: a multi-byte set as value 1 (the default repertoire is then value 1) and `ISO_IR n` beside other values (as `ISO 2022 IR n`).
 * A set that forbids code extensions may stand beside values of the default repertoire only.
 * Throws InstanceError `unknown-character-set`; the message tells which value, not what it says.
 */
export function repertoireOf(terms: readonly string[]): Repertoire {
  const registrations = terms.map((term, i) => {
    const registration = registrationOf(term);
    if (registration === undefined) throw unknownTerm(i);
    return registration;
  });
  const standaloneAt = registrations.findIndex((registration) => STANDALONE.has(registration));
  if (standaloneAt >= 0) {
    const name = registrations[standaloneAt];
    const strangerAt = registrations.findIndex((registration) => registration !== name && registration !== '6');
    // PS3.3 C.12.1.1.2: these sets shall be value 1 and the only one; behind another set nobody can tell which one a value is in.
    if (standaloneAt > 0 && strangerAt >= 0 && strangerAt < standaloneAt) throw unknownTerm(standaloneAt);
    const repertoire = STANDALONE.get(name);
    if (repertoire !== undefined) return repertoire;
  }
  return iso2022RepertoireOf(registrations);
}

function iso2022RepertoireOf(registrations: readonly string[]): Iso2022Repertoire {
  const sets = registrations.map((registration, i) => {
    const found = SETS_BY_REGISTRATION.get(registration);
    if (found === undefined) throw unknownTerm(i);
    return found;
  });
  const first = sets.length > 0 && sets[0][0].bytesPerCharacter === 1 ? sets[0] : [GRAPHIC_SETS.isoIr6];
  return {
    kind: 'iso-2022',
    initialG0: first[0],
    initialG1: first.at(1),
    declared: [...new Set([...first, ...sets.flat()])],
  };
}

function unknownTerm(index: number): InstanceError {
  return new InstanceError(
    'unknown-character-set',
    `Value ${index + 1} of Specific Character Set is not a term of PS3.3 C.12.1.1.2 that can stand there`,
  );
}
