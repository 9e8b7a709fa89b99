// The lines of the journal: a JSON array each, behind the CRC-32 of its text, so that a torn or damaged line is passed over.
import { crc32 } from 'node:zlib';
import type { RecordId } from '../core/brands.ts';
import { QUARANTINE_REASONS } from '../core/errors.ts';
import type { QuarantineReason } from '../core/errors.ts';
import type { SpoolMark } from '../pipeline/ports.ts';

export type Line =
  | readonly ['sent', RecordId, string, number]
  | readonly ['refused', RecordId, string, string]
  | readonly ['quarantined', RecordId, QuarantineReason, string]
  | readonly ['reopened', RecordId, number]
  | readonly ['settled', string, number]
  | readonly ['released', string, ...number[]];

/** Each line with its checksum and the end of line. */
export function formatLines(lines: Iterable<Line>): string {
  let text = '';
  for (const line of lines) {
    const json = JSON.stringify(line);
    text += `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
  }
  return text;
}

export function lineOfMark(recordId: RecordId, mark: SpoolMark): Line {
  switch (mark.kind) {
    case 'sent':
      return ['sent', recordId, mark.destination, mark.status];
    case 'refused':
      return ['refused', recordId, mark.destination, mark.text];
    case 'quarantined':
      return ['quarantined', recordId, mark.reason, mark.message];
    case 'reopened':
      return ['reopened', recordId, mark.at];
  }
}

/** Undefined for a torn or damaged line. */
export function parseLine(text: string): Line | undefined {
  const json = text.slice(9);
  if (text.length < 11 || crc32(json) !== Number.parseInt(text.slice(0, 8), 16)) return undefined;
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value)) return undefined;
  const [kind, subject, detail, last] = value as unknown[];
  if (typeof subject !== 'string') return undefined;
  const recordId = subject as RecordId;
  if (kind === 'released') {
    const places = value.slice(2).filter((place): place is number => typeof place === 'number');
    return ['released', subject, ...places];
  }
  if (kind === 'settled' && typeof detail === 'number') return ['settled', subject, detail];
  if (kind === 'reopened' && typeof detail === 'number') return ['reopened', recordId, detail];
  if (typeof detail !== 'string') return undefined;
  if (kind === 'sent' && typeof last === 'number') return ['sent', recordId, detail, last];
  if (typeof last !== 'string') return undefined;
  if (kind === 'refused') return ['refused', recordId, detail, last];
  if (kind === 'quarantined' && isReason(detail)) return ['quarantined', recordId, detail, last];
  return undefined;
}

function isReason(text: string): text is QuarantineReason {
  return Object.hasOwn(QUARANTINE_REASONS, text);
}
