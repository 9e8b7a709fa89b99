// The one reason for which a document holds its instance back.
import { InstanceError } from '../core/errors.ts';

/** @param why one sentence without anything that the document says */
export function unreadable(why: string, cause?: unknown): InstanceError {
  return new InstanceError('document-unreadable', why, cause === undefined ? {} : { cause });
}
