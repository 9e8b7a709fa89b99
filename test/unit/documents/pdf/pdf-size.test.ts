// What a cleaned page takes: pages are pictures, and a report of a hundred pages has to travel.
import { describe, expect, it } from 'vitest';

import { DEFAULT_DOCUMENT_LIMITS } from '../../../../src/documents/document.ts';
import { cleanPdf } from '../../../../src/documents/pdf/clean-pdf.ts';
import { encodeJpeg } from '../../../../src/pixels/encode-jpeg.ts';
import { lines, PdfFile } from '../../../support/documents/pdf-file.ts';
import { judgeOf } from '../../../support/documents/pdf-judge.ts';
import { FINDINGS, KNOWN } from '../../../support/documents/pdf-samples.ts';
import { openPages } from '../../../support/documents/pdf-tools.ts';

const nobody = { judge: () => Promise.resolve([]) };
const job = { judge: judgeOf(KNOWN), pictures: nobody, limits: DEFAULT_DOCUMENT_LIMITS };
const KIB = 1024;

function pageOf(content: string): Buffer {
  const file = new PdfFile();
  file.page({ content });
  return file.build();
}

/** Grain as scanners make it, over a slope of colours. */
function photograph(): Buffer {
  const side = 600;
  const data = Buffer.alloc(side * side * 3);
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    data[at] = Math.floor(at / 3 / side / 4) + (at % 3) * 20 + ((state >> 16) % 24);
  }
  const file = new PdfFile();
  const picture = file.stream(
    `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceRGB /BitsPerComponent 8`,
    data,
  );
  file.page({ content: 'q 500 0 0 500 40 200 cm /I Do Q', resources: `/XObject << /I ${picture} 0 R >>` });
  return file.build();
}

describe('the size of a cleaned page', { timeout: 120_000 }, () => {
  const dense = Array.from({ length: 45 }, (_, at) => [...FINDINGS, ...FINDINGS].join(' ').slice(at, at + 90));

  it('of dense print is below 250 KiB, in grey and with a coloured heading', async () => {
    for (const heading of ['', `0 0.2 0.8 rg ${lines(['Department of Radiology'], { y: 800, size: 18 })}`]) {
      const { bytes } = await cleanPdf({ ...job, bytes: pageOf(lines(dense) + heading) });
      expect(bytes.length).toBeLessThan(250 * KIB);
    }
  });

  it('keeps white paper white, black letters black and coloured ones coloured', async () => {
    const original = pageOf(
      `1 0 0 rg 100 100 200 200 re f 0 0 1 rg 310 100 200 200 re f 0 g ${lines(dense.slice(0, 20))}`,
    );
    const [before] = await openPages(original);
    const [{ data, width }] = await openPages((await cleanPdf({ ...job, bytes: original })).bytes);
    expect(data[5 * width + 5]).toBe(255);
    expect(data.reduce((least, level) => Math.min(least, level), 255)).toBeLessThan(100);
    const [red, blue] = [200, 400].map((x) => (842 - 200) * width + x);
    expect(before.data[red]).not.toBe(before.data[blue]);
    expect([data[red], data[blue]]).toEqual([before.data[red], before.data[blue]]);
  });

  it('of a photograph is that of a JPEG, where one can be made, which looks the same', async () => {
    const bytes = photograph();
    const lossless = await cleanPdf({ ...job, bytes });
    const small = await cleanPdf({ ...job, bytes, encodeJpeg });
    expect(small.bytes.length).toBeLessThan(lossless.bytes.length / 2);
    expect(small.bytes.includes('/DCTDecode')).toBe(true);
    const [one] = await openPages(lossless.bytes);
    const [other] = await openPages(small.bytes);
    const difference = one.data.reduce((sum, level, at) => sum + Math.abs(level - other.data[at]), 0);
    expect(difference / one.data.length).toBeLessThan(3);
  });
});
