// The encapsulated document of an instance (PS3.3 C.24.2, 2026d), between de-identifying the data set and the last look: read from the
// original, cleaned by its kind, put where the data set has an empty one so far.
import { InstanceError } from '../core/errors.ts';
import type { DataSet, Element, OutputDataSet, OutputElement } from '../dicom/element.ts';
import { findElement, padValue, trimPadding } from '../dicom/values.ts';
import { insertInOrder } from '../dicom/writer.ts';
import { TAG } from '../standard/tags.ts';

import { cleanDocument } from './clean-document.ts';
import type { ContextualJob, DocumentContext } from './context.ts';
import { DEFAULT_DOCUMENT_LIMITS } from './document.ts';
import type { DocumentFinding, DocumentLimits } from './document.ts';
import type { DocumentKind } from './kinds.ts';
import { kindOf } from './mime.ts';
import { unreadable } from './unreadable.ts';

const NUL = 0x00;
const SPACE = 0x20;
/** Values that are read in one go before the document itself. */
const MAX_TEXT_BYTES = 256;

export interface DocumentsJob
  extends DocumentContext, Pick<ContextualJob, 'judge' | 'pictures' | 'encodeJpeg' | 'signal'> {
  readonly dataSet: DataSet;
  /** What leaves so far, with an empty document. */
  readonly output: OutputDataSet;
  readonly sopClassUid: string;
  readonly limits?: DocumentLimits;
  /** Cleans the document as `cleanDocument` does, by default that. */
  readonly clean?: typeof cleanDocument;
}

/** A document as the instance holds it. */
export interface HeldDocument {
  readonly kind: DocumentKind;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

export interface CleanedDocuments {
  readonly output: OutputDataSet;
  readonly kind: DocumentKind;
  readonly findings: readonly DocumentFinding[];
}

/** True when the data set encapsulates a document. */
export function hasDocument({ elements }: Pick<DataSet, 'elements'>): boolean {
  return findElement(elements, TAG.EncapsulatedDocument) !== undefined;
}

/**
 * The document of an instance; undefined when it has none. Rejects with InstanceError `document-unreadable` when nothing can be made of it, or when
 * its SOP class, its MIME type and its bytes differ.
 */
export async function documentOf(
  dataSet: DataSet,
  sopClassUid: string,
  limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS,
): Promise<HeldDocument | undefined> {
  const element = findElement(dataSet.elements, TAG.EncapsulatedDocument);
  if (element === undefined) return undefined;
  const bytes = await readDocument(dataSet, element, limits);
  const mimeType = textAt(dataSet, TAG.MIMETypeOfEncapsulatedDocument);
  return { kind: kindOf(bytes, mimeType, sopClassUid), mimeType, bytes };
}

/**
 * The output with the clean document, its length and Burned In Annotation as they are now; undefined when the data set holds no
 * document. The same input gives the same output. Rejects with InstanceError `document-unreadable`.
 */
export async function cleanDocuments(job: DocumentsJob): Promise<CleanedDocuments | undefined> {
  const { dataSet, output, limits = DEFAULT_DOCUMENT_LIMITS, clean: cleanWith = cleanDocument } = job;
  if (!hasDocument(dataSet)) return undefined;
  if (!output.elements.some((leaving) => leaving.kind === 'written' && leaving.tag === TAG.EncapsulatedDocument))
    throw new InstanceError('action-failed', 'The document is to be cleaned, and nothing is left in its place.');
  const held = await documentOf(dataSet, job.sopClassUid, limits);
  if (held === undefined) return undefined;
  const { kind, mimeType, bytes } = held;
  const clean = await cleanWith(kind, mimeType, { ...job, bytes, limits });
  if (clean.bytes.length > limits.maxBytes * 2 || clean.bytes.length > 0xfffffffe)
    throw unreadable('The clean document would be larger than the limit.');
  return { output: replaceDocument(job, clean.bytes), kind, findings: clean.findings };
}

/** @throws InstanceError `document-unreadable` for an empty, a too large or a fragmented value */
async function readDocument(
  dataSet: DataSet,
  { items, fragments, valueStart, valueLength }: Element,
  limits: DocumentLimits,
): Promise<Buffer> {
  if (items !== undefined || fragments !== undefined) throw unreadable('The document is no single value.');
  if (valueLength === 0) throw unreadable('The document is empty.');
  if (valueLength > limits.maxBytes + 1) throw unreadable('The document is larger than the limit.');
  const value = await dataSet.source.read(valueStart, valueLength);
  // A copy: what stays as it came leaves later than the buffer of the received instance may live.
  return Buffer.from(value.subarray(0, lengthOf(dataSet, value)));
}

/** The length that (0042,0015) tells, where that can be; else without one byte of padding. */
function lengthOf(dataSet: DataSet, value: Buffer): number {
  const element = findElement(dataSet.elements, TAG.EncapsulatedDocumentLength);
  const told = element === undefined ? undefined : dataSet.source.view(element.valueStart, element.valueLength);
  if (told?.length === 4) {
    const length = dataSet.encoding.isBigEndian ? told.readUInt32BE() : told.readUInt32LE();
    // One that leaves more than padding behind the document hides something there.
    if (length <= value.length && value.subarray(length).every((byte) => byte === NUL || byte === SPACE)) return length;
  }
  return value[value.length - 1] === NUL ? value.length - 1 : value.length;
}

function replaceDocument({ dataSet, output }: DocumentsJob, bytes: Buffer): OutputDataSet {
  const replaced = new Map<number, OutputElement>([
    [TAG.EncapsulatedDocument, written(TAG.EncapsulatedDocument, 'OB', padValue(bytes, 'OB'))],
    [TAG.EncapsulatedDocumentLength, written(TAG.EncapsulatedDocumentLength, 'UL', lengthValue(dataSet, bytes.length))],
  ]);
  if (textAt(dataSet, TAG.BurnedInAnnotation) === 'YES')
    replaced.set(TAG.BurnedInAnnotation, written(TAG.BurnedInAnnotation, 'CS', Buffer.from('NO')));
  const elements = output.elements.map((leaving) => {
    const tag = tagOf(leaving);
    const replacement = replaced.get(tag);
    replaced.delete(tag);
    return replacement ?? leaving;
  });
  // The length is optional and new in many senders' files; what was taken out stays out.
  replaced.delete(TAG.BurnedInAnnotation);
  return { ...output, elements: insertInOrder(elements, [...replaced.values()]) };
}

function lengthValue({ encoding }: DataSet, length: number): Buffer {
  const value = Buffer.alloc(4);
  if (encoding.isBigEndian) value.writeUInt32BE(length);
  else value.writeUInt32LE(length);
  return value;
}

function written(tag: number, vr: string, value: Buffer): OutputElement {
  return { kind: 'written', tag, vr, value };
}

function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}

function textAt({ elements, source }: DataSet, tag: number): string {
  const element = findElement(elements, tag);
  if (element === undefined || element.valueLength > MAX_TEXT_BYTES) return '';
  const bytes = source.view(element.valueStart, element.valueLength);
  return bytes === undefined ? '' : trimPadding(bytes).toString('latin1').trim();
}
