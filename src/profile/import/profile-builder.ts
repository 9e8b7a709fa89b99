// The profile that an importer makes: rules that compile, remarks on what could not be carried over, and the text of the file.
import { LetheError } from '../../core/errors.ts';
import { findByTag } from '../../standard/dictionary.ts';
import { TABLE_EDITION } from '../../standard/table-e1-1.ts';
import type { OptionName } from '../../standard/table-e1-1.ts';
import { formatTag, isPrivate } from '../../standard/tags.ts';

import { parseProfile } from '../load.ts';
import { breaksSomeIod } from './what-basic-does.ts';

/** What is not in the profile as it was in the original. */
export interface Change {
  /** `left-out`: the effect is missing, and something stricter stands in its place. `differs`: the same is done in another way. */
  readonly kind: 'left-out' | 'differs';
  /** `file:line`. */
  readonly where: string;
  readonly what: string;
  /** What the profile does instead. */
  readonly instead: string;
}

/** The keys of a rule as they are written into the file. */
export type RuleText = Readonly<Partial<Record<string, string | number | readonly string[]>>>;

/** The keys that say what is done; the others select. */
const ACTION_KEYS: readonly string[] = ['action', 'with', 'chars', 'to'];

const DEFAULT_MAX_SHIFT_DAYS = 365;
const MAX_SHIFT_DAYS = 36_500;

export class ProfileBuilder {
  readonly changes: Change[] = [];
  /** What becomes of an attribute that nothing names, when the original says so. */
  unlisted: 'required-only' | undefined;
  subjectId: string | undefined;
  readonly #options = new Set<OptionName>();
  readonly #rules: { readonly text: string; readonly comment: string }[] = [];
  readonly #unconditional = new Set<string>();
  #maxShiftDays: number | undefined;
  #asBasic = 0;

  addOption(option: OptionName): void {
    this.#options.add(option);
  }

  hasOption(option: OptionName): boolean {
    return this.#options.has(option);
  }

  /** Dates have to be movable by so many days; without a number by a year, unless another one is said. */
  allowShift(days?: number): void {
    if (days === undefined || !Number.isFinite(days)) return;
    const whole = Math.abs(Math.trunc(days));
    this.#maxShiftDays = Math.min(MAX_SHIFT_DAYS, Math.max(this.#maxShiftDays ?? 1, whole));
  }

  /** The Basic Profile does the same: no rule is needed. */
  countAsBasic(): void {
    this.#asBasic++;
  }

  differs(where: string, what: string, instead: string): void {
    this.changes.push({ kind: 'differs', where, what: printable(what), instead: printable(instead) });
  }

  leaveOut(where: string, what: string, instead: string): void {
    this.changes.push({ kind: 'left-out', where, what: printable(what), instead: printable(instead) });
  }

  /**
   * Adds a rule. One that this language refuses is left out, and a dummy or removal stands in its place: never `keep`.
   * @param comment what the original calls it
   * @returns whether the rule is in the profile as it was given
   */
  addRule(rule: RuleText, comment: string, where: string): boolean {
    const refusal = refusalOf(rule);
    if (refusal === undefined) {
      this.#push(rule, comment);
      return true;
    }
    const selection = without(rule, ACTION_KEYS);
    // Where the condition is what is refused, the rule holds without it: a branch behind it must not speak in its place.
    const instead = [selection, without(selection, ['when'])]
      .flatMap((some): RuleText[] => [
        { ...some, action: 'dummy' },
        { ...some, action: 'remove' },
      ])
      .find((candidate) => refusalOf(candidate) === undefined);
    const isAlways = rule.when !== undefined && instead?.when === undefined;
    this.leaveOut(
      where,
      `${String(rule.action)} (${comment}): ${refusal}`,
      instead === undefined ? 'no rule' : `${String(instead.action)}${isAlways ? ', always' : ''}`,
    );
    if (instead !== undefined) this.#push(instead, comment);
    return false;
  }

  /** Adds a rule that takes one attribute's value away, and tells when some kind of object requires it. */
  addRemoval(tag: number, rule: RuleText, comment: string, where: string): void {
    const action = rule.action === 'zero' ? 'zero' : 'remove';
    if (this.addRule(rule, comment, where) && breaksSomeIod(tag, action))
      this.differs(where, `${action} ${tagText(tag)}`, 'objects that require it go to quarantine (iod-broken)');
  }

  #push(rule: RuleText, comment: string): void {
    const key = JSON.stringify(without(rule, [...ACTION_KEYS, 'when']));
    // What stands in front of it is asked first, there and here.
    if (this.#unconditional.has(key)) return;
    if (rule.when === undefined) this.#unconditional.add(key);
    this.#rules.push({ text: writeMapping(rule), comment: printable(comment) });
  }

  /** The text of the profile. @throws TypeError when it does not compile, which is our mistake */
  build(name: string, heading: readonly string[]): string {
    const lines = [
      '# yaml-language-server: $schema=profile.schema.json',
      ...[...heading, ...this.#report()].map((line) =>
        line === '' ? '#' : `# ${line.startsWith(' ') ? '  ' : ''}${printable(line)}`,
      ),
      `name: ${profileName(name)}`,
      'version: 1',
      `standard: ${TABLE_EDITION}`,
      ...(this.#options.size === 0
        ? []
        : ['', 'options:', ...[...this.#options].sort().map((option) => `  - ${option}`)]),
      ...(this.subjectId === undefined ? [] : ['', `subject: { id: ${quote(this.subjectId)}, name: "{id}" }`]),
      ...(this.#shifts() ? ['', `dates: { shiftDays: { max: ${this.#maxShiftDays ?? DEFAULT_MAX_SHIFT_DAYS} } }`] : []),
      ...(this.unlisted === undefined ? [] : ['', `unlisted: ${this.unlisted}`]),
      ...(this.#rules.length === 0 ? [] : ['', 'rules:', ...this.#ruleLines()]),
    ];
    const text = `${lines.join('\n')}\n`;
    try {
      parseProfile(text, 'imported.yaml');
    } catch (error: unknown) {
      throw new TypeError('an imported profile does not compile', { cause: error });
    }
    return text;
  }

  #shifts(): boolean {
    return (
      this.hasOption('retain-longitudinal-modified-dates') ||
      this.#rules.some(({ text }) => text.includes('action: date') && !text.includes(' to: '))
    );
  }

  #ruleLines(): readonly string[] {
    return this.#rules.map(({ text, comment }) => `  - ${text}${comment === '' ? '' : ` # ${comment}`}`);
  }

  #report(): readonly string[] {
    const lines = [
      '',
      'The Basic Profile of PS3.15 Annex E stands behind these rules: what no rule names is treated as Table E.1-1 says.',
    ];
    if (this.#asBasic > 0)
      lines.push(`Entries that needed no rule, because the Basic Profile takes those values away: ${this.#asBasic}.`);
    for (const kind of ['left-out', 'differs'] as const) {
      const some = this.changes.filter((change) => change.kind === kind);
      if (some.length === 0) continue;
      lines.push('', kind === 'left-out' ? 'Could not be translated:' : 'Done in another way:');
      for (const { where, what, instead } of some) lines.push(`  ${where}: ${what} → ${instead}`);
    }
    return lines;
  }
}

/** Why this language does not take a rule; undefined when it does. */
function refusalOf(rule: RuleText): string | undefined {
  const needsShift = rule.action === 'date' && (rule.to ?? 'shift') === 'shift';
  const dates = needsShift ? 'dates: { shiftDays: { max: 1 } }\n' : '';
  try {
    parseProfile(`name: x\nversion: 1\n${dates}rules:\n  - ${writeMapping(rule)}\n`, 'x');
    return undefined;
  } catch (error: unknown) {
    if (!(error instanceof LetheError)) throw error;
    return error.message.split('\n')[0].replace(/^x:\d+:\d+: /, '');
  }
}

/** How a rule names an attribute: `{ tag: PatientSex }`, or its tag when the dictionary does not know it. */
export function tagText(tag: number): string {
  return (isPrivate(tag) ? undefined : findByTag(tag)?.keyword) ?? formatTag(tag);
}

/** The rule without some of its keys. */
export function without(rule: RuleText, keys: readonly string[]): RuleText {
  return Object.fromEntries(Object.entries(rule).filter(([key]) => !keys.includes(key)));
}

function writeMapping(rule: RuleText): string {
  const entries = Object.entries(rule).map(([key, value]) => {
    if (typeof value === 'number') return `${key}: ${value}`;
    return `${key}: ${typeof value === 'string' ? quote(value) : `[${(value ?? []).map(quote).join(', ')}]`}`;
  });
  return `{ ${entries.join(', ')} }`;
}

/** A YAML scalar that is read back as this text. */
function quote(text: string): string {
  const isWord = /^[A-Za-z][A-Za-z0-9-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
  // A JSON string is a YAML scalar in double quotes.
  return isWord ? text : JSON.stringify(text);
}

function profileName(name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 32);
  return plain === '' ? 'imported' : plain;
}

/** For a comment and a terminal: one line without control and format characters. */
function printable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')
    .trim();
}
