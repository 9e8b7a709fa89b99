// Private attributes (PS3.15 E.3.10): those that the standard or the profile calls safe stay, what identifies in them does not.
import { findSafePrivate } from '../standard/safe-private.ts';
import { isPrivate } from '../standard/tags.ts';

import type { DecisionMaker } from './decision-maker.ts';
import type { Decision } from './decision.ts';
import type { Target } from './target.ts';

export const SAFE_PRIVATE = 'retain-safe-private';

/** PS3.15 E.3.10: a private attribute that the standard lists as safe stays; UIDs, names and dates in it do not. */
export function decideSafePrivate(maker: DecisionMaker, target: Target): Decision {
  const { tag, vr, creator } = target;
  const removed = maker.decision(target, 'remove', 'E.1-1');
  if (creator === undefined || !maker.profile.options.has(SAFE_PRIVATE)) return removed;
  const safe = findSafePrivate(creator, tag);
  if (safe === undefined) return removed;
  const inEffect = vr === 'UN' ? safe.vr : vr;
  if (inEffect === 'PN' || inEffect === 'UN') return removed;
  return keepSafely(maker, target, inEffect, 'E.3.10-1', removed);
}

/** What a rule adds to the table of safe private attributes is treated like what stands there. */
export function decideKeptPrivate(maker: DecisionMaker, target: Target, rule: string): Decision | undefined {
  const { tag, vr, creator } = target;
  if (!isPrivate(tag) || creator === undefined || !maker.profile.options.has(SAFE_PRIVATE)) return undefined;
  const inEffect = vr === 'UN' ? (findSafePrivate(creator, tag)?.vr ?? 'UN') : vr;
  if (inEffect === 'PN') return undefined;
  return keepSafely(maker, target, inEffect, rule, maker.decision(target, 'remove', rule));
}

/** @param vr what the value is, also where it came as UN */
function keepSafely(maker: DecisionMaker, target: Target, vr: string, rule: string, removed: Decision): Decision {
  const inEffect = { ...target, vr };
  const deed = { vr: target.vr, ...(vr === target.vr ? {} : { valueVr: vr }) };
  const cleaning = { rule, options: [SAFE_PRIVATE], isDeviation: false } as const;
  const cleaned = maker.cleaned(inEffect, cleaning, removed);
  if (cleaned !== undefined) return { ...cleaned, ...deed };
  const byVr = maker.byVr(inEffect);
  if (byVr === undefined) return { ...maker.keptBy(target, rule, [SAFE_PRIVATE]), ...deed };
  if (byVr.kind === 'dummy' || byVr.kind === 'zero') return removed;
  return { ...byVr, ...deed, rule, options: [...(byVr.options ?? []), SAFE_PRIVATE], fallback: removed };
}
