// `subject:` of a profile: how a project names its subjects.
import type { ProfileContent } from './compiled.ts';
import { asPlaced, readFields, readText } from './fields.ts';
import { SUBJECT_FIELDS } from './grammar.ts';
import type { Problems } from './problems.ts';

/** PS3.5 6.2: a component of PN and a value of LO hold 64 characters. */
const MAX_TEMPLATE_CHARS = 64;

/** The templates; a keyed hash for the id when it is not said, so that two projects share no subject id. */
export function readSubject(node: unknown, problems: Problems): ProfileContent['subject'] {
  const templates = { idTemplate: '{hash:12}', nameTemplate: '{id}' };
  const fields = readFields(node, Object.keys(SUBJECT_FIELDS), 'subject', problems);
  if (fields === undefined) return templates;
  const id = fields.values.has('id') ? readText(fields.values.get('id'), 'subject id', problems) : templates.idTemplate;
  const name = fields.values.has('name')
    ? readText(fields.values.get('name'), 'subject name', problems)
    : templates.nameTemplate;
  if (id !== undefined) checkIdTemplate(id, fields.values.get('id'), problems);
  if (name !== undefined) checkNameTemplate(name, id ?? '', fields.values.get('name'), problems);
  return { idTemplate: id ?? '', nameTemplate: name ?? '' };
}

const PLACEHOLDER = /\{([^}]*)\}/g;

/** What a template may hold beside its placeholders: LO and PN in every character set (PS3.5 6.1.2.1, 6.2). */
const TEMPLATE_TEXT = /^[\x20-\x5B\x5D-\x7E]*$/;

/** Each patient gets the id that an imported list has (`lethe pseudonyms import`). */
const ASSIGNED = '{assigned}';

function checkIdTemplate(template: string, node: unknown, problems: Problems): void {
  if (template === ASSIGNED) return;
  const placeholders = [...template.matchAll(PLACEHOLDER)].map(([, inside]) => inside);
  for (const inside of placeholders) {
    if (!/^(sequence:([1-9]|1[0-2])|hash:([6-9]|[1-3]\d|40))$/.test(inside)) {
      problems.add(
        asPlaced(node),
        `{${inside}} is no placeholder; write {sequence:4} (1 to 12 digits) or {hash:12} (6 to 40 characters), or ${ASSIGNED} alone`,
      );
    }
  }
  if (placeholders.length !== 1) {
    problems.add(
      asPlaced(node),
      'the subject id needs exactly one of {sequence:N} and {hash:N}, or all patients would share it',
    );
  }
  if (!TEMPLATE_TEXT.test(template))
    problems.add(asPlaced(node), 'the subject id may hold printable ASCII without backslash only');
  if (expandedLength(template, 0) > MAX_TEMPLATE_CHARS)
    problems.add(asPlaced(node), `the subject id would be longer than ${MAX_TEMPLATE_CHARS} characters; shorten it`);
}

function checkNameTemplate(template: string, id: string, node: unknown, problems: Problems): void {
  for (const [, inside] of template.matchAll(PLACEHOLDER)) {
    if (inside !== 'id') problems.add(asPlaced(node), `{${inside}} is no placeholder of the name; write {id}`);
  }
  if (!TEMPLATE_TEXT.test(template))
    problems.add(asPlaced(node), 'the subject name may hold printable ASCII without backslash only');
  if (expandedLength(template, expandedLength(id, 0)) > MAX_TEMPLATE_CHARS) {
    problems.add(asPlaced(node), `the subject name would be longer than ${MAX_TEMPLATE_CHARS} characters; shorten it`);
  }
}

function expandedLength(template: string, idLength: number): number {
  return template.replace(PLACEHOLDER, (_, inside: string) =>
    'x'.repeat(inside === 'id' ? idLength : Number(inside.split(':')[1] ?? 0) || 0),
  ).length;
}
