// The excerpts of the standard in ../shared/standard (its README.md says where each came from), as typed rows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DictionaryRow {
  readonly tag: string;
  readonly vr: string;
  readonly vm: string;
  readonly name: string;
  readonly retired: boolean;
  readonly keyword: string;
}

export interface UidRow {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly retired: boolean;
}

export interface ProfileTableRow {
  readonly tag: string;
  readonly kind: 'single' | 'repeating' | 'private';
  readonly name: string;
  readonly keyword: string | null;
  readonly retired: boolean;
  readonly inStdIOD: boolean;
  readonly basic: string;
  readonly rtnSafePrivOpt: 'C' | null;
  readonly rtnUIDsOpt: 'K' | null;
  readonly rtnDevIdOpt: 'K' | 'C' | null;
  readonly rtnInstIdOpt: 'K' | null;
  readonly rtnPatCharsOpt: 'K' | 'C' | null;
  readonly rtnLongFullDatesOpt: 'K' | null;
  readonly rtnLongModifDatesOpt: 'C' | null;
  readonly cleanDescOpt: 'C' | null;
  readonly cleanStructContOpt: 'C' | null;
  readonly cleanGraphOpt: 'C' | null;
}

export interface SafePrivateRow {
  readonly group: string;
  readonly element: string;
  readonly privateCreator: string;
  readonly vr: string | null;
  readonly vm: string | null;
  readonly meaning: string | null;
}

export interface CodeRow {
  readonly codeValue: string;
  readonly codeMeaning: string;
}

/** The files by name, with the type of one row. */
interface SharedFiles {
  'data-dictionary.json': DictionaryRow;
  'uids.json': UidRow;
  'table-e1-1.json': ProfileTableRow;
  'safe-private.json': SafePrivateRow;
  'cid-7050.json': CodeRow;
}

/** All rows of one file of the shared folder. */
export function readShared<Name extends keyof SharedFiles>(folder: string, name: Name): SharedFiles[Name][] {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as SharedFiles[Name][];
}
