import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { InstanceError } from '../../../../src/core/errors.ts';
import type { PictureReader } from '../../../../src/core/picture.ts';
import { DEFAULT_DOCUMENT_LIMITS, type DocumentLimits } from '../../../../src/documents/document.ts';
import { cleanPdf } from '../../../../src/documents/pdf/clean-pdf.ts';
import { lines, PdfFile, STANDARD_FONTS } from '../../../support/documents/pdf-file.ts';
import { judgeOf } from '../../../support/documents/pdf-judge.ts';
import { FINDINGS, KNOWN, NAME, onePage, REPORT } from '../../../support/documents/pdf-samples.ts';
import { openPages } from '../../../support/documents/pdf-tools.ts';

const SMALL: DocumentLimits = { ...DEFAULT_DOCUMENT_LIMITS, maxPagePixels: 1_000_000, maxMemoryMib: 96 };

const nobody: PictureReader = { judge: () => Promise.resolve([]) };

function clean(bytes: Buffer, limits: Partial<DocumentLimits> = {}, pictures: PictureReader | undefined = nobody) {
  return cleanPdf({ bytes, judge: judgeOf(KNOWN), pictures, limits: { ...SMALL, ...limits } });
}

async function refused(bytes: Buffer, limits: Partial<DocumentLimits> = {}): Promise<void> {
  const error: unknown = await clean(bytes, limits).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InstanceError);
  expect((error as InstanceError).reason).toBe('document-unreadable');
  expect((error as InstanceError).message).not.toContain('Quimby');
}

async function encrypted(passwords: { userPassword?: string; ownerPassword: string }): Promise<Buffer> {
  const document = await PDFDocument.create();
  document.addPage([200, 200]);
  document.encrypt(passwords);
  return Buffer.from(await document.save());
}

function withImage(entries: string, data: Buffer): Buffer {
  const file = new PdfFile();
  const image = file.stream(`/Type /XObject /Subtype /Image ${entries}`, data);
  file.page({ content: 'q 500 0 0 500 0 0 cm /I Do Q', resources: `/XObject << /I ${image} 0 R >>` });
  return file.build();
}

function pagesOf(count: number): Buffer {
  const file = new PdfFile();
  for (let page = 0; page < count; page++) file.page({ content: '', mediaBox: '0 0 20 20' });
  return file.build();
}

describe('a PDF that cannot be cleaned is refused', { timeout: 180_000 }, () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no header', Buffer.from('hello')],
    ['a header alone', Buffer.from('%PDF-1.7\n')],
    ['noise behind a header', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(4096, 0xa7)])],
    ['a page of ten kilometres', onePage('', { mediaBox: '0 0 28000000 28000000' })],
    ['a page tree without pages', new PdfFile().build()],
  ])('%s', async (_, bytes) => {
    await refused(bytes);
  });

  it('with a password to open it', async () => {
    await refused(await encrypted({ userPassword: 'open', ownerPassword: 'own' }));
  });

  it('with a password that only restricts its use', async () => {
    await refused(await encrypted({ ownerPassword: 'own' }));
  });

  it('with more pages than allowed', async () => {
    await refused(pagesOf(10_000));
  });

  it('with more bytes than allowed', async () => {
    await refused(onePage(lines(REPORT)), { maxBytes: 100 });
  });

  it('when it takes too long', async () => {
    await refused(onePage(lines(REPORT)), { timeoutMs: 1 });
  });

  it('when its form is made by a script from XML', async () => {
    const file = new PdfFile();
    const package_ = file.stream(
      '',
      `<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template>${NAME}</template></xdp:xdp>`,
    );
    file.catalog = `/NeedsRendering true /AcroForm << /XFA ${package_} 0 R /Fields [] >>`;
    file.page({ content: lines(['Please wait']) });
    await refused(file.build());
  });

  it('when it shows pictures and nobody can read them', async () => {
    const noise = Buffer.from(Array.from({ length: 10_000 }, (_, at) => (at * 7919) % 251));
    const bytes = withImage('/Width 100 /Height 100 /ColorSpace /DeviceGray /BitsPerComponent 8', noise);
    const job = { bytes, judge: judgeOf(KNOWN), pictures: undefined, limits: SMALL };
    await expect(cleanPdf(job)).rejects.toMatchObject({ reason: 'document-unreadable' });
  });

  it('when it is called off', async () => {
    const job = { bytes: onePage(lines(REPORT)), judge: judgeOf(KNOWN), pictures: nobody, limits: SMALL };
    await expect(cleanPdf({ ...job, signal: AbortSignal.abort() })).rejects.toMatchObject({
      reason: 'document-unreadable',
    });
  });

  it('as the reader of pictures says when it gives up', async () => {
    const noise = Buffer.from(Array.from({ length: 10_000 }, (_, at) => (at * 7919) % 251));
    const bytes = withImage('/Width 100 /Height 100 /ColorSpace /DeviceGray /BitsPerComponent 8', noise);
    const gaveUp = new InstanceError('burned-in-unresolved', 'It took too long');
    await expect(clean(bytes, {}, { judge: () => Promise.reject(gaveUp) })).rejects.toBe(gaveUp);
  });
});

describe('a PDF that is a trap ends in bounded time and memory', { timeout: 180_000 }, () => {
  /** Cleaned or refused, and nothing else. */
  async function settles(bytes: Buffer, limits: Partial<DocumentLimits> = {}): Promise<void> {
    const outcome: unknown = await clean(bytes, { timeoutMs: 60_000, ...limits }).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toMatchObject({ reason: 'document-unreadable' });
    else expect(Buffer.isBuffer((outcome as { bytes: unknown }).bytes)).toBe(true);
  }

  it('a page tree that is its own child', async () => {
    const file = new PdfFile();
    file.pages = '/Kids [2 0 R]';
    await settles(file.build());
  });

  it('a form that draws itself', async () => {
    const file = new PdfFile();
    const form = file.reserve();
    file.stream(
      `/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /F ${form} 0 R >> >>`,
      '/F Do /F Do',
      form,
    );
    file.page({ content: `${lines(FINDINGS)} /F Do`, resources: `${STANDARD_FONTS} /XObject << /F ${form} 0 R >>` });
    await settles(file.build());
  });

  it('forms within forms that double at each step', async () => {
    const file = new PdfFile();
    let inner = file.stream('/Type /XObject /Subtype /Form /BBox [0 0 9 9]', '0 0 5 5 re f');
    for (let depth = 0; depth < 40; depth++)
      inner = file.stream(
        `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F ${inner} 0 R >> >>`,
        '/F Do /F Do',
      );
    file.page({ content: '/F Do', resources: `/XObject << /F ${inner} 0 R >>`, mediaBox: '0 0 20 20' });
    await settles(file.build(), { timeoutMs: 4_000 });
  });

  it('a Type 3 letter that writes itself', async () => {
    const file = new PdfFile();
    const font = file.reserve();
    const glyph = file.stream('', '500 0 0 0 500 500 d1 BT /T 1 Tf (a) Tj ET 0 0 400 400 re f');
    file.add(
      `<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 500] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 97 /LastChar 97 /Widths [500] /Encoding << /Differences [97 /a] >> /CharProcs << /a ${glyph} 0 R >> /Resources << /Font << /T ${font} 0 R >> >> >>`,
      font,
    );
    file.page({ content: 'BT /T 40 Tf 60 60 Td (aaaa) Tj ET', resources: `/Font << /T ${font} 0 R >>` });
    await settles(file.build());
  });

  it('a pattern that is painted with itself', async () => {
    const file = new PdfFile();
    const pattern = file.reserve();
    file.stream(
      `/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << /Pattern << /P ${pattern} 0 R >> >>`,
      '/Pattern cs /P scn 0 0 9 9 re f',
      pattern,
    );
    file.page({ content: '/Pattern cs /P scn 0 0 500 500 re f', resources: `/Pattern << /P ${pattern} 0 R >>` });
    await settles(file.build(), { timeoutMs: 3_000 });
  });

  it('a mask that is masked by itself', async () => {
    const file = new PdfFile();
    const image = file.reserve();
    file.stream(
      `/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 /SMask ${image} 0 R`,
      Buffer.alloc(64, 0x55),
      image,
    );
    file.page({ content: 'q 500 0 0 500 0 0 cm /I Do Q', resources: `/XObject << /I ${image} 0 R >>` });
    await settles(file.build());
  });

  it('a table that says to come before itself', async () => {
    const bytes = onePage(lines(FINDINGS)).toString('latin1');
    const start = /startxref\n(\d+)/.exec(bytes)?.[1] ?? '';
    await settles(Buffer.from(bytes.replace('/Root', `/Prev ${start} /Root`), 'latin1'));
  });

  it('two thousand million pages that are one', async () => {
    const bytes = onePage(lines(FINDINGS)).toString('latin1').replace('/Count 1', '/Count 2147483647');
    await settles(Buffer.from(bytes, 'latin1'));
  });

  it('a stream behind a thousand filters', async () => {
    const file = new PdfFile();
    const filters = '/ASCIIHexDecode '.repeat(1000);
    const form = file.stream(`/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter [${filters}]`, '30>');
    file.page({ content: '/F Do', resources: `/XObject << /F ${form} 0 R >>` });
    await settles(file.build());
  });

  it('arrays within arrays', async () => {
    await settles(onePage(`${'['.repeat(100_000)} TJ ${'q '.repeat(100_000)} ${lines(FINDINGS)}`));
  });

  it('a content stream that inflates a thousandfold', async () => {
    await settles(onePage(' '.repeat(150 * 1024 * 1024)));
  });

  it('a picture of a billion pixels', async () => {
    await settles(
      withImage('/Width 32000 /Height 32000 /ColorSpace /DeviceGray /BitsPerComponent 8', Buffer.alloc(1000)),
      { timeoutMs: 5_000 },
    );
  });
});

describe('cleaning a PDF', { timeout: 180_000 }, () => {
  it('gives the same bytes for the same document', async () => {
    const bytes = onePage(lines(REPORT));
    const [one, other] = await Promise.all([clean(bytes), clean(bytes)]);
    expect(one.bytes.equals(other.bytes)).toBe(true);
  });

  it('writes what takes the place of a date, to be seen and read', async () => {
    const bytes = onePage(lines(['Seen on 2024-05-17 as arranged', ...FINDINGS]));
    const judge = judgeOf({ ...KNOWN, movedDate: '2031-08-02' });
    const cleaned = await cleanPdf({ bytes, judge, pictures: undefined, limits: SMALL });
    const [page] = await openPages(cleaned.bytes);
    expect(page.text).toContain('2031-08-02');
    expect(page.text).not.toContain('2024');
    expect(cleaned.findings).toContainEqual({ kind: 'date', count: 1, page: 1 });
  });

  it('says what it took out, and no value', async () => {
    const file = new PdfFile();
    file.trailer = `/Info ${file.add(`<< /Title (${NAME}) >>`)} 0 R`;
    file.page({ content: lines(REPORT) });
    const { findings } = await clean(file.build());
    expect(findings).toEqual([
      { kind: 'metadata', count: 1 },
      { kind: 'name', count: 1, page: 1 },
      { kind: 'id', count: 1, page: 1 },
    ]);
  });

  it('asks nobody about a page that is text alone', async () => {
    const job = { bytes: onePage(lines(REPORT)), judge: judgeOf(KNOWN), pictures: undefined, limits: SMALL };
    expect((await cleanPdf(job)).bytes.subarray(0, 5).toString()).toBe('%PDF-');
  });
});
