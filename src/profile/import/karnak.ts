// Profiles of Karnak (https://karnak.team): a list of elements, of which the first that speaks about an attribute wins, as here.
import { LineCounter, isMap, isSeq, parseDocument } from 'yaml';

import { LetheError } from '../../core/errors.ts';
import { parseTag } from '../../standard/tags.ts';

import { parseTagMask } from '../sequence-path.ts';
import { translateExpression } from './karnak-expression.ts';
import type { ImportedProfile, ImportRequest } from './import-profile.ts';
import { addRules } from './karnak-rules.ts';
import type { KarnakElement } from './karnak-rules.ts';
import { ProfileBuilder } from './profile-builder.ts';

const ACTIONS: Partial<Record<string, string>> = { K: 'keep', X: 'remove', Z: 'zero', U: 'uid', D: 'dummy' };
const DATE_VRS = ['DA', 'DT', 'TM'];
/** Their elements do nothing without tags. */
const NEEDING_TAGS: ReadonlySet<string> = new Set(['action.on.specific.tags', 'replace.uid', 'expression.on.tags']);

export function importKarnak(text: string, { file, name }: ImportRequest): ImportedProfile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (offset: number, message: string): LetheError => {
    const { line, col } = lines.linePos(offset);
    return new LetheError('profile-invalid', `${file}:${line}:${col}: ${message}`);
  };
  for (const error of document.errors) throw refuse(error.pos[0], 'not valid YAML');
  const list = document.get('profileElements');
  if (!isMap(document.contents) || !isSeq(list))
    throw refuse(0, 'no Karnak profile: it has no list "profileElements"; for a CTP script add --from ctp');
  const builder = new ProfileBuilder();
  let isBehindBasic = false;
  for (const item of list.items) {
    const offset = isMap(item) ? (item.range?.[0] ?? 0) : 0;
    const element = readElement(isMap(item) ? item.toJS(document) : {}, `${file}:${lines.linePos(offset).line}`);
    if (element.codename === 'basic.dicom.profile') isBehindBasic = true;
    else translateElement(element, isBehindBasic, builder);
  }
  if (!isBehindBasic)
    builder.differs(`${file}:1`, 'the profile does without basic.dicom.profile', 'the Basic Profile is always applied');
  if (document.has('masks')) {
    const masks: unknown = document.get('masks');
    if (isSeq(masks) && masks.items.length > 0)
      builder.leaveOut(
        `${file}:${lines.linePos(masks.range?.[0] ?? 0).line}`,
        'masks over pixels',
        'no pixels are masked',
      );
  }
  const title = textOf(document.get('name'));
  const heading = [
    `Translated from the Karnak profile "${title}", version ${textOf(document.get('version')) || 'unknown'}.`,
  ];
  return { text: builder.build(name ?? title, heading), changes: builder.changes };
}

function readElement(raw: unknown, where: string): KarnakElement {
  const value = (typeof raw === 'object' && raw !== null ? raw : {}) as Readonly<Record<string, unknown>>;
  const given = value.arguments;
  return {
    where,
    name: textOf(value.name),
    codename: textOf(value.codename),
    action: textOf(value.action).toUpperCase(),
    option: textOf(value.option),
    condition: textOf(value.condition),
    tags: textsOf(value.tags),
    excludedTags: textsOf(value.excludedTags),
    arguments: (typeof given === 'object' && given !== null ? given : {}) as Readonly<Record<string, unknown>>,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}

// ---- elements ------------------------------------------------------------------------------------------------------

function translateElement(element: KarnakElement, isBehindBasic: boolean, builder: ProfileBuilder): void {
  const { where, name, codename } = element;
  if (NEEDING_TAGS.has(codename) && element.tags.length === 0)
    builder.leaveOut(where, `${name}: ${codename} without tags`, 'nothing beyond the Basic Profile');
  switch (codename) {
    case 'action.on.specific.tags':
    case 'replace.uid':
      translateTags(element, isBehindBasic, builder);
      return;
    case 'action.on.privatetags':
      translatePrivate(element, isBehindBasic, builder);
      return;
    case 'action.on.dates':
      translateDates(element, builder);
      return;
    case 'expression.on.tags':
      translateExpressions(element, isBehindBasic, builder);
      return;
    case 'clean.pixel.data':
      builder.addOption('clean-pixel-data');
      if (element.condition !== '') builder.differs(where, `${name}: only under a condition`, 'for every instance');
      return;
    case 'clean.recognizable.visual.features':
      builder.leaveOut(where, `${name}: faces made unrecognizable`, 'nothing; see that such series do not pass');
      return;
    case 'action.add.tag':
    case 'action.add.private.tag':
    case 'add.tag':
      builder.leaveOut(where, `${name}: adds ${element.tags.join(', ')}`, 'nothing is added');
      return;
    default:
      builder.leaveOut(where, `${name}: unknown codename "${codename}"`, 'nothing beyond the Basic Profile');
  }
}

function translateTags(element: KarnakElement, isBehindBasic: boolean, builder: ProfileBuilder): void {
  const { where, name } = element;
  const action = ACTIONS[element.action];
  if (action === undefined) {
    if (element.tags.length > 0) builder.leaveOut(where, `${name}: unknown action "${element.action}"`, 'dummy');
    addRules(element, { action: 'dummy' }, builder);
  } else if (action === 'keep' && isBehindBasic) {
    builder.leaveOut(where, `${name}: keeps only what basic.dicom.profile before it left`, 'the Basic Profile decides');
  } else addRules(element, { action }, builder);
}

function translatePrivate(element: KarnakElement, isBehindBasic: boolean, builder: ProfileBuilder): void {
  const { where, name, tags } = element;
  const known = ACTIONS[element.action];
  const action = known ?? 'remove';
  if (known === undefined)
    builder.leaveOut(where, `${name}: unknown action "${element.action}" for private attributes`, 'they are removed');
  if (tags.length > 0 && !(action === 'keep' && isBehindBasic)) {
    const isFixed = (text: string): boolean => ((parseTagMask(text)?.value ?? 0) >>> 16) % 2 === 1;
    const isUsable = (text: string): boolean => isFixed(text.split('.').at(-1) ?? '');
    for (const text of tags.filter((tag) => !isUsable(tag)))
      builder.leaveOut(where, `${name}: ${element.action} ${text} names no private group`, 'removed');
    addRules({ ...element, tags: tags.filter(isUsable) }, { action }, builder);
  } else if (action === 'keep') {
    builder.addOption('retain-safe-private');
    builder.leaveOut(where, `${name}: keeps private attributes, whatever they hold`, 'retain-safe-private');
  } else if (action === 'remove') builder.countAsBasic();
  else builder.differs(where, `${name}: ${element.action} for private attributes`, 'they are removed');
}

function translateDates(element: KarnakElement, builder: ProfileBuilder): void {
  const { where, name, option, tags } = element;
  const days = Number(element.arguments.days ?? element.arguments.max_days);
  switch (option) {
    case 'shift':
    case 'shift_range':
      builder.allowShift(days);
      builder.differs(where, `${name}: ${option}`, `a secret shift of each patient, of whole days, back in time`);
      break;
    case 'date_format': {
      const to = textOf(element.arguments.remove) === 'day' ? 'month' : 'year';
      if (tags.length === 0) builder.leaveOut(where, `${name}: ${option} without tags`, 'dates are removed');
      addRules(element, { vr: ['DA', 'DT'], action: 'date', to }, builder);
      return;
    }
    default:
      builder.allowShift();
      builder.leaveOut(where, `${name}: ${option}`, 'a secret shift of each patient');
  }
  if (tags.length > 0) addRules(element, { vr: DATE_VRS, action: 'date' }, builder);
  else {
    builder.addOption('retain-longitudinal-modified-dates');
    if (element.condition !== '' || element.excludedTags.length > 0)
      builder.differs(where, `${name}: only for some`, 'the option holds for all dates that it names');
  }
}

function translateExpressions(element: KarnakElement, isBehindBasic: boolean, builder: ProfileBuilder): void {
  const { where, name } = element;
  const source = textOf(element.arguments.expr);
  for (const text of element.tags) {
    const branches = translateExpression(source, parseTag(text));
    const some = { ...element, tags: [text] };
    if (branches === undefined) {
      builder.leaveOut(where, `${name}: ${source}`, 'dummy');
      addRules(some, { action: 'dummy' }, builder);
      continue;
    }
    for (const { when, rule } of branches) {
      if (rule.action === 'keep' && isBehindBasic)
        builder.leaveOut(where, `${name}: Keep() behind basic.dicom.profile`, 'the Basic Profile decides');
      else addRules(some, rule, builder, when);
    }
  }
}
