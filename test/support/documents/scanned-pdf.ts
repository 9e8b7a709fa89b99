// PDFs whose pages are pictures: what a scanner makes of a printed page.
import { deflateSync } from 'node:zlib';

import { lines, PdfFile } from './pdf-file.ts';
import { openPages } from './pdf-tools.ts';

const POINTS_PER_INCH = 72;
/** Of a usual scan. */
const DPI = 200;
const [WIDTH, HEIGHT] = [595, 842];

/** One page for each list of lines, 40 points apart from 60 points below the top on, in 12 points. */
export async function scannedPdf(pages: readonly (readonly string[])[], dpi = DPI): Promise<Buffer> {
  const printed = new PdfFile();
  for (const page of pages) printed.page({ content: lines(page, { x: 60, y: HEIGHT - 60, size: 12, leading: 40 }) });
  const scanned = new PdfFile();
  for (const { width, height, data } of await openPages(printed.build(), dpi / POINTS_PER_INCH)) {
    const picture = scanned.stream(
      `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode`,
      deflateSync(data),
    );
    scanned.page({
      content: `q ${WIDTH} 0 0 ${HEIGHT} 0 0 cm /I Do Q`,
      resources: `/XObject << /I ${picture} 0 R >>`,
      mediaBox: `0 0 ${WIDTH} ${HEIGHT}`,
    });
  }
  return scanned.build();
}

/** The part of a page's line, numbered from 0, that is dark: 0 when it was blanked. */
export async function inkOfLine(pdf: Buffer, line: number, page = 0): Promise<number> {
  const { width, data } = (await openPages(pdf))[page];
  const top = 60 + line * 40 - 14;
  let ink = 0;
  for (let y = top; y < top + 18; y++) for (let x = 50; x < width - 40; x++) if (data[y * width + x] < 140) ink++;
  return ink;
}
