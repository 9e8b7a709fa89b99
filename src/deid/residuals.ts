// Names, ids, dates and UIDs of the patient that stand in attributes which would be kept: found, and cut out where that leaves
// a meaningful value. The defence for what Table E.1-1 does not list.
import type { DataSet, Element } from '../dicom/element.ts';
import { trimPadding } from '../dicom/values.ts';

import { hasOtherThanAscii } from './identifiers.ts';
import type { Identifiers } from './identifiers.ts';
import { cutOut } from './residual-scanner.ts';
import type { ResidualScanner } from './residual-scanner.ts';
import type { Candidate, Repair } from './walk.ts';

/** Longer runs of bytes are images, waveforms and tables, where a chance hit is likelier than a name. */
const MAX_BYTES = 64 * 1024;

/** The kept values that hold an identifier, and what to do about each; empty for most instances. */
export function findResiduals(
  dataSet: DataSet,
  candidates: readonly Candidate[],
  identifiers: Identifiers,
): ReadonlyMap<Element, Repair> {
  const scanner = identifiers.scanner();
  const repairs = new Map<Element, Repair>();
  for (const candidate of candidates) {
    const repair = judge(dataSet, candidate, scanner, identifiers.uids);
    if (repair !== undefined) repairs.set(candidate.element, repair);
  }
  return repairs;
}

function judge(
  dataSet: DataSet,
  candidate: Candidate,
  scanner: ResidualScanner,
  uids: ReadonlySet<string>,
): Repair | undefined {
  const { element, decision } = candidate;
  const bytes = dataSet.source.view(element.valueStart, element.valueLength);
  if (decision.scan === 'bytes') {
    const isHit = bytes !== undefined && bytes.length <= MAX_BYTES && scanner.isInBytes(bytes);
    return isHit ? 'as-residual' : undefined;
  }
  // Text that was too long to be loaded cannot be vouched for.
  if (bytes === undefined || decision.scan === undefined) return 'as-residual';
  const raw = bytes.toString('latin1');
  const isHit = scanner.find(raw, decision.scan, uids) !== undefined;
  if (!isHit && !hasOtherThanAscii(bytes)) return undefined;
  return repairOf(bytes, raw, candidate, scanner, uids);
}

/** Matching in the decoded text finds names in any script; matching in the bytes finds those whose character set is not declared. */
function repairOf(
  bytes: Buffer,
  raw: string,
  { element, decision, characterSet }: Candidate,
  scanner: ResidualScanner,
  uids: ReadonlySet<string>,
): Repair | undefined {
  const kind = decision.scan === 'bytes' || decision.scan === undefined ? 'free' : decision.scan;
  const text = characterSet.decode(trimPadding(bytes), element.vr);
  const spans = scanner.find(text, kind, uids);
  if (spans === undefined) return scanner.find(raw, kind, uids) === undefined ? undefined : 'as-residual';
  if (kind !== 'free') return 'as-residual';
  const rest = cutOut(text, spans);
  const encoded = rest === undefined ? undefined : characterSet.encode(rest, element.vr);
  if (rest === undefined || encoded === undefined) return 'as-residual';
  const isClean =
    scanner.find(rest, kind, uids) === undefined && scanner.find(encoded.toString('latin1'), kind, uids) === undefined;
  return isClean ? encoded : 'as-residual';
}
