// PDFs in which a patient is planted, one for each way in which a PDF can hold text: drawn in code, all with the same name, number and findings.
import { readFileSync } from 'node:fs';
import type { Rectangle } from '../../../src/core/picture.ts';
import { hex, lines, literal, PdfFile, STANDARD_FONTS, toUnicode } from './pdf-file.ts';

export const NAME = 'Zelda Quimby';
export const ID = 'MRN884213';
/** What the judges of the tests know. */
export const KNOWN = {
  names: [NAME, 'Quimby', 'Zelda', 'Müller-Großmann', '山田太郎', 'Юлия', 'נועה', '田太'],
  ids: [ID],
};
export const FINDINGS = [
  'The heart is of normal size.',
  'No pleural effusion on either side.',
  'Impression: unremarkable chest.',
];

export interface PdfSample {
  readonly name: string;
  readonly make: () => Buffer | Promise<Buffer>;
  /** Words that must be in no byte and no text of the result. */
  readonly planted: readonly string[];
  /** Words that must be found in its text. */
  readonly harmless: readonly string[];
  /** Whether somebody must read the page's picture. */
  readonly isRead?: boolean;
  /** What the reader finds there, in points from the upper left corner. */
  readonly regions?: readonly Rectangle[];
  /** Where the first page may show nothing, in points from the upper left corner. */
  readonly blank?: readonly Rectangle[];
  /** Tools other than pdfium do not read it, in the original neither. */
  readonly isSlanting?: boolean;
  readonly pages?: number;
}

const WORDS = FINDINGS.flatMap((line) => line.split(' '));
const PLANTED = ['Zelda', 'Quimby', ID];
const REPORT = [`Patient: ${NAME}`, `Number: ${ID}`, ...FINDINGS];

function sample(name: string, make: PdfSample['make'], rest: Partial<PdfSample> = {}): PdfSample {
  return { name, make, planted: PLANTED, harmless: WORDS, isRead: false, ...rest };
}

function onePage(content: string, options: { resources?: string; entries?: string; mediaBox?: string } = {}): Buffer {
  const file = new PdfFile();
  file.page({ content, ...options });
  return file.build();
}

/** A font dictionary with an encoding of its own. */
function encoded(encoding: string): string {
  return `/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding ${encoding} >> >>`;
}

function rotated(degrees: number, x: number, y: number): string {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)].map((n) => n.toFixed(5));
  return `q ${c} ${s} ${-Number(s)} ${c} ${x} ${y} cm ${lines(REPORT, { x: 0, y: 0 })}Q\n`;
}

/** A Type 3 font whose glyph for each code but the space is a filled box with a hole: drawable without any font program. */
function drawnFont(file: PdfFile, text: string): { readonly font: string; readonly encode: (part: string) => string } {
  const characters = [...new Set(Array.from(text))];
  const names = characters.map((_, at) => `/g${at}`);
  const glyph = file.stream('', '900 0 0 0 850 800 d1 50 0 800 800 re 150 100 600 250 re 150 450 600 250 re f*');
  const map = file.stream('', toUnicode(characters.map((character, at) => [at + 1, character] as const)));
  const space = file.stream('', '900 0 0 0 0 0 d1');
  const procedures = names.map((name, at) => `${name} ${characters[at] === ' ' ? space : glyph} 0 R`).join(' ');
  const font = file.add(
    `<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1 /LastChar ${names.length} /Widths [${names.map(() => 900).join(' ')}] /Encoding << /Differences [1 ${names.join(' ')}] >> /CharProcs << ${procedures} >> /Resources << >> /ToUnicode ${map} 0 R >>`,
  );
  const encode = (part: string): string =>
    `<${Array.from(part, (character) => (characters.indexOf(character) + 1).toString(16).padStart(2, '0')).join('')}>`;
  return { font: `${font} 0 R`, encode };
}

function inDrawnFont(title: string, texts: readonly string[]): Buffer {
  const file = new PdfFile();
  const { font, encode } = drawnFont(file, texts.join(''));
  const content = texts
    .map((text, at) => `BT /F9 12 Tf 1 0 0 1 60 ${700 - at * 22} Tm ${encode(text)} Tj ET\n`)
    .join('');
  file.page({
    content: lines([title]) + content,
    resources: STANDARD_FONTS.replace('/Font <<', `/Font << /F9 ${font}`),
  });
  return file.build();
}

export const DEJAVU = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
export const isDejaVuInstalled = ((): boolean => {
  try {
    return readFileSync(DEJAVU).length > 0;
  } catch {
    return false;
  }
})();

/** Glyph numbers of a TrueType font's Unicode map (cmap format 4). */
export function glyphsOf(font: Buffer): (code: number) => number {
  const tables = font.readUInt16BE(4);
  let cmap = 0;
  for (let at = 12; at < 12 + tables * 16; at += 16)
    if (font.toString('latin1', at, at + 4) === 'cmap') cmap = font.readUInt32BE(at + 8);
  let format4 = 0;
  for (let at = 0; at < font.readUInt16BE(cmap + 2); at++) {
    const offset = cmap + font.readUInt32BE(cmap + 4 + at * 8 + 4);
    if (font.readUInt16BE(offset) === 4) format4 = offset;
  }
  const double = font.readUInt16BE(format4 + 6);
  return (code) => {
    for (let at = 0; at < double; at += 2) {
      if (font.readUInt16BE(format4 + 14 + at) < code) continue;
      const start = font.readUInt16BE(format4 + 16 + double + at);
      if (start > code) return 0;
      const delta = font.readUInt16BE(format4 + 16 + 2 * double + at);
      const place = format4 + 16 + 3 * double + at;
      const range = font.readUInt16BE(place);
      return range === 0
        ? (code + delta) & 0xffff
        : (font.readUInt16BE(place + range + (code - start) * 2) + delta) & 0xffff;
    }
    return 0;
  };
}

/** Text in DejaVu Sans, embedded whole, as word processors write it. `draws` may differ from what the map says. */
export function inDejaVu(texts: readonly string[], draws: readonly string[] = texts): Buffer {
  const program = readFileSync(DEJAVU);
  const glyph = glyphsOf(program);
  const file = new PdfFile();
  const data = file.stream(`/Length1 ${program.length}`, program);
  const descriptor = file.add(
    `<< /Type /FontDescriptor /FontName /ABCDEF+DejaVuSans /Flags 4 /FontBBox [-1021 -463 1793 1232] /ItalicAngle 0 /Ascent 928 /Descent -236 /CapHeight 729 /StemV 80 /FontFile2 ${data} 0 R >>`,
  );
  const pairs = new Map<number, string>();
  for (const [at, line] of texts.entries())
    for (const [index, character] of Array.from(line).entries())
      pairs.set(glyph(Array.from(draws[at])[index].codePointAt(0) ?? 0), character);
  const map = file.stream('', toUnicode([...pairs], 2));
  const descendant = file.add(
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+DejaVuSans /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor ${descriptor} 0 R /DW 620 /CIDToGIDMap /Identity >>`,
  );
  const font = file.add(
    `<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+DejaVuSans /Encoding /Identity-H /DescendantFonts [${descendant} 0 R] /ToUnicode ${map} 0 R >>`,
  );
  const show = (text: string): string =>
    `<${Array.from(text, (character) =>
      glyph(character.codePointAt(0) ?? 0)
        .toString(16)
        .padStart(4, '0'),
    ).join('')}>`;
  const content = draws.map((text, at) => `BT /D 12 Tf 1 0 0 1 60 ${750 - at * 20} Tm ${show(text)} Tj ET\n`).join('');
  file.page({ content, resources: `/Font << /D ${font} 0 R >>` });
  return file.build();
}

const reversed = (text: string): string => Array.from(text).reverse().join('');

/** Text in all its fonts, encodings and places. */
export const TEXT_SAMPLES: readonly PdfSample[] = [
  sample('a report in Helvetica', () => onePage(lines(REPORT))),
  sample('a report in Times', () => onePage(lines(REPORT, { font: 'F2', size: 12 }))),
  sample('a report in Courier', () => onePage(lines(REPORT, { font: 'F3', size: 10 }))),
  sample('umlauts in WinAnsi', () => onePage(lines(['Frau Müller-Großmann', ...REPORT])), {
    planted: [...PLANTED, 'Müller', 'Großmann'],
  }),
  sample(
    'MacRoman encoding',
    () => onePage(lines(['Frau M\x9fller-Gro\xa7mann', ...REPORT]), { resources: encoded('/MacRomanEncoding') }),
    {
      planted: [...PLANTED, 'Müller'],
    },
  ),
  sample('an encoding of its own', () =>
    onePage(lines(REPORT.map((line) => line.replaceAll('Q', '\x01'))), {
      resources: encoded('<< /BaseEncoding /WinAnsiEncoding /Differences [1 /Q] >>'),
    }),
  ),
  sample('text that runs upwards', () => onePage(rotated(90, 300, 200))),
  sample('text that runs downwards', () => onePage(rotated(-90, 300, 700))),
  sample('text on its head', () => onePage(rotated(180, 400, 500))),
  ...[7, 20, 45, 121, -60].map((degrees) =>
    sample(`text that slants by ${degrees}`, () => onePage(rotated(degrees, 250, 400)), { isSlanting: true }),
  ),
  sample('a font of negative size', () =>
    onePage(`q -1 0 0 -1 595 842 cm ${lines(REPORT, { size: -11, x: 535, y: 72, leading: -16 })}Q`),
  ),
  ...[90, 180, 270].map((degrees) =>
    sample(`a page turned by ${degrees}`, () => onePage(lines(REPORT), { entries: `/Rotate ${degrees}` })),
  ),
  sample('a page whose origin is elsewhere', () =>
    onePage(lines(REPORT, { x: -240, y: -100 }), { mediaBox: '-300 -500 295 342' }),
  ),
  sample('two columns', () =>
    onePage(
      lines(['The patient', NAME, ...FINDINGS.slice(0, 1)], { x: 50 }) +
        lines([`came with ${ID}`, ...FINDINGS.slice(1)], { x: 320 }),
    ),
  ),
  sample('a name over two lines', () => onePage(lines(['Seen today: Ms. Zelda', 'Quimby, as arranged.', ...REPORT]))),
  sample(
    'a name broken with a hyphen',
    () => onePage(lines(['Seen today: Ms. Zelda Quim-', 'by, as arranged.', ...REPORT])),
    {
      planted: [...PLANTED, 'Quim'],
    },
  ),
  sample(
    'a name at the end of a column',
    () =>
      onePage(
        lines(['Some words before', 'We saw Zel-'], { x: 50 }) +
          lines(['da on Monday', ...FINDINGS], { x: 320, y: 770 }) +
          lines(['da Quimby'], { x: 50, y: 738 }),
      ),
    { planted: ['Zel-', 'Quimby'] },
  ),
  sample(
    'pieces out of order',
    () =>
      onePage(
        `BT /F1 11 Tf 1 0 0 1 77 770 Tm (mby) Tj ET BT /F1 11 Tf 1 0 0 1 60 770 Tm (Qui) Tj ET ${lines(FINDINGS, { y: 700 })}`,
      ),
    { planted: ['Qui', 'mby'] },
  ),
  sample('letters that stand apart', () => onePage(lines(['Z e l d a   Q u i m b y', ...REPORT])), {
    planted: [...PLANTED, 'Z e l d a', 'Q u i m b y'],
  }),
  sample('kerned letters', () =>
    onePage(
      `BT /F1 11 Tf 1 0 0 1 60 770 Tm [(Z) 30 (el) -20 (da) -250 (Qu) 15 (im) 10 (by)] TJ ET ${lines(FINDINGS, { y: 700 })}`,
    ),
  ),
  sample('large and small type', () =>
    onePage(lines([NAME], { size: 48, y: 700 }) + lines([ID, ...FINDINGS], { size: 5.5, y: 640, leading: 8 })),
  ),
  sample('a table with rules and shading', () =>
    onePage(
      `0.85 0.9 1 rg 50 740 480 40 re f 0 g 0.7 w 50 660 480 120 re S 50 700 m 530 700 l S 200 660 m 200 780 l S ${lines(REPORT, { leading: 22 })}`,
    ),
  ),
  sample('white type on black', () => onePage(`0 g 40 640 500 160 re f 1 g ${lines(REPORT)}`)),
  sample('coloured type', () => onePage(`0.8 0.1 0.1 rg ${lines(REPORT)}`)),
  sample('a Type 3 font and CJK', () => inDrawnFont(FINDINGS[0], ['患者 山田太郎', '胸部 異常なし']), {
    planted: ['山田太郎'],
    harmless: ['heart', '胸部', '異常なし'],
  }),
  sample(
    'CJK in a font that is not embedded',
    () => {
      const file = new PdfFile();
      const font = `<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UCS2-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /DW 1000 /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 723 /Descent -241 /CapHeight 709 /StemV 69 >> >>] >>`;
      file.page({
        content: `${lines(FINDINGS)}BT /J 12 Tf 1 0 0 1 60 600 Tm ${hex('山田太郎')} Tj ET BT /J 12 Tf 1 0 0 1 60 570 Tm ${hex('異常なし')} Tj ET`,
        resources: STANDARD_FONTS.replace('/Font <<', `/Font << /J ${font}`),
      });
      return file.build();
    },
    { planted: ['山田太郎'], harmless: ['heart', '異常なし'] },
  ),
  sample('characters beyond the basic plane', () => inDrawnFont(FINDINGS[0], ['山田太郎 𠮷野']), {
    planted: ['山田太郎'],
    harmless: ['heart', '𠮷野'],
  }),
  sample('hidden type', () => onePage(`${lines(FINDINGS)}3 Tr ${lines([NAME, ID], { y: 500 })}`)),
  sample('white type on white', () => onePage(`${lines(FINDINGS)}1 g ${lines([NAME, ID, 'unseenword'], { y: 500 })}`), {
    planted: [...PLANTED, 'unseenword'],
  }),
  sample(
    'type beyond the edge',
    () => onePage(`${lines(FINDINGS)}${lines([NAME, ID, 'edgeword'], { x: 900, y: 500 })}`),
    {
      planted: [...PLANTED, 'edgeword'],
    },
  ),
  sample('type outside the crop box', () =>
    onePage(`${lines(FINDINGS)}${lines([NAME, ID], { y: 100 })}`, { entries: '/CropBox [0 400 595 842]' }),
  ),
  sample('text in nested forms', () => {
    const file = new PdfFile();
    const inner = file.stream(
      `/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << ${STANDARD_FONTS} >>`,
      lines(REPORT),
    );
    const outer = file.stream(
      `/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Matrix [1 0 0 1 20 -40] /Resources << /XObject << /I ${inner} 0 R >> >>`,
      '/I Do',
    );
    file.page({ content: '/O Do', resources: `/XObject << /O ${outer} 0 R >>` });
    return file.build();
  }),
  sample(
    'a hundred pages',
    () => {
      const file = new PdfFile();
      for (let page = 1; page <= 100; page++)
        file.page({
          content: lines([`Page ${page}`, NAME, ...FINDINGS], { y: 110, size: 9, x: 10 }),
          mediaBox: '0 0 200 140',
        });
      return file.build();
    },
    { pages: 100 },
  ),
];

/** Text in an embedded font; there when DejaVu is. */
export const EMBEDDED_SAMPLES: readonly PdfSample[] = isDejaVuInstalled
  ? [
      sample('an embedded font', () => inDejaVu(REPORT)),
      sample(
        'Cyrillic and Greek',
        () => inDejaVu(['Пациент Юлия', 'Сердце не увеличено', 'καρδιά φυσιολογική', ...FINDINGS]),
        {
          planted: ['Юлия'],
          harmless: [...WORDS, 'Сердце', 'увеличено', 'καρδιά'],
        },
      ),
      sample('Hebrew', () => inDejaVu([reversed('המטופלת נועה'), reversed('הלב תקין'), ...FINDINGS]), {
        planted: ['נועה', reversed('נועה')],
        harmless: [...WORDS, 'תקין', 'הלב'],
      }),
      sample('a map that says other letters than are drawn', () => inDejaVu(['abcdefghijkl'], ['Zelda Quimby']), {
        planted: ['Zelda', 'Quimby'],
        isRead: true,
        harmless: [],
        regions: [{ x: 55, y: 78, width: 200, height: 20 }],
      }),
    ]
  : [];

export { onePage, REPORT, sample, WORDS, literal };
