// Cleans a sample and looks at what came out, with tools other than those that made it.
import type { GrayPicture, PictureReader, Rectangle } from '../../../src/core/picture.ts';
import type { TextJudge } from '../../../src/core/text-judge.ts';
import type { DocumentFinding, DocumentLimits } from '../../../src/documents/document.ts';
import { cleanPdf } from '../../../src/documents/pdf/clean-pdf.ts';
import type { PdfSample } from './pdf-samples.ts';
import {
  everyByte,
  isAnywhere,
  isPopplerInstalled,
  openFirstPage,
  popplerText,
  similarity,
  type SeenPage,
} from './pdf-tools.ts';

/** Points across the pages of the samples. */
const PAGE_WIDTH = 595;
/** Pixels of a side of the cells that tell what was blanked. */
const CELL = 4;

export interface ExaminedPdf {
  readonly bytes: Buffer;
  readonly findings: readonly DocumentFinding[];
  readonly pages: number;
  /** Planted words that were found, and where. */
  readonly leaks: readonly string[];
  /** Harmless words that one of the extracted texts does not have. */
  readonly lost: readonly string[];
  /** Whether somebody was asked to read the picture of a page. */
  readonly isRead: boolean;
  /** What is left where the sample says that nothing may be: difference of grey levels. */
  readonly left: number;
  /** Structural similarity of the first page outside of what was blanked. */
  readonly similarity: { readonly all: number; readonly shown: number };
}

export interface Examination {
  readonly judge: TextJudge;
  readonly limits: DocumentLimits;
  /** By default one that finds what the sample says. */
  readonly pictures?: PictureReader;
  readonly encodeJpeg?: Parameters<typeof cleanPdf>[0]['encodeJpeg'];
  /** Pixels a point at which both documents are compared. */
  readonly scale?: number;
}

export async function examinePdf(sample: PdfSample, examination: Examination): Promise<ExaminedPdf> {
  const { scale = 1, judge, limits, encodeJpeg } = examination;
  const original = await sample.make();
  const reader = new CountingReader(examination.pictures ?? new KnownPlaces(sample.regions ?? []));
  const job = { bytes: original, judge, pictures: reader, limits, ...(encodeJpeg === undefined ? {} : { encodeJpeg }) };
  const { bytes, findings } = await cleanPdf(job);
  const parts = everyByte(bytes);
  const { first: after, pages, text } = await openFirstPage(bytes, scale);
  const { first: before } = await openFirstPage(original, scale);
  const texts = [text];
  if (isPopplerInstalled && sample.isSlanting !== true) texts.push(popplerText(bytes));
  return {
    bytes,
    findings,
    pages,
    leaks: leaksOf(sample, parts, texts),
    lost: sample.harmless.filter((word) => texts.some((text) => !squeeze(text).includes(word))),
    isRead: reader.asked > 0,
    left: Math.max(0, ...(sample.blank ?? []).map((area) => rangeIn(after, scaled(area, scale)))),
    similarity: similarity(before, after, blankedParts(before, after)),
  };
}

function leaksOf({ planted }: PdfSample, parts: readonly Buffer[], texts: readonly string[]): readonly string[] {
  return planted.flatMap((word) => [
    ...(isAnywhere(parts, word) ? [`${word} in a byte`] : []),
    ...(texts.some((text) => squeeze(text).includes(word)) ? [`${word} in the text`] : []),
    ...(texts.some((text) => compact(text).includes(compact(word))) ? [`${word} in the letters of the text`] : []),
  ]);
}

function squeeze(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, ' ');
}

/** Letters and digits alone, without case and marks. */
function compact(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

class CountingReader implements PictureReader {
  asked = 0;
  readonly #reader: PictureReader;

  constructor(reader: PictureReader) {
    this.#reader = reader;
  }

  judge(picture: GrayPicture, judge: TextJudge): ReturnType<PictureReader['judge']> {
    this.asked++;
    return this.#reader.judge(picture, judge);
  }
}

/** Finds what it is told. */
class KnownPlaces implements PictureReader {
  readonly #regions: readonly Rectangle[];

  constructor(regions: readonly Rectangle[]) {
    this.#regions = regions;
  }

  judge({ width }: GrayPicture): ReturnType<PictureReader['judge']> {
    const found = { cause: 'identifying', confidence: 1, isBlanked: true } as const;
    return Promise.resolve(this.#regions.map((region) => ({ ...scaled(region, width / PAGE_WIDTH), ...found })));
  }
}

function scaled({ x, y, width, height }: Rectangle, scale: number): Rectangle {
  return { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
}

/** Cells of a page that lost all that they showed: what was blanked, to a cell around it. */
function blankedParts(before: SeenPage, after: SeenPage): readonly Rectangle[] {
  const cells: Rectangle[] = [];
  for (let y = 0; y + CELL <= Math.min(before.height, after.height); y += CELL)
    for (let x = 0; x + CELL <= before.width; x += CELL) {
      const cell = { x, y, width: CELL, height: CELL };
      if (rangeIn(before, cell) > 60 && rangeIn(after, cell) < 30)
        cells.push({ x: x - 8, y: y - 8, width: 20, height: 20 });
    }
  return cells;
}

function rangeIn({ width, height, data }: GrayPicture, area: Rectangle): number {
  let [least, most] = [255, 0];
  for (let y = Math.max(0, Math.floor(area.y)); y < Math.min(height, area.y + area.height); y++)
    for (let x = Math.max(0, Math.floor(area.x)); x < Math.min(width, area.x + area.width); x++) {
      const level = data[y * width + x];
      if (level < least) least = level;
      if (level > most) most = level;
    }
  return Math.max(0, most - least);
}
