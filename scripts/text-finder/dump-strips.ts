// What the finder takes for text, for train-second-look.py. OUT.csv: a line of numbers each, 1 when the box holds text, its weight, width and
// height of its pixels in OUT.bin, its traits. OUT.bin: those pixels (bytes, 32nds of a deviation), one box after the other.
// Usage: tsx scripts/text-finder/dump-strips.ts OUT FIRST-SEED SEEDS [FOLDER-OF-PICTURES [ROUNDS [CLEAN-SEEDS]]]
import { closeSync, openSync, writeSync } from 'node:fs';
import type { GrayPicture } from '../../src/core/picture.ts';
import { patchOf } from '../../src/pixels/find/strip-patch.ts';
import { traitsOf } from '../../src/pixels/find/strip-traits.ts';
import { TextFinder, type FoundText } from '../../src/pixels/find/text-finder.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { isClean } from '../../test/support/burned-in/score.ts';
import { makeFrame, STYLES, type BurnedInFrame } from '../../test/support/burned-in/frames.ts';
import { readPictures, vary } from './pictures.ts';

/** A box with this part of some word is text; with less of all of them it is nobody's. */
const WORD_PART = 0.6;
/** False alarms of the pictures as they are count more than those of what was made of them. */
const REAL_WEIGHT = 3;
const MOST_OF_A_PICTURE = 12;
/** Seeds of clean frames for each with text, unless told otherwise: what has no text has few boxes. */
const CLEAN_ROUNDS = 6;
/** Bytes to a deviation. */
const STEPS = 32;

const [out, first, count, folder, rounds = '14', clean = String(Number(count) * CLEAN_ROUNDS)] = process.argv.slice(2);
const pictures = folder ? readPictures(folder) : [];
const finder = await TextFinder.load();
const [table, pixels] = [openSync(`${out}.csv`, 'w'), openSync(`${out}.bin`, 'w')];

/** Also what the finder finds only when it must: it is what a second look is most needed for. */
function findIn(picture: GrayPicture): readonly FoundText[] {
  const balanced = finder.find(picture, { hasSecondLook: false });
  return [
    ...balanced,
    ...finder.find(picture, { sensitivity: 'high', hasSecondLook: false }).slice(0, MOST_OF_A_PICTURE),
  ];
}

function put(label: number, weight: number, picture: GrayPicture, found: FoundText): void {
  const traits = Array.from(traitsOf(picture, found), (trait) => trait.toFixed(5));
  const { width, height, values } = patchOf(picture, found);
  writeSync(table, `${label},${weight},${width},${height},${traits.join()}\n`);
  writeSync(
    pixels,
    Int8Array.from(values, (value) => Math.max(-127, Math.min(127, Math.round(value * STEPS)))),
  );
}

/** The largest part of a legible word that the box holds; undefined when it holds no ink at all. */
function wordPart({ mask, words, picture }: BurnedInFrame, found: FoundText, ink: Uint32Array): number | undefined {
  const within = new Uint32Array(words.length);
  for (let y = found.y; y < found.y + found.height; y++)
    for (let i = y * picture.width + found.x; i < y * picture.width + found.x + found.width; i++)
      if (mask[i] > 0) within[mask[i] - 1]++;
  if (within.every((pixels) => pixels === 0)) return undefined;
  return Math.max(
    ...Array.from(within, (pixels, word) => (words[word].isLegible ? pixels / Math.max(1, ink[word]) : 0)),
  );
}

for (const picture of pictures) for (const found of findIn(picture)) put(0, REAL_WEIGHT, picture, found);
const random = createRandom(Number(first));
for (let round = 0; round < Number(rounds); round++)
  for (const picture of pictures) {
    const varied = vary(random, picture);
    for (const found of findIn(varied).slice(0, MOST_OF_A_PICTURE)) put(0, 1, varied, found);
  }
const large = pictures.filter(({ width }) => width >= 128);
for (let seed = Number(first); seed < Number(first) + Math.max(Number(count), Number(clean)); seed++)
  for (const style of STYLES) {
    if (seed >= Number(first) + Number(count) && !isClean(style)) continue;
    const frame = await makeFrame({ seed, style, share: 'training', pictures: large });
    const ink = new Uint32Array(frame.words.length);
    for (const word of frame.mask) if (word > 0) ink[word - 1]++;
    for (const picture of frame.pictures)
      for (const found of findIn(picture)) {
        const part = wordPart(frame, found, ink);
        if (part === undefined) put(0, 1, picture, found);
        else if (part >= WORD_PART) put(1, 1, picture, found);
      }
  }
closeSync(table);
closeSync(pixels);
