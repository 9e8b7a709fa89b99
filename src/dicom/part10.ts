// Part 10 files (PS3.10 section 7): preamble, file meta information, data set. Reads what DCMTK reads; writes what the standard says.
import type { ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import { TAG } from '../standard/tags.ts';
import {
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type TransferSyntax,
} from '../standard/transfer-syntaxes.ts';
import type { DataSet } from './element.ts';
import { EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './encodings.ts';
import { GUESS_BYTES, guessEncoding, isPlainlyImplicit, startsWithVr } from './guess.ts';
import { encodeHeader } from './header.ts';
import { parseRun, readExactly, type ParsedRun } from './reader.ts';
import { readReceived, requireTransferSyntax, type ReceivedOptions } from './received.ts';

export interface FileMeta {
  readonly mediaStorageSopClassUid?: string;
  readonly mediaStorageSopInstanceUid?: string;
  readonly transferSyntaxUid?: string;
}

export interface File10 {
  /** Undefined when the file has no file meta information. */
  readonly meta: FileMeta | undefined;
  readonly dataSet: DataSet;
  /** The encoding in effect: what the meta information says, else what the first bytes show. */
  readonly transferSyntax: TransferSyntax;
  /** Offset of the data set in the file. Offsets of `dataSet` count in its own source, which is another one when it was deflated. */
  readonly dataSetStart: number;
}

const PREAMBLE_BYTES = 128;
const PREFIX_END = PREAMBLE_BYTES + 4;
const META_GROUP = 0x0002;

/** Lethe's own: a UUID (PS3.5 B.2) that was made once; it names this implementation for good. */
export const IMPLEMENTATION_CLASS_UID = '2.25.193265938606648428312370284956700514720';
export const IMPLEMENTATION_VERSION_NAME = 'LETHE_0_1';

/**
 * Reads a file that holds one data set. As DCMTK does it tolerates: no preamble, no file meta information (the encoding is
 * then guessed from the first element), meta information without or with a wrong group length, or in implicit VR, or
 * without a transfer syntax, and a native data set in implicit VR though declared explicit (`transferSyntax` then says what it is).
 * Throws `unparsable`, `header-too-large`, `unsupported-transfer-syntax`. Call `dataSet.close` when there is one.
 */
export async function readFile10(source: ByteSource, options: ReceivedOptions = {}): Promise<File10> {
  const head = await bytesAt(source, 0, Math.min(source.size, PREFIX_END + GUESS_BYTES));
  if (head.length < 8) throw new InstanceError('unparsable', 'The file is too short for a data set', { offset: 0 });
  const hasPrefix = head.length >= PREFIX_END && head.toString('latin1', PREAMBLE_BYTES, PREFIX_END) === 'DICM';
  const metaStart = hasPrefix ? PREFIX_END : 0;
  const run = await readMeta(source, head.subarray(metaStart), metaStart, options);
  const meta = run === undefined ? undefined : await describeMeta(run);
  const dataSetStart = run === undefined ? metaStart : endOfMeta(run, meta);
  const transferSyntax = await transferSyntaxInEffect(source, meta, dataSetStart);
  const dataSet = await readReceived(source, transferSyntax.uid, { ...options, start: dataSetStart });
  return { meta, dataSet, transferSyntax, dataSetStart };
}

async function bytesAt(source: ByteSource, offset: number, length: number): Promise<Buffer> {
  return source.view(offset, length) ?? (await readExactly(source, offset, length));
}

/** Group 0002 at `start`, or undefined when another group stands there. */
async function readMeta(
  source: ByteSource,
  head: Buffer,
  start: number,
  { limits }: ReceivedOptions,
): Promise<ParsedRun | undefined> {
  if (head.length < GUESS_BYTES || head.readUInt16LE(0) !== META_GROUP) return undefined;
  const encoding = startsWithVr(head) ? EXPLICIT_LITTLE_ENDIAN : IMPLICIT_LITTLE_ENDIAN;
  return parseRun(source, encoding, { start, end: source.size }, limits, META_GROUP);
}

async function describeMeta(run: ParsedRun): Promise<FileMeta> {
  const sopClass = await uidOf(run, TAG.MediaStorageSOPClassUID);
  const sopInstance = await uidOf(run, TAG.MediaStorageSOPInstanceUID);
  const transferSyntax = await uidOf(run, TAG.TransferSyntaxUID);
  return {
    ...(sopClass === undefined ? {} : { mediaStorageSopClassUid: sopClass }),
    ...(sopInstance === undefined ? {} : { mediaStorageSopInstanceUid: sopInstance }),
    ...(transferSyntax === undefined ? {} : { transferSyntaxUid: transferSyntax }),
  };
}

async function uidOf(run: ParsedRun, tag: number): Promise<string | undefined> {
  const element = run.elements.find((one) => one.tag === tag);
  if (element === undefined || element.valueLength > 1024) return undefined;
  const bytes = await bytesAt(run.source, element.valueStart, element.valueLength);
  const text = bytes.toString('latin1').replace(/[\0 ]+$/, '');
  return text === '' ? undefined : text;
}

/**
 * Where the data set starts. Group 0002 ends where another group begins, whatever its group length says (DCMTK likewise);
 * but a deflated data set may by chance begin like an element of group 0002: there the group length decides.
 */
function endOfMeta(run: ParsedRun, meta: FileMeta | undefined): number {
  const first = run.elements.at(0);
  if (first?.tag !== TAG.FileMetaInformationGroupLength || first.valueLength !== 4) return run.end;
  if (meta?.transferSyntaxUid === undefined || !requireTransferSyntax(meta.transferSyntaxUid).isDeflated)
    return run.end;
  const length = run.source.view(first.valueStart, 4)?.readUInt32LE(0);
  const stated = run.elements.find((one) => length !== undefined && one.end === first.end + length);
  return stated?.end ?? run.end;
}

async function transferSyntaxInEffect(
  source: ByteSource,
  meta: FileMeta | undefined,
  start: number,
): Promise<TransferSyntax> {
  const head = await bytesAt(source, start, Math.min(GUESS_BYTES, source.size - start));
  if (meta?.transferSyntaxUid === undefined) return guessTransferSyntax(head, start);
  const declared = requireTransferSyntax(meta.transferSyntaxUid);
  const isNative = !declared.isEncapsulated && !declared.isDeflated && !declared.isBigEndian;
  if (isNative && !declared.isImplicitVr && isPlainlyImplicit(head, source.size - start)) {
    return requireTransferSyntax(IMPLICIT_VR_LITTLE_ENDIAN);
  }
  return declared;
}

/** For what does not say its transfer syntax. No transfer syntax is implicit VR big endian: then it is no data set. */
function guessTransferSyntax(head: Buffer, start: number): TransferSyntax {
  if (head.length < GUESS_BYTES) {
    throw new InstanceError('unparsable', 'The file is too short for a data set', { offset: start });
  }
  const { isImplicitVr, isBigEndian } = guessEncoding(head);
  if (isImplicitVr && isBigEndian) {
    throw new InstanceError('unparsable', 'The file is no DICOM data set: no transfer syntax fits its first element', {
      offset: start,
    });
  }
  if (isImplicitVr) return requireTransferSyntax(IMPLICIT_VR_LITTLE_ENDIAN);
  return requireTransferSyntax(isBigEndian ? EXPLICIT_VR_BIG_ENDIAN : EXPLICIT_VR_LITTLE_ENDIAN);
}

/** Preamble and file meta information for a data set of ours (PS3.10 7.1). No AE titles, no private information. */
export function buildFileHeader(meta: {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}): Buffer {
  const elements = Buffer.concat([
    metaElement(TAG.FileMetaInformationVersion, 'OB', Buffer.from([0, 1])),
    metaElement(TAG.MediaStorageSOPClassUID, 'UI', uidBytes(meta.sopClassUid)),
    metaElement(TAG.MediaStorageSOPInstanceUID, 'UI', uidBytes(meta.sopInstanceUid)),
    metaElement(TAG.TransferSyntaxUID, 'UI', uidBytes(meta.transferSyntaxUid)),
    metaElement(TAG.ImplementationClassUID, 'UI', uidBytes(IMPLEMENTATION_CLASS_UID)),
    metaElement(TAG.ImplementationVersionName, 'SH', evenBytes(IMPLEMENTATION_VERSION_NAME, ' ')),
  ]);
  const groupLength = Buffer.alloc(4);
  groupLength.writeUInt32LE(elements.length);
  return Buffer.concat([
    Buffer.alloc(PREAMBLE_BYTES),
    Buffer.from('DICM', 'latin1'),
    metaElement(TAG.FileMetaInformationGroupLength, 'UL', groupLength),
    elements,
  ]);
}

function metaElement(tag: number, vr: string, value: Buffer): Buffer {
  return Buffer.concat([encodeHeader(EXPLICIT_LITTLE_ENDIAN, tag, vr, value.length), value]);
}

function uidBytes(uid: string): Buffer {
  return evenBytes(uid, '\0');
}

function evenBytes(text: string, padding: string): Buffer {
  return Buffer.from(text.length % 2 === 0 ? text : text + padding, 'latin1');
}
