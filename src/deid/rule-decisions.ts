// What the rules of a profile say about an attribute; where they weaken the Basic Profile, the decision says so.
import type { Rule } from '../profile/rules.ts';

import { DATE_VRS } from './decision-maker.ts';
import type { DecisionMaker } from './decision-maker.ts';
import type { Decision } from './decision.ts';
import { decideKeptPrivate } from './private-decisions.ts';
import { REQUIRED_ONLY } from './standard-decisions.ts';
import type { Target } from './target.ts';

/** Undefined when no rule speaks about the attribute. `byStandard` tells what is done without rules. */
export function decideByRules(
  maker: DecisionMaker,
  target: Target,
  byStandard: (target: Target) => Decision,
): Decision | undefined {
  const rules = maker.profile.rules.select(target.tag, target.vr, target.creator, target.place);
  if (rules.length === 0) return undefined;
  const base = byStandard(target);
  const last = rules.findIndex(({ when }) => when === undefined);
  const asked = last === -1 ? rules : rules.slice(0, last + 1);
  const choices = asked.map((rule) => ({ when: rule.when, decision: decideByRule(maker, target, rule, base) }));
  if (choices[0].when === undefined) return choices[0].decision;
  return { ...maker.decision(target, 'choose', choices[0].decision.rule), choices, fallback: base };
}

function decideByRule(maker: DecisionMaker, target: Target, { action, place: rule }: Rule, base: Decision): Decision {
  // What only this profile takes away beyond the standard, a rule may give back.
  const isCleaned = base.kind === 'clean' || (base.kind === 'keep' && base.fallback !== undefined);
  const isKept = base.kind === 'keep' && base.action === undefined && !isCleaned;
  const isWeaker = !isKept && base.rule !== REQUIRED_ONLY;
  switch (action.kind) {
    case 'keep': {
      const safe = decideKeptPrivate(maker, target, rule);
      if (safe !== undefined) return safe;
      const kept = maker.kept(target, rule);
      const temporal = DATE_VRS.has(target.vr) && isWeaker ? { temporal: 'unmodified' as const } : {};
      const options = (isKept || base.kind === 'age') && base.options !== undefined ? { options: base.options } : {};
      return { ...kept, ...temporal, ...options, isDeviation: isWeaker && base.kind !== 'age' };
    }
    case 'date':
      if (action.to === 'remove') return isWeaker && base.kind !== 'date' ? base : maker.coded(target, 'X/Z/D', rule);
      return {
        ...maker.decision(target, 'date', rule),
        ...(action.to === 'shift' ? {} : { precision: action.to }),
        temporal: 'modified',
        isDeviation: isWeaker && base.kind !== 'date',
        fallback: isWeaker && base.kind !== 'date' ? base : maker.coded(target, 'X/Z/D', rule),
      };
    case 'clean': {
      if (isCleaned) return { ...base, rule };
      const fallback = isWeaker ? base : maker.coded(target, 'X/Z/D', rule);
      const cleaned = maker.cleaned(target, { rule, options: [], isDeviation: isWeaker }, fallback);
      // Other values are no text: what the standard does to them, or the weakest action that leaves nothing.
      return cleaned ?? fallback;
    }
    case 'dummy':
      return maker.lettered(target, 'D', rule);
    case 'replace':
      return { ...maker.decision(target, 'replace', rule), text: action.text };
    case 'hash':
      return { ...maker.decision(target, 'hash', rule), chars: action.chars };
    default:
      return maker.decision(target, action.kind, rule);
  }
}
