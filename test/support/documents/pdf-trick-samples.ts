// PDFs that hold a name in ways that a search for it does not see, or that a reader of the page does not: for the judge of the product, which knows
// one patient by her data set.
import { readFileSync } from 'node:fs';

import { lines, literal, PdfFile, STANDARD_FONTS, toUnicode } from './pdf-file.ts';
import {
  DEJAVU,
  FINDINGS,
  glyphsOf,
  isDejaVuInstalled,
  onePage,
  sample,
  WORDS,
  type PdfSample,
} from './pdf-samples.ts';
import { readTrueType } from './true-type.ts';

/** As the data set around the document names her. */
export const TRICKED_NAME = 'Griffinfield^Josephine';
const FAMILY = 'Griffinfield';
const NAME = `Josephine ${FAMILY}`;
const ID = 'MRQ-4711082';
const PLANTED = ['Josephine', FAMILY, ID, '4711082'];
/** Where the line stands that the tricks write, in points from the lower left corner. */
const [X, Y] = [60, 500];
/** That line, in points from the upper left corner. */
const LINE = { x: X - 2, y: 842 - Y - 14, width: 300, height: 20 };

type Rest = Partial<PdfSample>;

function trick(name: string, make: PdfSample['make'], rest: Rest = {}): PdfSample {
  return sample(name, make, { planted: PLANTED, blank: [LINE], ...rest });
}

function withLine(content: string, resources = STANDARD_FONTS): Buffer {
  return onePage(`${lines(FINDINGS)}${content}`, { resources });
}

function line(text: string, font = 'F1'): string {
  return lines([text], { x: X, y: Y, font });
}

/** Helvetica as /F9 whose map says other characters than Helvetica's own. */
function mapped(
  say: (character: string) => string,
  text: string = NAME,
  write: (text: string, font: string) => string = line,
): Buffer {
  const file = new PdfFile();
  const codes = [...new Set(text)].map((character) => [character.charCodeAt(0), say(character)] as const);
  const map = file.stream('', toUnicode(codes));
  const font = `/F9 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode ${map} 0 R >>`;
  file.page({
    content: `${lines(FINDINGS)}${write(text, 'F9')}`,
    resources: STANDARD_FONTS.replace('/Font <<', `/Font << ${font}`),
  });
  return file.build();
}

/** A font with an encoding of its own as /F9. */
function encodedAs(encoding: string): string {
  const font = `/F9 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding ${encoding} >>`;
  return STANDARD_FONTS.replace('/Font <<', `/Font << ${font}`);
}

/** Letters one by one, in the order of `order`, each where it belongs in a font of one width. */
function letterByLetter(order: (count: number) => readonly number[]): string {
  return order(NAME.length)
    .map((at) => `BT /F3 11 Tf 1 0 0 1 ${X + at * 6.6} ${Y} Tm ${literal(NAME[at])} Tj ET\n`)
    .join('');
}

const SIZE = 14;

/** The name as filled paths, which are text for nobody but a reader of the page. */
function outlined(): string {
  const program = readFileSync(DEJAVU);
  const font = readTrueType(program);
  const glyph = glyphsOf(program);
  let x = X;
  const letters = Array.from(NAME, (letter) => {
    const number = glyph(letter.codePointAt(0) ?? 0);
    const scale = SIZE / font.unitsPerEm;
    const drawn = `q ${scale} 0 0 ${scale} ${x} ${Y} cm ${font.path(number)}f Q\n`;
    x += font.advance(number) * scale;
    return drawn;
  });
  return letters.join('');
}

/** A Type 3 font of the name's letters, whose codes say nothing. */
function inType3(): Buffer {
  const program = readFileSync(DEJAVU);
  const font = readTrueType(program);
  const glyph = glyphsOf(program);
  const file = new PdfFile();
  const letters = [...new Set(NAME)];
  const numbers = letters.map((letter) => glyph(letter.codePointAt(0) ?? 0));
  const procedures = numbers.map((number, at) => {
    const procedure = file.stream('', `${font.advance(number)} 0 -500 -500 2500 2500 d1 ${font.path(number)}f`);
    return `/g${at} ${procedure} 0 R`;
  });
  const scale = 1 / font.unitsPerEm;
  const type3 = file.add(
    `<< /Type /Font /Subtype /Type3 /FontBBox [-500 -500 2500 2500] /FontMatrix [${scale} 0 0 ${scale} 0 0] /FirstChar 1 /LastChar ${letters.length} /Widths [${numbers.map((number) => font.advance(number)).join(' ')}] /Encoding << /Differences [1 ${letters.map((_, at) => `/g${at}`).join(' ')}] >> /CharProcs << ${procedures.join(' ')} >> /Resources << >> >>`,
  );
  const codes = Array.from(NAME, (letter) => (letters.indexOf(letter) + 1).toString(16).padStart(2, '0')).join('');
  file.page({
    content: `${lines(FINDINGS)}BT /F9 ${SIZE} Tf 1 0 0 1 ${X} ${Y} Tm <${codes}> Tj ET`,
    resources: STANDARD_FONTS.replace('/Font <<', `/Font << /F9 ${type3} 0 R`),
  });
  return file.build();
}

const LOOKALIKES: Readonly<Record<string, string>> = { i: 'і', e: 'е', o: 'о', p: 'р', J: 'Ј', s: 'ѕ' };
const FULL_WIDTH = (character: string): string =>
  character === ' ' ? ' ' : String.fromCharCode(character.charCodeAt(0) + 0xfee0);

const TO_A = (character: string): string => (character === ' ' ? ' ' : 'a');

function slanting(text: string, font: string): string {
  return `q 0.8 0.6 -0.6 0.8 120 400 cm ${lines([text], { x: 0, y: 0, font })}Q`;
}

/** Where `slanting` writes, and its mirror image. */
const SLANTED = { x: 110, y: 330, width: 200, height: 120 };
const SLANTING = { isRead: true, isSlanting: true, regions: [SLANTED], blank: [SLANTED] };

/** Ways of writing that a person reads as the name. */
const SPELLED: readonly PdfSample[] = [
  trick(
    'ligatures',
    () =>
      withLine(
        lines(['Josephine Grif\x01n\x01eld', 'De\x01nite \x01brosis'], { x: X, y: Y, font: 'F9', leading: 30 }),
        encodedAs('<< /BaseEncoding /WinAnsiEncoding /Differences [1 /fi] >>'),
      ),
    { harmless: [...WORDS, 'Definite', 'fibrosis'] },
  ),
  // The hyphen itself stays.
  trick('a soft hyphen within the name', () => withLine(line('Josephine Griffin\xadfield')), { blank: [] }),
  trick('spaces without width', () => mapped((character) => (character === 'f' ? 'f\u200b' : character))),
  trick('letters of full width', () => mapped(FULL_WIDTH)),
  trick('marks over the letters', () => mapped((character) => (character === 'e' ? 'e\u0301' : character))),
  trick('letters of another script that look alike', () => mapped((character) => LOOKALIKES[character] ?? character), {
    isRead: true,
    regions: [LINE],
  }),
  trick('a map to private codes', () => mapped((character) => String.fromCharCode(0xe000 + character.charCodeAt(0))), {
    isRead: true,
    regions: [LINE],
  }),
  trick('a map to spaces', () => mapped(() => ' '), { isRead: true, regions: [LINE] }),
  trick(
    'a map to spaces within a harmless line',
    () => {
      const file = new PdfFile();
      const letters = [...new Set(NAME.replace(' ', ''))];
      const map = file.stream('', toUnicode(letters.map((_, at) => [at + 1, ' '] as const)));
      const differences = `<< /BaseEncoding /WinAnsiEncoding /Differences [1 ${letters.map((letter) => `/${letter}`).join(' ')}] >>`;
      const resources = encodedAs(`${differences} /ToUnicode ${map} 0 R`);
      const drawn = NAME.replace(/\S/g, (letter) => String.fromCharCode(letters.indexOf(letter) + 1));
      file.page({ content: `${lines(FINDINGS)}${line(`Examined ${drawn}`, 'F9')}`, resources });
      return file.build();
    },
    { isRead: true, regions: [LINE] },
  ),
  trick('a map to harmless letters', () => mapped(TO_A), {
    isRead: true,
    regions: [LINE],
  }),
  trick('one letter after another', () =>
    withLine(letterByLetter((count) => Array.from({ length: count }, (_, at) => at))),
  ),
  trick('one letter after another, backwards', () =>
    withLine(letterByLetter((count) => Array.from({ length: count }, (_, at) => count - 1 - at))),
  ),
  trick('every other letter first', () =>
    withLine(
      letterByLetter((count) =>
        Array.from({ length: count }, (_, at) => at).sort((one, other) => (one % 2) - (other % 2) || one - other),
      ),
    ),
  ),
  trick('wide spacing and narrow letters', () => withLine(`4 Tc 60 Tz ${line(NAME)} 0 Tc 100 Tz`)),
  trick('letters that dance on the line', () =>
    withLine(
      `BT /F1 11 Tf 1 0 0 1 ${X} ${Y} Tm ${Array.from(NAME, (letter, at) => `${at % 2} Ts ${literal(letter)} Tj`).join(' ')} ET 0 Ts`,
    ),
  ),
  trick('drawn twice to look bold', () => withLine(line(NAME) + lines([NAME], { x: X + 0.3, y: Y })), { isRead: true }),
  trick('mirrored', () => withLine(`q -1 0 0 1 ${2 * X + 120} 0 cm ${line(NAME)}Q`), {
    isRead: true,
    regions: [LINE],
  }),
  trick('slanting, and a map to harmless letters', () => mapped(TO_A, NAME, slanting), SLANTING),
  trick('slanting, and a map to spaces', () => mapped(() => ' ', NAME, slanting), SLANTING),
  trick(
    'slanting and mirrored',
    () => withLine(`q -0.8 -0.6 -0.6 0.8 300 500 cm ${lines([NAME], { x: 0, y: 0 })}Q`),
    SLANTING,
  ),
  trick('letters that lean over', () => withLine(`q 1 0 1 1 ${X} ${Y} cm ${lines([NAME], { x: 0, y: 0 })}Q`), {
    isRead: true,
    regions: [LINE],
  }),
  trick('the number in pieces of several fonts', () =>
    withLine(`BT /F1 11 Tf 1 0 0 1 ${X} ${Y} Tm (MR) Tj /F2 11 Tf (Q-4) Tj /F3 11 Tf (711) Tj /F1 11 Tf (082) Tj ET`),
  ),
];

/** Letters that are no text. */
const DRAWN: readonly PdfSample[] = isDejaVuInstalled
  ? [
      trick('letters as outlines', () => withLine(outlined()), { isRead: true, regions: [LINE] }),
      trick('letters of a Type 3 font without a map', inType3, { isRead: true, regions: [LINE] }),
    ]
  : [];

/** Text that is there and is not seen. */
const UNSEEN: readonly PdfSample[] = [
  trick('clipped out', () => withLine(`q 400 0 10 10 re W n ${line(`${NAME} clippedword`)}Q`), {
    planted: [...PLANTED, 'clippedword'],
  }),
  trick('a clip that is filled', () => withLine(`q 7 Tr ${line(NAME)} 0 0 595 842 re f Q`), { isRead: true }),
  trick('below a white box', () => withLine(`${line(`${NAME} coveredword`)}1 g 50 490 400 30 re f 0 g`), {
    planted: [...PLANTED, 'coveredword'],
  }),
  trick(
    'transparent',
    () => withLine(`q /G gs ${line(`${NAME} clearword`)}Q`, `${STANDARD_FONTS} /ExtGState << /G << /ca 0 /CA 0 >> >>`),
    { planted: [...PLANTED, 'clearword'] },
  ),
  trick('very faint', () => withLine(`0.95 g ${line(NAME)}`), { isRead: true }),
  trick('very small', () => withLine(lines([NAME, ID], { x: X, y: Y, size: 0.8, leading: 1 })), { isRead: true }),
  trick('a form in a hidden layer', () => {
    const file = new PdfFile();
    const layer = file.add(`<< /Type /OCG /Name (${FAMILY}) >>`);
    const membership = file.add(`<< /Type /OCMD /OCGs [${layer} 0 R] /P /AllOn >>`);
    const form = file.stream(
      `/Type /XObject /Subtype /Form /BBox [0 0 595 842] /OC ${membership} 0 R /Resources << ${STANDARD_FONTS} >>`,
      line(NAME),
    );
    file.catalog = `/OCProperties << /OCGs [${layer} 0 R] /D << /BaseState /OFF >> >>`;
    file.page({ content: `${lines(FINDINGS)}/H Do`, resources: `${STANDARD_FONTS} /XObject << /H ${form} 0 R >>` });
    return file.build();
  }),
  trick(
    'fields that are hidden, or of choices',
    () => {
      const file = new PdfFile();
      const rest = `/DA (/F1 11 Tf 0 g) /Rect [${X} ${Y} 300 ${Y + 16}]`;
      const fields = [
        `<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (${NAME}) /F 2 ${rest} >>`,
        `<< /Type /Annot /Subtype /Widget /FT /Ch /T (b) /Ff 131072 /Opt [(${NAME}) (${ID})] /V (${NAME}) /F 4 ${rest} >>`,
        `<< /Type /Annot /Subtype /Widget /FT /Tx /T (${FAMILY}) /TU (${NAME}) /TM (${ID}) /RV (<p>${NAME}</p>) /F 34 ${rest} >>`,
      ].map((field) => `${file.add(field)} 0 R`);
      file.catalog = `/AcroForm << /Fields [${fields.join(' ')}] /NeedAppearances true /DR << ${STANDARD_FONTS} >> >>`;
      file.page({ content: lines(FINDINGS), entries: `/Annots [${fields.join(' ')}]` });
      return file.build();
    },
    { isRead: true, blank: [{ ...LINE, width: 150 }] },
  ),
];

/** What no page draws. */
const BESIDE: readonly PdfSample[] = [
  trick('names of parts, comments and properties', () => {
    const file = new PdfFile();
    const metadata = `/Metadata ${file.stream('/Type /Metadata /Subtype /XML', `<x>${NAME} ${ID}</x>`)} 0 R`;
    const image = file.stream(
      `/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 ${metadata} /Name /${FAMILY}`,
      Buffer.concat([Buffer.alloc(4, 0xff), Buffer.from(`${NAME} ${ID}`)]),
    );
    const font = `/F9 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Name /${FAMILY} /Encoding /WinAnsiEncoding >>`;
    file.page({
      content: `% ${NAME}\n/Artifact << /Alt (${NAME}) /E (${ID}) >> BDC ${lines(FINDINGS, { font: 'F9' })}EMC /${FAMILY} MP q 9 0 0 9 500 40 cm /I Do Q`,
      resources: `/Font << ${font} >> /XObject << /I ${image} 0 R >> /Properties << /P << /Patient (${NAME}) >> >>`,
      entries: `${metadata} /PieceInfo << /App << /Private (${NAME}) >> >> /Tabs /S`,
    });
    return file.build();
  }),
  trick('before the header and behind the end', () =>
    Buffer.concat([
      Buffer.from(`${NAME} ${ID}\n`),
      onePage(lines(FINDINGS)),
      Buffer.from(`\nPK\x03\x04${NAME} ${ID}\n`),
    ]),
  ),
  trick('objects that nothing refers to', () => {
    const file = new PdfFile();
    file.add(`(${NAME})`);
    file.stream('', line(NAME));
    file.page({ content: lines(FINDINGS) });
    return file.build();
  }),
  trick('a cross-reference table that leads nowhere', () =>
    Buffer.from(
      onePage(`${lines(FINDINGS)}${line(NAME)}`)
        .toString('latin1')
        .replace(/startxref\n\d+/, 'startxref\n999999'),
      'latin1',
    ),
  ),
];

export const TRICK_SAMPLES: readonly PdfSample[] = [...SPELLED, ...DRAWN, ...UNSEEN, ...BESIDE];
