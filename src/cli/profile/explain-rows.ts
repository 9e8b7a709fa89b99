// What becomes of each attribute of one instance: the tree that came and the tree that would leave, walked side by side.
import { DEFAULT_CHARACTER_SET, type CharacterSet } from '../../dicom/character-set.ts';
import type { DataSet, Element, Encoding, Item, OutputElement, OutputItem } from '../../dicom/element.ts';
import { findElement } from '../../dicom/values.ts';
import { actionTableFor, type ActionTable } from '../../deid/action-table.ts';
import { characterSetOf } from '../../deid/identity.ts';
import type { DeidOutcome, ReceiptAction } from '../../deid/outcome.ts';
import type { Place } from '../../deid/place.ts';
import type { CompiledProfile } from '../../profile/compiled.ts';
import { findByTag } from '../../standard/dictionary.ts';
import { elementOf, formatTag, isPrivate } from '../../standard/tags.ts';
import { countItems, hideValue, showValue } from './show-value.ts';

export interface ExplainRow {
  /** Tags of the sequences around it and the number of the item from 1, `(0040,A730)[2].(0040,A160)`. */
  readonly path: string;
  readonly tag: string;
  /** Of the dictionary. */
  readonly name: string;
  /** Private creator of a private attribute; empty for any other. */
  readonly creator: string;
  readonly vr: string;
  /** Kind and length, or the value itself when it is to be shown; empty for what was not there. */
  readonly before: string;
  /** Where items of a sequence were treated differently and the result does not tell which: `dummy or clean`. */
  readonly action: 'keep' | ReceiptAction['action'] | `${string} or ${string}`;
  /** As in a receipt, and the options that acted: `E.1-1 clean-descriptors`. */
  readonly rule: string;
  /** Empty for what goes. What we wrote is shown, unless it was made of the original. */
  readonly after: string;
}

/** What a receipt says of one attribute. */
type Deed = Pick<ExplainRow, 'action' | 'rule'>;

/** Where nothing of an attribute was changed, whatever was decided about it. */
const AS_BEFORE = 'as before';

/** Actions whose new value says nothing about the original. */
const TELLING_NOTHING: ReadonlySet<string> = new Set(['zero', 'dummy', 'replace', 'uid', 'hash', 'add']);

/** A row per attribute, in the order of the data set; what was added stands where it will stand. */
export function explainRows(
  dataSet: DataSet,
  outcome: DeidOutcome,
  profile: CompiledProfile,
  isShowingValues: boolean,
): ExplainRow[] {
  return new Explainer(dataSet, outcome, profile, isShowingValues).run();
}

/** False for what stays: a time that moves by whole days, and a sequence in which nothing was found, are as before although something was decided about them. */
export function isChanged({ action, after }: ExplainRow): boolean {
  return action !== 'keep' && after !== AS_BEFORE;
}

/** A list of elements on the way. */
interface Surroundings {
  readonly elements: readonly Element[];
  readonly encoding: Encoding;
  readonly characterSet: CharacterSet;
  /** With the numbers of items, and with `[*]` as receipts write it. */
  readonly prefix: string;
  readonly receiptPrefix: string;
  /** Where decisions for it are kept; undefined where the profile's rules decide by the instance. */
  readonly place: Place | undefined;
}

class Explainer {
  readonly #dataSet: DataSet;
  readonly #outcome: DeidOutcome;
  readonly #isShowingValues: boolean;
  readonly #table: ActionTable;
  readonly #actions = new Map<string, ReceiptAction[]>();
  readonly #rows: ExplainRow[] = [];

  constructor(dataSet: DataSet, outcome: DeidOutcome, profile: CompiledProfile, isShowingValues: boolean) {
    this.#dataSet = dataSet;
    this.#outcome = outcome;
    this.#isShowingValues = isShowingValues;
    this.#table = actionTableFor(profile, outcome.sopClassUid);
    for (const action of outcome.receipt.actions) {
      const known = this.#actions.get(action.path);
      if (known === undefined) this.#actions.set(action.path, [action]);
      else known.push(action);
    }
  }

  run(): ExplainRow[] {
    const { elements, encoding } = this.#dataSet;
    const characterSet = characterSetOf(this.#dataSet, elements, DEFAULT_CHARACTER_SET);
    const place = this.#table.root;
    this.#list(
      { elements, encoding, characterSet, prefix: '', receiptPrefix: '', place },
      this.#outcome.output.elements,
    );
    return this.#rows;
  }

  /** @param output what leaves of the list; undefined when all of it stays as it is */
  #list(around: Surroundings, output: readonly OutputElement[] | undefined): void {
    if (output === undefined) {
      for (const element of around.elements) this.#kept(element, around);
      return;
    }
    const { results, accounted } = matchElements(around.elements, output, (tag) =>
      this.#noted(tag, around).some(({ action }) => action === 'add'),
    );
    const added = output.filter((element) => !accounted.has(element));
    let next = 0;
    for (const element of around.elements) {
      while (next < added.length && tagOf(added[next]) < element.tag) this.#added(added[next++], around);
      this.#one(element, results.get(element), around);
    }
    for (; next < added.length; next++) this.#added(added[next], around);
  }

  #one(element: Element, result: OutputElement | undefined, around: Surroundings): void {
    if (result?.kind === 'kept') this.#kept(element, around);
    else if (result === undefined) this.#push(element, around, 'remove', '');
    else if (result.kind === 'written') this.#written(element, result, around);
    else if (result.items.length === 0) this.#push(element, around, 'zero', 'empty');
    else this.#sequence(element, result.items, around);
  }

  #kept(element: Element, around: Surroundings): void {
    const { items } = element;
    this.#push(element, around, 'keep', AS_BEFORE);
    items?.forEach((item, index) => {
      this.#list(this.#inside(element, item, index, around), undefined);
    });
  }

  #written(element: Element, { vr, value }: OutputElement & { kind: 'written' }, around: Surroundings): void {
    const kind = value.length === 0 ? 'zero' : 'replace';
    const action = this.#actionOf(element, around, kind)?.action;
    const isShown = this.#isShowingValues || (action !== undefined && TELLING_NOTHING.has(action));
    const { characterSet, encoding } = around;
    const after = isShown ? showValue(vr, value, characterSet, encoding.isBigEndian) : hideValue(vr, value.length);
    this.#push(element, around, kind, after);
  }

  #sequence(element: Element, items: readonly OutputItem[], around: Surroundings): void {
    this.#push(element, around, 'keep', countItems(items.length));
    const results = new Map(items.map((item) => [item.original, item]));
    element.items?.forEach((item, index) => {
      const result = results.get(item);
      const inside = this.#inside(element, item, index, around);
      this.#list(inside, result?.elements ?? []);
    });
    items.forEach((item, index) => {
      if (item.original === undefined) this.#addedItem(formatTag(element.tag), item, index, around);
    });
  }

  #inside(element: Element, item: Item, index: number, around: Surroundings): Surroundings {
    const tag = formatTag(element.tag);
    const { place } = around;
    return {
      elements: item.elements,
      encoding: item.encoding,
      characterSet: characterSetOf(this.#dataSet, item.elements, around.characterSet),
      prefix: `${around.prefix}${tag}[${index + 1}].`,
      receiptPrefix: `${around.receiptPrefix}${tag}[*].`,
      place:
        place === undefined || isPrivate(element.tag)
          ? undefined
          : this.#table.decide(place, element.tag, element.vr).inside,
    };
  }

  // ---- what was not there before ---------------------------------------------------------------------------------

  /** @param within rule that added the sequence around it; what no entry of the receipt speaks for is not shown */
  #added(element: OutputElement, around: Surroundings, within = ''): void {
    if (element.kind === 'kept') return;
    const tag = formatTag(element.tag);
    const rule = this.#actions.get(around.receiptPrefix + tag)?.find(({ action }) => action === 'add')?.rule ?? within;
    const isSequence = element.kind === 'sequence';
    const after = isSequence
      ? countItems(element.items.length)
      : rule === '' && !this.#isShowingValues
        ? hideValue(element.vr, element.value.length)
        : showValue(element.vr, element.value, around.characterSet, around.encoding.isBigEndian);
    this.#rows.push({
      ...{ path: around.prefix + tag, tag, name: findByTag(element.tag)?.name ?? '', creator: '' },
      ...{ vr: isSequence ? 'SQ' : element.vr, before: '', action: 'add', rule, after },
    });
    if (isSequence)
      element.items.forEach((item, index) => {
        this.#addedItem(tag, item, index, around, rule);
      });
  }

  #addedItem(sequence: string, { elements }: OutputItem, index: number, around: Surroundings, within = ''): void {
    const inside = {
      ...around,
      elements: [],
      prefix: `${around.prefix}${sequence}[${index + 1}].`,
      receiptPrefix: `${around.receiptPrefix}${sequence}[*].`,
      place: undefined,
    };
    for (const element of elements) this.#added(element, inside, within);
  }

  // ---- rows ------------------------------------------------------------------------------------------------------

  #push(element: Element, around: Surroundings, kind: 'keep' | 'remove' | 'zero' | 'replace', after: string): void {
    const tag = formatTag(element.tag);
    const noted = kind === 'keep' ? this.#deedOnKept(element, around) : this.#actionOf(element, around, kind);
    this.#rows.push({
      path: around.prefix + tag,
      tag,
      name: nameOf(element.tag),
      creator: creatorOf(element, around, this.#dataSet),
      vr: element.vr,
      before: this.#before(element, around),
      action: noted?.action ?? kind,
      rule: noted === undefined ? this.#ruleOfKept(element, kind, around) : this.#ruleOf(noted, element, around),
      after,
    });
  }

  /** The receipt has one entry for all items of a sequence that were treated alike; where they were not, the result tells which. */
  #actionOf(element: Element, around: Surroundings, kind: 'remove' | 'zero' | 'replace'): Deed | undefined {
    const noted = this.#noted(element.tag, around);
    const fits = ({ action }: ReceiptAction): boolean =>
      kind === 'replace' ? action !== 'remove' && action !== 'zero' && action !== 'add' : action === kind;
    const fitting = noted.filter(fits);
    const [first, ...others] = new Set(fitting.map(({ action }) => action));
    if (others.length > 0) {
      const rules = [...new Set(fitting.map(({ rule }) => rule))];
      return { action: `${first} or ${others.join(' or ')}`, rule: rules.join(' or ') };
    }
    return fitting.at(0) ?? (kind === 'zero' ? noted.find(({ action }) => action !== 'remove') : undefined);
  }

  #noted(tag: number, around: Surroundings): readonly ReceiptAction[] {
    return this.#actions.get(around.receiptPrefix + formatTag(tag)) ?? [];
  }

  /** A time that was moved by whole days stays as it is, and a sequence is cleaned by what is done inside. */
  #deedOnKept(element: Element, around: Surroundings): ReceiptAction | undefined {
    const isSequence = element.items !== undefined;
    if (element.valueLength === 0 && !isSequence) return undefined;
    return this.#noted(element.tag, around).find(
      ({ action }) => action === 'date' || (action === 'clean' && isSequence),
    );
  }

  #ruleOfKept(element: Element, kind: string, { place }: Surroundings): string {
    if (kind !== 'keep' || place?.mode !== 'plain' || isPrivate(element.tag)) return '';
    const { rule, options } = this.#table.decide(place, element.tag, element.vr);
    return [rule, ...(options ?? [])].join(' ');
  }

  /** The receipt names the table alone; the option is that of the decision, unless what it falls back on was done in its place. */
  #ruleOf({ action, rule }: Deed, element: Element, { place }: Surroundings): string {
    if (place === undefined || isPrivate(element.tag)) return rule;
    const decision = this.#table.decide(place, element.tag, element.vr);
    const isDone = decision.action === action && decision.rule === rule && decision.fallback?.action !== action;
    return isDone ? [rule, ...(decision.options ?? [])].join(' ') : rule;
  }

  #before(element: Element, { characterSet, encoding }: Surroundings): string {
    const { items, vr, valueStart, valueLength } = element;
    if (items !== undefined) return countItems(items.length);
    if (!this.#isShowingValues) return hideValue(vr, valueLength);
    const bytes = this.#dataSet.source.view(valueStart, valueLength);
    return bytes === undefined ? hideValue(vr, valueLength) : showValue(vr, bytes, characterSet, encoding.isBigEndian);
  }
}

function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}

/**
 * Which output element came of which element; a written one came of the first of its tag that is not accounted for.
 * @param isAnew what the receipt says was added: it replaces one that was removed
 */
function matchElements(
  elements: readonly Element[],
  output: readonly OutputElement[],
  isAnew: (tag: number) => boolean,
): { readonly results: ReadonlyMap<Element, OutputElement>; readonly accounted: ReadonlySet<OutputElement> } {
  const results = new Map<Element, OutputElement>();
  const accounted = new Set<OutputElement>();
  const match = (element: Element, result: OutputElement): void => {
    results.set(element, result);
    accounted.add(result);
  };
  const known = new Set(elements);
  for (const result of output) {
    const original = result.kind === 'kept' ? result.element : result.kind === 'sequence' ? result.original : undefined;
    if (original !== undefined && known.has(original)) match(original, result);
  }
  const byTag = new Map<number, OutputElement[]>();
  for (const result of output) {
    if (accounted.has(result) || isAnew(tagOf(result))) continue;
    const same = byTag.get(tagOf(result));
    if (same === undefined) byTag.set(tagOf(result), [result]);
    else same.push(result);
  }
  for (const element of elements) {
    if (results.has(element)) continue;
    const result = byTag.get(element.tag)?.shift();
    if (result !== undefined) match(element, result);
  }
  return { results, accounted };
}

function nameOf(tag: number): string {
  if (isPrivate(tag)) return elementOf(tag) < 0x100 ? 'Private Creator' : 'private';
  return findByTag(tag)?.name ?? (elementOf(tag) === 0 ? 'Group Length' : 'unknown');
}

function creatorOf({ tag }: Element, { elements, characterSet }: Surroundings, { source }: DataSet): string {
  if (!isPrivate(tag) || elementOf(tag) < 0x1000) return '';
  const creatorTag = ((tag & 0xffff0000) | (elementOf(tag) >>> 8)) >>> 0;
  const creator = findElement(elements, creatorTag);
  const bytes = creator === undefined ? undefined : source.view(creator.valueStart, creator.valueLength);
  return bytes === undefined ? '' : characterSet.decode(bytes, 'LO').trim();
}
