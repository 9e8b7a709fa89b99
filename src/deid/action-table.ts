// What one profile does to the attributes of one SOP class. Each decision is made when it is first met and then looked up.
import type { CompiledProfile } from '../profile/compiled.ts';
import { hasIod } from '../standard/attribute-types.ts';
import type { AttributeType } from '../standard/attribute-types.ts';
import { findRow } from '../standard/table-e1-1.ts';
import { elementOf, groupOf } from '../standard/tags.ts';

import { DROPPED_TAGS, MARKER_TAGS } from './attribute-classes.ts';
import { DecisionMaker } from './decision-maker.ts';
import { settled } from './decision.ts';
import type { Decision } from './decision.ts';
import { Place } from './place.ts';
import { SAFE_PRIVATE } from './private-decisions.ts';
import { decideByRules } from './rule-decisions.ts';
import { StandardDecisions } from './standard-decisions.ts';
import type { Target } from './target.ts';

export class ActionTable {
  /** The data set itself. */
  readonly root = new Place(undefined, undefined, 'plain');
  /** True when blocks of private attributes have to be looked at; else all of them go. */
  readonly looksAtCreators: boolean;
  /** False when the IOD of the SOP class is not known: compound codes take their strongest action then. */
  readonly isIodKnown: boolean;
  readonly #maker: DecisionMaker;
  readonly #standard: StandardDecisions;
  #size = 0;

  constructor(profile: CompiledProfile, sopClassUid: string) {
    this.#maker = new DecisionMaker(profile, sopClassUid);
    this.#standard = new StandardDecisions(this.#maker, (place, tag, vr) => this.decide(place, tag, vr));
    this.isIodKnown = hasIod(sopClassUid);
    this.looksAtCreators = profile.options.has(SAFE_PRIVATE) || profile.rules.hasPrivateRules;
  }

  /** Number of decisions held: what instances can make grow. */
  get size(): number {
    return this.#size;
  }

  /** The attribute's Type at its place; undefined when the IOD or the attribute in it is not known. */
  typeOf(place: Place, tag: number): AttributeType | undefined {
    return this.#maker.typeOf(place, tag);
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
      decision = settled(this.#maker.decision(target, isNeeded ? 'keep' : 'remove', 'E.1-1'));
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
    const byStandard = (asked: Target): Decision => this.#standard.decide(asked);
    return settled(this.#structural(target) ?? decideByRules(this.#maker, target, byStandard) ?? byStandard(target));
  }

  /** What no profile can keep, because it would be untrue or unreadable in the new instance. */
  #structural(target: Target): Decision | undefined {
    const { tag, place } = target;
    const group = groupOf(tag);
    const isForeign = group <= 0x0002 || (group === 0x0004 && findRow(tag) === undefined);
    if (elementOf(tag) === 0 || isForeign || DROPPED_TAGS.has(tag))
      return this.#maker.decision(target, 'remove', 'structure');
    if (!MARKER_TAGS.has(tag)) return undefined;
    const dropped = this.#maker.decision(target, 'remove', 'PS3.15 E.1.1');
    // At the top the receipt tells that it was written anew.
    return place.parent === undefined ? { ...dropped, action: undefined } : dropped;
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
