// Features and labels of the cells of generated frames, for train.py: OUT.bin (floats), OUT.labels (bytes), OUT.json (what lies where).
// Usage: tsx scripts/text-finder/dump-cells.ts OUT FIRST-SEED SEEDS [FOLDER-OF-PICTURES [STYLE,...]]
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { CELL } from '../../src/pixels/find/cell-memory.ts';
import { CellNet } from '../../src/pixels/find/cell-net.ts';
import type { GrayPicture } from '../../src/core/picture.ts';
import { makeFrame, STYLES, type BurnedInFrame } from '../../test/support/burned-in/frames.ts';
import { readPictures } from './pictures.ts';

/** Heights of capitals that each level answers for, and pixels of ink that make a cell text. */
const CAPITALS: readonly (readonly [number, number])[] = [
  [0, 24],
  [14, 48],
  [28, Infinity],
];
const LEAST_INK = [3, 8, 24];

const TEXT = 1;
const NO_TEXT = 0;
/** Neither counted for nor against. */
const IGNORED = 255;

/** Levels by which the ink of a word differs from what is around it in a picture that shows it. */
const SHOWN = 6;

/** Which words a picture shows: windows and saturation do not show all. */
function shownIn(picture: GrayPicture, { words, mask, pictures }: BurnedInFrame): readonly boolean[] {
  return words.map(({ isLegible, ...word }, index) => {
    if (!isLegible || pictures.length === 1) return isLegible;
    const sums = { ink: 0, inkCount: 0, ground: 0, groundCount: 0 };
    for (let y = word.y; y < word.y + word.height; y++)
      for (let i = y * picture.width + word.x; i < y * picture.width + word.x + word.width; i++) {
        if (mask[i] === index + 1) {
          sums.ink += picture.data[i];
          sums.inkCount++;
        } else {
          sums.ground += picture.data[i];
          sums.groundCount++;
        }
      }
    return Math.abs(sums.ink / sums.inkCount - sums.ground / Math.max(1, sums.groundCount)) >= SHOWN;
  });
}

/** What each cell of a level is. Cells beside text are ignored, cells without strokes are never asked. */
function labelsOf(
  frame: BurnedInFrame,
  isShown: readonly boolean[],
  index: number,
  { columns, rows, active }: { columns: number; rows: number; active: Uint8Array },
): Uint8Array {
  const side = CELL << index;
  const [low, high] = CAPITALS[index];
  const { width, height } = frame.picture;
  const sure = new Uint32Array(columns * rows);
  const unsure = new Uint32Array(columns * rows);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (frame.mask[i] === 0) continue;
      const word = frame.words[frame.mask[i] - 1];
      const counts = isShown[frame.mask[i] - 1] && word.capital >= low && word.capital <= high ? sure : unsure;
      counts[Math.floor(y / side) * columns + Math.floor(x / side)]++;
    }
  const labels = new Uint8Array(columns * rows);
  for (let y = 0, i = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, i++) {
      if (sure[i] >= LEAST_INK[index]) labels[i] = TEXT;
      else {
        let near = 0;
        for (let row = Math.max(0, y - 1); row <= Math.min(rows - 1, y + 1); row++)
          for (let column = Math.max(0, x - 1); column <= Math.min(columns - 1, x + 1); column++)
            near += sure[row * columns + column] + unsure[row * columns + column];
        labels[i] = near > 0 ? IGNORED : NO_TEXT;
      }
      if (active[i] === 0) labels[i] = IGNORED;
    }
  return labels;
}

const [out, first, count, folder, styles = STYLES.join()] = process.argv.slice(2);
const backgrounds = folder ? readPictures(folder) : [];
const net = await CellNet.load();
const [values, marks] = [openSync(`${out}.bin`, 'w'), openSync(`${out}.labels`, 'w')];
const parts: object[] = [];
let position = 0;
for (let seed = Number(first); seed < Number(first) + Number(count); seed++)
  for (const style of STYLES) {
    if (!styles.split(',').includes(style)) continue;
    const frame = await makeFrame({ seed, style, share: 'training', pictures: backgrounds });
    for (const picture of frame.pictures) {
      const isShown = shownIn(picture, frame);
      for (const [index, { level, features, active }] of net.look(picture).entries()) {
        const { cellColumns: columns, cellRows: rows } = level;
        writeSync(values, features);
        writeSync(marks, labelsOf(frame, isShown, index, { columns, rows, active }));
        parts.push({ style, seed, level: index, columns, rows, position });
        position += columns * rows;
      }
    }
  }
closeSync(values);
closeSync(marks);
writeFileSync(`${out}.json`, JSON.stringify(parts));
console.log(`${parts.length} levels, ${position} cells`);
