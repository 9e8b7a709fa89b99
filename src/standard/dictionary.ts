// The data dictionary of PS3.6 (2026d): dcmjs's (profiles/standard/dictionary-dcmjs.tsv), corrected and completed by
// dictionary-corrections.tsv beside it.
import { createRequire } from 'node:module';

import { readTable } from './table-file.ts';
import { isPrivate } from './tags.ts';

export interface DictionaryEntry {
  readonly tag: number;
  /** As PS3.6 states it: also `US or SS`, `OB or OW`, `US or OW`, `US or SS or OW`, and `NONE` for items and delimiters. */
  readonly vr: string;
  readonly vm: string;
  readonly keyword: string;
  readonly name: string;
  readonly isRetired: boolean;
}

/** What is used of dcmjs, which comes without types. */
interface DcmjsModule {
  readonly log: { setLevel(level: 'silent'): void };
  readonly data: {
    readonly DicomMetaDictionary: {
      readonly nameMap: Readonly<Record<string, { tag: string; vr: string; vm: string; name: string }>>;
    };
  };
}

interface Dictionary {
  readonly entries: ReadonlyMap<number, DictionaryEntry>;
  readonly byKeyword: ReadonlyMap<string, DictionaryEntry>;
  /** One VR per tag, choices made; the only thing that the reader touches for each element. */
  readonly vrs: ReadonlyMap<number, string>;
}

/** dcmjs's own short names for a choice of VRs. */
const DCMJS_CHOICES: Readonly<Record<string, string>> = {
  ox: 'OB or OW',
  xs: 'US or SS',
  lt: 'US or SS or OW',
  up: 'UL',
  na: 'NONE',
};

/**
 * The VR of a choice in which a value can be copied unread: OW where it is offered (the default of PS3.5 A.1 for pixels,
 * and the only one without a 64 KiB limit), else the first.
 */
function chooseVr(vr: string): string | undefined {
  if (vr === 'NONE') return undefined;
  if (vr.endsWith('OW')) return 'OW';
  return vr.slice(0, 2);
}

/** The name that a keyword stands for, where corrections hold no other: `StudyInstanceUID` → `Study Instance UID`. */
export function nameFromKeyword(keyword: string): string {
  return keyword.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
}

/**
 * dcmjs's entries as they come, `tag` a number; entries of repeating groups stand at their first tag. Loads dcmjs, which takes
 * 80 ms: dictionary-dcmjs.tsv is made of it, and a test holds the two together.
 */
export function readDcmjsEntries(): DictionaryEntry[] {
  const dcmjs = createRequire(import.meta.url)('dcmjs') as DcmjsModule;
  // It would write values of elements to stderr.
  dcmjs.log.setLevel('silent');
  return Object.values(dcmjs.data.DicomMetaDictionary.nameMap).map(({ tag, vr, vm, name }) => {
    const isRetired = name.startsWith('RETIRED_');
    const keyword = isRetired ? name.slice('RETIRED_'.length) : name;
    return {
      tag: Number.parseInt(tag.slice(1, 5) + tag.slice(6, 10), 16),
      vr: DCMJS_CHOICES[vr] ?? vr,
      vm,
      keyword,
      name: nameFromKeyword(keyword),
      isRetired,
    };
  });
}

function readEntries(fileName: string): DictionaryEntry[] {
  return readTable(fileName, 6).map(([tag, vr, vm, keyword, retired, name]) => ({
    tag: Number.parseInt(tag, 16),
    vr,
    vm,
    keyword,
    name: name === '' ? nameFromKeyword(keyword) : name,
    isRetired: retired === 'retired',
  }));
}

function load(): Dictionary {
  const entries = new Map<number, DictionaryEntry>();
  const byKeyword = new Map<string, DictionaryEntry>();
  const vrs = new Map<number, string>();
  for (const entry of [...readEntries('dictionary-dcmjs.tsv'), ...readEntries('dictionary-corrections.tsv')]) {
    entries.set(entry.tag, entry);
    if (entry.keyword !== '') byKeyword.set(entry.keyword, entry);
    const vr = chooseVr(entry.vr);
    if (vr !== undefined) vrs.set(entry.tag, vr);
  }
  return { entries, byKeyword, vrs };
}

let loaded: Dictionary | undefined;

/**
 * The tag under which the dictionary holds a tag of a repeating group (PS3.5 7.6) or of one of PS3.6's other masks
 * (0020,31xx), (0028,04x0), (0028,08x0), (1000,xxx0), (1010,xxxx), (7Fxx,0010); any other tag comes back as it is.
 */
function unmask(tag: number): number {
  switch (tag >>> 24) {
    case 0x50:
    case 0x60:
    case 0x7f:
      return tag & 0xff00ffff;
    case 0x10:
      if (tag >>> 16 === 0x1000) return 0x10000010 | (tag & 0xf);
      return tag >>> 16 === 0x1010 ? 0x10100004 : tag;
    case 0x00:
      if ((tag & 0xffffff00) === 0x00203100) return 0x00203100;
      if ((tag & 0xffffff00) === 0x00280400) return 0x00280410 | (tag & 0xf);
      if ((tag & 0xffffff00) === 0x00280800) return 0x00280800 | (tag & 0xf);
      return tag;
    default:
      return tag;
  }
}

/**
 * The entry of a standard tag, with `tag` as asked. Repeating groups and masked tags are resolved; a group length
 * (gggg,0000) is UL (PS3.5 7.2). Undefined for private and unknown tags.
 */
export function findByTag(tag: number): DictionaryEntry | undefined {
  loaded ??= load();
  const exact = loaded.entries.get(tag);
  if (exact !== undefined) return exact;
  if (isPrivate(tag)) return undefined;
  if ((tag & 0xffff) === 0) {
    return { tag, vr: 'UL', vm: '1', keyword: 'GenericGroupLength', name: 'Generic Group Length', isRetired: true };
  }
  const masked = loaded.entries.get(unmask(tag));
  return masked === undefined ? undefined : { ...masked, tag };
}

/** The entry of a keyword, spelled exactly as in PS3.6; repeating groups stand at their first tag. */
export function findByKeyword(keyword: string): DictionaryEntry | undefined {
  loaded ??= load();
  return loaded.byKeyword.get(keyword);
}

/** Every keyword of the dictionary, retired ones included. */
export function keywords(): Iterable<string> {
  loaded ??= load();
  return loaded.byKeyword.keys();
}

/**
 * The VR of a standard tag, one look-up, nothing allocated. Of a choice it gives the VR in which the value can be copied
 * unread: OW where offered, US of `US or SS`. Undefined for private and unknown tags, items and delimiters.
 */
export function vrOf(tag: number): string | undefined {
  loaded ??= load();
  const vr = loaded.vrs.get(tag);
  if (vr !== undefined) return vr;
  if (isPrivate(tag)) return undefined;
  return (tag & 0xffff) === 0 ? 'UL' : loaded.vrs.get(unmask(tag));
}
