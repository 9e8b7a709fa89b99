// Writes PDF syntax by hand (ISO 32000-2 7), so that tests can hold what no library would write.
import { deflateSync } from 'node:zlib';

export interface PageOptions {
  readonly content: string;
  /** Entries of /Resources. */
  readonly resources?: string;
  /** Further entries of the page. */
  readonly entries?: string;
  readonly mediaBox?: string;
}

const CATALOG = 1;
const PAGES = 2;

/** Helvetica, Times and Courier as /F1, /F2, /F3. */
export const STANDARD_FONTS = `/Font << ${['Helvetica', 'Times-Roman', 'Courier']
  .map((name, at) => `/F${at + 1} << /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`)
  .join(' ')} >>`;

export class PdfFile {
  readonly #objects = new Map<number, Buffer>();
  readonly #kids: number[] = [];
  #next = 3;
  /** Entries of the catalogue, the page tree and the trailer. */
  catalog = '';
  pages = '';
  trailer = '';

  reserve(): number {
    return this.#next++;
  }

  add(body: string | Buffer, id = this.reserve()): number {
    this.#objects.set(id, Buffer.isBuffer(body) ? body : Buffer.from(body, 'latin1'));
    return id;
  }

  /** A stream, deflated unless its entries name a filter. */
  stream(entries: string, content: string | Buffer, id = this.reserve()): number {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content, 'latin1');
    const isFiltered = entries.includes('/Filter');
    const data = isFiltered ? bytes : deflateSync(bytes);
    const head = `<< ${entries} ${isFiltered ? '' : '/Filter /FlateDecode'} /Length ${data.length} >>\nstream\n`;
    return this.add(Buffer.concat([Buffer.from(head, 'latin1'), data, Buffer.from('\nendstream', 'latin1')]), id);
  }

  page({ content, resources = STANDARD_FONTS, entries = '', mediaBox = '0 0 595 842' }: PageOptions): number {
    const stream = this.stream('', content);
    const box = `/MediaBox [${mediaBox}]`;
    const id = this.add(
      `<< /Type /Page /Parent ${PAGES} 0 R ${box} /Resources << ${resources} >> /Contents ${stream} 0 R ${entries} >>`,
    );
    this.#kids.push(id);
    return id;
  }

  build(): Buffer {
    const kids = this.#kids.map((id) => `${id} 0 R`).join(' ');
    this.add(`<< /Type /Pages /Count ${this.#kids.length} /Kids [${kids}] ${this.pages} >>`, PAGES);
    this.add(`<< /Type /Catalog /Pages ${PAGES} 0 R ${this.catalog} >>`, CATALOG);
    const chunks: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
    let length = chunks[0].length;
    const offsets: string[] = [];
    for (let id = 1; id < this.#next; id++) {
      const body = this.#objects.get(id) ?? Buffer.from('null');
      const object = Buffer.concat([Buffer.from(`${id} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
      offsets.push(`${String(length).padStart(10, '0')} 00000 n \n`);
      chunks.push(object);
      length += object.length;
    }
    const table = `xref\n0 ${this.#next}\n0000000000 65535 f \n${offsets.join('')}`;
    const end = `trailer\n<< /Size ${this.#next} /Root ${CATALOG} 0 R ${this.trailer} >>\nstartxref\n${length}\n%%EOF\n`;
    return Buffer.concat([...chunks, Buffer.from(table + end, 'latin1')]);
  }
}

/** Operators that write lines downwards. The text is WinAnsi. */
export function lines(
  texts: readonly string[],
  { x = 60, y = 770, size = 11, font = 'F1', leading = 16 } = {},
): string {
  return texts
    .map((text, at) => `BT /${font} ${size} Tf 1 0 0 1 ${x} ${y - at * leading} Tm ${literal(text)} Tj ET\n`)
    .join('');
}

/** A literal string (7.3.4.2). */
export function literal(text: string): string {
  return `(${text.replace(/[\\()]/g, '\\$&')})`;
}

/** A hexadecimal string of UTF-16 (big-endian). */
export function hex(text: string): string {
  return `<${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
}

/** A ToUnicode map of codes of one or two bytes. */
export function toUnicode(codes: readonly (readonly [code: number, text: string])[], bytes: 1 | 2 = 1): string {
  const code = (value: number): string => `<${value.toString(16).padStart(bytes * 2, '0')}>`;
  const space = bytes === 1 ? '<00> <ff>' : '<0000> <ffff>';
  const blocks: string[] = [];
  for (let at = 0; at < codes.length; at += 100) {
    const rows = codes.slice(at, at + 100).map(([value, text]) => `${code(value)} ${hex(text)}\n`);
    blocks.push(`${rows.length} beginbfchar\n${rows.join('')}endbfchar\n`);
  }
  return `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Adobe-Identity-UCS def /CMapType 2 def 1 begincodespacerange ${space} endcodespacerange\n${blocks.join('')}endcmap end end\n`;
}
