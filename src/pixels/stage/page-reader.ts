// Pictures of documents, such as the scanned page of a PDF, with the finder, the reader and the rules that pixels of images are judged by.
import { InstanceError } from '../../core/errors.ts';
import type { GrayPicture, JudgedRegion, PictureReader, Rectangle } from '../../core/picture.ts';
import type { TextJudge } from '../../core/text-judge.ts';
import type { HarmlessKind, PixelPolicy } from '../../profile/pixel-policy.ts';
import type { Looker } from '../look/looker.ts';
import type { FoundStrip } from '../look/look-job.ts';
import { boxOf } from '../look/text-groups.ts';
import { judgeLooked } from './judge-looked.ts';
import type { ReadBudget, ReadsText } from './judge-looked.ts';
import { coveredPart } from './regions.ts';
import type { FrameRegion } from './regions.ts';

/** Letters are found from 6 to 60 pixels: titles and stamps are found in the picture at a half and a quarter of its size. */
const SCALES = [1, 2, 4];
/** Smaller pictures hold no larger letters. */
const LEAST_SIDE = 200;
/** Blanking may uncover another text: it is looked again so often before the document is held back. */
const MAX_ROUNDS = 3;
/** What is found again and lies to this part in what is blanked is its border. */
const BORDER_PART = 0.35;
/** A page of print is some sixty lines, three megapixels of them: three seconds of reading. */
const PAGE_BUDGET: ReadBudget = { texts: 160, pixels: 4_000_000 };
/** All pages of one document; what is beyond is blanked unread, as it is in images. */
const DOCUMENT_PIXELS = 40_000_000;

type Found = readonly FoundStrip[];

/** Reads the pictures of one document. */
export class PageReader implements PictureReader {
  readonly #looker: Pick<Looker, 'lookAtPicture'>;
  readonly #reader: ReadsText;
  readonly #policy: Pick<PixelPolicy, 'text' | 'keepText'>;
  /** A report is nothing but description: without it a cleaned page would be empty. */
  readonly #keepText: readonly HarmlessKind[];
  #pixelsLeft = DOCUMENT_PIXELS;

  constructor(
    looker: Pick<Looker, 'lookAtPicture'>,
    reader: ReadsText,
    policy: Pick<PixelPolicy, 'text' | 'keepText'>,
  ) {
    this.#looker = looker;
    this.#reader = reader;
    this.#policy = policy;
    this.#keepText = [...policy.keepText, 'description'];
  }

  /**
   * What shows text in a picture, and what is to be blanked: looked at again with that blanked, until nothing is left. Rejects with
   * InstanceError `burned-in-unresolved` when text stays, takes too long, or when the profile holds back whatever has text.
   */
  async judge(picture: GrayPicture, judge: TextJudge): Promise<readonly JudgedRegion[]> {
    let regions: readonly FrameRegion[] = [];
    let current = picture;
    for (let round = 1; ; round++) {
      const isNew = (strip: FoundStrip): boolean => coveredPart(boxOf(strip), regions) < BORDER_PART;
      const found = (await this.#look(current)).filter(isNew);
      const judged = await this.#judgeFound(found, regions, judge);
      regions = [...regions, ...judged];
      const blanked = judged.filter(({ isBlanked }) => isBlanked);
      if (blanked.length === 0) return regions.map(withoutFrames);
      if (this.#policy.text === 'detect')
        throw new InstanceError('burned-in-unresolved', 'A picture in the document looks as if it showed text.');
      if (round === MAX_ROUNDS)
        throw new InstanceError('burned-in-unresolved', 'A picture in the document still looks as if it showed text.');
      current = blank(current, blanked);
    }
  }

  async #judgeFound(found: Found, settled: readonly FrameRegion[], judge: TextJudge): Promise<readonly FrameRegion[]> {
    if (found.length === 0) return [];
    const groups = found.map((strip) => ({ strip, boxes: new Map([[0, boxOf(strip)]]) }));
    const budget = { texts: PAGE_BUDGET.texts, pixels: Math.min(PAGE_BUDGET.pixels, this.#pixelsLeft) };
    this.#pixelsLeft -= found.reduce((sum, { pixels }) => sum + pixels.data.length, 0);
    const looked = { groups, framesLookedAt: 1, strayBits: new Map<number, number>() };
    return judgeLooked(looked, settled, { judge, keepText: this.#keepText, isPage: true }, this.#reader, budget);
  }

  /** Texts of all sizes; a larger one that several sizes show is taken where it was found first. */
  async #look(picture: GrayPicture): Promise<Found> {
    const found: FoundStrip[] = [];
    let at = picture;
    for (const scale of SCALES) {
      if (scale > 1) {
        if (Math.min(picture.width, picture.height) / scale < LEAST_SIDE) break;
        at = halve(at);
      }
      const boxes = found.map(boxOf);
      for (const strip of await this.#looker.lookAtPicture(at, 'balanced')) {
        const enlarged = enlarge(strip, scale, picture);
        if (coveredPart(boxOf(enlarged), boxes) < BORDER_PART) found.push(enlarged);
      }
    }
    return found;
  }
}

function withoutFrames({ x, y, width, height, cause, confidence, isBlanked }: FrameRegion): JudgedRegion {
  return { x, y, width, height, cause, confidence, isBlanked };
}

/** The mean of four pixels each; an odd last row or column stands for itself. */
function halve({ width, height, data }: GrayPicture): GrayPicture {
  const [across, down] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const half = new Uint8Array(across * down);
  for (let y = 0; y < down; y++) {
    const row = y * 2 * width;
    const next = Math.min(y * 2 + 1, height - 1) * width;
    for (let x = 0; x < across; x++) {
      const left = x * 2;
      const right = Math.min(left + 1, width - 1);
      half[y * across + x] = (data[row + left] + data[row + right] + data[next + left] + data[next + right] + 2) >> 2;
    }
  }
  return { width: across, height: down, data: half };
}

/** The strip in the places of the whole picture. Its pixels stay as they were looked at: large letters are read better small. */
function enlarge(strip: FoundStrip, scale: number, { width, height }: GrayPicture): FoundStrip {
  if (scale === 1) return strip;
  const x = strip.x * scale;
  const y = strip.y * scale;
  return {
    ...strip,
    x,
    y,
    width: Math.min(strip.width * scale, width - x),
    height: Math.min(strip.height * scale, height - y),
    left: strip.left * scale,
    top: strip.top * scale,
  };
}

/** A copy with the rectangles in the level that is most frequent in them and around them, as the page will have it. */
function blank(picture: GrayPicture, rectangles: readonly Rectangle[]): GrayPicture {
  const { width } = picture;
  const data = new Uint8Array(picture.data);
  for (const rectangle of rectangles) {
    const level = commonLevel(picture, rectangle);
    const right = Math.min(width, Math.ceil(rectangle.x + rectangle.width));
    const bottom = Math.min(picture.height, Math.ceil(rectangle.y + rectangle.height));
    for (let y = Math.max(0, Math.floor(rectangle.y)); y < bottom; y++)
      data.fill(level, y * width + Math.max(0, Math.floor(rectangle.x)), y * width + right);
  }
  return { ...picture, data };
}

/** How far around a rectangle it is looked. */
const RING = 3;

function commonLevel({ width, height, data }: GrayPicture, rectangle: Rectangle): number {
  const counts = new Uint32Array(256);
  const right = Math.min(width, Math.ceil(rectangle.x + rectangle.width) + RING);
  const bottom = Math.min(height, Math.ceil(rectangle.y + rectangle.height) + RING);
  for (let y = Math.max(0, Math.floor(rectangle.y) - RING); y < bottom; y++)
    for (let x = Math.max(0, Math.floor(rectangle.x) - RING); x < right; x++) counts[data[y * width + x]]++;
  return counts.indexOf(Math.max(...counts));
}
