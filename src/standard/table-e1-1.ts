// Table E.1-1 of PS3.15 (2026d), Application Level Confidentiality Profile Attributes: generated, never typed by hand.
import { LetheError } from '../core/errors.ts';

import { readTable } from './table-file.ts';
import { isPrivate } from './tags.ts';

/** The edition of the standard that the table was taken from. */
export const TABLE_EDITION = 'PS3.15-2026d';

/** The codes of the Basic Profile column (PS3.15 Table E.1-1a); a compound one is decided by the attribute's Type in the IOD. */
export const ACTION_CODES = ['X', 'Z', 'D', 'U', 'X/Z', 'X/D', 'Z/D', 'X/Z/D', 'X/Z/U*'] as const;

export type ActionCode = (typeof ACTION_CODES)[number];

/** The options of PS3.15 E.3 that have a column in the table, in the order of the columns of table-e1-1.tsv. */
export const COLUMN_OPTIONS = [
  'retain-safe-private',
  'retain-uids',
  'retain-device-identity',
  'retain-institution-identity',
  'retain-patient-characteristics',
  'retain-longitudinal-full-dates',
  'retain-longitudinal-modified-dates',
  'clean-descriptors',
  'clean-structured-content',
  'clean-graphics',
] as const;

/** Every option of PS3.15 E.3; the last two act on pixels and have no column. */
export const OPTION_NAMES = [...COLUMN_OPTIONS, 'clean-pixel-data', 'clean-recognizable-visual-features'] as const;

export type OptionName = (typeof OPTION_NAMES)[number];

/** One row of the table. */
export interface TableRow {
  /** `(0010,0020)`, `(50xx,xxxx)`, `(60xx,3000)`, `(60xx,4000)`, or `(gggg,eeee)` for private attributes. */
  readonly tagPattern: string;
  /** Keyword of PS3.6; `PrivateAttributes` and `CurveData` for the two rows that stand for many attributes. */
  readonly keyword: string;
  readonly name: string;
  readonly basic: ActionCode;
  /** What an option changes: K keep (a sequence is cleaned instead), C clean. */
  readonly options: Partial<Record<OptionName, 'K' | 'C'>>;
  readonly isRetired: boolean;
  /** The attribute occurs in a standard composite IOD. */
  readonly isInStandardIod: boolean;
}

interface Table {
  readonly rows: readonly TableRow[];
  readonly byTag: ReadonlyMap<number, TableRow>;
  readonly privateRow: TableRow;
  readonly curveRow: TableRow;
  /** Rows of the repeating group 60xx by element number. */
  readonly overlayRows: ReadonlyMap<number, TableRow>;
}

const FIRST_OPTION_COLUMN = 6;

function readRow(cells: readonly string[]): TableRow {
  const [tagPattern, keyword, name, retired, inStandardIod, basic] = cells;
  const options: Partial<Record<OptionName, 'K' | 'C'>> = {};
  for (const [index, option] of COLUMN_OPTIONS.entries()) {
    const cell = cells[FIRST_OPTION_COLUMN + index];
    if (cell === 'K' || cell === 'C') options[option] = cell;
  }
  return {
    tagPattern,
    keyword,
    name,
    basic: basic as ActionCode,
    options,
    isRetired: retired === 'retired',
    isInStandardIod: inStandardIod === 'Y',
  };
}

function load(): Table {
  const all = readTable('table-e1-1.tsv', FIRST_OPTION_COLUMN + COLUMN_OPTIONS.length).map(readRow);
  const byTag = new Map<number, TableRow>();
  const overlayRows = new Map<number, TableRow>();
  const special = new Map<string, TableRow>();
  for (const row of all) {
    const digits = row.tagPattern.slice(1, 5) + row.tagPattern.slice(6, 10);
    if (/^[0-9A-F]{8}$/.test(digits)) byTag.set(Number.parseInt(digits, 16), row);
    else if (/^60xx[0-9A-F]{4}$/.test(digits)) overlayRows.set(Number.parseInt(digits.slice(4), 16), row);
    else special.set(row.tagPattern, row);
  }
  const privateRow = special.get('(gggg,eeee)');
  const curveRow = special.get('(50xx,xxxx)');
  if (privateRow === undefined || curveRow === undefined) {
    throw new LetheError(
      'config-unreadable',
      'profiles/standard/table-e1-1.tsv lacks the row for private attributes or for curves; run scripts/generate-standard.ts',
    );
  }
  return { rows: all, byTag, privateRow, curveRow, overlayRows };
}

let loaded: Table | undefined;

/** All rows in the order of the standard, the ones for private attributes and repeating groups included. */
export function rows(): readonly TableRow[] {
  loaded ??= load();
  return loaded.rows;
}

/** The row for private attributes, `(gggg,eeee)` where gggg is odd. */
export function privateRow(): TableRow {
  loaded ??= load();
  return loaded.privateRow;
}

/**
 * The row that governs a tag: its own, that of the repeating group for (50xx,xxxx), (60xx,3000) and (60xx,4000), the private
 * row for an odd group; undefined when the table does not list the tag.
 */
export function findRow(tag: number): TableRow | undefined {
  loaded ??= load();
  const row = loaded.byTag.get(tag);
  if (row !== undefined) return row;
  if (isPrivate(tag)) return loaded.privateRow;
  if (tag >>> 24 === 0x50) return loaded.curveRow;
  return tag >>> 24 === 0x60 ? loaded.overlayRows.get(tag & 0xffff) : undefined;
}
