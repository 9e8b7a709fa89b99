// A Part 10 file as an instance that can be sent as it is.
import { stat } from 'node:fs/promises';
import { newRecordId } from '../../core/brands.ts';
import { BufferSource, type OpenByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import { DEFAULT_CHARACTER_SET } from '../../dicom/character-set.ts';
import { convertEncoding } from '../../dicom/convert.ts';
import { openFileSource } from '../../dicom/file-source.ts';
import { readFile10, type File10 } from '../../dicom/part10.ts';
import { findElement, textOf } from '../../dicom/values.ts';
import type { CleanInstance } from '../../pipeline/ports.ts';
import { closeFile, openToRead, readInto } from '../../spool/file-io.ts';
import { TAG } from '../../standard/tags.ts';
import {
  EXPLICIT_VR_LITTLE_ENDIAN,
  findTransferSyntax,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../standard/transfer-syntaxes.ts';

/** Smaller files are read whole. */
const WHOLE_FILE_BYTES = 8 * 2 ** 20;
const NATIVE = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

export interface FileInstance {
  readonly instance: CleanInstance;
  close(): Promise<void>;
}

/** Rejects with InstanceError for a file that is not DICOM, else with the error of the file system. */
export async function openFileInstance(path: string): Promise<FileInstance> {
  const { size } = await stat(path);
  const source = size <= WHOLE_FILE_BYTES ? await readWhole(path, size) : await openFileSource(path);
  try {
    return { instance: describeInstance(await readFile10(source), source), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** In one read: `readFile` takes more than half a megabyte in parts and joins them. A file that became shorter ends where it ends. */
async function readWhole(path: string, size: number): Promise<BufferSource> {
  const bytes = Buffer.allocUnsafeSlow(size);
  const file = await openToRead(path);
  try {
    return new BufferSource(bytes.subarray(0, await readInto(file, bytes, 0)));
  } finally {
    await closeFile(file);
  }
}

function describeInstance(file: File10, source: OpenByteSource): CleanInstance {
  const { dataSet, transferSyntax, dataSetStart } = file;
  const text = (tag: number): string => {
    const element = findElement(dataSet.elements, tag);
    return element === undefined ? '' : textOf(dataSet, element, DEFAULT_CHARACTER_SET);
  };
  const sopClassUid = text(TAG.SOPClassUID);
  const sopInstanceUid = text(TAG.SOPInstanceUID);
  if (sopClassUid === '' || sopInstanceUid === '')
    throw new InstanceError('uid-mismatch', 'The file names no SOP class or no SOP instance.');
  const length = source.size - dataSetStart;
  return {
    recordId: newRecordId(),
    sopClassUid,
    sopInstanceUid,
    seriesInstanceUid: text(TAG.SeriesInstanceUID),
    studyInstanceUid: text(TAG.StudyInstanceUID),
    transferSyntaxUid: transferSyntax.uid,
    length,
    alternatives: transferSyntax.isEncapsulated ? [] : NATIVE.filter((uid) => uid !== transferSyntax.uid),
    encode(uid) {
      const wanted = findTransferSyntax(uid);
      if (uid === transferSyntax.uid)
        return Promise.resolve({ source, pieces: [{ offset: dataSetStart, length }], length });
      if (wanted === undefined || wanted.isDeflated)
        throw new InstanceError('codec-failed', 'The file cannot be sent in this transfer syntax.');
      const elements = dataSet.elements.map((element) => ({ kind: 'kept', element }) as const);
      return Promise.resolve(convertEncoding({ ...dataSet, elements }, transferSyntax, wanted));
    },
  };
}
