// STL (PS3.3 A.85.1): the geometry leaves byte for byte. Binary: 80 bytes of header, a count, 50 bytes per triangle of which the
// last two describe nothing that the format defines. ASCII: the name of the solid is the only text.
import type { CleanDocument, DocumentJob } from '../document.ts';
import { Tally } from '../tally.ts';
import { unreadable } from '../unreadable.ts';
import { cleanName, lineEndOf, linesOf } from './model-text.ts';

const HEADER_BYTES = 80;
const START = HEADER_BYTES + 4;
const TRIANGLE_BYTES = 50;
const GEOMETRY =
  /^\s*(?:(?:facet\s+normal|vertex)(?:\s+(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?))){3}|outer\s+loop|endloop|endfacet)?\s*$/i;
const SOLID = /^(\s*)(solid|endsolid)(?:[ \t]+(.*?))?\s*$/i;

/** @throws InstanceError `document-unreadable` when it is neither form, or says anything but geometry */
export function cleanStl(job: DocumentJob): CleanDocument {
  return isBinary(job.bytes) ? cleanBinary(job) : cleanAscii(job);
}

/** Also a binary one may begin with "solid": its length tells. One byte of padding may follow. */
function isBinary(bytes: Buffer): boolean {
  if (bytes.length < START) return false;
  const beyond = bytes.length - (START + bytes.readUInt32LE(HEADER_BYTES) * TRIANGLE_BYTES);
  return beyond === 0 || (beyond === 1 && bytes[bytes.length - 1] === 0);
}

function cleanBinary({ bytes, judge }: DocumentJob): CleanDocument {
  const tally = new Tally();
  const triangles = bytes.readUInt32LE(HEADER_BYTES);
  const clean = Buffer.from(bytes.subarray(0, START + triangles * TRIANGLE_BYTES));
  const said = bytes.toString('latin1', 0, HEADER_BYTES).replace(/[\0 ]+$/, '');
  const left = /^[\x20-\x7e]*$/.test(said) ? cleanName(said, judge, tally) : '';
  if (left !== said) {
    tally.add('header');
    clean.fill(0, 0, HEADER_BYTES);
    clean.write(left === 'unnamed' ? '' : left, 0, HEADER_BYTES, 'latin1');
  }
  let described = 0;
  for (let end = START + TRIANGLE_BYTES; end <= clean.length; end += TRIANGLE_BYTES) {
    if (clean.readUInt16LE(end - 2) === 0) continue;
    clean.writeUInt16LE(0, end - 2);
    described++;
  }
  tally.add('triangle-attribute', described);
  return { bytes: clean, findings: tally.findings() };
}

function cleanAscii({ bytes, judge }: DocumentJob): CleanDocument {
  const tally = new Tally();
  const kept: Buffer[] = [];
  let solids = 0;
  for (const line of linesOf(bytes)) {
    const text = line.toString('latin1');
    if (GEOMETRY.test(text)) {
      kept.push(line);
      continue;
    }
    const match = SOLID.exec(text);
    if (match === null) throw unreadable('The document says that it is an STL model, and is none.');
    const [, indent, keyword, name = ''] = match;
    if (keyword.toLowerCase() === 'solid') solids++;
    const said = Buffer.from(name, 'latin1').toString('utf8');
    const cleaned = cleanName(said, judge, tally);
    kept.push(cleaned === said ? line : Buffer.from(`${indent}${keyword} ${cleaned}${lineEndOf(text)}`));
  }
  if (solids === 0) throw unreadable('The document says that it is an STL model, and is none.');
  return { bytes: Buffer.concat(kept), findings: tally.findings() };
}
