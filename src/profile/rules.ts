// The rules of a profile as the engine takes them, and which of them speak about an attribute.
import { createHash } from 'node:crypto';

import { elementOf, groupOf, isPrivate } from '../standard/tags.ts';

import type { Condition } from './conditions.ts';
import { matchesMask, matchesPath } from './sequence-path.ts';
import type { SequencePath, Surroundings } from './sequence-path.ts';

export const ACTION_NAMES = [
  'keep',
  'remove',
  'zero',
  'dummy',
  'replace',
  'uid',
  'clean',
  'hash',
  'date',
  'quarantine',
] as const;

export type ActionName = (typeof ACTION_NAMES)[number];

/** What becomes of a date: moved by the subject's shift, gone as the Basic Profile has it, or set to the first day of its month or year. */
export const DATE_TREATMENTS = ['shift', 'remove', 'month', 'year'] as const;

export type DateTreatment = (typeof DATE_TREATMENTS)[number];

export type RuleAction =
  | { readonly kind: Exclude<ActionName, 'replace' | 'hash' | 'date'> }
  | { readonly kind: 'date'; readonly to: DateTreatment }
  /** `text` is ASCII without backslash. */
  | { readonly kind: 'replace'; readonly text: string }
  /** A keyed hash of `chars` characters. */
  | { readonly kind: 'hash'; readonly chars: number };

/** Which attributes a rule speaks about, wherever they stand. */
export type Selector =
  | { readonly kind: 'tag'; readonly tag: number }
  /** A tag whose bits under `mask` equal `value`, `(0018,xxxx)`. Private attributes only when the pattern fixes an odd group. */
  | { readonly kind: 'pattern'; readonly mask: number; readonly value: number }
  /** Any standard attribute; the rule's `vr` narrows it. */
  | { readonly kind: 'any' }
  /** Private elements of a creator, whatever block it reserved; `element` is the last byte of the tag. */
  | {
      readonly kind: 'private';
      readonly creator: string;
      readonly element: number | undefined;
      readonly group: number | undefined;
    }
  /** The instance as a whole; only with the action quarantine. */
  | { readonly kind: 'instance' };

/** What a rule leaves to the rules behind it. */
export interface Exception {
  readonly selector: Extract<Selector, { kind: 'tag' | 'pattern' }>;
  readonly path: SequencePath | undefined;
}

export interface Rule {
  readonly selector: Selector;
  /** Where the attribute has to stand; undefined for anywhere. */
  readonly path: SequencePath | undefined;
  /** VRs that the attribute may have; undefined for any. */
  readonly vrs: readonly string[] | undefined;
  readonly except: readonly Exception[];
  readonly when: Condition | undefined;
  readonly action: RuleAction;
  /** `file:line`, for receipts. */
  readonly place: string;
  /** Position in the profile: the lower one is asked first. */
  readonly order: number;
}

/** The rules of one profile, indexed by what they select. */
export class RuleSet {
  readonly all: readonly Rule[];
  /** Rules about instances as a whole. */
  readonly instanceRules: readonly Rule[];
  /** True when a rule can select a private attribute, so that blocks and their creators must be looked up. */
  readonly hasPrivateRules: boolean;
  readonly #byTag = new Map<number, Rule[]>();
  readonly #patterns: readonly Rule[];
  readonly #byCreator = new Map<string, Rule[]>();

  constructor(all: readonly Rule[]) {
    this.all = all;
    this.instanceRules = all.filter(({ selector }) => selector.kind === 'instance');
    this.#patterns = all.filter(({ selector }) => selector.kind === 'pattern' || selector.kind === 'any');
    for (const rule of all) {
      if (rule.selector.kind === 'tag') append(this.#byTag, rule.selector.tag, rule);
      else if (rule.selector.kind === 'private') append(this.#byCreator, rule.selector.creator, rule);
    }
    this.hasPrivateRules = all.some(({ selector }) => selectsPrivate(selector));
  }

  /**
   * The rules that select an attribute, in the order of the profile; their conditions are not asked here.
   * @param creator private creator of the attribute's block; undefined for standard attributes and blocks without one
   * @param place the sequences around it; undefined for the data set itself
   */
  select(tag: number, vr: string, creator: string | undefined, place?: Surroundings): readonly Rule[] {
    const exact = this.#byTag.get(tag) ?? [];
    const patterns = this.#patterns.filter((rule) => matchesPattern(rule.selector, tag));
    const privates =
      creator === undefined ? [] : (this.#byCreator.get(creator) ?? []).filter((rule) => matchesPrivate(rule, tag));
    if (exact.length + patterns.length + privates.length === 0) return exact;
    return [...exact, ...patterns, ...privates]
      .filter(
        ({ path, vrs, except }) =>
          (vrs?.includes(vr) ?? true) &&
          (path === undefined || matchesPath(path, place)) &&
          !except.some((exception) => isException(exception, tag, place)),
      )
      .sort((a, b) => a.order - b.order);
  }
}

function isException({ selector, path }: Exception, tag: number, place: Surroundings | undefined): boolean {
  const isSelected = selector.kind === 'tag' ? selector.tag === tag : matchesMask(selector, tag);
  return isSelected && (path === undefined || matchesPath(path, place));
}

function append<Key>(map: Map<Key, Rule[]>, key: Key, rule: Rule): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [rule]);
  else list.push(rule);
}

function selectsPrivate(selector: Selector): boolean {
  switch (selector.kind) {
    case 'private':
      return true;
    case 'tag':
      return isPrivate(selector.tag);
    case 'pattern':
      return isPrivate(selector.value);
    default:
      return false;
  }
}

function matchesPattern(selector: Selector, tag: number): boolean {
  if (isPrivate(tag) && !selectsPrivate(selector)) return false;
  return selector.kind === 'any' || (selector.kind === 'pattern' && matchesMask(selector, tag));
}

function matchesPrivate({ selector }: Rule, tag: number): boolean {
  if (selector.kind !== 'private' || !isPrivate(tag)) return false;
  return (
    (selector.element === undefined || selector.element === (elementOf(tag) & 0xff)) &&
    (selector.group === undefined || selector.group === groupOf(tag))
  );
}

/**
 * SHA-256 over a canonical JSON form: keys sorted, places left out, so that a comment or an empty line changes nothing and
 * any rule does. Lower-case hex.
 */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** JSON with sorted keys, without the places of rules. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === 'place') return undefined;
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
