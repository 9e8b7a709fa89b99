// Scripts of the DicomAnonymizer of CTP (RSNA Clinical Trial Processor). CTP leaves what its script does not name; here the Basic
// Profile decides about it, so that a translated script takes away more, never less.
import { keywords, findByKeyword } from '../../standard/dictionary.ts';
import { findRow, rows } from '../../standard/table-e1-1.ts';
import { groupOf, isPrivate, parseTag, TAG } from '../../standard/tags.ts';

import { translateCtp } from './ctp-action.ts';
import type { CtpBranch } from './ctp-action.ts';
import { readCtpScript } from './ctp-script.ts';
import type { CtpEntry } from './ctp-script.ts';
import type { ImportedProfile, ImportRequest } from './import-profile.ts';
import { ProfileBuilder, tagText } from './profile-builder.ts';
import type { RuleText } from './profile-builder.ts';
import { isTakenByBasic, MARKERS, vrOf } from './what-basic-does.ts';

const MODIFIED_DATES = 'retain-longitudinal-modified-dates';

export function importCtp(text: string, { file, name }: ImportRequest): ImportedProfile {
  const entries = readCtpScript(text, file);
  const parameters = new Map(
    entries.filter(({ kind }) => kind === 'p').map((entry) => [entry.subject.toUpperCase(), entry.text]),
  );
  const enabled = entries.filter(({ isEnabled }) => isEnabled);
  const builder = new ProfileBuilder();
  const elements = enabled.filter(({ kind }) => kind === 'e');
  if (elements.some((entry) => /@(?:increment|hash)date\s*\(/i.test(entry.text))) {
    builder.addOption(MODIFIED_DATES);
    builder.allowShift(Number(parameters.get('DATEINC')));
    builder.differs(
      `${file}:1`,
      'dates moved by one number of days',
      'a secret shift of each patient, of whole days, back in time',
    );
  }
  for (const entry of elements) translateElement(entry, parameters, builder);
  translateGroups(enabled, builder);
  translateRemovals(entries, file, builder);
  const title = parameters.get('PROFILENAME') ?? '';
  const heading = [`Translated from a script of CTP's DicomAnonymizer${title === '' ? '' : ` ("${title}")`}.`];
  return { text: builder.build(name ?? (title === '' ? 'ctp-script' : title), heading), changes: builder.changes };
}

// ---- elements ------------------------------------------------------------------------------------------------------

function translateElement(entry: CtpEntry, parameters: ReadonlyMap<string, string>, builder: ProfileBuilder): void {
  const { subject, text, where } = entry;
  const selection = selectionOf(subject);
  const label = `${entry.name === '' ? subject : entry.name} ${text}`;
  if (selection === undefined) {
    builder.leaveOut(where, `the tag "${subject}" of ${label}`, 'nothing beyond the Basic Profile');
    return;
  }
  const tag = 'tag' in selection ? parseTag(subject) : undefined;
  if (tag !== undefined && MARKERS.has(tag)) {
    builder.countAsBasic();
    return;
  }
  if (tag === TAG.PatientID || tag === TAG.PatientName) {
    translateSubject(tag, entry, builder);
    return;
  }
  const branches = translateCtp(text, { tag, parameters });
  if (branches === undefined) {
    const action = tag !== undefined && isPrivate(tag) ? 'remove' : 'dummy';
    builder.leaveOut(where, label, action);
    builder.addRule({ ...selection, action }, entry.name, where);
    return;
  }
  for (const branch of branches) addBranch(entry, selection, tag, branch, builder);
}

function addBranch(
  entry: CtpEntry,
  selection: RuleText,
  tag: number | undefined,
  { when, path, rule, differs }: CtpBranch,
  builder: ProfileBuilder,
): void {
  const { where, name } = entry;
  if (when === undefined && path === undefined && tag !== undefined && isByItself(tag, rule, builder)) {
    builder.countAsBasic();
    return;
  }
  // Moved dates need times that stay, and whole days leave them as they are.
  const isTime = tag !== undefined && vrOf(tag) === 'TM' && rule.action === 'keep' && builder.hasOption(MODIFIED_DATES);
  const act: RuleText = isTime ? { action: 'date' } : rule;
  const placed = path === undefined ? selection : { ...selection, tag: `${path}${String(selection.tag)}` };
  if (path !== undefined && selection.tag === undefined) {
    builder.leaveOut(where, `${name}: @select for a private element`, 'removed');
    return;
  }
  const whole: RuleText = { ...placed, ...(when === undefined ? {} : { when }), ...act };
  if (tag !== undefined && (act.action === 'remove' || act.action === 'zero')) {
    builder.addRemoval(tag, whole, name, where);
    return;
  }
  const isAdded = builder.addRule(whole, name, where);
  // That dates move in another way is said once for all of them.
  const isSaid = rule.action === 'date' && rule.to === undefined;
  if (isAdded && differs !== undefined && !isSaid)
    builder.differs(where, `${name === '' ? entry.subject : name} ${entry.text}`, differs);
}

/** Whether the Basic Profile, or the option that the import chose, does the same without a rule. */
function isByItself(tag: number, { action, to }: RuleText, builder: ProfileBuilder): boolean {
  const row = findRow(tag);
  if (action === 'remove' || action === 'zero')
    return isTakenByBasic(tag) && row?.options[MODIFIED_DATES] === undefined;
  if (action === 'uid') return vrOf(tag) === 'UI';
  const isMoved = builder.hasOption(MODIFIED_DATES) && row?.options[MODIFIED_DATES] === 'C';
  if (action === 'date') return isMoved && to === undefined;
  return action === 'keep' && isMoved && vrOf(tag) === 'TM';
}

/** The subject is named by the project, so that the pseudonym table knows who it is. */
function translateSubject(tag: number, entry: CtpEntry, builder: ProfileBuilder): void {
  const { where, text, name } = entry;
  const hash = /^(?:@always\(\))?\s*@(?:hash|hashptid|integer)\(.*?(\d+)\s*\)$/i.exec(text);
  if (/^(?:@always\(\))?\s*@(?:keep|require)\(/i.test(text)) {
    builder.leaveOut(where, `${name} ${text} keeps who the patient is`, 'the subject of the project');
  } else if (/@lookup\s*\(/i.test(text)) {
    builder.leaveOut(
      where,
      `${name} ${text}`,
      'the subject of the project; import the list with lethe pseudonyms import',
    );
  } else {
    if (hash !== null && tag === TAG.PatientID)
      builder.subjectId = `{hash:${Math.min(40, Math.max(6, Number(hash[1])))}}`;
    builder.differs(where, `${name} ${text}`, 'the subject of the project, a keyed hash');
  }
}

/** `00080050`, `0008,0050`, or `0019[SIEMENS MR HEADER]0c` for a private element. */
function selectionOf(subject: string): RuleText | undefined {
  const owned = /^\(?([\dA-Fa-f]{4}),?\s*\[([^\]]{1,64})\],?\s*([\dA-Fa-f]{2})\)?$/.exec(subject);
  if (owned !== null)
    return { private: owned[2].trim(), group: owned[1].toUpperCase(), element: owned[3].toUpperCase() };
  const tag = parseTag(subject);
  return tag === undefined ? undefined : { tag: tagText(tag) };
}

// ---- groups --------------------------------------------------------------------------------------------------------

function translateGroups(enabled: readonly CtpEntry[], builder: ProfileBuilder): void {
  const removesOthers = enabled.some(({ kind, subject }) => kind === 'r' && subject === 'unspecifiedelements');
  if (removesOthers) {
    builder.unlisted = 'required-only';
    const entry = enabled.find(({ kind, subject }) => kind === 'r' && subject === 'unspecifiedelements');
    builder.differs(
      entry?.where ?? '',
      'unspecified elements removed',
      'only what the kind of object requires stays (unlisted: required-only)',
    );
  }
  for (const { subject, where } of enabled.filter(({ kind }) => kind === 'k')) {
    if (subject === 'safeprivateelements') {
      builder.addOption('retain-safe-private');
      continue;
    }
    const group = /^[\dA-Fa-f]{1,4}$/.test(subject) ? Number.parseInt(subject, 16) : undefined;
    if (group === undefined || group % 2 === 1) {
      builder.leaveOut(where, `the group "${subject}" kept`, 'the Basic Profile decides');
    } else if (removesOthers) keepGroup(group, where, builder);
    else builder.countAsBasic();
  }
}

/** A group that CTP keeps, without what the Basic Profile would not keep; what the script names has its rule in front of this one. */
function keepGroup(group: number, where: string, builder: ProfileBuilder): void {
  const text = group.toString(16).padStart(4, '0').toUpperCase();
  const except = new Set<string>();
  for (const { tagPattern } of rows()) {
    const tag = parseTag(tagPattern);
    if (tag !== undefined && groupOf(tag) === group) except.add(tagText(tag));
  }
  for (const keyword of keywords()) {
    const tag = findByKeyword(keyword)?.tag;
    if (tag !== undefined && groupOf(tag) === group && ['UI', 'PN', 'DA', 'DT', 'TM'].includes(vrOf(tag) ?? ''))
      except.add(tagText(tag));
  }
  builder.differs(where, `group ${text} kept`, 'kept, except names, dates, UIDs and what Table E.1-1 names');
  const all = [...except].sort();
  builder.addRule(
    { tags: `(${text},xxxx)`, ...(all.length === 0 ? {} : { except: all }), action: 'keep' },
    `group ${text}`,
    where,
  );
}

function translateRemovals(entries: readonly CtpEntry[], file: string, builder: ProfileBuilder): void {
  const isRemoved = (subject: string): boolean =>
    entries.some((entry) => entry.kind === 'r' && entry.subject === subject && entry.isEnabled);
  if (!isRemoved('privategroups')) {
    const entry = entries.find(({ kind, subject }) => kind === 'r' && subject === 'privategroups');
    if (!builder.hasOption('retain-safe-private')) builder.addOption('retain-safe-private');
    builder.leaveOut(entry?.where ?? `${file}:1`, 'private groups kept, whatever they hold', 'retain-safe-private');
  }
  for (const subject of ['overlays', 'curves']) {
    const entry = entries.find((one) => one.kind === 'r' && one.subject === subject);
    if (entry !== undefined && !isRemoved(subject))
      builder.leaveOut(entry.where, `${subject} kept`, 'removed by the Basic Profile');
  }
  if (!isRemoved('unspecifiedelements'))
    builder.differs(
      `${file}:1`,
      'what the script does not name is left as it is',
      'the Basic Profile decides about it',
    );
}
