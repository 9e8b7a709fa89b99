// The data sets of storage commitment (PS3.4 tables J.3-1 and J.3-2), requests and reports, read and written.
import { asUid } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import { parseDataSetSync } from '../dicom/reader.ts';
import type { DataSet, Element } from '../dicom/element.ts';
import { findElement, trimPadding, valueBytes } from '../dicom/values.ts';
import type { CommitmentReport, CommitmentRequest, InstanceReference } from '../pipeline/commitment-ports.ts';
import { TAG } from '../standard/tags.ts';
import { IMPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../standard/transfer-syntaxes.ts';

/** Longest request that is taken; about 100,000 instances. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

const LIMITS = { maxDepth: 8, maxElements: 1_000_000, maxHeaderBytes: MAX_REQUEST_BYTES, bulkThreshold: 1024 };

/** Throws `command-invalid` when something is missing or is no UID, `unparsable` when it is no data set. */
export function decodeCommitmentRequest(
  bytes: Buffer,
  transferSyntaxUid: string,
): Pick<CommitmentRequest, 'transactionUid' | 'references'> {
  const dataSet = parse(bytes, transferSyntaxUid);
  const transactionUid = uidOf(dataSet, dataSet.elements, TAG.TransactionUID);
  const references = itemsOf(dataSet, TAG.ReferencedSOPSequence).map(({ elements }) => referenceIn(dataSet, elements));
  if (references.length === 0) throw new LetheError('command-invalid', 'the request names no instance');
  return { transactionUid, references };
}

/** Throws as `decodeCommitmentRequest`. A failed instance without a reason has the reason "processing failure". */
export function decodeCommitmentReport(bytes: Buffer, transferSyntaxUid: string): CommitmentReport {
  const dataSet = parse(bytes, transferSyntaxUid);
  return {
    transactionUid: uidOf(dataSet, dataSet.elements, TAG.TransactionUID),
    committed: itemsOf(dataSet, TAG.ReferencedSOPSequence).map(({ elements }) => referenceIn(dataSet, elements)),
    failed: itemsOf(dataSet, TAG.FailedSOPSequence).map(({ elements }) => {
      const reason = findElement(elements, TAG.FailureReason);
      const isNumber = reason?.valueLength === 2;
      return {
        ...referenceIn(dataSet, elements),
        reason: isNumber ? valueBytes(dataSet, reason).readUInt16LE() : PROCESSING_FAILURE,
      };
    }),
  };
}

const PROCESSING_FAILURE = 0x0110;

function parse(bytes: Buffer, transferSyntaxUid: string): DataSet {
  const transferSyntax = findTransferSyntax(transferSyntaxUid);
  if (transferSyntax === undefined) throw new TypeError('a context was accepted with an unknown transfer syntax');
  return parseDataSetSync(bytes, { transferSyntax, limits: LIMITS });
}

function itemsOf(dataSet: DataSet, tag: number): readonly { readonly elements: readonly Element[] }[] {
  return findElement(dataSet.elements, tag)?.items ?? [];
}

function referenceIn(dataSet: DataSet, elements: readonly Element[]): InstanceReference {
  return {
    sopClassUid: uidOf(dataSet, elements, TAG.ReferencedSOPClassUID),
    sopInstanceUid: uidOf(dataSet, elements, TAG.ReferencedSOPInstanceUID),
  };
}

function uidOf(dataSet: DataSet, elements: readonly Element[], tag: number): string {
  const element = findElement(elements, tag);
  const isShort = element !== undefined && element.valueLength <= 66;
  const uid = isShort ? asUid(trimPadding(valueBytes(dataSet, element)).toString('latin1')) : undefined;
  if (uid === undefined) throw new LetheError('command-invalid', 'a UID is missing');
  return uid;
}

const UNDEFINED_LENGTH = 0xffffffff;

/** Explicit or implicit VR little endian; sequences and items have undefined length. */
export function encodeCommitmentRequest(
  { transactionUid, references }: Pick<CommitmentRequest, 'transactionUid' | 'references'>,
  transferSyntaxUid: string,
): Buffer {
  const writer = new LittleEndianWriter(transferSyntaxUid === IMPLICIT_VR_LITTLE_ENDIAN);
  writer.uid(TAG.TransactionUID, transactionUid);
  writer.sequence(TAG.ReferencedSOPSequence, references, (reference) => {
    writer.reference(reference);
  });
  return writer.take();
}

/** Encoded as a request is. */
export function encodeCommitmentReport(report: CommitmentReport, transferSyntaxUid: string): Buffer {
  const writer = new LittleEndianWriter(transferSyntaxUid === IMPLICIT_VR_LITTLE_ENDIAN);
  writer.uid(TAG.TransactionUID, report.transactionUid);
  if (report.failed.length > 0)
    writer.sequence(TAG.FailedSOPSequence, report.failed, (reference) => {
      writer.reference(reference);
      writer.number(TAG.FailureReason, reference.reason);
    });
  if (report.committed.length > 0)
    writer.sequence(TAG.ReferencedSOPSequence, report.committed, (reference) => {
      writer.reference(reference);
    });
  return writer.take();
}

class LittleEndianWriter {
  readonly #isImplicitVr: boolean;
  readonly #parts: Buffer[] = [];

  constructor(isImplicitVr: boolean) {
    this.#isImplicitVr = isImplicitVr;
  }

  uid(tag: number, uid: string): void {
    this.#element(tag, 'UI', Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1'));
  }

  number(tag: number, value: number): void {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    this.#element(tag, 'US', bytes);
  }

  reference({ sopClassUid, sopInstanceUid }: InstanceReference): void {
    this.uid(TAG.ReferencedSOPClassUID, sopClassUid);
    this.uid(TAG.ReferencedSOPInstanceUID, sopInstanceUid);
  }

  sequence<T>(tag: number, items: readonly T[], write: (item: T) => void): void {
    this.#head(tag, 'SQ', UNDEFINED_LENGTH);
    for (const item of items) {
      this.#bareHead(0xfffee000, UNDEFINED_LENGTH);
      write(item);
      this.#bareHead(0xfffee00d, 0);
    }
    this.#bareHead(0xfffee0dd, 0);
  }

  take(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #element(tag: number, vr: string, value: Buffer): void {
    this.#head(tag, vr, value.length);
    this.#parts.push(value);
  }

  #head(tag: number, vr: string, length: number): void {
    if (this.#isImplicitVr) {
      this.#bareHead(tag, length);
      return;
    }
    // PS3.5 7.1.2: SQ has two reserved bytes and a length of 32 bits, UI and US have one of 16 bits.
    const isLong = vr === 'SQ';
    const head = Buffer.alloc(isLong ? 12 : 8);
    head.writeUInt16LE(tag >>> 16, 0);
    head.writeUInt16LE(tag & 0xffff, 2);
    head.write(vr, 4, 'latin1');
    if (isLong) head.writeUInt32LE(length, 8);
    else head.writeUInt16LE(length, 6);
    this.#parts.push(head);
  }

  #bareHead(tag: number, length: number): void {
    const head = Buffer.alloc(8);
    head.writeUInt16LE(tag >>> 16, 0);
    head.writeUInt16LE(tag & 0xffff, 2);
    head.writeUInt32LE(length, 4);
    this.#parts.push(head);
  }
}
