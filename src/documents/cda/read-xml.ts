// XML of HL7 V3 as a tree: the declared encoding, no document type (so no entity but the five of XML itself), bounded before it is parsed.
import { DOMParser } from '@xmldom/xmldom';
import type { Document } from '@xmldom/xmldom';
import { decodeText, wideEncoding } from '../decode-text.ts';
import type { DocumentLimits } from '../document.ts';
import { unreadable } from '../unreadable.ts';

const MAX_ELEMENTS = 1_000_000;
/** A start tag with all its attributes. */
const MAX_TAG_CHARS = 64 * 1024;
const DECLARATION = /^<\?xml\s[^>]{0,200}?encoding\s*=\s*(?:"([\w.:-]+)"|'([\w.:-]+)')/;

/** @throws InstanceError `document-unreadable` for what is not well formed, has a document type, or goes beyond the limits */
export function readXml(bytes: Buffer, limits: Pick<DocumentLimits, 'maxDepth' | 'maxInflatedBytes'>): Document {
  if (bytes.length > limits.maxInflatedBytes) throw unreadable('The XML document is too large.');
  const text = textOf(bytes);
  checkMarkup(text, limits.maxDepth);
  try {
    const parser = new DOMParser({
      locator: false,
      onError: (level) => {
        // A warning is about what XML does not allow either: unquoted values, missing ones.
        throw unreadable(`The XML document is not well formed (${level}).`);
      },
    });
    return parser.parseFromString(text, 'text/xml');
  } catch (error) {
    throw unreadable('The XML document is not well formed.', error);
  }
}

function textOf(bytes: Buffer): string {
  const head = bytes.subarray(0, 256);
  const wide = wideEncoding(head);
  const declared = DECLARATION.exec(head.toString('latin1').replace(/^\u00EF\u00BB\u00BF/, ''));
  return decodeText(bytes, wide === 'utf-8' ? (declared?.[1] ?? declared?.[2]) : wide).text;
}

/** One pass over the markup: the parser is not asked about what is too deep, too much, or has a document type. */
function checkMarkup(text: string, maxDepth: number): void {
  let depth = 0;
  let elements = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const next = text[at + 1];
    let end: number;
    if (text.startsWith('<!--', at)) end = after(text, '-->', at + 4);
    else if (text.startsWith('<![CDATA[', at)) end = after(text, ']]>', at + 9);
    else if (next === '!') throw unreadable('The XML document has a document type definition.');
    else if (next === '?') end = after(text, '?>', at + 2);
    else {
      end = endOfTag(text, at);
      if (next === '/') depth--;
      else {
        elements++;
        if (text[end - 2] !== '/') depth++;
      }
      if (depth > maxDepth) throw unreadable('The XML document is nested too deeply.');
      if (elements > MAX_ELEMENTS) throw unreadable('The XML document has too many elements.');
    }
    at = end;
  }
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  if (at === -1) throw unreadable('The XML document is not well formed.');
  return at + mark.length;
}

/** The index behind the `>` of a tag; one in a quoted value does not count. */
function endOfTag(text: string, start: number): number {
  let quote = '';
  const last = Math.min(text.length, start + MAX_TAG_CHARS);
  for (let i = start + 1; i < last; i++) {
    const char = text[i];
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return i + 1;
  }
  throw unreadable('A tag of the XML document is too long.');
}
