// Worker thread: reads the text of strips with tesseract.js, whose own thread runs under this one, so that whatever it does ends here.
// Its language data come from the installed package; nothing is ever fetched, and nothing is written.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parentPort } from 'node:worker_threads';

import tesseract from 'tesseract.js';

import type { Rectangle } from '../../core/picture.ts';
import type { ThreadAnswer } from '../threads/thread-pool.ts';
import { enlarge } from './enlarge.ts';
import type { Page, View } from './enlarge.ts';
import { NOTHING_READ } from './reading.ts';
import type { Reading, ReadLine, Strip } from './reading.ts';

/** Read this surely, a strip is not looked at in any other way. */
const SURE = 0.8;
/** A strip this much higher than wide may hold text that runs upwards or downwards. */
const UPRIGHT = 1.6;
/** Strips of more pixels are looked at in one way only: reading costs a second for each megapixel. */
const LARGE = 40_000;
const MODEL = '4.0.0_best_int';

const ready = start();

async function start(): Promise<tesseract.Worker> {
  const packageFile = createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json');
  const worker = await tesseract.createWorker('eng', tesseract.OEM.LSTM_ONLY, {
    langPath: join(dirname(packageFile), MODEL),
    cacheMethod: 'none',
    gzip: true,
    errorHandler: () => {
      // The job that failed is rejected as well; without this handler the library would throw into nowhere.
    },
  });
  await worker.setParameters({
    tessedit_pageseg_mode: tesseract.PSM.SINGLE_BLOCK,
    user_defined_dpi: '150',
    tessedit_do_invert: '0',
  });
  return worker;
}

/** The best of the ways to look at the strip. */
async function read(strip: Strip): Promise<Reading> {
  let best: Reading = NOTHING_READ;
  for (const view of viewsOf(strip)) {
    const reading = await readAs(strip, view);
    if (worthOf(reading) > worthOf(best)) best = reading;
    if (best.confidence >= SURE) break;
  }
  return best;
}

function viewsOf({ polarity, turn, width, height, isDoubtful }: Strip): readonly View[] {
  const isInverted = polarity === 'bright';
  if (isDoubtful === true || width * height > LARGE) return [{ isInverted, turn: turn ?? 0 }];
  if (turn !== undefined)
    return [
      { isInverted, turn },
      { isInverted: !isInverted, turn },
    ];
  const turns: readonly View['turn'][] = height > UPRIGHT * width ? [0, 270, 90] : [0];
  return [...turns.map((one) => ({ isInverted, turn: one })), { isInverted: !isInverted, turn: 0 }];
}

/** A long text that was read well is worth more than a short one. */
function worthOf({ lines, confidence }: Reading): number {
  return confidence * Math.sqrt(lines.reduce((sum, { text }) => sum + text.length, 0));
}

async function readAs(strip: Strip, view: View): Promise<Reading> {
  const worker = await ready;
  const page = enlarge(strip, view);
  const { data } = await worker.recognize(Buffer.from(page.pgm), {}, { text: false, tsv: true });
  return readingOf(data.tsv ?? '', page);
}

/** Columns of a TSV row: level, page, block, paragraph, line, word, left, top, width, height, confidence, text. */
const WORD_LEVEL = '5';
/** Pixels of the page around a word that are its own: i-dots, blurred edges. */
const BESIDE = 6;
const MIDDLE = 128;

function readingOf(tsv: string, page: Page): Reading {
  const lines = new Map<string, { readonly words: string[]; confidence: number }>();
  let letters = 0;
  let sum = 0;
  const boxes: Rectangle[] = [];
  for (const row of tsv.split('\n')) {
    const columns = row.split('\t');
    const text = columns[11]?.trim() ?? '';
    if (columns[0] !== WORD_LEVEL || text === '') continue;
    const confidence = Math.max(0, Number(columns[10])) / 100;
    const key = columns.slice(1, 5).join(' ');
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { words: [text], confidence });
    else {
      line.words.push(text);
      line.confidence = Math.min(line.confidence, confidence);
    }
    const [x, y, width, height] = columns.slice(6, 10).map(Number);
    boxes.push({ x, y, width, height });
    letters += text.length;
    sum += confidence * text.length;
  }
  const read = [...lines.values()].map(({ words, confidence }): ReadLine => ({ text: words.join(' '), confidence }));
  if (letters === 0) return NOTHING_READ;
  return { lines: read, confidence: sum / letters, accounted: accountedFor(page, boxes) };
}

/** The part of the dark pixels that lies within the boxes of words, or right beside them. */
function accountedFor({ width, height, data }: Page, boxes: readonly Rectangle[]): number {
  const isWord = new Uint8Array(data.length);
  for (const box of boxes) {
    const left = Math.max(0, box.x - BESIDE);
    const right = Math.min(width, box.x + box.width + BESIDE);
    for (let y = Math.max(0, box.y - BESIDE); y < Math.min(height, box.y + box.height + BESIDE); y++)
      isWord.fill(1, y * width + left, y * width + right);
  }
  let dark = 0;
  let within = 0;
  for (let at = 0; at < data.length; at++) {
    if (data[at] >= MIDDLE) continue;
    dark++;
    within += isWord[at];
  }
  return dark === 0 ? 1 : within / dark;
}

async function answer(strip: Strip): Promise<void> {
  let reply: ThreadAnswer<Reading>;
  try {
    reply = { kind: 'done', answer: await read(strip) };
  } catch {
    // What the recogniser says may hold what it read: the answer is that it failed.
    reply = { kind: 'failed' };
  }
  parentPort?.postMessage(reply);
}

parentPort?.on('message', (strip: Strip) => void answer(strip));
