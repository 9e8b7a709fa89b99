// Walks the element tree of one instance once, acts on each attribute as decided, and notes what may have to be looked at again.
import { InstanceError } from '../core/errors.ts';
import type { CharacterSet } from '../dicom/character-set.ts';
import type { Element, Item, OutputElement, OutputItem } from '../dicom/element.ts';
import { findElement } from '../dicom/values.ts';
import { isPrivate, TAG } from '../standard/tags.ts';

import { identifiesWhat } from './attribute-classes.ts';
import { isBornAtStudy, namesDay } from './birth-day.ts';
import { roleOf } from './content-items.ts';
import type { Decision } from './decision.ts';
import { DeedsRecord } from './deeds-record.ts';
import {
  empty,
  isAsAtTop,
  remove,
  replaceUids,
  shift,
  write,
  writeAge,
  writeCleaned,
  writeDocument,
  writeDocumentLength,
  writeDummy,
  writeHash,
  writeText,
} from './edits.ts';
import type { Edit } from './edits.ts';
import { characterSetOf } from './identity.ts';
import { decidePrivates } from './private-blocks.ts';
import { residueSetFor } from './residue-set.ts';
import { textCleaningFor } from './text-cleaning.ts';
import type { Level, Repair, WalkJob } from './walk-job.ts';

/** A second bound beside the reader's own, lower one: this walk is recursive. */
const MAX_DEPTH = 256;
const NOTHING = Buffer.alloc(0);
const DUMMY = { kind: 'dummy', action: 'dummy' } as const;

export class Walk {
  readonly record: DeedsRecord;
  readonly #job: WalkJob;
  /** Whether the birth date is one of the study's dates; asked when another date is equal to it. */
  #isNewborn: boolean | undefined;
  /** Texts to be cleaned, and where they stand in what leaves. */
  readonly #texts: { readonly edit: Edit; readonly position: number }[] = [];

  constructor(job: WalkJob) {
    this.#job = job;
    this.record = new DeedsRecord(job.known);
  }

  /**
   * The elements of the clean data set. Texts that are to be cleaned stand there empty until `cleanTexts`, because what has to be
   * taken out of them is known at the end of the walk.
   * @throws InstanceError `profile-quarantine`, `action-failed`, `unparsable`
   */
  run(): readonly OutputElement[] {
    const { dataSet, table, characterSet } = this.#job;
    const { elements, encoding } = dataSet;
    this.#identifyBirthDate(elements);
    return this.#list({ elements, encoding, place: table.root, characterSet, depth: 0, output: [] }).elements;
  }

  /** Fills in the texts of the list that `run` gave. Once, when nothing has to be walked again. */
  cleanTexts(): void {
    const texts = this.#texts.splice(0);
    if (texts.length === 0) return;
    const cleaning = textCleaningFor(this.record.identifiers, this.#job.textShiftDays);
    const patterns = residueSetFor(this.record.identifiers)?.patterns;
    const cleaned = texts.map(({ edit }) => writeCleaned(edit, cleaning, patterns) ?? this.#otherwise(edit));
    // From the end, so that what goes moves nothing that is still to come.
    for (let index = texts.length - 1; index >= 0; index--) {
      const { edit, position } = texts[index];
      const result = cleaned[index];
      if (result === undefined) edit.level.output.splice(position, 1);
      else edit.level.output[position] = result;
    }
  }

  #list(level: Level): { readonly elements: readonly OutputElement[]; readonly isChanged: boolean } {
    const { table } = this.#job;
    const { elements, place, output } = level;
    let isChanged = false;
    let privates: readonly (Decision | undefined)[] | undefined;
    for (let at = 0; at < elements.length; at++) {
      const element = elements[at];
      let decision: Decision;
      if (table.looksAtCreators && isPrivate(element.tag)) {
        privates ??= decidePrivates(level, this.#job);
        decision = privates[at] ?? table.decideCreator(place, element.tag, false);
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
    if (this.#isBirthDate(element, decision, level)) return this.#replaceBirthDate(element, decision, level);
    if (decision.kind === 'keep') return this.#keep(element, decision, level);
    if (decision.kind === 'choose') return this.#act(element, this.#job.conditions.choose(decision), level);
    if (element.items !== undefined) this.#identifyInside(element.items, level.characterSet, level.depth);
    else if (decision.identifies !== undefined) this.#identify(element, decision.identifies, level.characterSet);
    const edit: Edit = { element, decision, level, job: this.#job, record: this.record };
    switch (decision.kind) {
      case 'remove':
        return remove(edit);
      case 'zero':
        return empty(edit);
      case 'dummy':
        return writeDummy(edit);
      case 'replace':
        return writeText(edit, decision.text ?? '');
      case 'uid':
        return replaceUids(edit);
      case 'hash':
        return writeHash(edit);
      case 'clean':
        return this.#cleanLater(edit);
      case 'age':
        return writeAge(edit) ?? this.#otherwise(edit);
      case 'date':
        return shift(edit) ?? this.#otherwise(edit);
      case 'subject-id':
        return this.#subject(edit, this.#job.subject.subjectId);
      case 'subject-name':
        return this.#subject(edit, this.#job.subject.subjectName);
      case 'document':
        return writeDocument(edit);
      case 'document-length':
        return writeDocumentLength(edit);
      case 'quarantine':
        throw new InstanceError(
          'profile-quarantine',
          `The rule at ${decision.rule} holds back instances with ${decision.path}.`,
        );
    }
  }

  /**
   * A date that would stay, or move in a content item or another sequence, and is the patient's birth date: no option speaks of that one. That
   * of a newborn is a date of the study, too.
   */
  #isBirthDate(element: Element, { kind, temporal, isDeviation, precision, valueVr }: Decision, level: Level): boolean {
    const vr = valueVr ?? element.vr;
    if ((vr !== 'DA' && vr !== 'DT') || isDeviation === true) return false;
    const isMoved = level.depth > 0 && kind === 'date' && precision === undefined;
    if (!isMoved && !(kind === 'keep' && temporal === 'unmodified')) return false;
    const { birthDate } = this.record.identifiers;
    if (birthDate === undefined || birthDate.length < 8) return false;
    const { bytes, dataSet } = this.#job;
    const value = bytes.text(element);
    if (value === undefined || !namesDay(value, birthDate)) return false;
    this.#isNewborn ??= isBornAtStudy(birthDate, dataSet.elements, bytes);
    return !this.#isNewborn;
  }

  /** In the data set itself as its Type asks for; an item may need a date. */
  #replaceBirthDate(element: Element, decision: Decision, level: Level): OutputElement | undefined {
    const { vr, path, valueVr, whenResidual } = decision;
    const kept = valueVr === undefined ? { vr, path } : { vr, path, valueVr };
    const { kind, action } = level.depth === 0 && whenResidual !== undefined ? whenResidual : DUMMY;
    return this.#act(element, { ...kept, kind, action, rule: 'birth-date' }, level);
  }

  #cleanLater(edit: Edit): OutputElement {
    const { element, level } = edit;
    this.#texts.push({ edit, position: level.output.length });
    return { kind: 'written', tag: element.tag, vr: element.vr, value: NOTHING };
  }

  #otherwise(edit: Edit): OutputElement | undefined {
    const { fallback } = edit.decision;
    return fallback === undefined ? remove(edit) : this.#act(edit.element, fallback, edit.level);
  }

  /** Inside a sequence the attribute may be about another person. */
  #subject(edit: Edit, replacement: string): OutputElement | undefined {
    return edit.level.depth > 0 && edit.decision.isAlways !== true && !isAsAtTop(edit)
      ? this.#otherwise(edit)
      : writeText(edit, replacement);
  }

  // ---- what stays ------------------------------------------------------------------------------------------------

  #keep(element: Element, decision: Decision, level: Level): OutputElement | undefined {
    const { record } = this;
    const repair = this.#job.repairs.get(element);
    if (repair !== undefined) return this.#repair(element, decision, level, repair);
    if (element.items !== undefined) return this.#sequence(element, element.items, decision, level);
    if (element.valueLength > 0 && isOnPurpose(decision)) {
      record.keptOnPurpose.add(decision);
      if (decision.identifies !== undefined) {
        const bytes = this.#job.bytes.view(element);
        if (bytes !== undefined) record.identifiers.keep(decision.identifies, bytes, element.vr, level.characterSet);
      }
    }
    if ((element.vr === 'SQ' || decision.valueVr === 'SQ') && element.valueLength > 0) {
      // Its items could not be read, so that nobody knows what they hold.
      record.noteAs(decision, 'remove', 'unreadable-sequence');
      return undefined;
    }
    if (decision.scan !== undefined && element.valueLength > 0) {
      record.candidates.push({ element, decision, characterSet: level.characterSet });
    }
    return { kind: 'kept', element };
  }

  #repair(element: Element, decision: Decision, level: Level, repair: Repair): OutputElement | undefined {
    const instead = decision.whenResidual;
    const edit: Edit = { element, decision: instead ?? decision, level, job: this.#job, record: this.record };
    if (instead === undefined) return remove(edit, 'residual');
    if (repair === 'as-residual') return this.#act(element, instead, level);
    return write({ ...edit, decision: { ...instead, action: 'clean' } }, repair);
  }

  #sequence(element: Element, items: readonly Item[], decision: Decision, level: Level): OutputElement | undefined {
    const { inside: place } = decision;
    if (place === undefined) {
      this.record.noteAs(decision, 'remove', 'unexpected-sequence');
      return undefined;
    }
    if (level.depth >= MAX_DEPTH)
      throw new InstanceError('unparsable', 'Sequences are nested too deeply', { offset: element.start });
    const inside = items.map((item) => {
      const { elements, encoding } = item;
      const characterSet = characterSetOf(this.#job.dataSet, elements, level.characterSet);
      const isContent = place.mode === 'content' && place.role === undefined;
      const itemPlace = isContent ? place.forRole(roleOf(elements, this.#job.bytes)) : place;
      return this.#list({ elements, encoding, place: itemPlace, characterSet, depth: level.depth + 1, output: [] });
    });
    if (items.length > 0) {
      const isEmptied = inside.every(({ elements }) => elements.length === 0);
      if (isEmptied && decision.fallback !== undefined) return this.#act(element, decision.fallback, level);
      if (decision.action !== undefined) this.record.note(decision);
      if (isOnPurpose(decision)) this.record.keptOnPurpose.add(decision);
    }
    if (!inside.some(({ isChanged }) => isChanged)) return { kind: 'kept', element };
    const cleaned: OutputItem[] = items.map((item, index) => ({ original: item, elements: inside[index].elements }));
    return { kind: 'sequence', tag: element.tag, original: element, items: cleaned };
  }

  // ---- what the original tells -----------------------------------------------------------------------------------

  #identify(element: Element, kind: NonNullable<Decision['identifies']>, characterSet: CharacterSet): void {
    if (element.valueLength === 0) return;
    const bytes = this.#job.bytes.view(element);
    const isPatient = element.tag === TAG.PatientName || element.tag === TAG.PatientBirthDate;
    if (bytes !== undefined) this.record.identifiers.add(kind, bytes, element.vr, characterSet, isPatient);
  }

  /** Before all else: sequences that come before it in the data set may hold the same date. */
  #identifyBirthDate(elements: readonly Element[]): void {
    const { table, characterSet } = this.#job;
    const element = findElement(elements, TAG.PatientBirthDate);
    if (element === undefined) return;
    const { kind, identifies } = table.decide(table.root, element.tag, element.vr);
    if (identifies !== undefined && kind !== 'keep' && kind !== 'choose')
      this.#identify(element, identifies, characterSet);
  }

  /** What a sequence held that does not stay tells as much as any other. */
  #identifyInside(items: readonly Item[], surrounding: CharacterSet, depth: number): void {
    if (depth >= MAX_DEPTH) return;
    for (const { elements } of items) {
      const characterSet = characterSetOf(this.#job.dataSet, elements, surrounding);
      for (const element of elements) {
        const kind = identifiesWhat(element.tag, element.vr);
        if (element.items !== undefined) this.#identifyInside(element.items, characterSet, depth + 1);
        else if (kind !== undefined) this.#identify(element, kind, characterSet);
      }
    }
  }
}

/** True for a decision that keeps what the Basic Profile may not keep. */
function isOnPurpose({ options, temporal, isDeviation }: Decision): boolean {
  return options !== undefined || temporal !== undefined || isDeviation === true;
}
