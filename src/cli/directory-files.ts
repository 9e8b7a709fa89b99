// The files that a DICOMDIR lists (PS3.10 8.6, PS3.3 F.3.2.2, 2026d): followed where a person names it, never sent or de-identified itself.
import { dirname, join } from 'node:path';
import { openFileSource } from '../dicom/file-source.ts';
import { readFile10 } from '../dicom/part10.ts';
import { DEFAULT_CHARACTER_SET } from '../dicom/character-set.ts';
import { findElement, stringsOf } from '../dicom/values.ts';
import { skipReasonOf } from './deid/kinds.ts';

const DIRECTORY_RECORDS = 0x00041220;
const REFERENCED_FILE_ID = 0x00041500;
/** A part of a file id that leads nowhere else. */
const PART = /^(?!\.{1,2}$)[^/\\\0]{1,64}$/;

/** True for a DICOMDIR, whatever it is called. Rejects with the error of the file system. */
export async function isDirectoryFile(path: string): Promise<boolean> {
  const source = await openFileSource(path);
  try {
    return (await skipReasonOf(source)) === 'dicomdir';
  } finally {
    await source.close();
  }
}

/**
 * Paths of the files that the DICOMDIR lists, in its order, each once; a file id that leads out of its folder is passed over. Whether
 * they are there is not looked at. Rejects with InstanceError for a DICOMDIR that cannot be read.
 */
export async function filesOfDirectory(path: string): Promise<readonly string[]> {
  const source = await openFileSource(path);
  try {
    const { dataSet } = await readFile10(source);
    const found = new Set<string>();
    for (const { elements } of findElement(dataSet.elements, DIRECTORY_RECORDS)?.items ?? []) {
      const element = findElement(elements, REFERENCED_FILE_ID);
      if (element === undefined) continue;
      const parts = stringsOf(dataSet, element, DEFAULT_CHARACTER_SET);
      if (parts.length > 0 && parts.every((part) => PART.test(part))) found.add(join(dirname(path), ...parts));
    }
    return [...found];
  } finally {
    await source.close();
  }
}
