// Measures the finder on generated frames that nobody trained on, style by style, beside tesseract on the whole frame.
// Usage: tsx scripts/text-finder/evaluate.ts [--seeds N] [--first SEED] [--pictures FOLDER] [--sensitivity high] [--tesseract] [--misses]
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createWorker, PSM } from 'tesseract.js';
import type { GrayPicture, Rectangle } from '../../src/core/picture.ts';
import { withoutFalseAlarms } from '../../src/pixels/find/second-look.ts';
import { TextFinder } from '../../src/pixels/find/text-finder.ts';
import { makeFrame, STYLES } from '../../test/support/burned-in/frames.ts';
import { Score, tableOf } from '../../test/support/burned-in/score.ts';
import { readPictures } from './pictures.ts';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    pictures: { type: 'string' },
    sensitivity: { type: 'string', default: 'balanced' },
    tesseract: { type: 'boolean', default: false },
    misses: { type: 'boolean', default: false },
  },
});

/** Words that tesseract reads in a whole frame, plain and inverted, at twice its size: the best settings that were found for it. */
async function createWholeFrameReader(): Promise<{
  read: (picture: GrayPicture) => Promise<Rectangle[]>;
  close: () => Promise<unknown>;
}> {
  const data = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'));
  const worker = await createWorker('eng', 1, { langPath: `${data}/4.0.0_best_int`, cacheMethod: 'none', gzip: true });
  await worker.setParameters({ tessedit_pageseg_mode: PSM.SPARSE_TEXT, user_defined_dpi: '150' });
  const readOnce = async ({ width, height, data: pixels }: GrayPicture, isNegative: boolean): Promise<Rectangle[]> => {
    const image = sharp(pixels, { raw: { width, height, channels: 1 } }).resize(width * 2, height * 2, {
      kernel: 'cubic',
    });
    const png = await (isNegative ? image.negate() : image).png({ compressionLevel: 1 }).toBuffer();
    const result = await worker.recognize(png, {}, { text: false, tsv: true });
    return (result.data.tsv ?? '').split('\n').flatMap((line) => {
      const fields = line.split('\t');
      if (fields[0] !== '5' || (fields[11] ?? '').trim() === '' || Number(fields[10]) < 30) return [];
      const [left, top, across, down] = fields.slice(6, 10).map((field) => Number(field) / 2);
      return [
        {
          x: Math.max(0, Math.floor(left - 2)),
          y: Math.max(0, Math.floor(top - 2)),
          width: across + 4,
          height: down + 4,
        },
      ];
    });
  };
  return {
    read: async (picture) => [...(await readOnce(picture, false)), ...(await readOnce(picture, true))],
    close: () => worker.terminate(),
  };
}

const pictures = options.pictures ? readPictures(options.pictures) : [];
const sensitivity = options.sensitivity === 'high' ? 'high' : 'balanced';
const finder = await TextFinder.load();
const reader = options.tesseract ? await createWholeFrameReader() : undefined;
const scores = { finder: new Score(), 'with second look': new Score(), tesseract: new Score() };
const first = Number(options.first);
for (let seed = first; seed < first + Number(options.seeds); seed++)
  for (const style of STYLES) {
    const frame = await makeFrame({ seed, style, share: 'evaluation', pictures });
    const before = process.cpuUsage();
    const found = finder.find(frame.picture, { sensitivity, hasSecondLook: false });
    const middle = process.cpuUsage(before);
    const kept = withoutFalseAlarms(found);
    const after = process.cpuUsage(before);
    scores.finder.add(frame, found, (middle.user + middle.system) / 1000);
    const missed = scores['with second look'].add(frame, kept, (after.user + after.system) / 1000);
    if (options.misses) for (const line of missed) console.log(`${style} ${seed} ${frame.background}: ${line}`);
    if (reader === undefined) continue;
    const start = process.cpuUsage();
    const read = await reader.read(frame.picture);
    const used = process.cpuUsage(start);
    scores.tesseract.add(frame, read, (used.user + used.system) / 1000);
  }
await reader?.close();
for (const [name, score] of Object.entries(scores)) if (score.frames > 0) console.log(`\n${name}\n${tableOf(score)}`);
