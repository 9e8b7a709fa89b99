// Reports as scanners deliver them: print in Times, a little askew, noisy, as JPEG, with the text that the scanner's software read as unseen words over
// it. For scripts/check-documents.ts, whose reader reads them.
import sharp from 'sharp';

import { lines, literal, PdfFile } from './pdf-file.ts';
import { FINDINGS, onePage, REPORT, sample, type PdfSample } from './pdf-samples.ts';
import { openPages, type SeenPage } from './pdf-tools.ts';

const [WIDTH, HEIGHT] = [595, 842];
const [X, Y, SIZE, LEADING] = [70, 770, 12, 22];
/** Of JPEG; ours is another one. */
const SCANNER_QUALITY = 85;
const MORE = [
  'The lungs are clear without focal consolidation.',
  'The mediastinal lymph nodes are not enlarged.',
  'Degenerative changes of the thoracic spine are noted.',
];
const TEXTS = [...REPORT, ...MORE];

interface Scan {
  readonly dpi: number;
  readonly degrees: number;
  /** Grey levels. */
  readonly noise: number;
  readonly hasLayer: boolean;
}

/** A point of the page turned around its middle, in points. */
function turned(x: number, y: number, degrees: number): readonly [number, number] {
  const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [right, up] = [x - WIDTH / 2, y - HEIGHT / 2];
  return [WIDTH / 2 + right * cosine - up * sine, HEIGHT / 2 + right * sine + up * cosine];
}

/** Content that is laid over the page turned counterclockwise. */
function turn(degrees: number, content: string): string {
  const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [x, y] = turned(0, 0, degrees);
  return `q ${cosine.toFixed(6)} ${sine.toFixed(6)} ${(-sine).toFixed(6)} ${cosine.toFixed(6)} ${x.toFixed(3)} ${y.toFixed(3)} cm ${content}Q\n`;
}

/** Paper that is not quite white, ink that is not quite black, and noise that is the same each time. */
function aged({ data }: SeenPage, noise: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  return Uint8Array.from(data, (level) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.max(0, Math.min(255, 20 + (level * 220) / 255 + (state / 0x7fffffff - 0.5) * 2 * noise));
  });
}

/** Each word as wide as it is printed, in the font that such software uses. */
function layer(degrees: number): string {
  const words = TEXTS.flatMap((text, at) => {
    let x = X;
    return text.split(' ').map((word) => {
      const width = widthInTimes(word);
      const stretch = (100 * width) / (word.length * 0.6 * SIZE);
      const shown = `BT 3 Tr /F3 ${SIZE} Tf ${stretch.toFixed(1)} Tz 1 0 0 1 ${x.toFixed(2)} ${Y - at * LEADING} Tm ${literal(word)} Tj ET\n`;
      x += width + widthInTimes(' ');
      return shown;
    });
  });
  return turn(degrees, words.join(''));
}

/** In points: thousandths of the size for the characters of the report (Times-Roman, Adobe Core 14 AFM). */
const WIDTHS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from('abdghknopquvxy0123456789', (letter) => [letter, 500] as const)),
  ...Object.fromEntries(Array.from('ijlt', (letter) => [letter, 278] as const)),
  ...{ ' ': 250, '.': 250, ':': 278, ',': 250, c: 444, e: 444, z: 444, f: 333, r: 333, I: 333, s: 389, m: 778, w: 722 },
  ...{ P: 556, T: 611, Z: 611, L: 611, N: 722, D: 722, Q: 722, R: 667, M: 889 },
};

function widthInTimes(text: string): number {
  return (Array.from(text).reduce((sum, letter) => sum + (WIDTHS[letter] ?? 500), 0) * SIZE) / 1000;
}

async function scan({ dpi, degrees, noise, hasLayer }: Scan): Promise<Buffer> {
  const print = lines(TEXTS, { x: X, y: Y, size: SIZE, font: 'F2', leading: LEADING });
  const [page] = await openPages(onePage(turn(degrees, print)), dpi / 72);
  const { width, height } = page;
  const raw = { width, height, channels: 1 } as const;
  const jpeg = await sharp(aged(page, noise), { raw })
    .toColourspace('b-w')
    .jpeg({ quality: SCANNER_QUALITY })
    .toBuffer();
  const file = new PdfFile();
  const image = file.stream(
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode`,
    jpeg,
  );
  const font = '/F3 << /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>';
  file.page({
    content: `q ${WIDTH} 0 0 ${HEIGHT} 0 0 cm /I Do Q\n${hasLayer ? layer(degrees) : ''}`,
    resources: `/Font << ${font} >> /XObject << /I ${image} 0 R >>`,
  });
  return file.build();
}

const WORDS = [...FINDINGS, ...MORE].flatMap((text) => text.split(' '));

export const SCAN_SAMPLES: readonly PdfSample[] = [
  sample('a scan of 200 dpi with its words', () => scan({ dpi: 200, degrees: 0, noise: 8, hasLayer: true }), {
    harmless: WORDS,
  }),
  sample('a scan of 150 dpi with its words', () => scan({ dpi: 150, degrees: 0, noise: 12, hasLayer: true }), {
    harmless: WORDS,
  }),
  sample('a scan askew by 1 degree with its words', () => scan({ dpi: 200, degrees: 1, noise: 8, hasLayer: true }), {
    harmless: WORDS,
  }),
  sample('a scan askew by -2 degrees with its words', () => scan({ dpi: 200, degrees: -2, noise: 8, hasLayer: true }), {
    harmless: WORDS,
  }),
  sample('a scan without words', () => scan({ dpi: 150, degrees: 1, noise: 12, hasLayer: false }), { harmless: [] }),
];
