// Asks dciodvfy (dicom3tools, D. Clunie) which modules an IOD has, and which attributes and Types it expects in them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DictionaryRow } from './shared-data.ts';

export type AttributeType = '1' | '1C' | '2' | '2C' | '3';

export interface ProbedModule {
  readonly name: string;
  /** The module is there whatever the instance holds: its usage is mandatory. */
  readonly isMandatory: boolean;
  /** Top-level attributes by keyword. 2C cannot be told from 3 by probing: it comes out as 3. */
  readonly types: ReadonlyMap<string, AttributeType>;
}

/** No term of any attribute. */
const NO_TERM = 'ZQZQ';
const MAX_SHORT_VALUE = 0xfffe;
const LONG_HEADER = /^(?:O[BDFLVW]|SQ|U[CRTNV]|SV)$/;

function encodeElement(tag: number, vr: string, value: string): Buffer {
  const bytes = Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, 'latin1');
  const header = Buffer.alloc(LONG_HEADER.test(vr) ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, 'latin1');
  if (header.length === 12) header.writeUInt32LE(bytes.length, 8);
  else header.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([header, bytes]);
}

function encodeFile(elements: ReadonlyMap<number, Buffer>, sopClassUid: string): Buffer {
  const all = new Map(elements);
  all.set(0x00080016, encodeElement(0x00080016, 'UI', sopClassUid));
  all.set(0x00080018, encodeElement(0x00080018, 'UI', '1.2.3'));
  const meta = Buffer.concat([
    encodeElement(0x00020001, 'OB', '\0\x01'),
    encodeElement(0x00020002, 'UI', sopClassUid),
    encodeElement(0x00020003, 'UI', '1.2.3'),
    encodeElement(0x00020010, 'UI', '1.2.840.10008.1.2.1'),
    encodeElement(0x00020012, 'UI', '1.2.3'),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  const sorted = [...all].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM', 'latin1'),
    encodeElement(0x00020000, 'UL', length.toString('latin1')),
    meta,
    ...sorted,
  ]);
}

/** Every attribute of the dictionary that a data set may hold at top level, without a value. */
function emptyAttributes(dictionary: readonly DictionaryRow[]): Map<number, Buffer> {
  const elements = new Map<number, Buffer>();
  for (const { tag: text, vr, keyword } of dictionary) {
    const tag = Number.parseInt(text.replace(/^60xx/, '6000'), 16);
    const isUsable = !/x/i.test(text.replace(/^60xx/, '')) && keyword !== '' && vr !== 'NONE' && tag >>> 16 >= 8;
    if (isUsable) elements.set(tag, encodeElement(tag, vr.endsWith('OW') ? 'OW' : vr.slice(0, 2), ''));
  }
  return elements;
}

/** Runs dciodvfy; it is told nothing but the file, and its answer is read as text. */
export class IodProber {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lethe-iod-'));
  readonly #empty: Map<number, Buffer>;
  readonly #keywordOfName: ReadonlyMap<string, string>;
  readonly #keywordOfTag: ReadonlyMap<number, string>;

  constructor(dictionary: readonly DictionaryRow[]) {
    this.#empty = emptyAttributes(dictionary);
    this.#keywordOfName = new Map(dictionary.map(({ name, keyword }) => [name, keyword]));
    this.#keywordOfTag = new Map(dictionary.map(({ tag, keyword }) => [Number.parseInt(tag, 16), keyword]));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #describe(elements: ReadonlyMap<number, Buffer>, sopClassUid: string): string[] {
    const path = join(this.#folder, 'probe.dcm');
    writeFileSync(path, encodeFile(elements, sopClassUid));
    const { stdout, stderr } = spawnSync('dciodvfy', ['-describe', path], { encoding: 'latin1', maxBuffer: 1 << 26 });
    return `${stdout}\n${stderr}`.split('\n');
  }

  /** The modules of the IOD of a storage SOP class, or undefined when dciodvfy does not know it. */
  probe(sopClassUid: string): ProbedModule[] | undefined {
    const bare = this.#describe(new Map(), sopClassUid);
    if (!bare.some((line) => line.includes('CompositeIOD <'))) return undefined;
    const isMandatory = new Map<string, boolean>();
    for (const line of bare) {
      const match = /^\tModule <(\w+)>( not present)?/.exec(line);
      if (match !== null) isMandatory.set(match[1], !line.endsWith(' not present'));
    }
    const full = this.#describe(this.#empty, sopClassUid);
    const attributes = this.#attributesByModule([...bare, ...full]);
    const stated = statedTypes([...bare, ...full]);
    return [...isMandatory].map(([name, mandatory]) => ({
      name,
      isMandatory: mandatory,
      types: new Map(
        [...(attributes.get(name) ?? [])].map((keyword) => [keyword, stated.get(`${name} ${keyword}`) ?? '3']),
      ),
    }));
  }

  /**
   * The candidates that dciodvfy takes for a value of each attribute of VR CS, by tag of eight digits: beside all other attributes or by
   * itself, because a body part is an animal's where a species is told. Left out are attributes of whose values it checks none or only some.
   */
  recognized(
    sopClassUid: string,
    tags: readonly number[],
    candidates: readonly string[],
  ): ReadonlyMap<string, readonly string[]> {
    const values = [NO_TERM, ...candidates, NO_TERM];
    const value = values.join('\\');
    if (value.length > MAX_SHORT_VALUE) throw new TypeError('more candidates than fit into one value');
    const recognized = new Map<string, readonly string[]>();
    for (const others of [this.#empty, []]) {
      const elements = new Map([...others, ...tags.map((tag) => [tag, encodeElement(tag, 'CS', value)] as const)]);
      const refused = refusedPlaces(this.#describe(elements, sopClassUid), this.#keywordOfName);
      for (const tag of tags) {
        const places = refused.get(this.#keywordOfTag.get(tag) ?? '');
        if (places?.has(1) !== true || !places.has(values.length)) continue;
        const digits = tag.toString(16).toUpperCase().padStart(8, '0');
        const taken = candidates.filter((_, index) => !places.has(index + 2));
        recognized.set(digits, [...(recognized.get(digits) ?? []), ...taken]);
      }
    }
    return recognized;
  }

  #attributesByModule(lines: readonly string[]): Map<string, Set<string>> {
    const attributes = new Map<string, Set<string>>();
    let current: Set<string> | undefined;
    for (const line of lines) {
      const heading = /^\tModule <(\w+)>/.exec(line);
      if (heading !== null) {
        current = attributes.get(heading[1]) ?? new Set();
        attributes.set(heading[1], current);
      }
      const absent = /^\t\t(?:Element|Sequence) <(\w+)> not present/.exec(line)?.[1];
      const present = /^\t\t\(0x[0-9a-f]{4},0x[0-9a-f]{4}\) [A-Z]{2} (.*?) \t/.exec(line)?.[1];
      const keyword = absent ?? (present === undefined ? undefined : this.#keywordOfName.get(present));
      if (keyword !== undefined) current?.add(keyword);
    }
    return attributes;
  }
}

/** What the complaints say: `Type 2 Required Element=<PatientID> Module=<Patient>`, by `Module Keyword`. */
function statedTypes(lines: readonly string[]): Map<string, AttributeType> {
  const types = new Map<string, AttributeType>();
  for (const line of lines) {
    const match = /Type (1C?|2C?|3) .*?Element=<(\w+)> Module=<(\w+)>/.exec(line);
    if (match !== null) types.set(`${match[3]} ${match[2]}`, match[1] as AttributeType);
  }
  return types;
}

/** Places of values, from 1 on, by the keyword of the attribute. */
function refusedPlaces(
  lines: readonly string[],
  keywordOfName: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlySet<number>> {
  const refused = new Map<string, Set<number>>();
  for (const line of lines) {
    const match = /Unrecognized .*> for value (\d+) of attribute <([^>]*)>/.exec(line);
    if (match === null) continue;
    const keyword = keywordOfName.get(match[2]) ?? match[2];
    const places = refused.get(keyword) ?? new Set();
    refused.set(keyword, places.add(Number(match[1])));
  }
  return refused;
}

/** Everything in the program that may be a code string: the terms that it knows are among it. */
export function termsInProgram(): readonly string[] {
  const path = spawnSync('which', ['dciodvfy'], { encoding: 'latin1' }).stdout.trim();
  return readFileSync(path, 'latin1').match(/(?<=\0)[A-Z][A-Z0-9_ ]{1,15}(?=\0)/g) ?? [];
}
