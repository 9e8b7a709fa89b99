// What PS3.15 Table E.1-1 with its options says about an attribute, and what is done where it says nothing (E.1.1, E.3, 2026d).
import type { AttributeType } from '../standard/attribute-types.ts';
import { findByTag } from '../standard/dictionary.ts';
import { findRow } from '../standard/table-e1-1.ts';
import type { OptionName, TableRow } from '../standard/table-e1-1.ts';
import { groupOf, isPrivate, TAG } from '../standard/tags.ts';

import { CODE_TAGS, REQUIRED_BESIDE, SUPPLEMENT } from './attribute-classes.ts';
import { decideContentValue } from './content-decisions.ts';
import { CLEANED_VRS, DATE_VRS, MODIFIED_DATES, STRUCTURED_CONTENT } from './decision-maker.ts';
import type { DecisionMaker } from './decision-maker.ts';
import type { Decision } from './decision.ts';
import type { Cleaning, Place } from './place.ts';
import { decideSafePrivate } from './private-decisions.ts';
import type { Target } from './target.ts';

const CLEAN_GRAPHICS: OptionName = 'clean-graphics';
/** Element of Overlay Data (60xx,3000). */
const OVERLAY_DATA = 0x3000;
/** Name of the built-in rule of `unlisted: required-only`. */
export const REQUIRED_ONLY = 'required-only';
/** What a scrubbed sequence does not keep where no row says otherwise. */
const SCRUBBED_VRS: ReadonlySet<string> = new Set([
  ...['AE', 'AS', 'DA', 'DT', 'LO', 'LT', 'OB', 'PN', 'SH', 'ST', 'TM', 'UC', 'UN', 'UR', 'UT'],
]);

/** What is decided about another attribute of the same list, rules included. */
type DecideOther = (place: Place, tag: number, vr: string) => Decision;

export class StandardDecisions {
  readonly #maker: DecisionMaker;
  readonly #decideOther: DecideOther;

  constructor(maker: DecisionMaker, decideOther: DecideOther) {
    this.#maker = maker;
    this.#decideOther = decideOther;
  }

  decide(target: Target): Decision {
    const { tag, place } = target;
    if (isPrivate(tag)) return decideSafePrivate(this.#maker, target);
    if (findByTag(tag) === undefined) return this.#maker.decision(target, 'remove', 'unknown-attribute');
    if (tag === TAG.PatientID || tag === TAG.PatientName) return this.#subject(target);
    const value = place.mode === 'content' ? decideContentValue(this.#maker, target) : undefined;
    if (value !== undefined) return value;
    const row = findRow(tag);
    if (row !== undefined) return this.#byRow(target, row);
    const code = SUPPLEMENT.get(tag);
    if (code !== undefined) return this.#maker.coded(target, code, 'supplement');
    if (tag >>> 24 === 0x60) return this.#overlayPlane(target);
    if (tag === TAG.EncapsulatedDocumentLength) return this.#documentLength(target);
    const byVr = this.#maker.byVr(target);
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
      ...this.#maker.decision(target, kind, 'E.1-1'),
      fallback: this.#maker.coded(target, findRow(target.tag)?.basic ?? 'D', 'E.1-1'),
    };
  }

  #byRow(target: Target, row: TableRow): Decision {
    const basic = this.#maker.coded(target, row.basic, 'E.1-1');
    return this.#byOptions(target, row, basic) ?? basic;
  }

  /** Undefined where no option speaks about the attribute, or where its cleaning would leave nothing that can be vouched for. */
  #byOptions(target: Target, { options: cells }: TableRow, basic: Decision): Decision | undefined {
    const { options } = this.#maker.profile;
    const { tag } = target;
    const asked = [...options].filter((option) => cells[option] !== undefined);
    const { cleaning } = target.place;
    if (asked.length === 0) {
      // Text in a sequence that is cleaned as a whole.
      if (cleaning === undefined || cells['clean-descriptors'] === undefined) return undefined;
      return this.#maker.cleaned(target, cleaning, basic);
    }
    if (options.has(MODIFIED_DATES) && cells[MODIFIED_DATES] === 'C') {
      // The stricter option wins where another one would keep the same date.
      if (DATE_VRS.has(target.vr)) return this.#maker.moved(target, 'E.1-1', basic);
      // Whole days are added, so that the zone stays true.
      if (target.tag === TAG.TimezoneOffsetFromUTC) return this.#maker.keptBy(target, 'E.1-1', [MODIFIED_DATES]);
      return undefined;
    }
    const keeping = asked.filter((option) => cells[option] === 'K');
    if (keeping.length > 0) return this.#maker.keptBy(target, 'E.1-1', keeping, basic);
    // The points of curves may draw text: nobody can vouch for them, nor for what describes them.
    if (tag >>> 24 === 0x50) return undefined;
    // The bits of overlays may, too: text in them is found and blanked where pixels are looked at (E.3.3), which is at the top level.
    if (tag >>> 24 === 0x60) {
      if (this.#maker.profile.pixels.text === 'off' || target.place.parent !== undefined) return undefined;
      if ((tag & 0xffff) === OVERLAY_DATA) return this.#maker.keptBy(target, 'E.1-1', asked, basic);
    }
    return this.#maker.cleaned(target, { rule: 'E.1-1', options: asked, isDeviation: false }, basic);
  }

  /** What nothing speaks about in a sequence that is cleaned. Codes stay; the words that explain them are descriptions too. */
  #insideCleaned(target: Target, cleaning: Cleaning): Decision {
    const isCode =
      CODE_TAGS.has(target.tag) && (target.tag !== TAG.CodeMeaning || cleaning.options.includes(STRUCTURED_CONTENT));
    const kept = this.#maker.kept(target, 'unlisted');
    if (isCode || !CLEANED_VRS.has(target.vr)) return kept;
    return this.#maker.cleaned(target, cleaning, this.#maker.coded(target, 'X/Z/D', cleaning.rule)) ?? kept;
  }

  /** Removing the bits alone would leave an overlay plane that PS3.3 C.9.2 does not allow: its description goes with it. */
  #overlayPlane(target: Target): Decision {
    const data = this.#decideOther(target.place, ((target.tag & 0xffff0000) | 0x3000) >>> 0, 'OW');
    if (data.kind !== 'keep') return this.#maker.decision(target, 'remove', 'overlay-plane');
    const kept = this.#maker.kept(target, 'unlisted');
    if (!CLEANED_VRS.has(target.vr)) return kept;
    // Labels and descriptions.
    const cleaning = { rule: 'overlay-plane', options: [CLEAN_GRAPHICS], isDeviation: false };
    return this.#maker.cleaned(target, cleaning, this.#maker.decision(target, 'remove', 'overlay-plane')) ?? kept;
  }

  #documentLength(target: Target): Decision {
    const document = this.#decideOther(target.place, TAG.EncapsulatedDocument, 'OB');
    return document.kind === 'document'
      ? this.#maker.decision(target, 'document-length', 'E.1-1')
      : this.#unlisted(target);
  }

  /** Attributes that nothing speaks about: all stay, or only what the IOD requires and what describes the pixels. */
  #unlisted(target: Target): Decision {
    const { place, tag } = target;
    if (this.#maker.profile.unlisted === 'keep' || groupOf(tag) === 0x0028 || groupOf(tag) === 0x7fe0)
      return this.#maker.kept(target, 'unlisted');
    // What stands inside a sequence that is required is judged as part of it: the IOD data tell no more about items.
    const isWanted =
      place.parent === undefined
        ? isRequired(this.#maker.typeOf(place, tag)) || REQUIRED_BESIDE.has(tag)
        : this.#maker.typeOf(place, tag) !== '3';
    return isWanted ? this.#maker.kept(target, 'unlisted') : this.#maker.decision(target, 'remove', REQUIRED_ONLY);
  }

  #scrubbed(target: Target): Decision {
    const { place, tag, vr } = target;
    if (CODE_TAGS.has(tag)) {
      return place.mode === 'identity-code'
        ? this.#maker.lettered(target, 'D', 'scrubbed-sequence')
        : this.#maker.kept(target, 'unlisted');
    }
    return SCRUBBED_VRS.has(vr)
      ? this.#maker.coded(target, 'X/Z/D', 'scrubbed-sequence')
      : this.#maker.kept(target, 'unlisted');
  }
}

function isRequired(type: AttributeType | undefined): boolean {
  return type !== undefined && type !== '3';
}
