// What callers may ask, checked: everything unknown is a mistake that the answer names. No message repeats a value.
import type { RecordId } from '../core/brands.ts';
import { LetheError, QUARANTINE_REASONS, type QuarantineReason } from '../core/errors.ts';
import { CRITERIA, type QuarantineQuestion, type Question } from './backend.ts';

const MAX_ROWS = 1_000;
const DEFAULT_ROWS = 100;
/** Values in one question. */
const MAX_VALUES = 1_000;
const MAX_CHARS = 256;
const MAX_REASON_CHARS = 1_000;
const RECORD_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function wrong(message: string): LetheError {
  return new LetheError('usage', message);
}

/** The parameters of `/api/quarantine`. @throws LetheError `usage` */
export function readQuarantineQuestion(query: Readonly<Record<string, string>>): QuarantineQuestion {
  for (const key of Object.keys(query))
    if (!['project', 'reason', 'limit', 'after'].includes(key))
      throw wrong('the parameters are project, reason, limit and after');
  const { project, reason, limit, after } = query as Partial<typeof query>;
  if (reason !== undefined && !isReason(reason)) throw wrong('this is no reason of the quarantine');
  const rows = limit === undefined ? DEFAULT_ROWS : Number(limit);
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) throw wrong(`limit is a number from 1 to ${MAX_ROWS}`);
  return {
    limit: rows,
    ...(project === undefined ? {} : { project: project.slice(0, MAX_CHARS) }),
    ...(reason === undefined ? {} : { reason }),
    ...(after === undefined ? {} : { after: readPlace(after) }),
  };
}

function isReason(text: string): text is QuarantineReason {
  return Object.hasOwn(QUARANTINE_REASONS, text);
}

/** `receivedAt,recordId` of the last row of the page before. */
function readPlace(text: string): { recordId: RecordId; receivedAt: Date } {
  const [at, recordId, ...rest] = text.split(',');
  const receivedAt = new Date(at);
  if (rest.length > 0 || Number.isNaN(receivedAt.getTime()) || !RECORD_ID.test(recordId))
    throw wrong('after is receivedAt and recordId of the last row of the page before, with a comma between');
  return { recordId: recordId as RecordId, receivedAt };
}

/** The body of `/api/pseudonyms`. @throws LetheError `usage` */
export function readPseudonymQuestion(body: unknown): { readonly question: Question; readonly reason: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('send a JSON object');
  const entries = Object.entries(body);
  for (const [key] of entries)
    if (!['project', 'reason', ...CRITERIA].includes(key))
      throw wrong(`the keys are reason, project and one of ${CRITERIA.join(', ')}`);
  const values = new Map<string, unknown>(entries);
  const asked = CRITERIA.filter((kind) => values.has(kind));
  if (asked.length !== 1) throw wrong(`ask by one of ${CRITERIA.join(', ')}`);
  const reason = values.get('reason');
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > MAX_REASON_CHARS)
    throw wrong('a look-up needs a reason: it is kept in the audit');
  const project = values.get('project');
  if (project !== undefined && (typeof project !== 'string' || project.length > MAX_CHARS))
    throw wrong('project is a name');
  return {
    reason,
    question: {
      [asked[0]]: readValues(values.get(asked[0])),
      ...(project === undefined ? {} : { project }),
    },
  };
}

function readValues(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.filter((text) => typeof text === 'string').filter((text) => text.length <= MAX_CHARS);
  if (texts.length !== values.length || texts.length === 0 || texts.length > MAX_VALUES)
    throw wrong(`ask for 1 to ${MAX_VALUES} texts of at most ${MAX_CHARS} characters`);
  return texts;
}
