// CID 7050 De-identification Method (PS3.16, 2026d): the codes of (0012,0064), coding scheme DCM.
import { readTable } from './table-file.ts';

/** Code value → code meaning. */
export const CID_7050: ReadonlyMap<string, string> = new Map(
  readTable('cid-7050.tsv', 2).map(([code, meaning]) => [code, meaning]),
);
