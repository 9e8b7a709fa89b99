// PDFs whose patient is planted beside the text: in forms, annotations, files, scripts, metadata, layers, pictures and former revisions.
import { AFRelationship, PDFDocument, PDFName, PDFString, StandardFonts } from '@cantoo/pdf-lib';
import type { GrayPicture, Rectangle } from '../../../src/core/picture.ts';
import { lines, PdfFile, STANDARD_FONTS } from './pdf-file.ts';
import { FINDINGS, ID, KNOWN, NAME, onePage, REPORT, sample, WORDS, type PdfSample } from './pdf-samples.ts';
import { openPages } from './pdf-tools.ts';

/** What covers the first two lines of REPORT, in points. */
const HEAD: Rectangle = { x: 50, y: 55, width: 250, height: 40 };

/** A page made with pdf-lib, which writes object streams and a cross-reference stream. */
async function withLibrary(change: (document: PDFDocument) => Promise<void> | void): Promise<Buffer> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  const page = document.addPage([595, 842]);
  for (const [at, line] of FINDINGS.entries()) page.drawText(line, { x: 60, y: 770 - at * 16, size: 11, font });
  await change(document);
  return Buffer.from(await document.save());
}

function withCatalog(catalog: (file: PdfFile) => string): Buffer {
  const file = new PdfFile();
  file.catalog = catalog(file);
  file.page({ content: lines(FINDINGS) });
  return file.build();
}

function withAnnotation(annotation: (file: PdfFile) => string): Buffer {
  const file = new PdfFile();
  const id = file.add(annotation(file));
  file.page({ content: lines(FINDINGS), entries: `/Annots [${id} 0 R]` });
  return file.build();
}

function appearance(file: PdfFile, text: string): number {
  return file.stream(
    `/Type /XObject /Subtype /Form /BBox [0 0 250 30] /Resources << ${STANDARD_FONTS} >>`,
    lines([text], { x: 5, y: 8 }),
  );
}

/** A report as a scanner takes it: a picture of grey levels, each line of pixels as it was drawn. */
async function scanOf(texts: readonly string[]): Promise<GrayPicture> {
  const [page] = await openPages(onePage(lines(texts)), 2);
  return page;
}

async function scanned(
  extra: (file: PdfFile) => { readonly before?: string; readonly after?: string },
): Promise<Buffer> {
  const scan = await scanOf(REPORT);
  const file = new PdfFile();
  const { before = '', after = '' } = extra(file);
  const image = file.stream(
    `/Type /XObject /Subtype /Image /Width ${scan.width} /Height ${scan.height} /ColorSpace /DeviceGray /BitsPerComponent 8`,
    Buffer.from(scan.data),
  );
  file.page({
    content: `${before}q 595 0 0 842 0 0 cm /I Do Q ${after}`,
    resources: `${STANDARD_FONTS} /XObject << /I ${image} 0 R >>`,
  });
  return file.build();
}

async function bilevelScan(): Promise<Buffer> {
  const scan = await scanOf(REPORT);
  const rowBytes = Math.ceil(scan.width / 8);
  const bits = Buffer.alloc(rowBytes * scan.height);
  for (let y = 0; y < scan.height; y++)
    for (let x = 0; x < scan.width; x++)
      if (scan.data[y * scan.width + x] > 127) bits[y * rowBytes + (x >> 3)] |= 0x80 >> (x & 7);
  const file = new PdfFile();
  const image = file.stream(
    `/Type /XObject /Subtype /Image /Width ${scan.width} /Height ${scan.height} /ColorSpace /DeviceGray /BitsPerComponent 1`,
    bits,
  );
  file.page({ content: 'q 595 0 0 842 0 0 cm /I Do Q', resources: `/XObject << /I ${image} 0 R >>` });
  return file.build();
}

/** A former revision named the patient; the one appended draws the findings alone. */
function revised(): Buffer {
  const file = new PdfFile();
  const page = file.page({ content: lines(REPORT) });
  const before = file.build();
  const content = lines(FINDINGS);
  const stream = `90 0 obj\n<< /Length ${content.length} >>\nstream\n${content}\nendstream\nendobj\n`;
  const replaced = `${page} 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << ${STANDARD_FONTS} >> /Contents 90 0 R >>\nendobj\n`;
  const at = before.length;
  const next = at + stream.length;
  const row = (offset: number): string => `${String(offset).padStart(10, '0')} 00000 n \n`;
  const table = `xref\n90 1\n${row(at)}${page} 1\n${row(next)}`;
  const start = Number(before.toString('latin1').match(/startxref\n(\d+)/)?.[1]);
  const trailer = `trailer\n<< /Size 91 /Root 1 0 R /Prev ${start} >>\nstartxref\n${next + replaced.length}\n%%EOF\n`;
  return Buffer.concat([before, Buffer.from(stream + replaced + table + trailer, 'latin1')]);
}

const XMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${NAME} ${ID}</dc:title></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

export const PART_SAMPLES: readonly PdfSample[] = [
  sample(
    'form fields',
    () =>
      withLibrary((document) => {
        const form = document.getForm();
        const [page] = document.getPages();
        const field = form.createTextField('patient');
        field.setText(NAME);
        field.addToPage(page, { x: 60, y: 600, width: 200, height: 20 });
        const harmless = form.createTextField('ward');
        harmless.setText('Wardseven');
        harmless.addToPage(page, { x: 60, y: 550, width: 200, height: 20 });
        const box = form.createCheckBox(`seen ${NAME}`);
        box.addToPage(page, { x: 60, y: 500, width: 14, height: 14 });
        box.check();
      }),
    { harmless: [...WORDS, 'Wardseven'], isRead: true },
  ),
  sample('a form field without an appearance', () => {
    const file = new PdfFile();
    const field = file.add(
      `<< /Type /Annot /Subtype /Widget /FT /Tx /T (patient) /V (${NAME}) /DA (/F1 12 Tf 0 g) /Rect [60 500 300 520] /F 4 >>`,
    );
    file.catalog = `/AcroForm << /Fields [${field} 0 R] /NeedAppearances true /DR << ${STANDARD_FONTS} >> /DA (/F1 12 Tf 0 g) >>`;
    file.page({ content: lines(FINDINGS), entries: `/Annots [${field} 0 R]` });
    return file.build();
  }),
  sample('attached files', () =>
    withLibrary(async (document) => {
      await document.attach(Buffer.from(`${NAME};${ID}`), `${NAME}.csv`, {
        mimeType: 'text/csv',
        description: ID,
        afRelationship: AFRelationship.Data,
      });
    }),
  ),
  sample('scripts', () =>
    withLibrary((document) => {
      document.addJavaScript('main', `app.alert("${NAME} ${ID}")`);
    }),
  ),
  sample('an opening action and a name tree', () =>
    withCatalog(
      (file) =>
        `/OpenAction << /S /JavaScript /JS (this.title = "${NAME}") >> /Names << /JavaScript << /Names [(${ID}) ${file.add(`<< /S /JavaScript /JS (x = "${NAME}") >>`)} 0 R] >> >>`,
    ),
  ),
  sample('metadata, also as XMP', () => {
    const file = new PdfFile();
    const info = file.add(
      `<< /Title (${NAME}) /Author (${NAME}) /Subject (${ID}) /Keywords (${ID}) /Patient (${NAME}) >>`,
    );
    file.trailer = `/Info ${info} 0 R /ID [<${Buffer.from(ID).toString('hex')}> <${Buffer.from(ID).toString('hex')}>]`;
    file.catalog = `/Metadata ${file.stream('/Type /Metadata /Subtype /XML', XMP)} 0 R /PieceInfo << /App << /Private (${NAME}) >> >>`;
    file.page({ content: lines(FINDINGS) });
    return file.build();
  }),
  sample(
    'a drawn annotation',
    () =>
      withAnnotation(
        (file) =>
          `<< /Type /Annot /Subtype /FreeText /Rect [60 400 310 430] /Contents (${NAME} ${ID}) /T (${NAME}) /DA (/F1 11 Tf) /F 4 /AP << /N ${appearance(file, `${NAME} notedword`)} 0 R >> >>`,
      ),
    { harmless: [...WORDS, 'notedword'] },
  ),
  sample('a note that is not open', () =>
    withAnnotation(() => `<< /Type /Annot /Subtype /Popup /Rect [60 400 310 430] /Contents (${NAME}) /T (${ID}) >>`),
  ),
  sample('a hidden annotation and a link', () =>
    withAnnotation(
      (file) =>
        `<< /Type /Annot /Subtype /Stamp /Rect [60 400 310 430] /F 2 /Contents (${ID}) /AP << /N ${appearance(file, NAME)} 0 R >> /A << /S /URI /URI (https://example.org/${ID}) >> >>`,
    ),
  ),
  sample(
    'a layer that is switched off',
    () => {
      const file = new PdfFile();
      const layer = file.add(`<< /Type /OCG /Name (${NAME}) >>`);
      file.catalog = `/OCProperties << /OCGs [${layer} 0 R] /D << /Order [${layer} 0 R] /OFF [${layer} 0 R] >> >>`;
      file.page({
        content: `${lines(FINDINGS)}/OC /L BDC ${lines([NAME, ID, 'layerword'], { y: 500 })}EMC`,
        resources: `${STANDARD_FONTS} /Properties << /L ${layer} 0 R >>`,
      });
      return file.build();
    },
    { planted: ['Zelda', 'Quimby', ID, 'layerword'] },
  ),
  sample('outlines and named places', () =>
    withCatalog((file) => {
      const outlines = file.reserve();
      const item = file.add(`<< /Title (${NAME} ${ID}) /Parent ${outlines} 0 R >>`);
      file.add(`<< /Type /Outlines /First ${item} 0 R /Last ${item} 0 R /Count 1 >>`, outlines);
      return `/Outlines ${outlines} 0 R /PageLabels << /Nums [0 << /P (${ID}) >>] >> /Dests << /${ID} [null /Fit] >>`;
    }),
  ),
  sample('a structure tree that says more', () =>
    withCatalog((file) => {
      const element = file.add(`<< /Type /StructElem /S /P /Alt (${NAME}) /ActualText (${NAME}) /E (${ID}) >>`);
      return `/MarkInfo << /Marked true >> /StructTreeRoot << /Type /StructTreeRoot /K ${element} 0 R >>`;
    }),
  ),
  sample(
    'marked content that says something else than is drawn',
    () => onePage(`/Span << /ActualText (${NAME}) >> BDC ${lines(['Harmlessword'])}EMC ${lines(FINDINGS, { y: 700 })}`),
    { isRead: true },
  ),
  sample('a former revision', revised),
  sample('a signature with a reason', () =>
    withCatalog((file) => {
      const value = file.add(
        `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Name (${NAME}) /Reason (${ID}) /ByteRange [0 1 2 3] /Contents <00> >>`,
      );
      const field = file.add(`<< /FT /Sig /T (sig) /V ${value} 0 R >>`);
      return `/AcroForm << /Fields [${field} 0 R] /SigFlags 3 >>`;
    }),
  ),
  sample('a thumbnail', () => {
    const file = new PdfFile();
    const thumbnail = file.stream(
      '/Width 14 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8',
      Buffer.from(`${NAME}  `, 'latin1'),
    );
    file.page({ content: lines(FINDINGS), entries: `/Thumb ${thumbnail} 0 R` });
    return file.build();
  }),
  sample('a scanned page', () => scanned(() => ({})), { isRead: true, regions: [HEAD], harmless: [] }),
  sample('a scanned page of two levels', bilevelScan, { isRead: true, regions: [HEAD], harmless: [] }),
  sample(
    'a scanned page with the text that was read from it',
    () => scanned(() => ({ after: `3 Tr ${lines(REPORT)}` })),
    {
      isRead: true,
      regions: [HEAD],
    },
  ),
  sample('text below a scan', () => scanned(() => ({ before: lines([NAME, ID], { y: 300 }) })), {
    isRead: true,
    regions: [HEAD],
    harmless: [],
  }),
  sample('text over a picture', () => scanned(() => ({ after: lines([...FINDINGS, NAME], { y: 400 }) })), {
    isRead: true,
    regions: [HEAD],
  }),
  sample(
    'an inline picture in colour',
    () => {
      const pixels = Array.from({ length: 48 }, (_, at) => ((at * 53) % 256).toString(16).padStart(2, '0')).join('');
      return onePage(`${lines(REPORT)}q 60 0 0 60 60 300 cm BI /W 4 /H 4 /CS /RGB /BPC 8 /F /AHx ID ${pixels}> EI Q`);
    },
    { isRead: true },
  ),
  sample(
    'letters drawn as lines',
    () => {
      const strokes = Array.from({ length: 12 }, (_, at) => {
        const x = 60 + at * 9;
        return `${x} 500 m ${x + 3} 508 l ${x + 6} 500 l S ${x + 1.5} 503 m ${x + 4.5} 503 l S`;
      });
      return onePage(`${lines(FINDINGS)}1 w ${strokes.join(' ')}`);
    },
    { isRead: true, regions: [{ x: 55, y: 328, width: 130, height: 20 }] },
  ),
  sample(
    'a pattern of letters',
    () => {
      const file = new PdfFile();
      const pattern = file.stream(
        `/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 100 30] /XStep 100 /YStep 30 /Resources << ${STANDARD_FONTS} >>`,
        lines([NAME], { x: 2, y: 8 }),
      );
      file.page({
        content: `${lines(FINDINGS)}/Pattern cs /T scn 60 300 200 60 re f`,
        resources: `${STANDARD_FONTS} /Pattern << /T ${pattern} 0 R >>`,
      });
      return file.build();
    },
    { isRead: true, regions: [{ x: 58, y: 480, width: 204, height: 64 }] },
  ),
  sample('custom entries everywhere', () =>
    withLibrary((document) => {
      document.catalog.set(PDFName.of('LetheTest'), PDFString.of(NAME));
      document.getPages()[0].node.set(PDFName.of('LetheTest'), PDFString.of(KNOWN.ids[0]));
      document.setTitle(NAME);
    }),
  ),
];
