// The kinds of decisions, each made in one way: what the letters of PS3.15 Table E.1-1a, the options of E.3 and the VRs ask for.
import type { CompiledProfile } from '../profile/compiled.ts';
import type { Condition } from '../profile/conditions.ts';
import { typeOf } from '../standard/attribute-types.ts';
import type { AttributeType } from '../standard/attribute-types.ts';
import type { ActionCode, OptionName } from '../standard/table-e1-1.ts';
import { formatTag, groupOf, isPrivate, TAG } from '../standard/tags.ts';

import {
  CLASS_UID_TAGS,
  CODE_TAGS,
  GIVEN_NAME_TAGS,
  IDENTITY_CODE_SEQUENCES,
  identifiesWhat,
} from './attribute-classes.ts';
import { letterFor } from './basic-codes.ts';
import type { ActionLetter } from './basic-codes.ts';
import { CONTENT_ITEM_SEQUENCES } from './content-items.ts';
import type { Decision, DecisionKind } from './decision.ts';
import type { ReceiptAction } from './outcome.ts';
import { Place } from './place.ts';
import type { Cleaning, PlaceMode } from './place.ts';
import type { TextKind } from './residual-scanner.ts';
import type { Target } from './target.ts';

export const MODIFIED_DATES = 'retain-longitudinal-modified-dates';
export const STRUCTURED_CONTENT = 'clean-structured-content';
const FULL_DATES = 'retain-longitudinal-full-dates';
/** VRs of longitudinal temporal information. */
export const DATE_VRS: ReadonlySet<string> = new Set(['DA', 'DT', 'TM']);
/** Texts that can be cleaned: a value of any other VR with a piece cut out would be another value. */
export const CLEANED_VRS: ReadonlySet<string> = new Set(['AE', 'LO', 'LT', 'SH', 'ST', 'UC', 'UT']);
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
const HAS_REFERENCED_SERIES: Condition = { kind: 'present', tag: TAG.ReferencedSeriesSequence };

/** Makes decisions for one profile and SOP class. */
export class DecisionMaker {
  readonly profile: CompiledProfile;
  readonly #sopClassUid: string;

  constructor(profile: CompiledProfile, sopClassUid: string) {
    this.profile = profile;
    this.#sopClassUid = sopClassUid;
  }

  /** The attribute's Type at its place; undefined when the IOD or the attribute in it is not known. */
  typeOf(place: Place, tag: number): AttributeType | undefined {
    return typeOf(this.#sopClassUid, tag, place.sequence);
  }

  decision(target: Target, kind: DecisionKind, rule: string): Decision {
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

  coded(target: Target, code: ActionCode, rule: string): Decision {
    // An overlay goes whole, so that none of its attributes is required any more.
    const type = target.tag >>> 24 === 0x60 ? undefined : this.typeOf(target.place, target.tag);
    const letter = letterFor(code, type);
    const decision = this.lettered(target, letter, rule);
    if (code !== 'X/Z/U*' || letter !== 'X' || target.place.parent !== undefined) return decision;
    // The Common Instance Reference Module (PS3.3 C.12.2) may list only instances that are referred to: then the reference is required.
    const choices = [{ when: HAS_REFERENCED_SERIES, decision: this.lettered(target, 'U', rule) }];
    return { ...this.decision(target, 'choose', rule), choices, fallback: decision };
  }

  lettered(target: Target, letter: ActionLetter, rule: string): Decision {
    switch (letter) {
      case 'X':
        return this.decision(target, 'remove', rule);
      case 'Z':
        return this.decision(target, 'zero', rule);
      case 'D':
        if (target.vr === 'SQ') return this.#scrubbing(target, rule);
        if (target.tag === TAG.EncapsulatedDocument) return this.#document(target, rule);
        return this.decision(target, target.vr === 'UI' ? 'uid' : 'dummy', rule);
      case 'U':
        return target.vr === 'SQ' ? this.kept(target, rule) : this.decision(target, 'uid', rule);
    }
  }

  /**
   * An empty document; where the profile asks for a clean one, the documents room puts it in its place. A rule that asks for a
   * dummy, and a document inside a sequence, get the empty one.
   */
  #document(target: Target, rule: string): Decision {
    const isByTable = rule === 'E.1-1' && target.place.parent === undefined;
    const { documents } = this.profile;
    if (isByTable && documents === 'quarantine') return this.decision(target, 'quarantine', 'documents');
    const emptied = this.decision(target, 'document', rule);
    return isByTable && documents === 'clean' ? { ...emptied, action: 'clean' } : emptied;
  }

  /** A sequence that has to keep its items: nothing in them may identify. */
  #scrubbing(target: Target, rule: string): Decision {
    const mode: PlaceMode = IDENTITY_CODE_SEQUENCES.has(target.tag) ? 'identity-code' : 'scrubbed';
    return {
      ...this.decision(target, 'keep', rule),
      action: 'clean',
      inside: new Place(target.place, target.tag, mode),
    };
  }

  kept(target: Target, rule: string): Decision {
    const { place, tag, vr } = target;
    const kept = this.decision(target, 'keep', rule);
    const scan = scanOf(tag, vr);
    const residual = scan === undefined ? {} : { scan, whenResidual: this.coded(target, 'X/Z/D', 'residual') };
    // UN may hold a sequence too (CP-246).
    if (vr !== 'SQ' && vr !== 'UN') return { ...kept, ...residual };
    return { ...kept, ...residual, inside: placeInside(place, tag) };
  }

  keptBy(target: Target, rule: string, options: readonly OptionName[], fallback?: Decision): Decision {
    if (target.vr === 'AS' && fallback !== undefined)
      return { ...this.decision(target, 'age', rule), options, fallback };
    const kept = { ...this.kept(target, rule), options };
    return options.includes(FULL_DATES) ? { ...kept, temporal: 'unmodified' } : kept;
  }

  moved(target: Target, rule: string, fallback: Decision): Decision {
    return { ...this.decision(target, 'date', rule), options: [MODIFIED_DATES], temporal: 'modified', fallback };
  }

  /** Text is cleaned, a sequence is walked and what is in it cleaned; undefined for what is neither. */
  cleaned(target: Target, cleaning: Cleaning, fallback: Decision): Decision | undefined {
    const { place, tag, vr } = target;
    const { rule, options, isDeviation } = cleaning;
    const deed = { ...(options.length === 0 ? {} : { options }), isDeviation, fallback };
    if (CLEANED_VRS.has(vr)) return { ...this.decision(target, 'clean', rule), ...deed };
    if (vr !== 'SQ') return undefined;
    const mode = CONTENT_ITEM_SEQUENCES.has(tag) ? 'content' : 'cleaned';
    return { ...this.decision(target, 'keep', rule), ...deed, inside: new Place(place, tag, mode, cleaning) };
  }

  /** UI, PN and dates that the table does not list are treated like those that it does. */
  byVr(target: Target): Decision | undefined {
    const { tag, vr } = target;
    const { options } = this.profile;
    if (vr === 'UI') {
      if (CLASS_UID_TAGS.has(tag)) return undefined;
      return options.has('retain-uids')
        ? this.keptBy(target, 'VR UI', ['retain-uids'])
        : this.decision(target, 'uid', 'VR UI');
    }
    if (vr === 'PN') return this.coded(target, 'X/Z/D', 'VR PN');
    if (!DATE_VRS.has(vr)) return undefined;
    if (options.has(FULL_DATES)) return this.keptBy(target, `VR ${vr}`, [FULL_DATES]);
    const basic = this.coded(target, 'X/Z/D', `VR ${vr}`);
    return options.has(MODIFIED_DATES) ? this.moved(target, `VR ${vr}`, basic) : basic;
  }
}

/** Where the items of a sequence stand that nothing speaks about. */
function placeInside(place: Place, tag: number): Place {
  const { cleaning } = place;
  if (place.mode === 'plain') return new Place(place, tag, 'plain');
  if (cleaning === undefined || (place.mode !== 'cleaned' && place.mode !== 'content'))
    return new Place(place, tag, 'scrubbed');
  const holdsContent = cleaning.options.includes(STRUCTURED_CONTENT) && CONTENT_ITEM_SEQUENCES.has(tag);
  return new Place(place, tag, holdsContent ? 'content' : 'cleaned', cleaning);
}

function scanOf(tag: number, vr: string): TextKind | 'bytes' | undefined {
  if (groupOf(tag) === 0x7fe0) return undefined;
  if (GIVEN_NAME_TAGS.has(tag)) return 'free';
  // A file of the maker's, not pixels.
  if (vr === 'OW' && isPrivate(tag)) return 'bytes';
  // A code value or scheme with a piece cut out would be another code.
  return CODE_TAGS.has(tag) && tag !== TAG.CodeMeaning ? 'code' : SCAN_BY_VR.get(vr);
}
