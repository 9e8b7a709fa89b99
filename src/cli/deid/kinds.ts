// What a file is that should not be de-identified: seen by its first bytes.
import type { ByteSource } from '../../core/bytes.ts';
import type { SkipReason } from './receipts.ts';

const HEAD_BYTES = 1024;
const PREFIX_OFFSET = 128;
/** Media Storage Directory Storage (PS3.4 Annex I, 2026d), as the file meta information holds it. */
const MEDIA_STORAGE_DIRECTORY = '1.2.840.10008.1.3.10';

/** Why the file is left out before anything is read of it. */
export async function skipReasonOf(source: ByteSource): Promise<SkipReason | undefined> {
  if (source.size === 0) return 'empty';
  const head = await headOf(source);
  return hasPrefix(head) && isDirectory(head) ? 'dicomdir' : undefined;
}

/** Whether a file that could not be read was meant to be DICOM at all: by its prefix, its first element or its name. */
export async function isMeantAsDicom(source: ByteSource, path: string): Promise<boolean> {
  const head = await headOf(source);
  return hasPrefix(head) || beginsLikeDataSet(head) || DICOM_NAME.test(path);
}

const DICOM_NAME = /\.(?:dcm|dicom|dic|ima)$/i;

async function headOf(source: ByteSource): Promise<Buffer> {
  const length = Math.min(HEAD_BYTES, source.size);
  return source.view(0, length) ?? (await source.read(0, length));
}

function hasPrefix(head: Buffer): boolean {
  return head.length >= PREFIX_OFFSET + 4 && head.toString('latin1', PREFIX_OFFSET, PREFIX_OFFSET + 4) === 'DICM';
}

function isDirectory(head: Buffer): boolean {
  const at = head.indexOf(MEDIA_STORAGE_DIRECTORY, PREFIX_OFFSET, 'latin1');
  if (at === -1) return false;
  const next = head[at + MEDIA_STORAGE_DIRECTORY.length];
  return next === 0x00 || next < 0x20;
}

/** A file without the prefix may still be a data set: it begins with a low group, in either byte order, and a length or VR that fits. */
function beginsLikeDataSet(head: Buffer): boolean {
  if (head.length < 8) return false;
  return [head.readUInt16LE(0), head.readUInt16BE(0)].some((group) => {
    if (group !== 0x0002 && group !== 0x0008) return false;
    const hasVr = /^[A-Z]{2}$/.test(head.toString('latin1', 4, 6));
    return hasVr || head.readUInt32LE(4) < 0x10000;
  });
}
