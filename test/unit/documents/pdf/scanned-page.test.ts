import { describe, expect, it } from 'vitest';
import type { PictureReader, Rectangle } from '../../../../src/core/picture.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../../../../src/documents/document.ts';
import { cleanPdf } from '../../../../src/documents/pdf/clean-pdf.ts';
import { PdfFile } from '../../../support/documents/pdf-file.ts';
import { judgeOf } from '../../../support/documents/pdf-judge.ts';
import { openPages } from '../../../support/documents/pdf-tools.ts';

const [COLUMNS, ROWS] = [170, 220];
const [WIDTH_PT, HEIGHT_PT] = [85, 110];
const PIXELS_PER_POINT = COLUMNS / WIDTH_PT;
/** No pixel is like its neighbours: whoever mixes them changes all. */
const NOISE = Buffer.from(Uint8Array.from({ length: COLUMNS * ROWS }, (_, at) => (at * 97 + ((at * at) >> 7)) & 0xff));

interface Scan {
  /** Of the picture on the page. */
  readonly matrix?: string;
  readonly mediaBox?: string;
  readonly entries?: string;
}

function scan({ matrix = `${WIDTH_PT} 0 0 ${HEIGHT_PT} 0 0`, mediaBox, entries }: Scan): Buffer {
  const file = new PdfFile();
  const image = file.stream(
    `/Type /XObject /Subtype /Image /Width ${COLUMNS} /Height ${ROWS} /ColorSpace /DeviceGray /BitsPerComponent 8`,
    NOISE,
  );
  file.page({
    content: `q ${matrix} cm /I Do Q`,
    resources: `/XObject << /I ${image} 0 R >>`,
    mediaBox: mediaBox ?? `0 0 ${WIDTH_PT} ${HEIGHT_PT}`,
    ...(entries === undefined ? {} : { entries }),
  });
  return file.build();
}

/** Grey levels between the page before and after. @param region in parts of the page */
async function differences(bytes: Buffer, region?: Rectangle): Promise<{ width: number; levels: Uint8Array }> {
  const pictures: PictureReader = {
    judge({ width, height }) {
      if (region === undefined) return Promise.resolve([]);
      const place = {
        x: region.x * width,
        y: region.y * height,
        width: region.width * width,
        height: region.height * height,
      };
      return Promise.resolve([{ ...place, cause: 'identifying', confidence: 1, isBlanked: true }]);
    },
  };
  const clean = await cleanPdf({ bytes, judge: judgeOf({}), pictures, limits: DEFAULT_DOCUMENT_LIMITS });
  const [before] = await openPages(bytes, PIXELS_PER_POINT);
  const [after] = await openPages(clean.bytes, PIXELS_PER_POINT);
  expect([after.width, after.height]).toEqual([before.width, before.height]);
  return { width: before.width, levels: before.data.map((level, at) => Math.abs(level - after.data[at])) };
}

const mean = (levels: Uint8Array): number => levels.reduce((sum, level) => sum + level, 0) / levels.length;

describe('a page that is one picture', () => {
  it.each<[string, Scan]>([
    ['upright', {}],
    ['turned by the page', { entries: '/Rotate 90' }],
    [
      'turned by its own matrix',
      { matrix: `0 ${WIDTH_PT} -${HEIGHT_PT} 0 ${HEIGHT_PT} 0`, mediaBox: `0 0 ${HEIGHT_PT} ${WIDTH_PT}` },
    ],
    ['mirrored', { matrix: `-${WIDTH_PT} 0 0 ${HEIGHT_PT} ${WIDTH_PT} 0` }],
  ])('keeps its pixels as they are: %s', async (_, page) => {
    const { levels } = await differences(scan(page));
    expect(mean(levels)).toBeLessThan(0.2);
  });

  it('is blanked where it was told to be, and nowhere else', async () => {
    const region = { x: 0.2, y: 0.4, width: 0.5, height: 0.1 };
    const { levels, width } = await differences(scan({}), region);
    const [left, right] = [Math.floor(0.2 * COLUMNS) - 1, Math.ceil(0.7 * COLUMNS) + 1];
    const [top, bottom] = [Math.floor(0.4 * ROWS) - 1, Math.ceil(0.5 * ROWS) + 1];
    const isInside = (at: number): boolean =>
      at % width >= left && at % width < right && at / width >= top && at / width < bottom;
    expect(mean(levels.filter((_, at) => isInside(at)))).toBeGreaterThan(40);
    expect(mean(levels.filter((_, at) => !isInside(at)))).toBeLessThan(0.2);
  });

  it('is drawn like any other when it is a part of the page only', async () => {
    const { levels } = await differences(scan({ mediaBox: '0 0 200 200' }));
    expect(mean(levels)).toBeGreaterThan(0.2);
  });
});
