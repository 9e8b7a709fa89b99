// Images with lines of text drawn into them, and what a profile makes of them on the whole path.
import { BufferSource } from '../../../src/core/bytes.ts';
import type { Rectangle } from '../../../src/core/picture.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import type { PixelReceipt, Receipt } from '../../../src/deid/outcome.ts';
import type { DataSet } from '../../../src/dicom/element.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import type { CompiledProfile } from '../../../src/profile/compiled.ts';
import { parseProfile } from '../../../src/profile/load.ts';
import { parseTemplates } from '../../../src/profile/template-reader.ts';
import type { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { ctSlice } from '../../unit/deid/support/instances.ts';
import { fileOf, syntax } from '../../unit/pixels/images.ts';
import { GLYPH_ROWS, hasInk } from './glyphs.ts';

export const SIDE = 256;

export interface Line {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** Letters are 14 pixels high and 12 apart. */
export const NAME: Line = { text: 'QUIMBY JOSEPHINE', x: 20, y: 20 };
export const NAME_BOX = boxOf(NAME);

export function boxOf({ text, x, y }: Line): Rectangle {
  return { x, y, width: text.length * 12, height: 14 };
}

/** A soft gradient that rises around (128, `middle`), with lines drawn in white. */
export function drawn(lines: readonly Line[], { middle = 128, side = SIDE } = {}): Buffer {
  const pixels = Buffer.alloc(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      pixels[y * side + x] = 20 + 30 * Math.exp(-((x - 128) ** 2 + (y - middle) ** 2) / 6000);
  for (const line of lines)
    forEachInk(line, (x, y) => {
      pixels[y * side + x] = 235;
    });
  return pixels;
}

export function forEachInk({ text, x, y }: Line, visit: (x: number, y: number) => void): void {
  Array.from(text).forEach((character, at) => {
    for (let row = 0; row < 2 * GLYPH_ROWS; row++)
      for (let column = 0; column < 10; column++)
        if (hasInk(character, column >> 1, row >> 1)) visit(x + at * 12 + column, y + row);
  });
}

/** An image of the patient whose name is drawn, of 8 bits and 256 × 256 pixels unless told otherwise. */
export function imageOf(pixels: Buffer, overrides: Readonly<Record<string, string | number>> = {}): DataSetBuilder {
  const isDeep = overrides.BitsAllocated === 16;
  return ctSlice()
    .putAll({
      Rows: SIDE,
      Columns: SIDE,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      ...overrides,
    })
    .put('PixelData', isDeep ? 'OW' : 'OB', pixels);
}

/** A profile of its `pixels`, with these templates. */
export function pixelProfile(pixels = 'text: blank', templates = 'templates: []'): CompiledProfile {
  const options = pixels.includes('text: off') ? '' : 'options: [clean-pixel-data]\n';
  const profile = parseProfile(
    `name: p\nversion: 1\nprivateSopClasses: pass\n${options}pixels: { ${pixels} }`,
    'p.yaml',
  );
  return { ...profile, deviceTemplates: parseTemplates(templates, 't.yaml') };
}

export interface CleanedImage {
  readonly receipt: Receipt;
  readonly pixels: PixelReceipt | undefined;
  readonly transferSyntaxUid: string;
  /** A Part 10 file of what leaves. */
  readonly file: Buffer;
  readonly dataSet: DataSet;
}

/** De-identifies a Part 10 file. Rejects as the gateway does. */
export async function cleanImage(file: Buffer, profile: CompiledProfile = pixelProfile()): Promise<CleanedImage> {
  const keys = new ProjectKeys(Buffer.alloc(32, 7));
  const deidentifier = createDeidentifier({
    subjects: { resolve: () => ({ subjectId: 'S1', subjectName: 'S1', shiftDays: -3 }) },
    keysFor: () => keys,
    profileOf: () => profile,
  });
  const prepared = await deidentifier.prepare(new BufferSource(file), { file: true }, 'p', 'p');
  try {
    const { transferSyntaxUid } = prepared.instance;
    const cleaned = await fileOf(prepared.plan, syntax(transferSyntaxUid));
    const { dataSet } = await readFile10(new BufferSource(cleaned));
    const { receipt } = prepared.outcome;
    return { receipt, pixels: receipt.pixels, transferSyntaxUid, file: cleaned, dataSet };
  } finally {
    await prepared.close();
  }
}

/** Rectangles that were blanked in a frame, counted from 1. */
export function blankedIn({ pixels }: CleanedImage, frame = 1): readonly Rectangle[] {
  return (pixels?.regions ?? []).filter(
    (region) => region.isBlanked && region.frame <= frame && (region.lastFrame ?? region.frame) >= frame,
  );
}

export function isInside(rectangles: readonly Rectangle[], x: number, y: number): boolean {
  return rectangles.some((one) => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height);
}
