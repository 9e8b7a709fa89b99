// The files that a DICOMDIR lists (PS3.10 8.6, PS3.3 F.3.2.2, 2026d): followed where a person names it, never sent or de-identified itself.
import { readdir } from 'node:fs/promises';
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

export interface ListedFiles {
  /** In the order of the DICOMDIR, each once. Whether they are there is not looked at. */
  readonly files: readonly string[];
  /** How many entries are no path below the folder of the DICOMDIR: they are not followed. */
  readonly strays: number;
}

/**
 * The files that the DICOMDIR lists. Media are often mounted with names in lower case: where a name is not there as it is written, the one that differs
 * in nothing but case is taken. Rejects with InstanceError for a DICOMDIR that cannot be read.
 */
export async function filesOfDirectory(path: string): Promise<ListedFiles> {
  const source = await openFileSource(path);
  try {
    const { dataSet } = await readFile10(source);
    const names = new FolderNames();
    const found = new Set<string>();
    let strays = 0;
    for (const { elements } of findElement(dataSet.elements, DIRECTORY_RECORDS)?.items ?? []) {
      const element = findElement(elements, REFERENCED_FILE_ID);
      if (element === undefined || element.valueLength === 0) continue;
      const parts = stringsOf(dataSet, element, DEFAULT_CHARACTER_SET);
      if (parts.length > 0 && parts.every((part) => PART.test(part)))
        found.add(await names.resolve(dirname(path), parts));
      else strays++;
    }
    return { files: [...found], strays };
  } finally {
    await source.close();
  }
}

/** What lies in the folders of a medium. */
class FolderNames {
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** The path of a file id, with the names as they are in the file system where they differ in case. */
  async resolve(folder: string, parts: readonly string[]): Promise<string> {
    let path = folder;
    for (const part of parts) {
      const names = await this.#namesIn(path);
      path = join(path, names.get(part) ?? names.get(part.toLowerCase()) ?? part);
    }
    return path;
  }

  /** By themselves and by their lower case; a folder that cannot be read has none. */
  #namesIn(folder: string): Promise<ReadonlyMap<string, string>> {
    let names = this.#folders.get(folder);
    if (names === undefined) {
      names = readdir(folder).then(
        (entries) =>
          new Map([
            ...entries.map((entry) => [entry.toLowerCase(), entry] as const),
            ...entries.map((entry) => [entry, entry] as const),
          ]),
        () => new Map(),
      );
      this.#folders.set(folder, names);
    }
    return names;
  }
}
