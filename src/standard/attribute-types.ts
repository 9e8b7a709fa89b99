// Types of attributes by IOD (PS3.3 Annex A and C): what a compound action code of Table E.1-1 is decided by.
import { LetheError } from '../core/errors.ts';

import { readTable } from './table-file.ts';

/** Type of a data element, PS3.5 section 7.4. */
export type AttributeType = '1' | '1C' | '2' | '2C' | '3';

/** The attributes of one IOD; a module that is optional or conditional counts as present. */
interface Iod {
  readonly topLevel: ReadonlyMap<number, AttributeType>;
  /** Attributes inside items, by the sequence that directly holds them, at whatever depth it stands. */
  readonly nested: ReadonlyMap<number, ReadonlyMap<number, AttributeType>>;
}

interface Table {
  /** Unread `tag:Type` lists by module name. */
  readonly modules: ReadonlyMap<string, string>;
  /** Module names by SOP class UID. */
  readonly iods: ReadonlyMap<string, readonly string[]>;
}

/** From the weakest to the strictest: the order in which Types of several modules are combined. */
const STRICTNESS: readonly AttributeType[] = ['3', '2C', '2', '1C', '1'];

const NO_ATTRIBUTES: ReadonlyMap<number, AttributeType> = new Map();

let table: Table | undefined;
const built = new Map<string, Iod>();

function load(): Table {
  const modules = new Map<string, string>();
  const iods = new Map<string, string[]>();
  for (const [kind, key, content] of readTable('attribute-types.tsv', 3)) {
    if (kind === 'module') modules.set(key, content);
    else iods.set(key, content.replaceAll('?', '').split(' '));
  }
  return { modules, iods };
}

function addStrictest(types: Map<number, AttributeType>, tag: number, type: AttributeType): void {
  const known = types.get(tag);
  if (known === undefined || STRICTNESS.indexOf(type) > STRICTNESS.indexOf(known)) types.set(tag, type);
}

function build(moduleNames: readonly string[], modules: ReadonlyMap<string, string>): Iod {
  const topLevel = new Map<number, AttributeType>();
  const nested = new Map<number, Map<number, AttributeType>>();
  for (const moduleName of moduleNames) {
    const attributes = modules.get(moduleName);
    if (attributes === undefined) {
      throw new LetheError('config-unreadable', `profiles/standard/attribute-types.tsv lacks the module ${moduleName}`);
    }
    for (const attribute of attributes.split(' ')) {
      const colon = attribute.indexOf(':');
      const type = attribute.slice(colon + 1) as AttributeType;
      const slash = attribute.indexOf('/');
      const tag = Number.parseInt(attribute.slice(slash + 1, colon), 16);
      if (slash < 0) {
        addStrictest(topLevel, tag, type);
        continue;
      }
      const sequence = Number.parseInt(attribute.slice(0, slash), 16);
      const inItem = nested.get(sequence) ?? new Map<number, AttributeType>();
      nested.set(sequence, inItem);
      addStrictest(inItem, tag, type);
    }
  }
  return { topLevel, nested };
}

function findIod(sopClassUid: string): Iod | undefined {
  const known = built.get(sopClassUid);
  if (known !== undefined) return known;
  table ??= load();
  const moduleNames = table.iods.get(sopClassUid);
  if (moduleNames === undefined) return undefined;
  const iod = build(moduleNames, table.modules);
  built.set(sopClassUid, iod);
  return iod;
}

/** True when the IOD of this SOP class is known here. */
export function hasIod(sopClassUid: string): boolean {
  return findIod(sopClassUid) !== undefined;
}

/**
 * The Type of an attribute in the IOD of a SOP class, the strictest of all its modules, optional ones included. Undefined
 * when the IOD is not known or does not have the attribute there.
 * Overlay planes (60xx) share the Types of their first group.
 * @param parentSequence tag of the sequence that directly holds the item; left out at top level. Inside items only
 *   attributes of Table E.1-1 are known.
 */
export function typeOf(sopClassUid: string, tag: number, parentSequence?: number): AttributeType | undefined {
  const iod = findIod(sopClassUid);
  if (parentSequence !== undefined) return iod?.nested.get(parentSequence)?.get(tag);
  return iod?.topLevel.get(tag >>> 24 === 0x60 ? tag & 0xff00ffff : tag);
}

/**
 * The Types of all attributes at one place, as `typeOf` tells them one by one but for overlay planes; undefined when nothing is known there.
 */
export function typesAt(sopClassUid: string, parentSequence?: number): ReadonlyMap<number, AttributeType> | undefined {
  const iod = findIod(sopClassUid);
  return parentSequence === undefined ? iod?.topLevel : iod?.nested.get(parentSequence);
}

/** The top-level attributes of the IOD by tag; empty when the IOD is not known. */
export function attributesOf(sopClassUid: string): ReadonlyMap<number, AttributeType> {
  return findIod(sopClassUid)?.topLevel ?? NO_ATTRIBUTES;
}
