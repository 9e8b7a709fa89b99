// `lethe preview` of documents: pages and text before and after, for the eyes of the one who asked.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runPreview } from '../../../src/cli/preview/run.ts';
import type { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { instanceOf } from '../../conformance/non-image/support/prepare.ts';
import { lines, PdfFile } from '../../support/documents/pdf-file.ts';
import { makeTempDirectory, removeDirectory, runLethe } from '../../support/programs.ts';
import { cda } from '../../unit/documents/support/cda.ts';

const CLASS = '1.2.840.10008.5.1.4.1.1.';
const ORIGINALS = /quimbleton|josephine|MRQ-4711082|1\.2\.999/i;
const GAP = 8;
/** Points a pixel of the preview. */
const SCALE = 110 / 72;

const scratch = makeTempDirectory();
const place = (name: string): string => join(scratch, name);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

function document(sopClass: string, mimeType: string, bytes: Buffer): DataSetBuilder {
  const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
  return instanceOf(CLASS + sopClass, 'DOC')
    .putAll({ BurnedInAnnotation: 'YES', MIMETypeOfEncapsulatedDocument: mimeType, ConversionType: 'WSD' })
    .put('EncapsulatedDocument', 'OB', padded)
    .put('EncapsulatedDocumentLength', 'UL', [bytes.length])
    .sequence('ConceptNameCodeSequence', []);
}

function report(): Buffer {
  const file = new PdfFile();
  file.page({ content: lines(['Josephine Quimbleton', '', 'Nodule of 14 mm'], { size: 14, leading: 40 }) });
  file.page({ content: lines(['Second page', '', 'MRQ-4711082'], { size: 14, leading: 40 }) });
  return file.build();
}

beforeAll(() => {
  const files: Readonly<Record<string, DataSetBuilder>> = {
    pdf: document('104.1', 'application/pdf', report()),
    broken: document('104.1', 'application/pdf', Buffer.from('%PDF-1.7\nnothing')),
    cda: document('104.2', 'text/xml', Buffer.from(cda({ body: '<text>Nodule of Josephine Quimbleton <b/></text>' }))),
    rtf: document('66', 'text/rtf', Buffer.from('{\\rtf1 Seen: Quimbleton <script>}')),
    report: instanceOf(`${CLASS}88.11`, 'SR'),
  };
  for (const [name, instance] of Object.entries(files)) writeFileSync(place(`${name}.dcm`), instance.toFile());
});
afterAll(() => {
  removeDirectory(scratch);
});

const preview = (name: string, output: string, change: { profile?: string; frame?: number } = {}) =>
  runPreview(place(`${name}.dcm`), { output: place(output), profile: 'research', frame: 1, ...change });

/** Dark pixels of each half in a line of the page, which stands so many points from its top; and pixels of the frames around what is gone. */
async function halves(file: string, fromTop: number) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const width = (info.width - GAP) / 2;
  const counts = { before: 0, after: 0, framed: 0 };
  for (let y = Math.round((fromTop - 14) * SCALE); y < (fromTop + 6) * SCALE; y++)
    for (let x = 0; x < info.width; x++) {
      const [red, green, blue] = data.subarray((y * info.width + x) * 3);
      if (red > green + 80 && red > blue + 80) counts.framed++;
      else if (red < 100 && x < width) counts.before++;
      else if (red < 100 && x >= width + GAP) counts.after++;
    }
  return { ...counts, width, height: info.height };
}

describe('lethe preview of a PDF', { timeout: 180_000 }, () => {
  it('draws a page before and after side by side, and frames what is gone', async () => {
    const seen = await preview('pdf', 'page.png');
    expect(seen).toMatchObject({ kind: 'clean', value: { document: { kind: 'pdf', pages: 2 } } });
    const name = await halves(place('page.png'), 842 - 770);
    expect([name.width, name.height]).toEqual([Math.round(595 * SCALE), Math.round(842 * SCALE)]);
    expect(name.before).toBeGreaterThan(100);
    expect(name.after).toBe(0);
    expect(name.framed).toBeGreaterThan(100);
    const finding = await halves(place('page.png'), 842 - 690);
    expect(finding.after).toBeGreaterThan(0.7 * finding.before);
    expect(finding.framed).toBe(0);
  });

  it('draws the page that is asked for, or all into a folder', async () => {
    await preview('pdf', 'second.png', { frame: 2 });
    const seen = await preview('pdf', 'pages');
    expect(readdirSync(place('pages'))).toEqual(['page-1.png', 'page-2.png']);
    expect(readFileSync(place('pages/page-2.png')).equals(readFileSync(place('second.png')))).toBe(true);
    expect(JSON.stringify(seen)).not.toMatch(ORIGINALS);
    await expect(preview('pdf', 'third.png', { frame: 3 })).rejects.toMatchObject({ code: 'usage' });
  });

  it('shows an empty page where the profile puts an empty document', async () => {
    await preview('pdf', 'empty.png', { profile: 'basic' });
    const finding = await halves(place('empty.png'), 842 - 690);
    expect(finding.before).toBeGreaterThan(100);
    expect(finding.after).toBe(0);
  });

  it('is for its owner alone, and follows no link', async () => {
    expect(modeOf(place('page.png'))).toBe(0o600);
    expect(modeOf(place('pages'))).toBe(0o700);
    expect(modeOf(place('pages/page-1.png'))).toBe(0o600);
    writeFileSync(place('open.png'), 'old', { mode: 0o644 });
    chmodSync(place('open.png'), 0o644);
    await preview('pdf', 'open.png');
    expect(modeOf(place('open.png'))).toBe(0o600);
    mkdirSync(place('elsewhere'));
    symlinkSync(place('elsewhere/target.png'), place('link.png'));
    await preview('pdf', 'link.png');
    expect(readdirSync(place('elsewhere'))).toEqual([]);
    expect(readdirSync(scratch).filter((name) => name.startsWith('.lethe'))).toEqual([]);
  });

  it('is no picture when the document is held back, or cannot be shown', async () => {
    expect(await preview('broken', 'broken.png')).toMatchObject({ kind: 'quarantined', reason: 'document-unreadable' });
    await expect(preview('broken', 'broken.png', { profile: 'basic' })).rejects.toThrow(/cannot be shown/);
    expect(existsSync(place('broken.png'))).toBe(false);
  });
});

describe('lethe preview of text and markup', { timeout: 180_000 }, () => {
  it('is one HTML page that strikes out what goes, and runs nothing', async () => {
    await preview('cda', 'report.html');
    const page = readFileSync(place('report.html'), 'utf8');
    expect(page).toMatch(/Nodule/);
    expect(page).toMatch(/<del>[^<]*Quimbleton/);
    // Without what is struck through it is the clean document.
    expect(page.replace(/<del>[\s\S]*?<\/del>/g, '')).not.toMatch(ORIGINALS);
    expect(modeOf(place('report.html'))).toBe(0o600);
  });

  it('goes into a folder when no file is named; what the document holds is escaped', async () => {
    await preview('rtf', 'text');
    const page = readFileSync(place('text/document.html'), 'utf8');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script');
    expect(modeOf(place('text'))).toBe(0o700);
  });

  it('is no picture', async () => {
    await expect(preview('cda', 'text.png')).rejects.toMatchObject({ code: 'usage' });
    await expect(preview('report', 'text.png')).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('the command', { timeout: 180_000 }, () => {
  it('tells what was taken out, and no value of the original', async () => {
    const args = [place('pdf.dcm'), '-o', place('told.png'), '--profile', 'research'];
    const { code, stdout, stderr } = await runLethe(['preview', ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/name/);
    expect(stdout).toMatch(/document \(pdf\) of 2 pages; .*told\.png/);
    expect(stdout).not.toMatch(ORIGINALS);
  });
});
