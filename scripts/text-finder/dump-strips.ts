// Traits of what the finder finds, for train-second-look.py: a line of numbers each, the first 1 when the box holds text, the second its weight.
// Usage: tsx scripts/text-finder/dump-strips.ts OUT.csv FIRST-SEED SEEDS [FOLDER-OF-PICTURES [ROUNDS]]
import { closeSync, openSync, writeSync } from 'node:fs';
import type { GrayPicture } from '../../src/core/picture.ts';
import { traitsOf } from '../../src/pixels/find/strip-traits.ts';
import { TextFinder, type FoundText } from '../../src/pixels/find/text-finder.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { makeFrame, STYLES, type BurnedInFrame } from '../../test/support/burned-in/frames.ts';
import { readPictures, vary } from './pictures.ts';

/** A box with this part of some word is text; with less of all of them it is nobody's. */
const WORD_PART = 0.6;
/** False alarms of the pictures as they are count more than those of what was made of them. */
const REAL_WEIGHT = 3;
const MOST_OF_A_PICTURE = 12;

const [out, first, count, folder, rounds = '14'] = process.argv.slice(2);
const pictures = folder ? readPictures(folder) : [];
const finder = await TextFinder.load();
const file = openSync(out, 'w');

function put(label: number, weight: number, picture: GrayPicture, found: FoundText): void {
  const traits = Array.from(traitsOf(picture, found), (trait) => trait.toFixed(5));
  writeSync(file, `${label},${weight},${traits.join()}\n`);
}

/** The largest part of a word that the box holds; undefined when it holds no ink. */
function wordPart({ mask, words, picture }: BurnedInFrame, found: FoundText, ink: Uint32Array): number | undefined {
  const within = new Uint32Array(words.length);
  for (let y = found.y; y < found.y + found.height; y++)
    for (let i = y * picture.width + found.x; i < y * picture.width + found.x + found.width; i++)
      if (mask[i] > 0 && words[mask[i] - 1].isLegible) within[mask[i] - 1]++;
  const parts = Array.from(within, (pixels, word) => pixels / Math.max(1, ink[word]));
  return within.some((pixels) => pixels > 0) ? Math.max(...parts) : undefined;
}

for (const picture of pictures)
  for (const found of finder.find(picture, { hasSecondLook: false })) put(0, REAL_WEIGHT, picture, found);
const random = createRandom(Number(first));
for (let round = 0; round < Number(rounds); round++)
  for (const picture of pictures) {
    const varied = vary(random, picture);
    for (const found of finder.find(varied, { hasSecondLook: false }).slice(0, MOST_OF_A_PICTURE))
      put(0, 1, varied, found);
  }
const large = pictures.filter(({ width }) => width >= 128);
for (let seed = Number(first); seed < Number(first) + Number(count); seed++)
  for (const style of STYLES) {
    const frame = await makeFrame({ seed, style, share: 'training', pictures: large });
    const ink = new Uint32Array(frame.words.length);
    for (const word of frame.mask) if (word > 0) ink[word - 1]++;
    for (const found of finder.find(frame.picture, { hasSecondLook: false })) {
      const part = wordPart(frame, found, ink);
      if (part === undefined) put(0, 1, frame.picture, found);
      else if (part >= WORD_PART) put(1, 1, frame.picture, found);
    }
  }
closeSync(file);
