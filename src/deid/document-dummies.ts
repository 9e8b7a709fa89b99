// What stands for an encapsulated document that was taken out ((0042,0011) is D in Table E.1-1): the smallest valid document
// of the same MIME type, so that a viewer opens it and shows nothing.

const PDF_OBJECTS = [
  '<</Type/Catalog/Pages 2 0 R>>',
  '<</Type/Pages/Kids[3 0 R]/Count 1>>',
  '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>',
];

/** One blank A4 page (ISO 32000-1), cross-reference table included. */
function blankPdf(): Buffer {
  let text = '%PDF-1.4\n';
  const offsets = PDF_OBJECTS.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj${object}endobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = PDF_OBJECTS.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${entries}`;
  return Buffer.from(
    `${text}${table}trailer<</Size ${size}/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`,
    'latin1',
  );
}

/** 80 bytes of header and a count of no triangles. */
const EMPTY_STL = Buffer.alloc(84);

const BY_MIME_TYPE: ReadonlyMap<string, Buffer> = new Map([
  ['application/pdf', blankPdf()],
  ['text/xml', Buffer.from('<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>')],
  ['application/xml', Buffer.from('<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>')],
  ['model/stl', EMPTY_STL],
  ['application/sla', EMPTY_STL],
  ['model/obj', Buffer.from('# empty\n')],
  ['model/mtl', Buffer.from('# empty\n')],
]);

/** The bytes of an empty document, without padding. An unknown MIME type gets two zero bytes. */
export function emptyDocument(mimeType: string): Buffer {
  return BY_MIME_TYPE.get(mimeType.trim().toLowerCase()) ?? Buffer.alloc(2);
}
