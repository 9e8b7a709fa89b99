// Measures the finder on generated frames that nobody trained on, style by style, beside tesseract on the whole frame.
// Usage: tsx scripts/text-finder/evaluate.ts [--seeds N] [--first SEED] [--styles A,B] [--pictures FOLDER] [--sensitivity high] [--reading] [--tesseract] [--misses]
//
// `with reading` is what the whole stage blanks of a secondary capture (risk `high`): what is likely text by its look, and what can be read.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createWorker, PSM } from 'tesseract.js';
import type { GrayPicture, Rectangle } from '../../src/core/picture.ts';
import { TextFinder, type FoundText } from '../../src/pixels/find/text-finder.ts';
import { cutStrip } from '../../src/pixels/look/cut-strip.ts';
import { TextReader } from '../../src/pixels/read/text-reader.ts';
import { NOTHING_READ } from '../../src/pixels/read/reading.ts';
import { leastLikelihoodOf } from '../../src/pixels/risk.ts';
import { LookedJudge, type ReadsText } from '../../src/pixels/stage/judge-looked.ts';
import { makeFrame, STYLES, type BurnedInFrame } from '../../test/support/burned-in/frames.ts';
import { isClean, Score, tableOf } from '../../test/support/burned-in/score.ts';
import { readPictures } from './pictures.ts';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    pictures: { type: 'string' },
    sensitivity: { type: 'string', default: 'balanced' },
    styles: { type: 'string', default: STYLES.join() },
    reading: { type: 'boolean', default: false },
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

/** Nothing is known about the patient: only how text looks and whether it reads as harmless counts. */
const RULES = {
  judge: { find: () => [], mayBeKnown: () => false, isPlain: () => false, clean: (text: string) => text },
  keepText: [],
};

/** What the stage blanks of what was found in each picture of a frame. Only what is unlikely by its look is read: the rest goes, or is harmless. */
async function blanked(
  { picture, pictures }: BurnedInFrame,
  found: readonly (readonly FoundText[])[],
  reader: ReadsText,
): Promise<readonly Rectangle[]> {
  const leastLikelihood = leastLikelihoodOf({ level: 'high' }, { rows: picture.height, columns: picture.width });
  const groups = found.flatMap((texts, index) =>
    texts.map((text) => ({ strip: cutStrip(pictures[index], index, text), boxes: new Map([[0, text]]) })),
  );
  const judge = (some: typeof groups, reads: ReadsText): Promise<readonly Rectangle[]> =>
    new LookedJudge({ ...RULES, leastLikelihood }, reads)
      .judgeFrames({ groups: some, framesLookedAt: 1, strayBits: new Map() }, [])
      .then((regions) => regions.filter(({ isBlanked }) => isBlanked));
  const unread = await judge(groups, { read: () => Promise.resolve(NOTHING_READ) });
  const isUnlikely = ({ strip }: (typeof groups)[number]): boolean =>
    !unread.some(
      ({ x, y, width, height }) => x === strip.x && y === strip.y && width === strip.width && height === strip.height,
    );
  return [...unread, ...(await judge(groups.filter(isUnlikely), reader))];
}

const backgrounds = options.pictures ? readPictures(options.pictures) : [];
const sensitivity = options.sensitivity === 'high' ? 'high' : 'balanced';
const finder = await TextFinder.load();
const reader = options.tesseract ? await createWholeFrameReader() : undefined;
const stripReader = options.reading ? new TextReader() : undefined;
const scores = {
  finder: new Score(),
  'with second look': new Score(),
  'with reading': new Score(),
  tesseract: new Score(),
};
const first = Number(options.first);
for (let seed = first; seed < first + Number(options.seeds); seed++)
  for (const style of STYLES) {
    if (!options.styles.split(',').includes(style)) continue;
    const frame = await makeFrame({ seed, style, share: 'evaluation', pictures: backgrounds });
    const before = process.cpuUsage();
    const found = frame.pictures.map((picture) => finder.find(picture, { sensitivity, hasSecondLook: false }));
    const { user, system } = process.cpuUsage(before);
    const cpuMs = (user + system) / 1000;
    scores.finder.add(frame, found.flat(), cpuMs);
    const kept = frame.pictures.map((picture) => finder.find(picture, { sensitivity, hasSecondLook: true }));
    const left = stripReader === undefined ? kept.flat() : await blanked(frame, kept, stripReader);
    let missed = scores['with second look'].add(frame, kept.flat(), cpuMs);
    if (stripReader !== undefined) missed = scores['with reading'].add(frame, left, cpuMs);
    if (isClean(style))
      missed = left.map(({ x, y, width, height }) => `false alarm, ${width} x ${height} at ${x},${y}`);
    if (options.misses) for (const line of missed) console.log(`${style} ${seed} ${frame.background}: ${line}`);
    if (reader === undefined) continue;
    const start = process.cpuUsage();
    const read = await reader.read(frame.picture);
    const used = process.cpuUsage(start);
    scores.tesseract.add(frame, read, (used.user + used.system) / 1000);
  }
await reader?.close();
await stripReader?.close();
for (const [name, score] of Object.entries(scores)) if (score.frames > 0) console.log(`\n${name}\n${tableOf(score)}`);
