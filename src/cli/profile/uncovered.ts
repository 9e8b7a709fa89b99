// Attributes of files that nothing names: what happens to them follows from a general rule, and a person may want to decide.
import { randomBytes } from 'node:crypto';
import { ProjectKeys } from '../../deid/keys.ts';
import type { CompiledProfile } from '../../profile/compiled.ts';
import { findSafePrivate } from '../../standard/safe-private.ts';
import { findRow } from '../../standard/table-e1-1.ts';
import { elementOf, isPrivate, parseTag } from '../../standard/tags.ts';
import { walkFiles } from '../walk-files.ts';
import { explainRows, type ExplainRow } from './explain-rows.ts';
import { isNoDicom, preview } from './preview.ts';

export interface UncoveredAttribute {
  readonly tag: string;
  readonly name: string;
  readonly creator: string;
  readonly vr: string;
  readonly action: ExplainRow['action'];
  /** The general rule that decides. */
  readonly rule: string;
  readonly files: number;
  readonly elements: number;
}

export interface CoverageReport {
  /** Files that are DICOM, those that would be quarantined among them. */
  readonly files: number;
  readonly quarantined: number;
  readonly skipped: number;
  readonly attributes: readonly UncoveredAttribute[];
}

const FILE_AND_LINE = /:\d+$/;

export async function findUncovered(folder: string, profile: CompiledProfile): Promise<CoverageReport> {
  const keys = new ProjectKeys(randomBytes(32));
  const sums = new Map<string, UncoveredAttribute>();
  const totals = { files: 0, quarantined: 0, skipped: 0 };
  for await (const path of walkFiles([folder])) {
    const result = await preview(path, profile, keys, ({ dataSet, outcome }) =>
      explainRows(dataSet, outcome, profile, false).filter((row) => !isNamed(row, profile)),
    );
    if (isNoDicom(result)) {
      totals.skipped++;
      continue;
    }
    totals.files++;
    if (result.kind === 'quarantined') totals.quarantined++;
    else addFile(sums, result.value);
  }
  const attributes = [...sums.values()].sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : b.files - a.files));
  return { ...totals, attributes };
}

function addFile(sums: Map<string, UncoveredAttribute>, rows: readonly ExplainRow[]): void {
  const inFile = new Set<string>();
  for (const { tag, name, creator, vr, action, rule } of rows) {
    // The block that a creator reserves lies elsewhere in the next file.
    const shownTag = creator === '' ? tag : `${tag.slice(0, 6)}xx${tag.slice(8)}`;
    const key = [shownTag, creator, vr, action, rule].join('\n');
    const sum = sums.get(key);
    const files = (sum?.files ?? 0) + (inFile.has(key) ? 0 : 1);
    inFile.add(key);
    sums.set(key, { tag: shownTag, name, creator, vr, action, rule, files, elements: (sum?.elements ?? 0) + 1 });
  }
}

function isNamed(row: ExplainRow, { rules }: CompiledProfile): boolean {
  const tag = parseTag(row.tag);
  // What we add is no attribute that was met; group lengths and creators only serve others.
  if (tag === undefined || row.action === 'add' || elementOf(tag) === 0) return true;
  if (FILE_AND_LINE.test(row.rule)) return true;
  if (!isPrivate(tag)) return findRow(tag) !== undefined || rules.select(tag, row.vr, undefined).length > 0;
  if (elementOf(tag) < 0x100) return true;
  if (row.creator === '') return rules.select(tag, row.vr, undefined).length > 0;
  return findSafePrivate(row.creator, tag) !== undefined || rules.select(tag, row.vr, row.creator).length > 0;
}
