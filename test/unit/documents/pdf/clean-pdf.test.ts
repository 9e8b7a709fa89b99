import { describe, expect, it } from 'vitest';
import type { GrayPicture, PictureReader, Rectangle } from '../../../../src/core/picture.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../../../../src/documents/document.ts';
import { cleanPdf } from '../../../../src/documents/pdf/clean-pdf.ts';
import { judgeOf } from '../../../support/documents/pdf-judge.ts';
import { EMBEDDED_SAMPLES, KNOWN, TEXT_SAMPLES, type PdfSample } from '../../../support/documents/pdf-samples.ts';
import { PART_SAMPLES } from '../../../support/documents/pdf-part-samples.ts';
import {
  everyByte,
  isAnywhere,
  isPopplerInstalled,
  openPages,
  popplerText,
  similarity,
} from '../../../support/documents/pdf-tools.ts';

/** Points across the pages on which a reader finds something. */
const PAGE_WIDTH = 595;
/** Half of what is usual: these tests are many. */
const LIMITS = { ...DEFAULT_DOCUMENT_LIMITS, maxPagePixels: 2_000_000 };

/** Finds what it is told, and remembers what it was shown. */
class KnownPlaces implements PictureReader {
  readonly seen: GrayPicture[] = [];
  readonly #regions: readonly Rectangle[];

  constructor(regions: readonly Rectangle[]) {
    this.#regions = regions;
  }

  judge(picture: GrayPicture): ReturnType<PictureReader['judge']> {
    this.seen.push(picture);
    const scale = picture.width / PAGE_WIDTH;
    const scaled = this.#regions.map(({ x, y, width, height }) => ({
      x: x * scale,
      y: y * scale,
      width: width * scale,
      height: height * scale,
    }));
    return Promise.resolve(
      scaled.map((region) => ({ ...region, cause: 'identifying', confidence: 1, isBlanked: true }) as const),
    );
  }
}

const squeeze = (text: string): string => text.normalize('NFKC').replace(/\s+/g, ' ');

async function check({
  make,
  planted,
  harmless,
  isRead,
  regions = [],
  pages = 1,
  isSlanting = false,
}: PdfSample): Promise<void> {
  const original = await make();
  const reader = new KnownPlaces(regions);
  const job = { bytes: original, judge: judgeOf(KNOWN), pictures: reader, limits: LIMITS };
  const { bytes } = await cleanPdf(job);
  const parts = everyByte(bytes);
  const after = await openPages(bytes);
  const before = await openPages(original);
  const texts = [after.map(({ text }) => text).join('\n')];
  if (isPopplerInstalled && !isSlanting) texts.push(popplerText(bytes));
  for (const word of planted) {
    expect(isAnywhere(parts, word), `${word} in a byte`).toBe(false);
    for (const text of texts) expect(squeeze(text)).not.toContain(word);
  }
  for (const text of texts) expect(harmless.filter((word) => !squeeze(text).includes(word))).toEqual([]);
  expect(after).toHaveLength(pages);
  expect(reader.seen.length > 0).toBe(isRead === true);
  const gone = blankedParts(before[0], after[0]);
  const { all, shown } = similarity(before[0], after[0], gone);
  expect(all).toBeGreaterThan(0.98);
  // Compared at 72 dpi, where a thin stroke is less than a pixel, with a page drawn at 144 dpi. At the usual 200 it is above 0.85.
  expect(shown).toBeGreaterThan(0.75);
}

/** Cells of a page that lost all that they showed: what was blanked, to a cell around it. */
function blankedParts(before: GrayPicture, after: GrayPicture): readonly Rectangle[] {
  const cells: Rectangle[] = [];
  const size = 4;
  for (let y = 0; y + size <= before.height; y += size)
    for (let x = 0; x + size <= before.width; x += size)
      if (rangeIn(before, x, y, size) > 60 && rangeIn(after, x, y, size) < 30)
        cells.push({ x: x - 8, y: y - 8, width: 20, height: 20 });
  return cells;
}

function rangeIn({ width, data }: GrayPicture, x0: number, y0: number, size: number): number {
  let [least, most] = [255, 0];
  for (let y = y0; y < y0 + size; y++)
    for (let x = x0; x < x0 + size; x++) {
      least = Math.min(least, data[y * width + x]);
      most = Math.max(most, data[y * width + x]);
    }
  return most - least;
}

describe('a cleaned PDF keeps its words and its look, and loses the patient', { timeout: 180_000 }, () => {
  it.each([...TEXT_SAMPLES, ...EMBEDDED_SAMPLES, ...PART_SAMPLES].map((sample) => [sample.name, sample] as const))(
    '%s',
    async (_, sample) => {
      await check(sample);
    },
  );
});
