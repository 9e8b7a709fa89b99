// What a document that is text or markup says, with all that a reader of it does not see: for a person who wants to know what was taken out.
import { decodeUndeclared, decodeText, wideEncoding } from './decode-text.ts';
import type { DocumentKind } from './kinds.ts';

const STL_HEADER_BYTES = 80;

/** The source of the document, as far as it is text: of a binary STL model its header. A character that cannot be told is U+FFFD. */
export function shownText(kind: Exclude<DocumentKind, 'pdf'>, bytes: Buffer): string {
  if (kind === 'stl' && bytes.includes(0)) return bytes.toString('latin1', 0, STL_HEADER_BYTES).replace(/[\0 ]+$/, '');
  const wide = wideEncoding(bytes);
  const { text } = wide === 'utf-8' ? decodeUndeclared(bytes) : decodeText(bytes, wide);
  return text;
}
