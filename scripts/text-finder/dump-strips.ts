// Traits of what the finder finds in generated frames, for train-second-look.py: a line of numbers each, the first 1 when the box holds text.
// Usage: tsx scripts/text-finder/dump-strips.ts OUT.csv FIRST-SEED SEEDS [FOLDER-OF-PICTURES]
import { closeSync, openSync, writeSync } from 'node:fs';
import { traitsOf } from '../../src/pixels/find/strip-traits.ts';
import { TextFinder } from '../../src/pixels/find/text-finder.ts';
import { makeFrame, STYLES } from '../../test/support/burned-in/frames.ts';
import { readPictures } from './pictures.ts';

const [out, first, count, folder] = process.argv.slice(2);
const pictures = folder ? readPictures(folder) : [];
const finder = await TextFinder.load();
const file = openSync(out, 'w');
// Frames without text are few and false alarms fewer: they are asked for more often and at both sensitivities.
const styles = [...STYLES, 'clean', 'clean', 'clean', 'clean-graphics', 'clean-graphics', 'clean-graphics'] as const;
for (let seed = Number(first); seed < Number(first) + Number(count); seed++)
  for (const [turn, style] of styles.entries()) {
    const frame = await makeFrame({ seed: seed * 20 + turn, style, share: 'training', pictures });
    const { width } = frame.picture;
    const sensitivities = style.startsWith('clean') ? (['balanced', 'high'] as const) : (['balanced'] as const);
    for (const sensitivity of sensitivities)
      for (const found of finder.find(frame.picture, { sensitivity, hasSecondLook: false })) {
        let ink = 0;
        for (let y = found.y; y < found.y + found.height; y++)
          for (let x = found.x; x < found.x + found.width; x++) if (frame.mask[y * width + x] > 0) ink++;
        // A few pixels of a neighbouring word decide nothing.
        if (ink > 0 && ink < 20) continue;
        writeSync(
          file,
          `${ink > 0 ? 1 : 0},${Array.from(traitsOf(frame.picture, found), (trait) => trait.toFixed(5)).join()}\n`,
        );
      }
  }
closeSync(file);
