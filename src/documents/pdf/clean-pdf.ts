// Cleans an encapsulated PDF (PS3.3 A.45.1; issue 6): each page is made anew of its picture, from which what identifies is blanked, and of its text
// without it. Nothing else of the document goes along: no metadata, attachments, forms, scripts, annotations, layers or former revisions.
import { InstanceError } from '../../core/errors.ts';
import type { Rectangle } from '../../core/picture.ts';
import type { CleanDocument, DocumentFinding, DocumentJob } from '../document.ts';
import { withKeptLabels } from '../kept-labels.ts';
import { judgePage } from './judge-page.ts';
import { withLayer } from './layer-judge.ts';
import { CHAR, type OpenedPage, type PageText } from './messages.ts';
import { PdfThread } from './pdf-thread.ts';
import { PdfWriter } from './pdf-writer.ts';
import { rectanglesOf } from './removed-rectangles.ts';
import { LayerFonts, PagePoints, writeReplacement, writeTextLayer } from './text-layer.ts';

/** Readers look for the header in the first kibibyte (ISO 32000-1 Annex H.3.4.1). */
const HEADER_BYTES = 1024;

/** The document as pictures of its pages with a text layer. Rejects with InstanceError `document-unreadable`. */
export async function cleanPdf(job: DocumentJob): Promise<CleanDocument> {
  const { bytes, limits, signal } = job;
  if (bytes.length > limits.maxBytes) throw unreadable(`The PDF is larger than ${limits.maxBytes} bytes`);
  if (!bytes.subarray(0, HEADER_BYTES).includes('%PDF-')) throw unreadable('The document is not a PDF');
  const thread = await PdfThread.take(limits, signal);
  let isDone = false;
  try {
    const clean = await cleanWith(thread, job);
    isDone = true;
    return clean;
  } finally {
    await thread.close(isDone);
  }
}

async function cleanWith(thread: PdfThread, job: DocumentJob): Promise<CleanDocument> {
  const copy = new Uint8Array(job.bytes);
  const { pages, findings } = await thread.ask({ kind: 'open', bytes: copy, limits: job.limits }, 'opened', [
    copy.buffer,
  ]);
  const { encodeJpeg } = job;
  const judge = withKeptLabels(job.judge);
  const all: DocumentFinding[] = [...findings];
  const writer = new PdfWriter();
  const fonts = new LayerFonts();
  for (let index = 0; index < pages; index++) {
    const page = await thread.ask({ kind: 'page', index }, 'page');
    const judged = judgePage(page.text, judge);
    const regions = await readPictures(page, { ...job, judge: withLayer(job.judge, page.text, judged.removed) });
    thread.throwIfFailed();
    const blanked = [...rectanglesOf(page.text, judged.removed), ...regions];
    const picture = await thread.ask({ kind: 'finish', blanked, hasJpeg: encodeJpeg !== undefined }, 'picture');
    const stays = charactersThatStay(page, judged.removed, regions);
    const points = new PagePoints(page);
    const layer = writeTextLayer(page.text, stays, points, fonts);
    const replaced = judged.replacements
      .filter(({ chars }) => chars.every((char) => isSeen(page, char, regions)))
      .map(({ text, chars }) => writeReplacement(text, page.text, chars, points));
    const jpeg = picture.encoding === 'raw' ? await encodeJpeg?.(picture) : undefined;
    writer.addPage(page, jpeg === undefined ? picture : { ...picture, jpeg }, layer + replaced.join(''));
    const number = index + 1;
    for (const [kind, count] of judged.counts) all.push({ kind, count, page: number });
    if (regions.length > 0) all.push({ kind: 'picture-region', count: regions.length, page: number });
    if (page.annotations > 0) all.push({ kind: 'annotation', count: page.annotations, page: number });
    const unseen = page.text.flags.reduce((sum, flags) => sum + ((flags & CHAR.unseen) === 0 ? 0 : 1), 0);
    if (unseen > 0) all.push({ kind: 'hidden-text', count: unseen, page: number });
  }
  return { bytes: writer.finish(fonts), findings: all };
}

/** What of a page's pictures, drawings and doubtful text is to be blanked. */
async function readPictures({ unread }: OpenedPage, { pictures, judge }: DocumentJob): Promise<readonly Rectangle[]> {
  if (unread === undefined) return [];
  if (pictures === undefined) throw unreadable('A page shows more than text, and nobody can read pictures');
  const regions = await pictures.judge(unread, judge);
  return regions.filter(({ isBlanked }) => isBlanked);
}

/** Text that is blanked, hidden or without meaning does not come along, nor what lies outside the page. */
function charactersThatStay(page: OpenedPage, removed: Uint8Array, regions: readonly Rectangle[]): Uint8Array {
  const { flags, count } = page.text;
  const stays = new Uint8Array(count);
  for (let char = 0; char < count; char++)
    if (removed[char] === 0 && (flags[char] & (CHAR.unseen | CHAR.unmapped)) === 0 && isSeen(page, char, regions))
      stays[char] = 1;
  return stays;
}

/** Within the page and outside the blanked regions, by its middle. */
function isSeen({ text, width, height }: OpenedPage, char: number, regions: readonly Rectangle[]): boolean {
  const [x, y] = middleOf(text, char);
  if (!(x >= 0 && y >= 0 && x <= width && y <= height)) return false;
  return !regions.some((region) => {
    return x >= region.x && y >= region.y && x <= region.x + region.width && y <= region.y + region.height;
  });
}

function middleOf({ boxes }: PageText, char: number): readonly [number, number] {
  const at = char * 4;
  return [(boxes[at] + boxes[at + 2]) / 2, (boxes[at + 1] + boxes[at + 3]) / 2];
}

function unreadable(message: string): InstanceError {
  return new InstanceError('document-unreadable', message);
}
