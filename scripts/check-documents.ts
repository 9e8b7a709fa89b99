// All PDFs of the tests through what the product runs, at the resolution that it runs at: cleaned with its own finder and reader, then held against the
// original and searched by other tools (pdfium, pdftotext; pdfimages and tesseract read the pages again).
//
//     npx tsx scripts/check-documents.ts [PART OF A NAME…]
//
// Prints one line a document; ends with 1 when a planted word is found again. About a second of CPU a page.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import { createWorker } from 'tesseract.js';

import type { TextJudge } from '../src/core/text-judge.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../src/documents/document.ts';
import { closePixelThreads, documentPictures } from '../src/pipeline/pixel-content.ts';
import { encodeJpeg } from '../src/pixels/encode-jpeg.ts';
import { pixelPolicy } from '../src/profile/pixel-policy.ts';
import { examinePdf } from '../test/support/documents/examine-pdf.ts';
import { judgeOf } from '../test/support/documents/pdf-judge.ts';
import { PART_SAMPLES } from '../test/support/documents/pdf-part-samples.ts';
import { EMBEDDED_SAMPLES, KNOWN, TEXT_SAMPLES, type PdfSample } from '../test/support/documents/pdf-samples.ts';
import { popplerPictures } from '../test/support/documents/pdf-tools.ts';
import { SCAN_SAMPLES } from '../test/support/documents/scan-samples.ts';
import { TRICKED_NAME, TRICK_SAMPLES } from '../test/support/documents/pdf-trick-samples.ts';
import { judgeOf as judgeOfPatient } from '../test/unit/documents/support/patient.ts';

const DPI = 200;
const POINTS_PER_INCH = 72;
const LEAST_SIMILARITY = 0.98;
/** Pages of one document that are read again. */
const MOST_READ = 3;

const asked = process.argv.slice(2);
const isAsked = ({ name }: PdfSample): boolean => asked.length === 0 || asked.some((part) => name.includes(part));
const plain = judgeOf(KNOWN);
const tricked = judgeOfPatient(-10, TRICKED_NAME);
const samples: readonly (readonly [PdfSample, TextJudge])[] = [
  ...[...TEXT_SAMPLES, ...EMBEDDED_SAMPLES, ...PART_SAMPLES, ...SCAN_SAMPLES].map((sample) => [sample, plain] as const),
  ...TRICK_SAMPLES.map((sample) => [sample, tricked] as const),
].filter(([sample]) => isAsked(sample));

const data = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'));
const reader = await createWorker('eng', undefined, { langPath: `${data}/4.0.0_best_int`, cacheMethod: 'none' });
const totals = { leaks: 0, lost: 0, words: 0, unlike: 0 };
for (const [sample, judge] of samples) {
  const started = process.cpuUsage();
  // A reader reads the pictures of one document.
  const pictures = documentPictures({ pixels: pixelPolicy({ text: 'identifying' }) });
  const limits = DEFAULT_DOCUMENT_LIMITS;
  const scale = DPI / POINTS_PER_INCH;
  const examined = await examinePdf(sample, { judge, limits, pictures, encodeJpeg, scale });
  const { user, system } = process.cpuUsage(started);
  const leaks = [...examined.leaks];
  for (const picture of popplerPictures(examined.bytes).slice(0, MOST_READ)) {
    const { data: read } = await reader.recognize(picture);
    const letters = compact(read.text);
    leaks.push(...sample.planted.filter((word) => letters.includes(compact(word))).map((word) => `${word} is seen`));
  }
  const { all, shown } = examined.similarity;
  totals.leaks += leaks.length;
  totals.lost += examined.lost.length;
  totals.words += sample.harmless.length;
  if (all < LEAST_SIMILARITY) totals.unlike++;
  const cost = `${Math.round((user + system) / 1000)} ms`;
  const found = [...leaks, ...examined.lost.map((word) => `without ${word}`)].join(', ');
  console.log(
    `${all.toFixed(4)} ${shown.toFixed(3)} ${cost.padStart(9)}  ${sample.name}${found === '' ? '' : `: ${found}`}`,
  );
}
await reader.terminate();
await closePixelThreads();
console.log(
  `${samples.length} documents: ${totals.leaks} planted words found again; ${totals.lost} of ${totals.words} harmless words lost; ` +
    `${totals.unlike} pages below ${LEAST_SIMILARITY}`,
);
process.exitCode = totals.leaks > 0 ? 1 : 0;

function compact(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
