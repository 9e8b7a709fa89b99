// A page of a document before and after, side by side as a PNG; what is gone is framed on both.
import sharp, { type OverlayOptions } from 'sharp';

import type { Rectangle } from '../../core/picture.ts';

/** Samples as rows from the top, without padding: one byte each, luminance or red, green, blue. */
export interface PagePicture {
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3;
  readonly data: Uint8Array;
}

const GAP = 8;
const BACKGROUND = '#404040';
const FRAME = '#ff3b30';
/** Pixels of a side of the cells that are compared. */
const CELL = 8;
/** A cell that differs by more within itself shows something, by less nothing. */
const SHOWN = 60;
const EMPTY = 30;
/** Cells between two letters or words that are gone together. */
const MERGED_GAP = 3;

/** @param before undefined where that document has no such page; so is `after` */
export async function drawPagePair(before: PagePicture | undefined, after: PagePicture | undefined): Promise<Buffer> {
  const left = (before ?? after)?.width ?? 1;
  const width = left + GAP + (after?.width ?? left);
  const height = Math.max(before?.height ?? 1, after?.height ?? 1);
  const gone = before === undefined || after === undefined ? [] : goneAreas(before, after);
  const frames = [0, left + GAP].flatMap((x) => gone.map((area) => frameOf({ ...area, x: area.x + x })));
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${frames.join('')}</svg>`;
  return sharp({ create: { width, height, channels: 3, background: BACKGROUND } })
    .composite([
      ...(before === undefined ? [] : [layerOf(before, 0)]),
      ...(after === undefined ? [] : [layerOf(after, left + GAP)]),
      { input: Buffer.from(drawing), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}

function layerOf({ width, height, components, data }: PagePicture, left: number): OverlayOptions {
  return { input: Buffer.from(data), raw: { width, height, channels: components }, left, top: 0 };
}

function frameOf({ x, y, width, height }: Rectangle): string {
  return `<rect x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${height - 1}" fill="none" stroke="${FRAME}"/>`;
}

/** Rectangles around what the first picture shows and the second does not; none when they are of different sizes. */
export function goneAreas(before: PagePicture, after: PagePicture): readonly Rectangle[] {
  if (before.width !== after.width || before.height !== after.height) return [];
  const areas: Rectangle[] = [];
  let open: Rectangle[] = [];
  for (let y = 0; y < before.height; y += CELL) {
    const height = Math.min(CELL, before.height - y);
    const next: Rectangle[] = [];
    for (const run of goneRuns(before, after, y, height)) {
      const above = open.findIndex((area) => area.x < run.x + run.width && run.x < area.x + area.width);
      next.push(above < 0 ? run : unionOf(open.splice(above, 1)[0], run));
    }
    areas.push(...open);
    open = next;
  }
  return [...areas, ...open];
}

/** Cells of one row whose content is gone, neighbours put together. */
function goneRuns(before: PagePicture, after: PagePicture, y: number, height: number): readonly Rectangle[] {
  const runs: Rectangle[] = [];
  for (let x = 0; x < before.width; x += CELL) {
    const width = Math.min(CELL, before.width - x);
    const cell = { x, y, width, height };
    if (rangeIn(before, cell) <= SHOWN || rangeIn(after, cell) >= EMPTY) continue;
    const last = runs.at(-1);
    if (last !== undefined && x - (last.x + last.width) <= MERGED_GAP * CELL)
      runs[runs.length - 1] = unionOf(last, cell);
    else runs.push(cell);
  }
  return runs;
}

function unionOf(one: Rectangle, other: Rectangle): Rectangle {
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  const width = Math.max(one.x + one.width, other.x + other.width) - x;
  const height = Math.max(one.y + one.height, other.y + other.height) - y;
  return { x, y, width, height };
}

/** Difference between the lightest and the darkest sample; green stands for a coloured pixel. */
function rangeIn({ width, components, data }: PagePicture, cell: Rectangle): number {
  let least = 255;
  let most = 0;
  for (let y = cell.y; y < cell.y + cell.height; y++)
    for (let x = cell.x; x < cell.x + cell.width; x++) {
      const level = data[(y * width + x) * components + (components >> 1)];
      if (level < least) least = level;
      if (level > most) most = level;
    }
  return most - least;
}
