// Walks the element tree of one instance once, acts on each attribute as decided, and notes what may have to be looked at again.
import { InstanceError } from '../core/errors.ts';
import type { CharacterSet } from '../dicom/character-set.ts';
import type { DataSet, Element, Encoding, Item, OutputElement, OutputItem } from '../dicom/element.ts';
import { findElement, padValue, trimPadding } from '../dicom/values.ts';
import { elementOf, formatTag, groupOf, isPrivate, TAG } from '../standard/tags.ts';
import { isStandardUid } from '../standard/uids.ts';

import { identifiesWhat } from './action-table.ts';
import type { ActionTable } from './action-table.ts';
import type { ConditionScope } from './condition-scope.ts';
import { shiftDates } from './dates.ts';
import type { Decision } from './decision.ts';
import { emptyDocument } from './document-dummies.ts';
import { dummyFor } from './dummies.ts';
import { Identifiers } from './identifiers.ts';
import { characterSetOf } from './identity.ts';
import type { ProjectKeys } from './keys.ts';
import type { Place } from './place.ts';
import type { Subject } from './subject.ts';

const NOTHING = Buffer.alloc(0);
/** PS3.5 7.5; the reader has its own, lower limit. */
const MAX_DEPTH = 1024;

/** A kept value that may hold an identifier. */
export interface Candidate {
  readonly element: Element;
  readonly decision: Decision;
  readonly characterSet: CharacterSet;
}

/** What to do to a kept value that does hold one: a value without it, or the decision's `whenResidual`. */
export type Repair = Buffer | 'as-residual';

export interface WalkJob {
  readonly dataSet: DataSet;
  readonly table: ActionTable;
  readonly conditions: ConditionScope;
  readonly characterSet: CharacterSet;
  readonly subject: Subject;
  readonly keys: ProjectKeys;
  readonly repairs: ReadonlyMap<Element, Repair>;
}

/** The surroundings of an element. */
interface Level {
  readonly elements: readonly Element[];
  readonly encoding: Encoding;
  readonly place: Place;
  readonly characterSet: CharacterSet;
  readonly depth: number;
}

export class Walk {
  /** What was done, and how often. */
  readonly acted = new Map<Decision, number>();
  /** What was kept because an option or a rule said so: shows that the option did act. */
  readonly keptOnPurpose = new Set<Decision>();
  readonly identifiers = new Identifiers();
  readonly candidates: Candidate[] = [];
  /** Original UID → replacement. */
  readonly uids = new Map<string, string>();
  readonly accessions = new Map<string, string>();
  readonly #job: WalkJob;

  constructor(job: WalkJob) {
    this.#job = job;
  }

  /** The elements of the clean data set. @throws InstanceError `profile-quarantine`, `unparsable` */
  run(): readonly OutputElement[] {
    const { dataSet, table, characterSet } = this.#job;
    const { elements, encoding } = dataSet;
    return this.#list({ elements, encoding, place: table.root, characterSet, depth: 0 }).elements;
  }

  #list(level: Level): { readonly elements: readonly OutputElement[]; readonly isChanged: boolean } {
    const { table } = this.#job;
    const { elements, place } = level;
    const output: OutputElement[] = [];
    let isChanged = false;
    let privates: ReadonlyMap<Element, Decision> | undefined;
    for (const element of elements) {
      let decision: Decision;
      if (table.looksAtCreators && isPrivate(element.tag)) {
        privates ??= this.#decidePrivates(level);
        decision = privates.get(element) ?? table.decideCreator(place, element.tag, false);
      } else {
        decision = table.decide(place, element.tag, element.vr);
      }
      const result = this.#act(element, decision, level);
      if (result?.kind !== 'kept') isChanged = true;
      if (result !== undefined) output.push(result);
    }
    return { elements: output, isChanged };
  }

  #act(element: Element, decision: Decision, level: Level): OutputElement | undefined {
    if (decision.kind === 'keep') return this.#keep(element, decision, level);
    if (decision.identifies !== undefined) this.#identify(element, decision.identifies, level.characterSet);
    if (element.items !== undefined) this.#identifyInside(element.items, level.characterSet, level.depth);
    switch (decision.kind) {
      case 'remove':
        return this.#remove(decision);
      case 'zero':
        return this.#zero(element, decision);
      case 'dummy':
        return this.#dummy(element, decision);
      case 'replace':
        return this.#write(element, decision, Buffer.from(decision.text ?? '', 'latin1'));
      case 'uid':
        return this.#replaceUids(element, decision);
      case 'hash':
        return this.#hash(element, decision, level);
      case 'date':
        return this.#shift(element, decision, level);
      case 'subject-id':
        return this.#subject(element, decision, level, this.#job.subject.subjectId);
      case 'subject-name':
        return this.#subject(element, decision, level, this.#job.subject.subjectName);
      case 'document':
        return this.#write(element, decision, this.#document(level));
      case 'document-length':
        return this.#writeLength(element, decision, level);
      case 'quarantine':
        throw new InstanceError(
          'profile-quarantine',
          `The rule at ${decision.rule} holds back instances with ${decision.path}.`,
        );
      case 'choose':
        return this.#act(element, this.#choose(decision), level);
    }
  }

  // ---- what stays ------------------------------------------------------------------------------------------------

  #keep(element: Element, decision: Decision, level: Level): OutputElement | undefined {
    const repair = this.#job.repairs.get(element);
    if (repair !== undefined) return this.#repair(element, decision, repair, level);
    if (decision.option !== undefined || decision.temporal !== undefined || decision.isDeviation === true)
      this.keptOnPurpose.add(decision);
    if (element.items !== undefined) return this.#sequence(element, element.items, decision, level);
    if (element.vr === 'SQ' && element.valueLength > 0) {
      // Its items could not be read, so that nobody knows what they hold.
      return this.#remove(decision, 'unreadable-sequence');
    }
    if (decision.scan !== undefined && element.valueLength > 0) {
      this.candidates.push({ element, decision, characterSet: level.characterSet });
    }
    return { kind: 'kept', element };
  }

  #repair(element: Element, decision: Decision, repair: Repair, level: Level): OutputElement | undefined {
    const instead = decision.whenResidual;
    if (instead === undefined) return undefined;
    if (repair === 'as-residual') return this.#act(element, instead, level);
    return this.#write(element, { ...instead, action: 'clean' }, repair);
  }

  #sequence(element: Element, items: readonly Item[], decision: Decision, level: Level): OutputElement | undefined {
    const place = decision.inside;
    if (place === undefined) {
      return this.#remove(decision, 'unexpected-sequence');
    }
    if (level.depth >= MAX_DEPTH)
      throw new InstanceError('unparsable', 'Sequences are nested too deeply', { offset: element.start });
    if (decision.action !== undefined) this.#note(decision);
    const inside = items.map((item) => {
      const { elements, encoding } = item;
      const characterSet = characterSetOf(this.#job.dataSet, elements, level.characterSet);
      return this.#list({ elements, encoding, place, characterSet, depth: level.depth + 1 });
    });
    if (!inside.some(({ isChanged }) => isChanged)) return { kind: 'kept', element };
    const cleaned: OutputItem[] = items.map((item, index) => ({ original: item, elements: inside[index].elements }));
    return { kind: 'sequence', tag: element.tag, original: element, items: cleaned };
  }

  // ---- what goes or changes --------------------------------------------------------------------------------------

  #zero(element: Element, decision: Decision): OutputElement {
    if (element.valueLength === 0) return { kind: 'kept', element };
    this.#note(decision);
    if (element.vr === 'SQ') return { kind: 'sequence', tag: element.tag, original: element, items: [] };
    return { kind: 'written', tag: element.tag, vr: element.vr, value: NOTHING };
  }

  /** An empty value tells nothing and stays empty. */
  #dummy(element: Element, decision: Decision): OutputElement | undefined {
    if (element.valueLength === 0) return { kind: 'kept', element };
    if (element.items !== undefined || element.vr === 'SQ') return this.#remove(decision);
    return this.#write(element, decision, dummyFor(element.tag, element.vr, this.#view(element)));
  }

  #replaceUids(element: Element, decision: Decision): OutputElement | undefined {
    if (element.valueLength === 0) return { kind: 'kept', element };
    const bytes = this.#view(element);
    if (bytes === undefined || element.items !== undefined) {
      return this.#remove(decision);
    }
    const original = trimPadding(bytes).toString('latin1');
    const replaced = original.includes('\\')
      ? original
          .split('\\')
          .map((uid) => this.#uid(uid))
          .join('\\')
      : this.#uid(original);
    if (replaced === original) {
      if (decision.option !== undefined) this.keptOnPurpose.add(decision);
      return { kind: 'kept', element };
    }
    return this.#write(element, decision, Buffer.from(replaced, 'latin1'));
  }

  /** A text that is no UID is replaced all the same: nobody knows what it says. */
  #uid(text: string): string {
    const uid = text.trim();
    if (uid === '' || isStandardUid(uid)) return text;
    let replacement = this.uids.get(uid);
    if (replacement === undefined) {
      replacement = this.#job.keys.replaceUid(uid);
      this.uids.set(uid, replacement);
    }
    return replacement;
  }

  #hash(element: Element, decision: Decision, level: Level): OutputElement | undefined {
    if (element.valueLength === 0) return { kind: 'kept', element };
    const bytes = this.#view(element);
    if (bytes === undefined)
      throw new InstanceError('action-failed', `The value of ${decision.path} is too long to hash.`, {
        offset: element.start,
      });
    const original = level.characterSet.decode(trimPadding(bytes), element.vr).trim();
    const replacement = this.#job.keys.hash(formatTag(element.tag), original, decision.chars ?? 16);
    if (element.tag === TAG.AccessionNumber) this.accessions.set(original, replacement);
    return this.#write(element, decision, Buffer.from(replacement, 'latin1'));
  }

  #shift(element: Element, decision: Decision, level: Level): OutputElement | undefined {
    if (element.valueLength === 0) return { kind: 'kept', element };
    const bytes = this.#view(element);
    const original = bytes === undefined ? undefined : trimPadding(bytes).toString('latin1');
    const moved =
      original === undefined
        ? undefined
        : shiftDates(original, decision.valueVr ?? element.vr, this.#job.subject.shiftDays);
    if (moved === undefined) {
      return decision.fallback === undefined ? this.#remove(decision) : this.#act(element, decision.fallback, level);
    }
    if (moved !== original) return this.#write(element, decision, Buffer.from(moved, 'latin1'));
    this.#note(decision);
    return { kind: 'kept', element };
  }

  #subject(element: Element, decision: Decision, level: Level, replacement: string): OutputElement | undefined {
    const { fallback } = decision;
    if (level.depth > 0 && fallback !== undefined && !this.#isAsAtTop(element))
      return this.#act(element, fallback, level);
    return this.#write(element, decision, Buffer.from(replacement, 'latin1'));
  }

  #isAsAtTop(element: Element): boolean {
    const top = findElement(this.#job.dataSet.elements, element.tag);
    const [value, own] = [this.#view(element), top === undefined ? undefined : this.#view(top)];
    return value !== undefined && own !== undefined && trimPadding(value).equals(trimPadding(own));
  }

  #document({ elements }: Level): Buffer {
    const mime = findElement(elements, TAG.MIMETypeOfEncapsulatedDocument);
    return emptyDocument(mime === undefined ? '' : (this.#view(mime)?.toString('latin1') ?? '').replace(/[\0 ]+$/, ''));
  }

  #writeLength(element: Element, decision: Decision, level: Level): OutputElement {
    const value = Buffer.alloc(4);
    const { length } = this.#document(level);
    if (level.encoding.isBigEndian) value.writeUInt32BE(length);
    else value.writeUInt32LE(length);
    return this.#write(element, decision, value);
  }

  #write(element: Element, decision: Decision, value: Buffer): OutputElement {
    this.#note(decision);
    return {
      kind: 'written',
      tag: element.tag,
      vr: element.vr,
      value: padValue(value, decision.valueVr ?? element.vr),
    };
  }

  // ---- choosing --------------------------------------------------------------------------------------------------

  #choose(decision: Decision): Decision {
    const { conditions } = this.#job;
    for (const { when, decision: choice } of decision.choices ?? []) {
      if (when === undefined || conditions.holds(when)) return choice;
    }
    if (decision.fallback === undefined) throw new TypeError('a conditional decision lacks its alternative');
    return decision.fallback;
  }

  /** Private attributes by the creator that reserved their block (PS3.5 7.8.1); a creator stays with what it explains. */
  #decidePrivates({ elements, place, characterSet }: Level): ReadonlyMap<Element, Decision> {
    const { table } = this.#job;
    const decisions = new Map<Element, Decision>();
    const creators = new Map<number, { readonly element: Element; readonly text: string; isNeeded: boolean }>();
    for (const element of elements) {
      if (!isCreator(element.tag)) continue;
      const bytes = this.#view(element);
      const text = bytes === undefined ? '' : characterSet.decode(trimPadding(bytes), 'LO').trim();
      creators.set(blockOf(element.tag, elementOf(element.tag)), { element, text, isNeeded: false });
    }
    for (const element of elements) {
      if (!isPrivate(element.tag) || elementOf(element.tag) < 0x1000) continue;
      const creator = creators.get(blockOf(element.tag, elementOf(element.tag) >>> 8));
      const made = table.decide(place, element.tag, element.vr, creator?.text ?? '');
      const decision = made.kind === 'choose' ? this.#choose(made) : made;
      if (creator !== undefined && decision.kind !== 'remove') creator.isNeeded = true;
      decisions.set(element, decision);
    }
    for (const { element, isNeeded } of creators.values())
      decisions.set(element, table.decideCreator(place, element.tag, isNeeded));
    return decisions;
  }

  // ---- noting ----------------------------------------------------------------------------------------------------

  #remove(decision: Decision, rule = decision.rule): OutputElement | undefined {
    const isPlain = decision.kind === 'remove' && rule === decision.rule;
    this.#note(isPlain ? decision : { ...decision, kind: 'remove', action: 'remove', rule });
    return undefined;
  }

  #note(decision: Decision): void {
    this.acted.set(decision, (this.acted.get(decision) ?? 0) + 1);
  }

  #identify(element: Element, kind: NonNullable<Decision['identifies']>, characterSet: CharacterSet): void {
    if (element.valueLength === 0 || element.items !== undefined) return;
    const bytes = this.#view(element);
    if (bytes !== undefined) this.identifiers.add(kind, bytes, element.vr, characterSet);
  }

  /** What a sequence held that does not stay tells as much as any other. */
  #identifyInside(items: readonly Item[], surrounding: CharacterSet, depth: number): void {
    if (depth >= MAX_DEPTH) return;
    for (const { elements } of items) {
      const characterSet = characterSetOf(this.#job.dataSet, elements, surrounding);
      for (const element of elements) {
        if (element.items !== undefined) {
          this.#identifyInside(element.items, characterSet, depth + 1);
          continue;
        }
        const kind = identifiesWhat(element.tag, element.vr);
        if (kind !== undefined) this.#identify(element, kind, characterSet);
      }
    }
  }

  #view(element: Element): Buffer | undefined {
    return this.#job.dataSet.source.view(element.valueStart, element.valueLength);
  }
}

function isCreator(tag: number): boolean {
  return isPrivate(tag) && elementOf(tag) >= 0x10 && elementOf(tag) <= 0xff;
}

function blockOf(tag: number, block: number): number {
  return groupOf(tag) * 0x100 + block;
}
