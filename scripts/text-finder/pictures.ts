// Greymaps (PGM, binary, 255 levels) of real anatomy without text, which dump-pictures.py makes of DICOM files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GrayPicture } from '../../src/core/picture.ts';

/** The pictures of a folder in the order of their names. Throws when a file is no such greymap. */
export function readPictures(folder: string): GrayPicture[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pgm'))
    .sort()
    .map((name) => readGreymap(join(folder, name)));
}

export function readGreymap(path: string): GrayPicture {
  const bytes = readFileSync(path);
  const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 64).toString('latin1'));
  if (header === null) throw new Error(`${path} is no greymap`);
  return {
    width: Number(header[1]),
    height: Number(header[2]),
    data: new Uint8Array(bytes.subarray(header[0].length)),
  };
}
