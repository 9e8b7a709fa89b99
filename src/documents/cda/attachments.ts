// Documents and pictures inside a CDA document (data type ED: nonXMLBody/text, observationMedia/value): cleaned by their media type,
// or taken out.
import type { Element } from '@xmldom/xmldom';
import { InstanceError } from '../../core/errors.ts';
import type { CleanInner } from '../context.ts';
import type { Tally } from '../tally.ts';
import { unreadable } from '../unreadable.ts';
import { childrenOf, elementsOf, mask, nameOf } from './dom.ts';

export interface Attachment {
  readonly element: Element;
  /** As bytes; undefined when it is packed or refers to somewhere else: then it goes. */
  readonly bytes: Buffer | undefined;
  readonly mimeType: string;
  readonly isBase64: boolean;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Data that an element holds and that is no text of the document itself. */
export function findAttachment(element: Element): Attachment | undefined {
  const mimeType = element.getAttribute('mediaType') ?? '';
  const isBase64 = element.getAttribute('representation') === 'B64';
  const isBody = nameOf(element) === 'text' && element.parentNode?.nodeName.replace(/^.*:/, '') === 'nonXMLBody';
  const isPlain = /^(?:text\/plain|text\/x-hl7-text\+xml)?(?:;|$)/i.test(mimeType);
  if (!isBase64 && (isPlain || (!isBody && mimeType === ''))) return undefined;
  const isSimple = !element.hasAttribute('compression') && elementsOf(element).length === 0;
  const text = element.textContent ?? '';
  const bytes = !isSimple ? undefined : isBase64 ? decodeBase64(text) : Buffer.from(text);
  return { element, bytes, mimeType: mimeType === '' ? 'text/plain' : mimeType, isBase64 };
}

/**
 * Puts the clean document where the original stood. Media that cannot be cleaned are masked; a document that breaks the limits
 * or cannot be read holds the whole back.
 */
export async function writeAttachment(attachment: Attachment, cleanInner: CleanInner, tally: Tally): Promise<void> {
  const { element, bytes, mimeType, isBase64 } = attachment;
  if (bytes === undefined || !/^(?:text|application)\//i.test(mimeType)) {
    takeOut(element, tally);
    return;
  }
  if (/xml|hl7/i.test(mimeType)) throw unreadable('The clinical document holds another one.');
  let clean;
  try {
    clean = await cleanInner(bytes, mimeType);
  } catch (error) {
    if (!(error instanceof InstanceError) || /pdf|rtf|html|plain/i.test(mimeType)) throw error;
    takeOut(element, tally);
    return;
  }
  tally.addAll(clean.findings);
  if (clean.bytes.equals(bytes)) return;
  for (const child of childrenOf(element)) element.removeChild(child);
  const text = isBase64 ? clean.bytes.toString('base64') : clean.bytes.toString('utf8');
  const document = element.ownerDocument;
  if (document !== null) element.appendChild(document.createTextNode(text));
}

function takeOut(element: Element, tally: Tally): void {
  mask(element);
  tally.add('attachment');
}

/** @throws InstanceError `document-unreadable` for what is no base64 */
function decodeBase64(text: string): Buffer {
  const packed = text.replace(/[\s\u00A0]+/g, '');
  if (packed.length % 4 === 1 || !BASE64.test(packed)) throw unreadable('A part of the document is no base64.');
  return Buffer.from(packed, 'base64');
}
