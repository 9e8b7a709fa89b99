// Pictures as the text finder takes them, and what it found. Shared by pixels, which finds, and documents, whose pages are pictures too.
import type { TextJudge } from './text-judge.ts';

/** Luminance, one byte a pixel, row by row without padding: 0 black, 255 white. */
export interface GrayPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** In pixels of the picture; x to the right, y down, both from the upper left corner. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Why a region is blanked, or why it may stay. */
export type RegionCause =
  /** Read, and judged to identify. */
  | 'identifying'
  /** Looks like text and could not be read. */
  | 'unread'
  /** Read, known to be no harm, and blanked because the profile does not keep its kind. */
  | 'text'
  /** Read, known to be no harm, and kept by the profile. */
  | 'harmless'
  | 'template'
  | 'outside-ultrasound-region'
  | 'reviewer';

/** A region of a picture and what becomes of it. Holds no text that was read. */
export interface JudgedRegion extends Rectangle {
  readonly cause: RegionCause;
  /** 0 to 1: how sure the finder or the reader is. */
  readonly confidence: number;
  readonly isBlanked: boolean;
}

/** Finds text in a picture and judges it. Rejects with InstanceError `burned-in-unresolved` when it cannot do its work in time. */
export interface PictureReader {
  judge(picture: GrayPicture, judge: TextJudge): Promise<readonly JudgedRegion[]>;
}
