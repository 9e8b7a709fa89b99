// Finds where a picture holds text, of whatever script, size, colour and direction, without reading it.
import type { GrayPicture, Rectangle } from '../../core/picture.ts';
import { joinLevels, type CellGrid } from './cell-grid.ts';
import { CellNet } from './cell-net.ts';
import { withNeighbours } from './neighbours.ts';
import { findRegions, withoutRegions, type Region, type Thresholds } from './regions.ts';
import { SecondLook, withoutFalseAlarms } from './second-look.ts';
import { stripsOf, type CellEvidence } from './strips.ts';

/** What the cells of the net took for text. */
export interface UnjudgedText extends Rectangle {
  /** 0 to 1: how much it looks like text. */
  readonly score: number;
  /** What the cells of the net say of it together. */
  readonly cells: CellEvidence;
  /** Of the letters against what they stand on. */
  readonly polarity: 'bright' | 'dark';
  /** The picture halved this many times shows the letters 6 to 24 pixels high. */
  readonly level: number;
  /** By how many degrees the letters are turned clockwise, when that was told. */
  readonly turn?: 0 | 90 | 180 | 270;
}

/** A word, a line or a few lines of text; the box is a little larger than what it covers. */
export interface FoundText extends UnjudgedText {
  /** 0 to 1: how likely it is text, by a closer look at its pixels; `score` is what a wide field of view says. */
  readonly likelihood: number;
}

export interface FindOptions {
  /** `high` finds a little more and takes far more of the anatomy for text. */
  readonly sensitivity?: 'balanced' | 'high';
  /** Whether a second look throws out what it is sure is no text, and adds what it is sure is; so by default unless the sensitivity is high. */
  readonly hasSecondLook?: boolean;
}

const THRESHOLDS: Readonly<Record<NonNullable<FindOptions['sensitivity']>, Thresholds>> = {
  balanced: { strong: 0.6, fair: 0.5, fairSum: 4, weak: 0.5, faint: 0.1, leastSum: 1.2 },
  high: { strong: 0.4, fair: 0.35, fairSum: 4, weak: 0.3, faint: 0.06, leastSum: 0.8 },
};

/** For what a balanced search left: faint words, and the faint ends of others. More cells are asked for, so that marks and dots are none. */
const THRESHOLDS_OF_REST: Thresholds = { ...THRESHOLDS.high, leastSum: 2 };

/**
 * A region whose cells are all less likely than this is text only when the second look is as sure as that. So is what was
 * found only in what a balanced search left.
 */
const DOUBTFUL = 0.7;
const SURE = 0.85;
/** … or when what is beside it is so sure that it is lent this much: the other end of a word. */
const LENT = 0.5;

/** Smaller pictures hold no letter of 6 pixels. */
const LEAST_SIDE = 6;

/** One finder serves one thread; it holds memory for the size of the last picture, about six bytes a pixel. */
export class TextFinder {
  readonly #net: CellNet;
  readonly #secondLook: SecondLook;

  private constructor(net: CellNet, secondLook: SecondLook) {
    this.#net = net;
    this.#secondLook = secondLook;
  }

  /** Makes a finder; call it once a thread. */
  static async load(): Promise<TextFinder> {
    return new TextFinder(await CellNet.load(), await SecondLook.load());
  }

  /** The text of a picture, in no order. Boxes lie within the picture and may overlap. About 5 ms for 512 x 512 pixels, and up to 1 ms for each box. */
  find(
    picture: GrayPicture,
    { sensitivity = 'balanced', hasSecondLook = sensitivity === 'balanced' }: FindOptions = {},
  ): readonly FoundText[] {
    const { width, height } = picture;
    if (Math.min(width, height) < LEAST_SIDE) return [];
    const levels = this.#net.look(picture);
    const grid = joinLevels(levels, width, height);
    const boxesOf = (region: Region, cells: CellGrid): readonly FoundText[] =>
      stripsOf(region, cells, levels, width, height).map((text) => ({
        ...text,
        likelihood: this.#secondLook.likelihoodOf(picture, text),
      }));
    const regions = findRegions(grid, THRESHOLDS[sensitivity]);
    if (!hasSecondLook) return regions.flatMap((region) => boxesOf(region, grid));
    const isDoubtful = ({ cells }: Region): boolean => cells.every((cell) => grid.probability[cell] < DOUBTFUL);
    const likely = regions.filter((region) => !isDoubtful(region)).flatMap((region) => boxesOf(region, grid));
    const rest = withoutRegions(grid, regions);
    const doubtful = [
      ...regions.filter(isDoubtful).flatMap((region) => boxesOf(region, grid)),
      ...findRegions(rest, THRESHOLDS_OF_REST).flatMap((region) => boxesOf(region, rest)),
    ];
    const own = [...likely, ...doubtful];
    const stays = ({ likelihood }: FoundText, index: number): boolean =>
      index < likely.length || likelihood >= SURE || (likelihood >= LENT && likelihood > own[index].likelihood);
    return withoutFalseAlarms(withNeighbours(own).filter(stays));
  }
}
