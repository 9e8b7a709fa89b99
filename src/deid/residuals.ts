// Names, ids, dates and UIDs of the patient that stand in attributes which would be kept: found, and cut out where that leaves
// a meaningful value. The defence for what Table E.1-1 does not list.
import type { Element } from '../dicom/element.ts';
import { trimPadding } from '../dicom/values.ts';

import type { Candidate, DeedsRecord } from './deeds-record.ts';
import { holdsIdentifier } from './edits.ts';
import type { HeaderBytes } from './header-bytes.ts';
import { cutOut } from './residual-scanner.ts';
import type { ResidualScanner, TextKind } from './residual-scanner.ts';
import { residueSetFor } from './residue-set.ts';
import { textCleaningFor } from './text-cleaning.ts';
import type { Repair } from './walk-job.ts';

/** Longer runs of bytes are images, waveforms and tables, where a chance hit is likelier than a name. */
const MAX_BYTES = 64 * 1024;
/** Text as people write it. What no row speaks about and holds such text is cleaned like a description: it may name what no attribute tells. */
const PROSE_VRS: ReadonlySet<string> = new Set(['LT', 'ST', 'UC', 'UT']);

/**
 * The kept values that hold an identifier, and what to do about each; empty for most instances. Patterns tell which values
 * have to be read; those with other characters than ASCII are, because a pattern does not know their encoding.
 * @param textShiftDays dates in prose are moved by this; undefined takes them out
 */
export function findResiduals(
  bytes: HeaderBytes,
  record: DeedsRecord,
  textShiftDays: number | undefined,
): ReadonlyMap<Element, Repair> {
  const { candidates, identifiers } = record;
  const patterns = residueSetFor(identifiers)?.patterns;
  const repairs = new Map<Element, Repair>();
  for (const candidate of candidates) {
    const { element, decision } = candidate;
    const { scan } = decision;
    if (scan === undefined) continue;
    if (scan === 'bytes') {
      if (element.valueLength > MAX_BYTES || patterns === undefined || bytes.find(element, patterns) !== true) continue;
      if (identifiers.scanner().isInBytes(bytes.latin1(element) ?? '')) repairs.set(element, 'as-residual');
      continue;
    }
    if (decision.rule === 'unlisted' && scan === 'free' && PROSE_VRS.has(element.vr)) {
      const prose = bytes.latin1(element);
      const repair = prose === undefined ? 'as-residual' : cleanProse(prose, candidate, record, textShiftDays);
      if (repair !== undefined) repairs.set(element, repair);
      continue;
    }
    if (bytes.isAscii(element) && (patterns === undefined || bytes.find(element, patterns) === false)) continue;
    const raw = bytes.latin1(element);
    // Text that was too long to be loaded cannot be vouched for.
    const repair = raw === undefined ? 'as-residual' : readResidual(raw, scan, candidate, identifiers);
    if (repair !== undefined) repairs.set(element, repair);
  }
  return repairs;
}

/** The patient's values, and what shows by its form: dates, phones, addresses, names behind titles. */
function cleanProse(
  raw: string,
  { element, characterSet }: Candidate,
  { identifiers }: DeedsRecord,
  textShiftDays: number | undefined,
): Repair | undefined {
  const cleaned = textCleaningFor(identifiers, textShiftDays).clean(raw, element.vr, characterSet);
  if (cleaned.kind === 'nothing' || holdsIdentifier(cleaned.text, identifiers, textShiftDays !== undefined))
    return raw.trim() === '' ? undefined : 'as-residual';
  return cleaned.kind === 'changed' ? cleaned.value : undefined;
}

function readResidual(
  raw: string,
  kind: TextKind,
  candidate: Candidate,
  identifiers: DeedsRecord['identifiers'],
): Repair | undefined {
  const scanner = identifiers.scanner();
  return scanner.mayIdentify(raw, kind) ? repairOf(raw, kind, candidate, scanner, identifiers.uids) : undefined;
}

/** Matching in the decoded text finds names in any script; matching in the bytes finds those whose character set is not declared. */
function repairOf(
  raw: string,
  kind: TextKind,
  { element, characterSet }: Candidate,
  scanner: ResidualScanner,
  uids: ReadonlySet<string>,
): Repair | undefined {
  const text = characterSet.decode(trimPadding(Buffer.from(raw, 'latin1')), element.vr);
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
