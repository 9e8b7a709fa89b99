// What may stand in a log line: the fields of LogFields and nothing else, escaped and cut.
import { escapeForLog } from '../core/text.ts';
import type { LogFields } from '../pipeline/ports.ts';

type FieldKind = 'text' | 'number';

/** Every field that a line may have. The type makes the table complete: a new LogFields key without a row does not compile. */
const ALLOWED = {
  recordId: 'text',
  destination: 'text',
  project: 'text',
  profile: 'text',
  route: 'text',
  code: 'text',
  reason: 'text',
  status: 'text',
  count: 'number',
  bytes: 'number',
  durationMs: 'number',
  offset: 'number',
  attempt: 'number',
  address: 'text',
  port: 'number',
  aeTitle: 'text',
  path: 'text',
} as const satisfies Record<keyof LogFields, FieldKind>;

const MAX_TEXT = 256;
const MAX_MESSAGE = 512;

/** The allowed fields that have a value of their kind; everything else is dropped. */
export function allowedFields(fields: LogFields | undefined): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  if (fields === undefined) return kept;
  const given = fields as Readonly<Record<string, unknown>>;
  for (const [name, kind] of Object.entries(ALLOWED)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (kind === 'number' && typeof value === 'number' && Number.isFinite(value)) kept[name] = value;
    else if (kind === 'text' && typeof value === 'string') kept[name] = escapeForLog(value, MAX_TEXT);
  }
  return kept;
}

/** A message without control characters. Messages are our own words; this is the second fence. */
export function safeMessage(message: string): string {
  return escapeForLog(message, MAX_MESSAGE);
}
