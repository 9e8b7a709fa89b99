// Writes a PDF of pages that are a picture with unseen text (ISO 32000-2 7.5): no information dictionary, no identifier, nothing but pages.
import { deflateSync } from 'node:zlib';
import type { OpenedPage, PagePicture } from './messages.ts';
import type { CodedCharacter, LayerFonts } from './text-layer.ts';

const CATALOG = 1;
const PAGES = 2;
/** The fonts of all pages. */
const RESOURCES = 3;
const FIRST_FREE = 4;
const ROWS_PER_BLOCK = 100;
const DEVICE_SPACES = { 1: '/DeviceGray', 3: '/DeviceRGB' } as const;
const FLATE = '/Filter /FlateDecode';
/** The four bytes say to transports that the file is binary (7.5.2). */
const HEADER = Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1');

export class PdfWriter {
  readonly #chunks: Buffer[] = [HEADER];
  readonly #offsets = new Map<number, number>();
  readonly #kids: number[] = [];
  #length = HEADER.length;
  #next = FIRST_FREE;

  /**
   * @param picture with the JPEG that was made of it, where one was
   * @param text operators that write over the picture
   */
  addPage({ widthPt, heightPt }: OpenedPage, picture: PagePicture & { readonly jpeg?: Buffer }, text: string): void {
    const { width, height, components, bitsPerComponent, data, palette, jpeg } = picture;
    const image = this.#reserve();
    const content = this.#reserve();
    const page = this.#reserve();
    const filter = `${FLATE} /DecodeParms << /Predictor 15 /Colors ${components} /BitsPerComponent ${bitsPerComponent} /Columns ${width} >>`;
    const space = palette === undefined ? DEVICE_SPACES[components] : indexed(palette);
    this.#stream(
      image,
      `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace ${space} /BitsPerComponent ${bitsPerComponent} ${jpeg === undefined ? filter : '/Filter /DCTDecode'}`,
      jpeg ?? Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    );
    const [x, y] = [points(widthPt), points(heightPt)];
    this.#deflated(content, `q ${x} 0 0 ${y} 0 0 cm /P Do Q\n${text}`);
    this.#object(
      page,
      `<< /Type /Page /Parent ${PAGES} 0 R /MediaBox [0 0 ${x} ${y}] /Contents ${content} 0 R /Resources << /XObject << /P ${image} 0 R >> /Font ${RESOURCES} 0 R >> >>`,
    );
    this.#kids.push(page);
  }

  /** The whole file. The same pages give the same bytes. */
  finish(fonts: LayerFonts): Buffer {
    const named = fonts.fonts.map((characters, index) => `/T${index} ${this.#addFont(characters)} 0 R`);
    const helvetica = '/H << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>';
    this.#object(RESOURCES, `<< ${helvetica} ${named.join(' ')} >>`);
    const kids = this.#kids.map((page) => `${page} 0 R`).join(' ');
    this.#object(PAGES, `<< /Type /Pages /Count ${this.#kids.length} /Kids [${kids}] >>`);
    this.#object(CATALOG, `<< /Type /Catalog /Pages ${PAGES} 0 R >>`);
    this.#writeTrailer();
    return Buffer.concat(this.#chunks, this.#length);
  }

  /** A font whose glyphs draw nothing and say what they are. */
  #addFont(characters: readonly CodedCharacter[]): number {
    const empty = this.#reserve();
    const toUnicode = this.#reserve();
    const font = this.#reserve();
    const widths = characters.map(({ width }) => width).join(' ');
    const names = characters.map((_, index) => `/c${index + 1}`);
    const procedures = names.map((name) => `${name} ${empty} 0 R`).join(' ');
    // Of a glyph without an extent some readers make text of no height, which they skip; its width counts for nothing beside /Widths (9.6.4).
    this.#stream(empty, '', Buffer.from('500 0 0 -200 500 800 d1\n', 'latin1'));
    this.#deflated(toUnicode, cmapOf(characters));
    this.#object(
      font,
      `<< /Type /Font /Subtype /Type3 /FontBBox [0 -250 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1 /LastChar ${characters.length} /Widths [${widths}] /Encoding << /Type /Encoding /Differences [1 ${names.join(' ')}] >> /CharProcs << ${procedures} >> /Resources << >> /ToUnicode ${toUnicode} 0 R >>`,
    );
    return font;
  }

  #reserve(): number {
    return this.#next++;
  }

  #object(id: number, body: string): void {
    this.#offsets.set(id, this.#length);
    this.#push(Buffer.from(`${id} 0 obj\n${body}\nendobj\n`, 'latin1'));
  }

  #deflated(id: number, content: string): void {
    this.#stream(id, FLATE, deflateSync(Buffer.from(content, 'latin1')));
  }

  #stream(id: number, entries: string, content: Buffer): void {
    this.#offsets.set(id, this.#length);
    this.#push(Buffer.from(`${id} 0 obj\n<< ${entries} /Length ${content.length} >>\nstream\n`, 'latin1'));
    this.#push(content);
    this.#push(Buffer.from('\nendstream\nendobj\n', 'latin1'));
  }

  #push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  #writeTrailer(): void {
    const start = this.#length;
    const rows = Array.from({ length: this.#next - 1 }, (_, index) => {
      const offset = this.#offsets.get(index + 1) ?? 0;
      return `${String(offset).padStart(10, '0')} 00000 n \n`;
    });
    const table = `xref\n0 ${this.#next}\n0000000000 65535 f \n${rows.join('')}`;
    const trailer = `trailer\n<< /Size ${this.#next} /Root ${CATALOG} 0 R >>\nstartxref\n${start}\n%%EOF\n`;
    this.#push(Buffer.from(table + trailer, 'latin1'));
  }
}

/** ISO 32000-2 8.6.6.3. */
function indexed(palette: Uint8Array): string {
  return `[/Indexed /DeviceRGB ${palette.length / 3 - 1} <${Buffer.from(palette).toString('hex')}>]`;
}

function points(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** What each code means (9.10.3). */
function cmapOf(characters: readonly CodedCharacter[]): string {
  const rows = characters.map(({ character }, index) => {
    const code = (index + 1).toString(16).padStart(2, '0');
    const units = Array.from({ length: character.length }, (_, unit) =>
      character.charCodeAt(unit).toString(16).padStart(4, '0'),
    );
    return `<${code}> <${units.join('')}>\n`;
  });
  const blocks: string[] = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_BLOCK) {
    const block = rows.slice(at, at + ROWS_PER_BLOCK);
    blocks.push(`${block.length} beginbfchar\n${block.join('')}endbfchar\n`);
  }
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CMapName /Layer def
/CMapType 2 def
1 begincodespacerange
<00> <ff>
endcodespacerange
${blocks.join('')}endcmap
CMapName currentdict /CMap defineresource pop
end
end
`;
}
