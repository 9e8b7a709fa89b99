// What looking at pixels costs, in CPU time of all threads, so that a loaded machine tells the same: the finder, gray pictures, a slice without
// text and a loop with text through the stage, and how long the event loop waits while text is read.
import { tmpdir } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { BufferSource } from '../../src/core/bytes.ts';
import type { GrayPicture } from '../../src/core/picture.ts';
import type { TextJudge } from '../../src/core/text-judge.ts';
import type { DataSet } from '../../src/dicom/element.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { TextFinder } from '../../src/pixels/find/text-finder.ts';
import { openFrames } from '../../src/pixels/frames/frame-source.ts';
import type { Frame } from '../../src/pixels/frames/frame.ts';
import { grayPicturesOf } from '../../src/pixels/frames/gray.ts';
import { Looker } from '../../src/pixels/look/looker.ts';
import { TextReader } from '../../src/pixels/read/text-reader.ts';
import { PixelStage } from '../../src/pixels/stage/pixel-stage.ts';
import { pixelPolicy } from '../../src/profile/pixel-policy.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../src/standard/transfer-syntaxes.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { BACKGROUNDS } from '../../test/support/burned-in/backgrounds.ts';
import { forEachInk, type Line } from '../../test/support/burned-in/drawn-images.ts';
import { image, keepAll, parse, syntax } from '../../test/unit/pixels/images.ts';
import { median, quantile, type Verdict } from './report.ts';
import type { BenchContext } from './workload.ts';

const SLICES = 30;
const [FRAMES, WIDTH, HEIGHT] = [60, 640, 480];
const BANNER: readonly Line[] = [
  { text: 'QUIMBY JOSEPHINE', x: 12, y: 8 },
  { text: 'ID 88123456', x: 420, y: 8 },
  { text: '12.03.2021', x: 420, y: 32 },
  { text: 'GENERAL HOSPITAL', x: 12, y: 32 },
  { text: 'MI 1.2', x: 560, y: 70 },
];
/** Strips that are read while the event loop is watched. */
const READINGS = 24;
const NANOSECONDS_A_MILLISECOND = 1e6;

const judge: TextJudge = {
  find: (text) => (/quimby|88123456|2021|hospital/i.test(text) ? [{ start: 0, end: text.length, kind: 'name' }] : []),
  clean: (text) => text,
  mayBeKnown: () => false,
  isPlain: () => false,
};

export async function measurePixels(context: BenchContext): Promise<void> {
  const say = (what: string, value: number, unit: string, limit?: number): void => {
    const target = limit === undefined ? 'none' : `< ${limit}`;
    const verdict: Verdict = { what, value, unit, target, isMet: limit === undefined || value < limit };
    context.verdicts.push(verdict);
  };
  const slices = await readSlices();
  const { gray, pictures } = measureGray(slices.map(({ frame }) => frame));
  say('finder, 512 x 512, one thread, median', await measureFinder(pictures), 'ms CPU', 8);
  say('gray pictures of a CT slice, median', gray, 'ms CPU');

  const looker = new Looker({ maxThreads: 1 });
  const reader = new TextReader({ maxThreads: 1 });
  const stage = new PixelStage(looker, reader);
  const run = async (dataSet: DataSet): Promise<void> => {
    const transferSyntax = syntax(EXPLICIT_VR_LITTLE_ENDIAN);
    const job = { dataSet, output: keepAll(dataSet), transferSyntax, policy: pixelPolicy(), templates: [], judge };
    const result = await stage.run({ ...job, scratchDirectory: tmpdir() });
    await result?.close();
  };
  try {
    // The threads start, and their code gets compiled.
    await run(loopOf(2, 9));
    for (const { dataSet } of slices) await run(dataSet);
    const each = [];
    for (const { dataSet } of slices) each.push((await cpuOf(() => run(dataSet))) * 1000);
    say('CT slice without text through the stage, median', median(each), 'ms CPU', 8);
    say('CT slice without text through the stage, p95', quantile(each, 0.95), 'ms CPU');
    const loop = loopOf(FRAMES, 1);
    say(`loop of ${FRAMES} x ${WIDTH} x ${HEIGHT} with text that stands`, await cpuOf(() => run(loop)), 's CPU', 3);
    say('event loop delay while text is read, p99', await delayOf(() => readMuch(reader)), 'ms', 50);
    const other = loopOf(FRAMES, 2);
    say('event loop delay while a loop is treated, p99', await delayOf(() => run(other)), 'ms', 50);
  } finally {
    await Promise.all([looker.close(), reader.close()]);
  }
}

/** Seconds of CPU, user and system, of all threads. */
async function cpuOf(act: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** p99 of the delay in milliseconds. */
async function delayOf(act: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await act();
  delay.disable();
  return delay.percentile(99) / NANOSECONDS_A_MILLISECOND;
}

async function readSlices(): Promise<readonly { readonly dataSet: DataSet; readonly frame: Frame }[]> {
  const slices = [];
  for (const { bytes } of buildCtSeries({ slices: SLICES, rows: 512, columns: 512, seed: 1 })) {
    const { dataSet, transferSyntax } = await readFile10(new BufferSource(bytes));
    const frames = await openFrames(dataSet, transferSyntax);
    if (frames === undefined) throw new Error('a slice without pixels');
    slices.push({ dataSet, frame: await frames.frame(0) });
    await frames.close();
  }
  return slices;
}

function measureGray(frames: readonly Frame[]): { readonly gray: number; readonly pictures: readonly GrayPicture[] } {
  const pictures = frames.flatMap((frame) => grayPicturesOf(frame, { palette: undefined }).slice(0, 1));
  const each = frames.map((frame) => cpuOfSync(() => grayPicturesOf(frame, { palette: undefined })));
  return { gray: median(each), pictures };
}

async function measureFinder(pictures: readonly GrayPicture[]): Promise<number> {
  const finder = await TextFinder.load();
  for (const picture of pictures) finder.find(picture);
  return median(pictures.map((picture) => cpuOfSync(() => finder.find(picture))));
}

/** Milliseconds of CPU. */
function cpuOfSync(act: () => unknown): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A sector that moves a little, under text that does not. */
function loopOf(frames: number, seed: number): DataSet {
  const random = createRandom(seed);
  const { grey } = BACKGROUNDS.ultrasound(random, WIDTH, HEIGHT);
  const pixels = Buffer.alloc(frames * WIDTH * HEIGHT);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * WIDTH * HEIGHT;
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++) {
        const value = grey[y * WIDTH + ((x + frame) % WIDTH)];
        const speckle = value < 8 ? 0 : (random.next() - 0.5) * 24;
        pixels[start + y * WIDTH + x] = Math.max(0, Math.min(255, value + speckle));
      }
    for (const line of BANNER)
      forEachInk(line, (x, y) => {
        pixels[start + y * WIDTH + x] = 230;
      });
  }
  const size = { Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: frames };
  return parse(image({ ...size, SOPClassUID: '1.2.840.10008.5.1.4.1.1.3.1' }).put('PixelData', 'OB', pixels));
}

/** Strips that differ, so that none is known. */
async function readMuch(reader: TextReader): Promise<void> {
  for (let at = 0; at < READINGS; at++) {
    const data = new Uint8Array(300 * 40).fill(10);
    forEachInk({ text: `STRIP ${1000 + at}`, x: 20, y: 12 }, (x, y) => {
      data[y * 300 + x] = 230;
    });
    await reader.read({ width: 300, height: 40, data, polarity: 'bright', turn: 0 });
  }
}
