// Wavefront MTL (PS3.3 A.85.3): colours and coefficients leave byte for byte, names of materials and of texture files are judged.
import type { CleanDocument, DocumentJob } from '../document.ts';
import { Tally } from '../tally.ts';
import { cleanText } from '../text-runs.ts';
import { unreadable } from '../unreadable.ts';
import { cleanFileName, cleanName, lineEndOf, linesOf, textOfLine } from './model-text.ts';

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const COEFFICIENTS = new RegExp(
  String.raw`^\s*(?:(?:Ka|Kd|Ks|Ke|Ns|Ni|d|Tr|Tf|illum|sharpness|Pr|Pm|Ps|Pc|Pcr|aniso|anisor)(?:\s+(?:xyz|-halo|${NUMBER}))+)?\s*$`,
);
const MAP = new RegExp(
  String.raw`^(\s*(?:map_\w+|bump|disp|decal|refl|norm)(?:\s+-\w+(?:\s+(?:on|off|sphere|cube_\w+|[rgbmlz]|${NUMBER}))*)*)\s+(.+?)\s*$`,
);
const NEW_MATERIAL = /^(\s*)newmtl\s+(.+?)\s*$/;
const COMMENT = /^\s*#(.*?)\s*$/;

/** @throws InstanceError `document-unreadable` when it defines no material, or more is unknown than known */
export function cleanMtl({ bytes, judge }: DocumentJob): CleanDocument {
  const tally = new Tally();
  const kept: Buffer[] = [];
  let known = 0;
  let unknown = 0;
  let materials = 0;
  for (const line of linesOf(bytes)) {
    const text = textOfLine(line);
    if (COEFFICIENTS.test(text)) {
      kept.push(line);
      known++;
      continue;
    }
    if (NEW_MATERIAL.test(text)) materials++;
    const changed = cleanedLine(text);
    if (changed === undefined) {
      tally.add('statement');
      unknown++;
    } else {
      known++;
      if (changed !== '') kept.push(changed === text ? line : Buffer.from(changed));
    }
  }
  if (materials === 0 || unknown > known) throw unreadable('The document says that it is an MTL library, and is none.');
  return { bytes: Buffer.concat(kept), findings: tally.findings() };

  function cleanedLine(text: string): string | undefined {
    const end = lineEndOf(text);
    const material = NEW_MATERIAL.exec(text);
    if (material !== null) {
      const name = cleanName(material[2], judge, tally);
      return name === material[2] ? text : `${material[1]}newmtl ${name}${end}`;
    }
    const map = MAP.exec(text);
    if (map !== null) {
      const file = cleanFileName(map[2], judge, tally);
      const option = cleanName(map[1], judge, tally);
      return option !== map[1] ? undefined : file === map[2] ? text : `${map[1]} ${file}${end}`;
    }
    const comment = COMMENT.exec(text);
    if (comment === null) return undefined;
    const cleaned = cleanText(comment[1], judge, tally);
    return cleaned === comment[1] ? text : cleaned.trim() === '' ? '' : `#${cleaned}${end}`;
  }
}
