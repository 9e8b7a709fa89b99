// What one profile does to the attributes of one SOP class. Each decision is made when it is first met and then looked up.
import type { CompiledProfile } from '../profile/compiled.ts';
import type { Condition } from '../profile/conditions.ts';
import type { Rule } from '../profile/rules.ts';
import { hasIod, typeOf } from '../standard/attribute-types.ts';
import type { AttributeType } from '../standard/attribute-types.ts';
import { findByTag } from '../standard/dictionary.ts';
import { findSafePrivate } from '../standard/safe-private.ts';
import { findRow } from '../standard/table-e1-1.ts';
import type { ActionCode, OptionName, TableRow } from '../standard/table-e1-1.ts';
import { elementOf, formatTag, groupOf, isPrivate, TAG } from '../standard/tags.ts';

import {
  CLASS_UID_TAGS,
  CODE_TAGS,
  DROPPED_TAGS,
  IDENTIFYING_TAGS,
  IDENTITY_CODE_SEQUENCES,
  MARKER_TAGS,
  REQUIRED_BESIDE,
  SUPPLEMENT,
} from './attribute-classes.ts';
import { letterFor } from './basic-codes.ts';
import { CONTENT, CONTENT_ITEM_SEQUENCES } from './content-items.ts';
import type { Decision, DecisionKind, Identifies } from './decision.ts';
import type { ReceiptAction } from './outcome.ts';
import { Place } from './place.ts';
import type { Cleaning, PlaceMode } from './place.ts';
import type { TextKind } from './residual-scanner.ts';

const MODIFIED_DATES = 'retain-longitudinal-modified-dates';
const FULL_DATES = 'retain-longitudinal-full-dates';
const STRUCTURED = 'clean-structured-content';
const SAFE_PRIVATE = 'retain-safe-private';
const DATE_VRS: ReadonlySet<string> = new Set(['DA', 'DT', 'TM']);
/** Texts that can be cleaned: a value of any other VR with a piece cut out would be another value. */
const CLEANED_VRS: ReadonlySet<string> = new Set(['AE', 'LO', 'LT', 'SH', 'ST', 'UC', 'UT']);
/** What a scrubbed sequence does not keep where no row says otherwise. */
const SCRUBBED_VRS: ReadonlySet<string> = new Set([
  ...['AE', 'AS', 'DA', 'DT', 'LO', 'LT', 'OB', 'PN', 'SH', 'ST', 'TM', 'UC', 'UN', 'UR', 'UT'],
]);
/** How kept values are searched for identifiers; other VRs hold numbers and pixels. */
const SCAN_BY_VR: ReadonlyMap<string, TextKind | 'bytes'> = new Map<string, TextKind | 'bytes'>([
  ...['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT'].map((vr) => [vr, 'free'] as const),
  ...['AE', 'AS', 'CS', 'DA', 'DT', 'TM', 'UI'].map((vr) => [vr, 'code'] as const),
  ...['DS', 'IS'].map((vr) => [vr, 'number'] as const),
  ...['OB', 'UN'].map((vr) => [vr, 'bytes'] as const),
]);
const ACTIONS: Readonly<Record<DecisionKind, ReceiptAction['action'] | undefined>> = {
  keep: undefined,
  remove: 'remove',
  zero: 'zero',
  dummy: 'dummy',
  replace: 'replace',
  uid: 'uid',
  hash: 'hash',
  clean: 'clean',
  age: 'clean',
  date: 'date',
  'subject-id': 'replace',
  'subject-name': 'replace',
  document: 'dummy',
  'document-length': 'replace',
  quarantine: undefined,
  choose: undefined,
};

/** Name of the built-in rule of `unlisted: required-only`. */
const REQUIRED_ONLY = 'required-only';
const HAS_REFERENCED_SERIES: Condition = { kind: 'present', tag: TAG.ReferencedSeriesSequence };

/** An attribute at its place. */
interface Target {
  readonly place: Place;
  readonly tag: number;
  readonly vr: string;
  readonly creator: string | undefined;
}

export class ActionTable {
  /** The data set itself. */
  readonly root = new Place(undefined, undefined, 'plain');
  /** True when blocks of private attributes have to be looked at; else all of them go. */
  readonly looksAtCreators: boolean;
  /** False when the IOD of the SOP class is not known: compound codes take their strongest action then. */
  readonly isIodKnown: boolean;
  readonly #profile: CompiledProfile;
  readonly #sopClassUid: string;
  #size = 0;

  constructor(profile: CompiledProfile, sopClassUid: string) {
    this.#profile = profile;
    this.#sopClassUid = sopClassUid;
    this.isIodKnown = hasIod(sopClassUid);
    this.looksAtCreators = profile.options.has(SAFE_PRIVATE) || profile.rules.hasPrivateRules;
  }

  /** Number of decisions held: what instances can make grow. */
  get size(): number {
    return this.#size;
  }

  /** The attribute's Type at its place; undefined when the IOD or the attribute in it is not known. */
  typeOf(place: Place, tag: number): AttributeType | undefined {
    return typeOf(this.#sopClassUid, tag, place.sequence);
  }

  /**
   * What is done to an attribute.
   * @param creator private creator of its block; only for private attributes, and only when `looksAtCreators`
   */
  decide(place: Place, tag: number, vr: string, creator?: string): Decision {
    if (creator !== undefined) return this.#decidePrivate(place, tag, vr, creator);
    let decision = place.decisions.get(tag);
    if (decision?.vr !== vr) {
      decision = this.#make({ place, tag, vr, creator });
      place.decisions.set(tag, decision);
      this.#size++;
    }
    return decision;
  }

  /** The element that reserves a block of private attributes stays when something of its block does. */
  decideCreator(place: Place, tag: number, isNeeded: boolean): Decision {
    const known = isNeeded ? place.creators.kept : place.creators.removed;
    let decision = known.get(tag);
    if (decision === undefined) {
      const target = { place, tag, vr: 'LO', creator: undefined };
      decision = this.#decision(target, isNeeded ? 'keep' : 'remove', 'E.1-1');
      known.set(tag, decision);
      this.#size++;
    }
    return decision;
  }

  #decidePrivate(place: Place, tag: number, vr: string, creator: string): Decision {
    let known = place.privateDecisions.get(creator);
    if (known === undefined) {
      known = new Map<number, Decision>();
      place.privateDecisions.set(creator, known);
    }
    let decision = known.get(tag);
    if (decision?.vr !== vr) {
      decision = this.#make({ place, tag, vr, creator });
      known.set(tag, decision);
      this.#size++;
    }
    return decision;
  }

  #make(target: Target): Decision {
    return this.#structural(target) ?? this.#byRules(target) ?? this.#byStandard(target);
  }

  /** What no profile can keep, because it would be untrue or unreadable in the new instance. */
  #structural(target: Target): Decision | undefined {
    const { tag, place } = target;
    const group = groupOf(tag);
    const isForeign = group <= 0x0002 || (group === 0x0004 && findRow(tag) === undefined);
    if (elementOf(tag) === 0 || isForeign || DROPPED_TAGS.has(tag))
      return this.#decision(target, 'remove', 'structure');
    if (!MARKER_TAGS.has(tag)) return undefined;
    const dropped = this.#decision(target, 'remove', 'PS3.15 E.1.1');
    // At the top the receipt tells that it was written anew.
    return place.parent === undefined ? { ...dropped, action: undefined } : dropped;
  }

  // ---- rules of the profile --------------------------------------------------------------------------------------

  #byRules(target: Target): Decision | undefined {
    const rules = this.#profile.rules.select(target.tag, target.vr, target.creator, target.place);
    if (rules.length === 0) return undefined;
    const base = this.#byStandard(target);
    const last = rules.findIndex(({ when }) => when === undefined);
    const asked = last === -1 ? rules : rules.slice(0, last + 1);
    const choices = asked.map((rule) => ({ when: rule.when, decision: this.#byRule(target, rule, base) }));
    if (choices[0].when === undefined) return choices[0].decision;
    return { ...this.#decision(target, 'choose', choices[0].decision.rule), choices, fallback: base };
  }

  #byRule(target: Target, { action, place: rule }: Rule, base: Decision): Decision {
    // What only this profile takes away beyond the standard, a rule may give back.
    const isWeaker = base.kind !== 'keep' && base.rule !== REQUIRED_ONLY;
    switch (action.kind) {
      case 'keep': {
        const safe = this.#keptPrivate(target, rule);
        if (safe !== undefined) return safe;
        const kept = this.#kept(target, rule);
        const temporal = DATE_VRS.has(target.vr) && isWeaker ? { temporal: 'unmodified' as const } : {};
        return { ...kept, ...temporal, isDeviation: isWeaker };
      }
      case 'date':
        if (action.to === 'remove') return isWeaker && base.kind !== 'date' ? base : this.#coded(target, 'X/Z/D', rule);
        return {
          ...this.#decision(target, 'date', rule),
          ...(action.to === 'shift' ? {} : { precision: action.to }),
          temporal: 'modified',
          isDeviation: isWeaker && base.kind !== 'date',
          fallback: isWeaker && base.kind !== 'date' ? base : this.#coded(target, 'X/Z/D', rule),
        };
      case 'clean': {
        const fallback = isWeaker ? base : this.#coded(target, 'X/Z/D', rule);
        if (base.kind === 'clean') return { ...base, rule };
        const cleaned = this.#cleaned(target, { rule, options: [], isDeviation: isWeaker }, fallback);
        // Other values are no text: what the standard does to them, or the weakest action that leaves nothing.
        return cleaned ?? fallback;
      }
      case 'dummy':
        return this.#lettered(target, 'D', rule);
      case 'replace':
        return { ...this.#decision(target, 'replace', rule), text: action.text };
      case 'hash':
        return { ...this.#decision(target, 'hash', rule), chars: action.chars };
      default:
        return this.#decision(target, action.kind, rule);
    }
  }

  // ---- the standard, and what its table leaves open --------------------------------------------------------------

  #byStandard(target: Target): Decision {
    const { tag, place } = target;
    if (isPrivate(tag)) return this.#private(target);
    if (findByTag(tag) === undefined) return this.#decision(target, 'remove', 'unknown-attribute');
    if (tag === TAG.PatientID || tag === TAG.PatientName) return this.#subject(target);
    const value = place.mode === 'content' ? this.#contentValue(target) : undefined;
    if (value !== undefined) return value;
    const row = findRow(tag);
    if (row !== undefined) return this.#byRow(target, row);
    const code = SUPPLEMENT.get(tag);
    if (code !== undefined) return this.#coded(target, code, 'supplement');
    if (tag >>> 24 === 0x60) return this.#overlayPlane(target);
    if (tag === TAG.EncapsulatedDocumentLength) return this.#documentLength(target);
    const byVr = this.#byVr(target);
    if (byVr !== undefined) return byVr;
    if (place.mode === 'plain') return this.#unlisted(target);
    return place.cleaning !== undefined && place.mode !== 'scrubbed'
      ? this.#insideCleaned(target, place.cleaning)
      : this.#scrubbed(target);
  }

  #subject(target: Target): Decision {
    const kind = target.tag === TAG.PatientID ? 'subject-id' : 'subject-name';
    // Inside a sequence the value may be another person's: then what the row says.
    return {
      ...this.#decision(target, kind, 'E.1-1'),
      fallback: this.#coded(target, findRow(target.tag)?.basic ?? 'D', 'E.1-1'),
    };
  }

  #byRow(target: Target, row: TableRow): Decision {
    const basic = this.#coded(target, row.basic, 'E.1-1');
    return this.#byOptions(target, row, basic) ?? basic;
  }

  /** Undefined where no option speaks about the attribute, or where its cleaning would leave nothing that can be vouched for. */
  #byOptions(target: Target, { options: cells }: TableRow, basic: Decision): Decision | undefined {
    const { options } = this.#profile;
    const { tag } = target;
    const asked = [...options].filter((option) => cells[option] !== undefined);
    const { cleaning } = target.place;
    if (asked.length === 0) {
      // Text in a sequence that is cleaned as a whole.
      if (cleaning === undefined || cells['clean-descriptors'] === undefined) return undefined;
      return this.#cleaned(target, cleaning, basic);
    }
    if (options.has(MODIFIED_DATES) && cells[MODIFIED_DATES] === 'C') {
      // The stricter option wins where another one would keep the same date.
      if (DATE_VRS.has(target.vr)) return this.#moved(target, 'E.1-1', basic);
      // Whole days are added, so that the zone stays true.
      if (target.tag === TAG.TimezoneOffsetFromUTC) return this.#keptBy(target, 'E.1-1', [MODIFIED_DATES]);
      return undefined;
    }
    const keeping = asked.filter((option) => cells[option] === 'K');
    if (keeping.length > 0) return this.#keptBy(target, 'E.1-1', keeping, basic);
    // The bits of overlays and the points of curves may draw text: nobody can vouch for them, nor for what describes them.
    if (tag >>> 24 === 0x50 || tag >>> 24 === 0x60) return undefined;
    return this.#cleaned(target, { rule: 'E.1-1', options: asked, isDeviation: false }, basic);
  }

  /** Text is cleaned, a sequence is walked and what is in it cleaned; undefined for what is neither. */
  #cleaned(target: Target, cleaning: Cleaning, fallback: Decision): Decision | undefined {
    const { place, tag, vr } = target;
    const { rule, options, isDeviation } = cleaning;
    const deed = { ...(options.length === 0 ? {} : { options }), isDeviation, fallback };
    if (CLEANED_VRS.has(vr)) return { ...this.#decision(target, 'clean', rule), ...deed };
    if (vr !== 'SQ') return undefined;
    const mode = CONTENT_ITEM_SEQUENCES.has(tag) ? 'content' : 'cleaned';
    return { ...this.#decision(target, 'keep', rule), ...deed, inside: new Place(place, tag, mode, cleaning) };
  }

  /** What nothing speaks about in a sequence that is cleaned. Codes stay; the words that explain them are descriptions too. */
  #insideCleaned(target: Target, cleaning: Cleaning): Decision {
    const isCode =
      CODE_TAGS.has(target.tag) && (target.tag !== TAG.CodeMeaning || cleaning.options.includes(STRUCTURED));
    const kept = this.#kept(target, 'unlisted');
    if (isCode || !CLEANED_VRS.has(target.vr)) return kept;
    return this.#cleaned(target, cleaning, this.#coded(target, 'X/Z/D', cleaning.rule)) ?? kept;
  }

  /** The value of a content item, where it names the subject, an observer, a device or an order; undefined for any other. */
  #contentValue(target: Target): Decision | undefined {
    const { place, tag } = target;
    const rule = place.cleaning?.rule ?? 'E.1-1';
    const { options } = this.#profile;
    const isText = tag === CONTENT.text;
    switch (place.role) {
      case 'subject-name':
        if (tag !== CONTENT.personName && !isText) return undefined;
        return { ...this.#decision(target, 'subject-name', rule), isAlways: true, identifies: 'name' };
      case 'subject-id':
        if (!isText) return undefined;
        return { ...this.#decision(target, 'subject-id', rule), isAlways: true, identifies: 'id' };
      case 'birth-date':
        return tag === CONTENT.date || tag === CONTENT.dateTime || isText
          ? this.#lettered(target, 'D', rule)
          : undefined;
      case 'sex':
      case 'age':
        return this.#characteristic(target, rule);
      case 'institution':
        if (!isText) return undefined;
        if (options.has('retain-institution-identity'))
          return this.#keptBy(target, rule, ['retain-institution-identity']);
        return { ...this.#lettered(target, 'D', rule), identifies: 'phrase' };
      case 'device':
        if (!isText && tag !== CONTENT.uid) return undefined;
        if (options.has('retain-device-identity')) return this.#keptBy(target, rule, ['retain-device-identity']);
        return isText ? { ...this.#lettered(target, 'D', rule), identifies: 'id' } : undefined;
      case 'identifier':
        return isText ? { ...this.#lettered(target, 'D', rule), identifies: 'id' } : undefined;
      default:
        return undefined;
    }
  }

  /** The subject's age and sex follow the option for patient characteristics; without it the item stays without a value. */
  #characteristic(target: Target, rule: string): Decision | undefined {
    const { place, tag } = target;
    const isRetained = this.#profile.options.has('retain-patient-characteristics');
    if (tag !== CONTENT.code && tag !== CONTENT.measuredValue && tag !== CONTENT.number && tag !== CONTENT.text)
      return undefined;
    if (isRetained) return this.#keptCharacteristic(target, rule);
    if (tag === CONTENT.number) return this.#lettered(target, 'D', rule);
    if (tag === CONTENT.measuredValue) return this.#decision(target, 'zero', rule);
    if (tag === CONTENT.text) return this.#lettered(target, 'D', rule);
    return { ...this.#decision(target, 'keep', rule), action: 'clean', inside: new Place(place, tag, 'identity-code') };
  }

  #moved(target: Target, rule: string, fallback: Decision): Decision {
    return { ...this.#decision(target, 'date', rule), options: [MODIFIED_DATES], temporal: 'modified', fallback };
  }

  #keptBy(target: Target, rule: string, options: readonly OptionName[], fallback?: Decision): Decision {
    if (target.vr === 'AS' && fallback !== undefined)
      return { ...this.#decision(target, 'age', rule), options, fallback };
    const kept = { ...this.#kept(target, rule), options };
    return options.includes(FULL_DATES) ? { ...kept, temporal: 'unmodified' } : kept;
  }

  #keptCharacteristic(target: Target, rule: string): Decision | undefined {
    const { place, tag } = target;
    const options = ['retain-patient-characteristics'] as const;
    if (tag === CONTENT.text)
      return this.#cleaned(target, { rule, options, isDeviation: false }, this.#lettered(target, 'D', rule));
    const kept = { ...this.#kept(target, rule), options };
    if (place.role !== 'age') return kept;
    if (tag === CONTENT.number)
      return { ...this.#decision(target, 'age', rule), options, fallback: this.#lettered(target, 'D', rule) };
    return { ...kept, inside: new Place(place, tag, 'content', place.cleaning, 'age') };
  }

  /** PS3.15 E.3.10: a private attribute that the standard lists as safe stays; UIDs, names and dates in it do not. */
  #private(target: Target): Decision {
    const { tag, vr, creator } = target;
    const removed = this.#decision(target, 'remove', 'E.1-1');
    if (creator === undefined || !this.#profile.options.has(SAFE_PRIVATE)) return removed;
    const safe = findSafePrivate(creator, tag);
    if (safe === undefined) return removed;
    const inEffect = vr === 'UN' ? safe.vr : vr;
    if (inEffect === 'PN' || inEffect === 'UN') return removed;
    return this.#safe(target, inEffect, 'E.3.10-1', removed);
  }

  /** What a rule adds to the table of safe private attributes is treated like what stands there. */
  #keptPrivate(target: Target, rule: string): Decision | undefined {
    const { tag, vr, creator } = target;
    if (!isPrivate(tag) || creator === undefined || !this.#profile.options.has(SAFE_PRIVATE)) return undefined;
    const inEffect = vr === 'UN' ? (findSafePrivate(creator, tag)?.vr ?? 'UN') : vr;
    if (inEffect === 'PN') return undefined;
    return this.#safe(target, inEffect, rule, this.#decision(target, 'remove', rule));
  }

  /** @param vr what the value is, also where it came as UN */
  #safe(target: Target, vr: string, rule: string, removed: Decision): Decision {
    const inEffect = { ...target, vr };
    const deed = { vr: target.vr, ...(vr === target.vr ? {} : { valueVr: vr }) };
    const cleaning = { rule, options: [SAFE_PRIVATE], isDeviation: false } as const;
    const cleaned = this.#cleaned(inEffect, cleaning, removed);
    if (cleaned !== undefined) return { ...cleaned, ...deed };
    const byVr = this.#byVr(inEffect);
    if (byVr === undefined) return { ...this.#keptBy(target, rule, [SAFE_PRIVATE]), ...deed };
    if (byVr.kind === 'dummy' || byVr.kind === 'zero') return removed;
    return { ...byVr, ...deed, rule, options: [...(byVr.options ?? []), SAFE_PRIVATE], fallback: removed };
  }

  /** Removing the bits alone would leave an overlay plane that PS3.3 C.9.2 does not allow: its description goes with it. */
  #overlayPlane(target: Target): Decision {
    const data = this.decide(target.place, ((target.tag & 0xffff0000) | 0x3000) >>> 0, 'OW');
    return data.kind === 'keep' ? this.#kept(target, 'unlisted') : this.#decision(target, 'remove', 'overlay-plane');
  }

  #documentLength(target: Target): Decision {
    const document = this.decide(target.place, TAG.EncapsulatedDocument, 'OB');
    return document.kind === 'document' ? this.#decision(target, 'document-length', 'E.1-1') : this.#unlisted(target);
  }

  /** UI, PN and dates that the table does not list are treated like those that it does. */
  #byVr(target: Target): Decision | undefined {
    const { tag, vr } = target;
    const { options } = this.#profile;
    if (vr === 'UI') {
      if (CLASS_UID_TAGS.has(tag)) return undefined;
      return options.has('retain-uids')
        ? this.#keptBy(target, 'VR UI', ['retain-uids'])
        : this.#decision(target, 'uid', 'VR UI');
    }
    if (vr === 'PN') return this.#coded(target, 'X/Z/D', 'VR PN');
    if (!DATE_VRS.has(vr)) return undefined;
    if (options.has(FULL_DATES)) return this.#keptBy(target, `VR ${vr}`, [FULL_DATES]);
    const basic = this.#coded(target, 'X/Z/D', `VR ${vr}`);
    return options.has(MODIFIED_DATES) ? this.#moved(target, `VR ${vr}`, basic) : basic;
  }

  /** Attributes that nothing speaks about: all stay, or only what the IOD requires and what describes the pixels. */
  #unlisted(target: Target): Decision {
    const { place, tag } = target;
    if (this.#profile.unlisted === 'keep' || groupOf(tag) === 0x0028 || groupOf(tag) === 0x7fe0)
      return this.#kept(target, 'unlisted');
    // What stands inside a sequence that is required is judged as part of it: the IOD data tell no more about items.
    const isWanted =
      place.parent === undefined
        ? isRequired(this.typeOf(place, tag)) || REQUIRED_BESIDE.has(tag)
        : this.typeOf(place, tag) !== '3';
    return isWanted ? this.#kept(target, 'unlisted') : this.#decision(target, 'remove', REQUIRED_ONLY);
  }

  #scrubbed(target: Target): Decision {
    const { place, tag, vr } = target;
    if (CODE_TAGS.has(tag)) {
      return place.mode === 'identity-code'
        ? this.#lettered(target, 'D', 'scrubbed-sequence')
        : this.#kept(target, 'unlisted');
    }
    return SCRUBBED_VRS.has(vr) ? this.#coded(target, 'X/Z/D', 'scrubbed-sequence') : this.#kept(target, 'unlisted');
  }

  // ---- making decisions ------------------------------------------------------------------------------------------

  #coded(target: Target, code: ActionCode, rule: string): Decision {
    // An overlay goes whole, so that none of its attributes is required any more.
    const type = target.tag >>> 24 === 0x60 ? undefined : this.typeOf(target.place, target.tag);
    const letter = letterFor(code, type);
    const decision = this.#lettered(target, letter, rule);
    if (code !== 'X/Z/U*' || letter !== 'X' || target.place.parent !== undefined) return decision;
    // The Common Instance Reference Module (PS3.3 C.12.2) may list only instances that are referred to: then the reference is required.
    const choices = [{ when: HAS_REFERENCED_SERIES, decision: this.#lettered(target, 'U', rule) }];
    return { ...this.#decision(target, 'choose', rule), choices, fallback: decision };
  }

  #lettered(target: Target, letter: 'X' | 'Z' | 'D' | 'U', rule: string): Decision {
    switch (letter) {
      case 'X':
        return this.#decision(target, 'remove', rule);
      case 'Z':
        return this.#decision(target, 'zero', rule);
      case 'D':
        if (target.vr === 'SQ') return this.#scrubbing(target, rule);
        if (target.tag === TAG.EncapsulatedDocument) return this.#decision(target, 'document', rule);
        return this.#decision(target, target.vr === 'UI' ? 'uid' : 'dummy', rule);
      case 'U':
        return target.vr === 'SQ' ? this.#kept(target, rule) : this.#decision(target, 'uid', rule);
    }
  }

  /** A sequence that has to keep its items: nothing in them may identify. */
  #scrubbing(target: Target, rule: string): Decision {
    const mode: PlaceMode = IDENTITY_CODE_SEQUENCES.has(target.tag) ? 'identity-code' : 'scrubbed';
    return {
      ...this.#decision(target, 'keep', rule),
      action: 'clean',
      inside: new Place(target.place, target.tag, mode),
    };
  }

  #kept(target: Target, rule: string): Decision {
    const { place, tag, vr } = target;
    const kept = this.#decision(target, 'keep', rule);
    const scan = scanOf(tag, vr);
    const residual = scan === undefined ? {} : { scan, whenResidual: this.#coded(target, 'X/Z/D', 'residual') };
    // UN may hold a sequence too (CP-246).
    if (vr !== 'SQ' && vr !== 'UN') return { ...kept, ...residual };
    return { ...kept, ...residual, inside: placeInside(place, tag) };
  }

  #decision(target: Target, kind: DecisionKind, rule: string): Decision {
    const { place, tag, vr } = target;
    const identifies = identifiesWhat(tag, vr);
    return {
      kind,
      vr,
      path: place.prefix + formatTag(tag),
      rule,
      action: ACTIONS[kind],
      ...(identifies === undefined ? {} : { identifies }),
    };
  }
}

/** Where the items of a sequence stand that nothing speaks about. */
function placeInside(place: Place, tag: number): Place {
  const { cleaning } = place;
  if (place.mode === 'plain' || place.mode === 'content') {
    return cleaning !== undefined && CONTENT_ITEM_SEQUENCES.has(tag)
      ? new Place(place, tag, 'content', cleaning)
      : new Place(place, tag, 'plain');
  }
  if (place.mode !== 'cleaned' || cleaning === undefined) return new Place(place, tag, 'scrubbed');
  const holdsContent = cleaning.options.includes(STRUCTURED) && CONTENT_ITEM_SEQUENCES.has(tag);
  return new Place(place, tag, holdsContent ? 'content' : 'cleaned', cleaning);
}

function scanOf(tag: number, vr: string): TextKind | 'bytes' | undefined {
  if (groupOf(tag) === 0x7fe0) return undefined;
  // A code value or scheme with a piece cut out would be another code.
  return CODE_TAGS.has(tag) && tag !== TAG.CodeMeaning ? 'code' : SCAN_BY_VR.get(vr);
}

function isRequired(type: AttributeType | undefined): boolean {
  return type !== undefined && type !== '3';
}

/** What the original value of an attribute tells, when it does not stay. */
export function identifiesWhat(tag: number, vr: string): Identifies | undefined {
  const listed = IDENTIFYING_TAGS.get(tag);
  if (listed !== undefined) return listed;
  switch (vr) {
    case 'PN':
      return 'name';
    case 'UI':
      return CLASS_UID_TAGS.has(tag) ? undefined : 'uid';
    case 'DA':
    case 'DT':
      return 'date';
    default:
      return undefined;
  }
}

/** More decisions than this come from instances that are not like others; their table is not kept. */
const MAX_DECISIONS = 50_000;
const tables = new WeakMap<CompiledProfile, Map<string, ActionTable>>();

/** The table of a profile for a SOP class, made when it is first asked for. SOP classes without a known IOD share one. */
export function actionTableFor(profile: CompiledProfile, sopClassUid: string): ActionTable {
  let byClass = tables.get(profile);
  if (byClass === undefined) {
    byClass = new Map<string, ActionTable>();
    tables.set(profile, byClass);
  }
  const key = hasIod(sopClassUid) ? sopClassUid : '';
  let table = byClass.get(key);
  if (table === undefined || table.size > MAX_DECISIONS) {
    table = new ActionTable(profile, key);
    byClass.set(key, table);
  }
  return table;
}
