// Looks into PDFs with tools other than those that made them: poppler when it is installed, pdfium, and every stream inflated.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import type { GrayPicture, Rectangle } from '../../../src/core/picture.ts';

export interface SeenPage extends GrayPicture {
  readonly text: string;
}

type Library = Awaited<ReturnType<typeof PDFiumLibrary.init>>;

let library: Promise<Library> | undefined;

/** Every page as drawn at `scale` pixels a point, with its text. */
export async function openPages(bytes: Buffer, scale = 1): Promise<readonly SeenPage[]> {
  return withDocument(bytes, async (document) => {
    const pages: SeenPage[] = [];
    for (let index = 0; index < document.getPageCount(); index++) pages.push(await seePage(document, index, scale));
    return pages;
  });
}

/** The first page as it is drawn, and the text of all. */
export async function openFirstPage(
  bytes: Buffer,
  scale = 1,
): Promise<{ readonly pages: number; readonly first: SeenPage; readonly text: string }> {
  return withDocument(bytes, async (document) => {
    const pages = document.getPageCount();
    const text = Array.from({ length: pages }, (_, index) => document.getPage(index).getText()).join('\n');
    return { pages, first: await seePage(document, 0, scale), text };
  });
}

type Document = Awaited<ReturnType<Library['loadDocument']>>;

async function withDocument<T>(bytes: Buffer, use: (document: Document) => Promise<T>): Promise<T> {
  library ??= PDFiumLibrary.init();
  const document = await (await library).loadDocument(bytes);
  document.initializeFormFields();
  try {
    return await use(document);
  } finally {
    document.destroy();
  }
}

async function seePage(document: Document, index: number, scale: number): Promise<SeenPage> {
  const text = document.getPage(index).getText();
  // Drawing lets go of the page.
  const page = document.getPage(index);
  const { width, height, data } = await page.render({ scale, render: 'bitmap', renderFormFields: true });
  const gray = new Uint8Array(width * height);
  for (let at = 0; at < gray.length; at++)
    gray[at] = (data[at * 4] * 29 + data[at * 4 + 1] * 150 + data[at * 4 + 2] * 77 + 128) >> 8;
  return { width, height, data: gray, text };
}

function hasPoppler(): boolean {
  try {
    execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const isPopplerInstalled = hasPoppler();

/** What `pdftotext` reads. */
export function popplerText(bytes: Buffer): string {
  return withFile(bytes, (file) => execFileSync('pdftotext', ['-enc', 'UTF-8', file, '-'], { encoding: 'utf8' }));
}

/** The pictures that `pdfimages` takes out, as PNG. */
export function popplerPictures(bytes: Buffer): readonly Buffer[] {
  return withFile(bytes, (file, directory) => {
    execFileSync('pdfimages', ['-png', file, join(directory, 'picture')]);
    const names = readdirSync(directory).filter((name) => name.startsWith('picture'));
    return names.sort().map((name) => readFileSync(join(directory, name)));
  });
}

function withFile<T>(bytes: Buffer, use: (file: string, directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'lethe-pdf-'));
  try {
    const file = join(directory, 'document.pdf');
    writeFileSync(file, bytes);
    return use(file, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The file as it is, and each of its streams inflated where it can be. */
export function everyByte(bytes: Buffer): readonly Buffer[] {
  const parts = [bytes];
  for (let at = bytes.indexOf('stream\n'); at >= 0; at = bytes.indexOf('stream\n', at + 7)) {
    if (bytes.subarray(at - 3, at).toString('latin1') === 'end') continue;
    try {
      parts.push(inflateSync(bytes.subarray(at + 7), { finishFlush: 2 }));
    } catch {
      parts.push(bytes.subarray(at + 7));
    }
  }
  return parts;
}

/** Whether a text is in one of the buffers, as Latin-1, UTF-8, UTF-16 or hexadecimal. */
export function isAnywhere(parts: readonly Buffer[], text: string): boolean {
  const encoded = [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')];
  encoded.push(Buffer.from(text, 'utf16le').swap16());
  const inHex = encoded.map((bytes) => bytes.toString('hex'));
  // Many are the same: each is looked for once.
  const spellings = new Set(encoded.map((bytes) => bytes.toString('latin1')));
  for (const digits of inHex) spellings.add(digits).add(digits.toUpperCase());
  return [...spellings].some((spelling) => parts.some((part) => part.includes(spelling, 0, 'latin1')));
}

const WINDOW = 8;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Mean structural similarity (Wang et al. 2004) over windows of 8 x 8, those that touch one of `except` left out: of all, and of those that show something. */
export function similarity(
  one: GrayPicture,
  other: GrayPicture,
  except: readonly Rectangle[] = [],
): { readonly all: number; readonly shown: number } {
  if (one.width !== other.width || one.height !== other.height) return { all: 0, shown: 0 };
  let [sum, shown, windows] = [0, 0, 0];
  for (let y = 0; y + WINDOW <= one.height; y += WINDOW)
    for (let x = 0; x + WINDOW <= one.width; x += WINDOW) {
      const isLeftOut = except.some(
        (gone) => x < gone.x + gone.width && gone.x < x + WINDOW && y < gone.y + gone.height && gone.y < y + WINDOW,
      );
      if (isLeftOut) continue;
      windows++;
      const value = windowSimilarity(one, other, x, y);
      if (value === undefined) continue;
      sum += value;
      shown++;
    }
  return { all: (sum + windows - shown) / Math.max(1, windows), shown: shown === 0 ? 1 : sum / shown };
}

function windowSimilarity(one: GrayPicture, other: GrayPicture, x0: number, y0: number): number | undefined {
  const count = WINDOW * WINDOW;
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let y = y0; y < y0 + WINDOW; y++)
    for (let x = x0; x < x0 + WINDOW; x++) {
      const a = one.data[y * one.width + x];
      const b = other.data[y * other.width + x];
      sumA += a;
      sumB += b;
      squaresA += a * a;
      squaresB += b * b;
      products += a * b;
    }
  const meanA = sumA / count;
  const meanB = sumB / count;
  const varianceA = squaresA / count - meanA * meanA;
  const varianceB = squaresB / count - meanB * meanB;
  if (varianceA < 1 && varianceB < 1) return undefined;
  const covariance = products / count - meanA * meanB;
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2))
  );
}
