// Values of content items (PS3.15 E.3.4): what becomes of those that name the subject, an observer, a device or an order.
import { CONTENT } from './content-items.ts';
import type { DecisionMaker } from './decision-maker.ts';
import type { Decision } from './decision.ts';
import { Place } from './place.ts';
import type { Target } from './target.ts';

/** The value of a content item, where it names the subject, an observer, a device or an order; undefined for any other. */
export function decideContentValue(maker: DecisionMaker, target: Target): Decision | undefined {
  const { place, tag } = target;
  const rule = place.cleaning?.rule ?? 'E.1-1';
  const { options } = maker.profile;
  const isText = tag === CONTENT.text;
  switch (place.role) {
    case 'subject-name':
      if (tag !== CONTENT.personName && !isText) return undefined;
      return { ...maker.decision(target, 'subject-name', rule), isAlways: true, identifies: 'name' };
    case 'subject-id':
      if (!isText) return undefined;
      return { ...maker.decision(target, 'subject-id', rule), isAlways: true, identifies: 'id' };
    case 'birth-date':
      return tag === CONTENT.date || tag === CONTENT.dateTime || isText ? maker.lettered(target, 'D', rule) : undefined;
    case 'sex':
    case 'age':
      return decideCharacteristic(maker, target, rule);
    case 'institution':
      if (!isText) return undefined;
      if (options.has('retain-institution-identity'))
        return maker.keptBy(target, rule, ['retain-institution-identity']);
      return { ...maker.lettered(target, 'D', rule), identifies: 'phrase' };
    case 'device':
      if (!isText && tag !== CONTENT.uid) return undefined;
      if (options.has('retain-device-identity')) return maker.keptBy(target, rule, ['retain-device-identity']);
      return isText ? { ...maker.lettered(target, 'D', rule), identifies: 'id' } : undefined;
    case 'identifier':
      return isText ? { ...maker.lettered(target, 'D', rule), identifies: 'id' } : undefined;
    default:
      return undefined;
  }
}

/** The subject's age and sex follow the option for patient characteristics; without it the item stays without a value. */
function decideCharacteristic(maker: DecisionMaker, target: Target, rule: string): Decision | undefined {
  const { place, tag } = target;
  const isRetained = maker.profile.options.has('retain-patient-characteristics');
  if (tag !== CONTENT.code && tag !== CONTENT.measuredValue && tag !== CONTENT.number && tag !== CONTENT.text)
    return undefined;
  if (isRetained) return keepCharacteristic(maker, target, rule);
  if (tag === CONTENT.number) return maker.lettered(target, 'D', rule);
  if (tag === CONTENT.measuredValue) return maker.decision(target, 'zero', rule);
  if (tag === CONTENT.text) return maker.lettered(target, 'D', rule);
  return { ...maker.decision(target, 'keep', rule), action: 'clean', inside: new Place(place, tag, 'identity-code') };
}

function keepCharacteristic(maker: DecisionMaker, target: Target, rule: string): Decision | undefined {
  const { place, tag } = target;
  const options = ['retain-patient-characteristics'] as const;
  if (tag === CONTENT.text)
    return maker.cleaned(target, { rule, options, isDeviation: false }, maker.lettered(target, 'D', rule));
  const kept = { ...maker.kept(target, rule), options };
  if (place.role !== 'age') return kept;
  if (tag === CONTENT.number)
    return { ...maker.decision(target, 'age', rule), options, fallback: maker.lettered(target, 'D', rule) };
  return { ...kept, inside: new Place(place, tag, 'content', place.cleaning, 'age') };
}
