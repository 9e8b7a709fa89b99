// What an encapsulated document is: by its SOP class (PS3.4 B.5), by the MIME type beside it (0042,0012), and by its own first bytes.
// All that speak must say the same.
import type { DocumentKind } from './kinds.ts';
import { wideEncoding } from './decode-text.ts';
import { unreadable } from './unreadable.ts';

const BY_SOP_CLASS: ReadonlyMap<string, DocumentKind> = new Map([
  ['1.2.840.10008.5.1.4.1.1.104.1', 'pdf'],
  ['1.2.840.10008.5.1.4.1.1.104.2', 'cda'],
  ['1.2.840.10008.5.1.4.1.1.104.3', 'stl'],
  ['1.2.840.10008.5.1.4.1.1.104.4', 'obj'],
  ['1.2.840.10008.5.1.4.1.1.104.5', 'mtl'],
]);

const BY_MIME_TYPE: ReadonlyMap<string, DocumentKind> = new Map([
  ['application/pdf', 'pdf'],
  ['text/xml', 'cda'],
  ['application/xml', 'cda'],
  ['application/hl7-sda+xml', 'cda'],
  ['application/cda+xml', 'cda'],
  ['text/html', 'html'],
  ['application/xhtml+xml', 'html'],
  ['text/rtf', 'rtf'],
  ['application/rtf', 'rtf'],
  ['application/x-rtf', 'rtf'],
  ['text/plain', 'text'],
  ['text/x-hl7-text+xml', 'cda'],
  ['model/stl', 'stl'],
  ['application/sla', 'stl'],
  ['application/vnd.ms-pki.stl', 'stl'],
  ['model/obj', 'obj'],
  ['model/mtl', 'mtl'],
]);

/** True for the SOP classes whose instances are documents (PS3.4 B.5). */
export function isDocumentSopClass(sopClassUid: string): boolean {
  return BY_SOP_CLASS.has(sopClassUid);
}

/** Bytes in which a format's own mark has to stand. */
const HEAD_BYTES = 1024;

export interface MimeType {
  /** Lower case, without parameters. */
  readonly type: string;
  readonly charset: string | undefined;
}

/** A MIME type as (0042,0012) or a CDA's mediaType holds it. */
export function readMimeType(text: string): MimeType {
  const [type, ...parameters] = text.split(';').map((part) => part.trim());
  const charset = parameters.map((parameter) => /^charset\s*=\s*"?([\w.:-]+)"?$/i.exec(parameter)?.[1]).find(Boolean);
  return { type: type.toLowerCase(), charset };
}

/**
 * The kind of a document.
 * @param sopClassUid of the instance; undefined for a document inside another one
 * @throws InstanceError `document-unreadable` when it is of no known kind, or when its SOP class, its MIME type and its bytes differ
 */
export function kindOf(bytes: Buffer, mimeType: string, sopClassUid: string | undefined): DocumentKind {
  const byClass = sopClassUid === undefined ? undefined : BY_SOP_CLASS.get(sopClassUid);
  const { type } = readMimeType(mimeType);
  const byType = type === '' ? undefined : BY_MIME_TYPE.get(type);
  if (type !== '' && byType === undefined)
    throw unreadable('The MIME type of the document is none that can be cleaned.');
  if (byClass !== undefined && byType !== undefined && byClass !== byType)
    throw unreadable('The MIME type of the document does not fit its SOP class.');
  const kind = byType ?? byClass;
  const byBytes = markOf(bytes);
  if (kind === undefined) {
    if (byBytes === undefined) throw unreadable('Nothing tells what the document is.');
    return byBytes;
  }
  const isMarked = kind === 'pdf' || kind === 'cda' || kind === 'rtf';
  if (byBytes === undefined ? isMarked : byBytes !== kind && !(kind === 'html' && byBytes === 'cda'))
    throw unreadable('The bytes of the document do not fit its MIME type.');
  return kind;
}

/** The kinds that show by their first bytes; other marks are of what nobody cleans here. */
function markOf(bytes: Buffer): DocumentKind | undefined {
  const head = bytes.subarray(0, HEAD_BYTES);
  const wide = wideEncoding(head);
  const text = (wide === 'utf-16be' ? Buffer.from(head.subarray(0, head.length & ~1)).swap16() : head).toString(
    wide === 'utf-8' ? 'latin1' : 'utf16le',
  );
  if (/^\s*%PDF-/.test(text) || (head.includes('%PDF-') && !/^[\x09-\x7e]*$/.test(text))) return 'pdf';
  const start = text.replace(/^(?:\u00EF\u00BB\u00BF|\uFEFF|\u00FF\u00FE|\u00FE\u00FF)/, '').trimStart();
  if (start.startsWith('{\\rtf')) return 'rtf';
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(start)) return 'html';
  if (/^<\?xml\b|^<(?:\w+:)?ClinicalDocument\b/.test(start) || /^\0?<\0/.test(start)) return 'cda';
  // Archives, office files, pictures, programs: known, and none that is cleaned here.
  if (
    /^(?:PK\x03\x04|\u00D0\u00CF\x11\u00E0|\x89PNG|\u00FF\u00D8\u00FF|GIF8|MZ|\x7fELF|\x1f\x8b|II\*\0|MM\0\*|Rar!|7z)/.test(
      start,
    )
  )
    throw unreadable('The document is of a kind that cannot be cleaned.');
  return undefined;
}
