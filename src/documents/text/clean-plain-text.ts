// Plain text: the same characters without what identifies, in the encoding that it came in.
import { decodeText, decodeUndeclared, encodeSingleByte } from '../decode-text.ts';
import type { DecodedText } from '../decode-text.ts';
import type { CleanDocument, DocumentJob } from '../document.ts';
import { Tally } from '../tally.ts';
import { cleanText } from '../text-runs.ts';
import { unreadable } from '../unreadable.ts';

/** Controls that a text may have: tab, line feed, form feed, carriage return. */
const CONTROLS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d]);
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * @param charset the parameter of the MIME type, when it has one
 * @throws InstanceError `document-unreadable` for bytes that are no text in that encoding
 */
export function cleanPlainText({ bytes, judge }: DocumentJob, charset?: string): CleanDocument {
  const decoded = charset === undefined ? decodeUndeclared(bytes) : decodeText(bytes, charset);
  for (let i = 0; i < decoded.text.length; i++) {
    const code = decoded.text.charCodeAt(i);
    if ((code < 0x20 && !CONTROLS.has(code)) || code === 0x7f)
      throw unreadable('The document says that it is text, and holds other bytes.');
  }
  const tally = new Tally();
  const text = cleanText(decoded.text, judge, tally);
  return { bytes: text === decoded.text ? bytes : encode(text, decoded), findings: tally.findings() };
}

function encode(text: string, { encoding, hasByteOrderMark }: DecodedText): Buffer {
  if (encoding.startsWith('utf-16')) {
    const wide = Buffer.from(BYTE_ORDER_MARK + text, 'utf16le');
    return encoding === 'utf-16le' ? wide : wide.swap16();
  }
  const single = encoding === 'utf-8' ? undefined : encodeSingleByte(text, encoding);
  return single ?? Buffer.from((hasByteOrderMark || encoding !== 'utf-8' ? BYTE_ORDER_MARK : '') + text);
}
