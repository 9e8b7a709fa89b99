// Two profiles side by side.
import { randomBytes } from 'node:crypto';
import { actionTableFor } from '../../deid/action-table.ts';
import type { Decision } from '../../deid/decision.ts';
import { ProjectKeys } from '../../deid/keys.ts';
import type { CompiledProfile } from '../../profile/compiled.ts';
import { canonical } from '../../profile/rules.ts';
import { findByKeyword, keywords } from '../../standard/dictionary.ts';
import { formatTag } from '../../standard/tags.ts';
import { walkFiles } from '../walk-files.ts';
import { explainRows, type ExplainRow } from './explain-rows.ts';
import { isNoDicom, preview, type Preview } from './preview.ts';

export interface SettingDifference {
  readonly setting: string;
  readonly a: string;
  readonly b: string;
}

export interface DecisionDifference {
  readonly tag: string;
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

export interface FileDifference {
  /** As in receipts: `[*]` stands for all items. */
  readonly path: string;
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly elements: number;
  readonly files: number;
}

/** Of an IOD that is known and has most modules: what differs for one class alone shows on files. */
const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';

/** Settings, rules and what is done to each attribute of the dictionary at the top level of a CT image. */
export function compareProfiles(
  a: CompiledProfile,
  b: CompiledProfile,
): { readonly settings: readonly SettingDifference[]; readonly decisions: readonly DecisionDifference[] } {
  if (a.digest === b.digest) return { settings: [], decisions: [] };
  return { settings: [...compareSettings(a, b), ...compareRules(a, b)], decisions: compareDecisions(a, b) };
}

function compareSettings(a: CompiledProfile, b: CompiledProfile): SettingDifference[] {
  const settings = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const aside of ['rules', 'digest']) settings.delete(aside);
  const textOf = (profile: CompiledProfile, setting: string): string => {
    const value: unknown = profile[setting as keyof CompiledProfile];
    if (value instanceof Set) return [...(value as Set<string>)].sort().join(' ') || 'none';
    return typeof value === 'string' || typeof value === 'number' ? String(value) : canonical(value ?? null);
  };
  settings.delete('options');
  const rows = [...settings].map((setting) => ({ setting, a: textOf(a, setting), b: textOf(b, setting) }));
  return [...rows.filter((row) => row.a !== row.b), ...compareOptions(a, b)];
}

/** A row per option that only one of them has. */
function compareOptions({ options: inA }: CompiledProfile, { options: inB }: CompiledProfile): SettingDifference[] {
  const yesOrNo = (has: boolean): string => (has ? 'yes' : 'no');
  return [...new Set([...inA, ...inB])]
    .filter((option) => inA.has(option) !== inB.has(option))
    .sort()
    .map((option) => ({ setting: `option ${option}`, a: yesOrNo(inA.has(option)), b: yesOrNo(inB.has(option)) }));
}

/** Rules that only one of them has, each by its place in the file. */
function compareRules(a: CompiledProfile, b: CompiledProfile): SettingDifference[] {
  const contentOf = (profile: CompiledProfile): Map<string, { place: string; action: string }> =>
    new Map(
      profile.rules.all.map((rule) => [
        canonical({ ...rule, order: 0 }),
        { place: rule.place, action: canonical(rule.action) },
      ]),
    );
  const [ofA, ofB] = [contentOf(a), contentOf(b)];
  const onlyIn = (one: typeof ofA, other: typeof ofA): { place: string; action: string }[] =>
    [...one].filter(([content]) => !other.has(content)).map(([, rule]) => rule);
  return [
    ...onlyIn(ofA, ofB).map(({ place, action }) => ({ setting: `rule ${place}`, a: action, b: '' })),
    ...onlyIn(ofB, ofA).map(({ place, action }) => ({ setting: `rule ${place}`, a: '', b: action })),
  ];
}

function compareDecisions(a: CompiledProfile, b: CompiledProfile): DecisionDifference[] {
  const [tableA, tableB] = [actionTableFor(a, CT_IMAGE), actionTableFor(b, CT_IMAGE)];
  const differences: (DecisionDifference & { number: number })[] = [];
  for (const keyword of keywords()) {
    const entry = findByKeyword(keyword);
    if (entry === undefined) continue;
    const { tag, vr, name } = entry;
    const decisionA = describeDecision(tableA.decide(tableA.root, tag, vr));
    const decisionB = describeDecision(tableB.decide(tableB.root, tag, vr));
    if (decisionA !== decisionB)
      differences.push({ number: tag, tag: formatTag(tag), name, a: decisionA, b: decisionB });
  }
  return differences
    .sort((one, other) => one.number - other.number)
    .map(({ tag, name, a: inA, b: inB }) => ({ tag, name, a: inA, b: inB }));
}

/** What is done, not by which line: two profiles that do the same differ in nothing. */
function describeDecision(decision: Decision): string {
  const { kind, text, chars, choices, fallback, inside } = decision;
  if (kind === 'choose') {
    const parts = (choices ?? []).map(
      (choice) => `${choice.when === undefined ? '' : 'if … '}${describeDecision(choice.decision)}`,
    );
    return [...parts, ...(fallback === undefined ? [] : [describeDecision(fallback)])].join(', else ');
  }
  const detail = text ?? (chars === undefined ? undefined : String(chars));
  const items = inside === undefined || inside.mode === 'plain' ? '' : ` (items ${inside.mode})`;
  return (detail === undefined ? kind : `${kind} ${detail}`) + items;
}

/** Both profiles on each file, with the same keys, so that pseudonyms do not differ. */
export async function compareOnFiles(
  a: CompiledProfile,
  b: CompiledProfile,
  paths: readonly string[],
): Promise<{ readonly compared: number; readonly skipped: number; readonly attributes: readonly FileDifference[] }> {
  const keys = new ProjectKeys(randomBytes(32));
  const sums = new Map<string, FileDifference>();
  const totals = { compared: 0, skipped: 0 };
  for await (const path of walkFiles(paths)) {
    const [ofA, ofB] = [await rowsOf(path, a, keys), await rowsOf(path, b, keys)];
    if (isNoDicom(ofA) && isNoDicom(ofB)) totals.skipped++;
    else {
      totals.compared++;
      addFile(sums, ofA, ofB);
    }
  }
  const attributes = [...sums.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  return { ...totals, attributes };
}

function rowsOf(path: string, profile: CompiledProfile, keys: ProjectKeys): Promise<Preview<ExplainRow[]>> {
  return preview(path, profile, keys, ({ dataSet, outcome }) => explainRows(dataSet, outcome, profile, false));
}

function addFile(sums: Map<string, FileDifference>, a: Preview<ExplainRow[]>, b: Preview<ExplainRow[]>): void {
  const inFile = new Map<string, FileDifference>();
  const note = (path: string, name: string, inA: string, inB: string): void => {
    if (inA === inB) return;
    const key = `${path}\n${inA}\n${inB}`;
    const known = inFile.get(key);
    inFile.set(key, { path, name, a: inA, b: inB, elements: (known?.elements ?? 0) + 1, files: 1 });
  };
  if (a.kind === 'quarantined' || b.kind === 'quarantined') note('(whole instance)', '', fateOf(a), fateOf(b));
  else {
    // The same attribute may stand twice in a broken file: the last one counts.
    const rowsOfB = new Map(b.value.map((row) => [row.path, row]));
    const seen = new Set<string>();
    for (const row of a.value) {
      seen.add(row.path);
      note(allItems(row.path), row.name, whatHappens(row), whatHappens(rowsOfB.get(row.path)));
    }
    for (const row of b.value)
      if (!seen.has(row.path)) note(allItems(row.path), row.name, whatHappens(undefined), whatHappens(row));
  }
  for (const [key, found] of inFile) {
    const sum = sums.get(key);
    sums.set(key, {
      ...found,
      elements: (sum?.elements ?? 0) + found.elements,
      files: (sum?.files ?? 0) + 1,
    });
  }
}

const allItems = (path: string): string => path.replace(/\[\d+\]/g, '[*]');

/** A sequence that only one of them keeps has rows for its items only there. */
function whatHappens(row: ExplainRow | undefined): string {
  return row?.action ?? 'not there';
}

function fateOf(result: Preview<unknown>): string {
  return result.kind === 'clean' ? 'clean' : `quarantined: ${result.reason}`;
}
