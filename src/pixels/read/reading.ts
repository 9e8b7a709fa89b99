// What passes between the text reader and its thread: strips of a picture in, lines of text out.

/** A part of a picture with text, and what is known about the text. */
export interface Strip {
  readonly width: number;
  readonly height: number;
  /** Luminance, row by row. */
  readonly data: Uint8Array;
  /** Of the letters against what they stand on. */
  readonly polarity: 'bright' | 'dark';
  /** By how many degrees the letters are turned clockwise; undefined when that is not known. */
  readonly turn: 0 | 90 | 180 | 270 | undefined;
  /** It is no text, most likely: it is looked at in one way only. */
  readonly isDoubtful?: boolean;
}

export interface ReadLine {
  readonly text: string;
  /** 0 to 1: the least of its words. */
  readonly confidence: number;
}

export interface Reading {
  /** In the order of a page; none when nothing could be read. Original values: never logged. */
  readonly lines: readonly ReadLine[];
  /** 0 to 1: the mean over the letters. */
  readonly confidence: number;
  /** 0 to 1: the part of the dark pixels that lies within the words. What is left over was not read. */
  readonly accounted: number;
}

export const NOTHING_READ: Reading = { lines: [], confidence: 0, accounted: 0 };
