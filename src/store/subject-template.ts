// Subject ids from the template of a profile: `LUNG-{sequence:4}`, `{hash:8}`, or `{assigned}` for an imported list.
import { LetheError } from '../core/errors.ts';

/** Characters that a hash may grow to when a shorter one is taken. */
const MAX_HASH_CHARS = 51;
const PLACEHOLDER = /\{(sequence|hash):(\d{1,2})\}/;

export type SubjectTemplate =
  | { readonly kind: 'sequence'; idOf(sequence: number): string }
  | { readonly kind: 'hash'; readonly chars: number; readonly maxChars: number; idOf(hash: string): string }
  | { readonly kind: 'assigned' };

/** Throws `profile-invalid` when two patients could not be told apart by the template. */
export function parseSubjectTemplate(template: string): SubjectTemplate {
  if (template.includes('{assigned}')) return { kind: 'assigned' };
  const match = PLACEHOLDER.exec(template);
  const width = match === null ? 0 : Number(match[2]);
  if (match === null || width < 1 || (match[1] === 'hash' && width > MAX_HASH_CHARS))
    throw new LetheError(
      'profile-invalid',
      'subject.id needs {sequence:N}, {hash:N} with N from 1 to 51, or {assigned}, so that each patient gets an id of its own.',
    );
  const before = template.slice(0, match.index);
  const after = template.slice(match.index + match[0].length);
  if (match[1] === 'sequence')
    return { kind: 'sequence', idOf: (sequence) => before + String(sequence).padStart(width, '0') + after };
  return { kind: 'hash', chars: width, maxChars: MAX_HASH_CHARS, idOf: (hash) => before + hash + after };
}

/** The name of a subject: `{id}` stands for its id. */
export function subjectNameOf(template: string, subjectId: string): string {
  return template.replaceAll('{id}', () => subjectId);
}
