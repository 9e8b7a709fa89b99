// The finder on real files with text in their pixels: every box that identifies is covered, in every frame that shows it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rectangle } from '../../src/core/picture.ts';
import { openFileSource } from '../../src/dicom/file-source.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { TextFinder } from '../../src/pixels/find/text-finder.ts';
import { openFrames } from '../../src/pixels/frames/frame-source.ts';
import { grayPicturesOf } from '../../src/pixels/frames/gray.ts';
import { coverOf } from '../support/burned-in/score.ts';
import { CORPUS } from '../support/programs.ts';

interface TruthFile {
  readonly file: string;
  /** Numbers from 1 on, or all of them. */
  readonly frames: 'all' | readonly number[];
  readonly boxes: readonly {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly identifying: boolean;
  }[];
}

const TRUTH = join(CORPUS, 'burned-in', 'ground-truth.json');
const files = existsSync(TRUTH) ? (JSON.parse(readFileSync(TRUTH, 'utf8')) as { files: TruthFile[] }).files : [];

describe.skipIf(files.length === 0)('text in real pictures', () => {
  let finder: TextFinder;
  beforeAll(async () => {
    finder = await TextFinder.load();
  });

  /** What is found in any of the grey pictures of a frame, and the size of the frame. */
  async function findIn(
    path: string,
    frames: TruthFile['frames'],
  ): Promise<{ boxes: Rectangle[]; width: number; height: number }[]> {
    const source = await openFileSource(path);
    try {
      const { dataSet, transferSyntax } = await readFile10(source);
      const opened = await openFrames(dataSet, transferSyntax);
      if (opened === undefined) throw new Error('no pixel data');
      const last = opened.frameCount - 1;
      // The first, one in the middle and the last stand for all.
      const indices = frames === 'all' ? [0, Math.floor(last / 2), last] : frames.map((number) => number - 1);
      const found = [];
      for (const index of new Set(indices)) {
        const frame = await opened.frame(index);
        const boxes = grayPicturesOf(frame, opened.attributes).flatMap((picture) => finder.find(picture));
        found.push({ boxes, width: frame.layout.columns, height: frame.layout.rows });
      }
      await opened.close();
      return found;
    } finally {
      await source.close();
    }
  }

  it.each(files)(
    '$file: every identifying box is covered at 98 % and more',
    { timeout: 120_000 },
    async ({ file, frames, boxes }) => {
      for (const found of await findIn(join(CORPUS, file), frames)) {
        const covered = coverOf(found, found.boxes);
        const uncovered = boxes.filter(({ x, y, w, h, identifying }) => {
          let pixels = 0;
          for (let row = y; row < y + h; row++)
            for (let i = row * found.width + x; i < row * found.width + x + w; i++) pixels += covered[i];
          return identifying && pixels < 0.98 * w * h;
        });
        expect(uncovered.map(({ x, y, w, h }) => [x, y, w, h])).toEqual([]);
      }
    },
  );
});
