// DIMSE status codes as a table: PS3.7 Annex C and, for C-STORE, PS3.4 Table B.2-1 (2026d).

export type StatusCategory = 'success' | 'warning' | 'failure' | 'cancel' | 'pending';

export interface StatusDescription {
  readonly category: StatusCategory;
  readonly text: string;
}

interface StatusRow extends StatusDescription {
  /** First and last code, both included. */
  readonly from: number;
  readonly to: number;
}

function row(from: number, to: number, category: StatusCategory, text: string): StatusRow {
  return { from, to, category, text };
}

/** Single codes and ranges; no two overlap. */
const STATUS_ROWS: readonly StatusRow[] = [
  row(0x0000, 0x0000, 'success', 'Success'),
  row(0x0001, 0x0001, 'warning', 'Requested optional attributes are not supported'),
  row(0x0105, 0x0105, 'failure', 'No such attribute'),
  row(0x0106, 0x0106, 'failure', 'Invalid attribute value'),
  row(0x0107, 0x0107, 'warning', 'Attribute list error'),
  row(0x0110, 0x0110, 'failure', 'Processing failure'),
  row(0x0111, 0x0111, 'failure', 'Duplicate SOP instance'),
  row(0x0112, 0x0112, 'failure', 'No such SOP instance'),
  row(0x0113, 0x0113, 'failure', 'No such event type'),
  row(0x0114, 0x0114, 'failure', 'No such argument'),
  row(0x0115, 0x0115, 'failure', 'Invalid argument value'),
  row(0x0116, 0x0116, 'warning', 'Attribute value out of range'),
  row(0x0117, 0x0117, 'failure', 'Invalid SOP instance'),
  row(0x0118, 0x0118, 'failure', 'No such SOP class'),
  row(0x0119, 0x0119, 'failure', 'Class-instance conflict'),
  row(0x0120, 0x0120, 'failure', 'Missing attribute'),
  row(0x0121, 0x0121, 'failure', 'Missing attribute value'),
  row(0x0122, 0x0122, 'failure', 'Refused: SOP class not supported'),
  row(0x0123, 0x0123, 'failure', 'No such action type'),
  row(0x0124, 0x0124, 'failure', 'Refused: not authorized'),
  row(0x0210, 0x0210, 'failure', 'Duplicate invocation'),
  row(0x0211, 0x0211, 'failure', 'Unrecognized operation'),
  row(0x0212, 0x0212, 'failure', 'Mistyped argument'),
  row(0x0213, 0x0213, 'failure', 'Resource limitation'),
  row(0xa700, 0xa7ff, 'failure', 'Refused: out of resources'),
  row(0xa900, 0xa9ff, 'failure', 'Error: data set does not match SOP class'),
  row(0xb000, 0xb000, 'warning', 'Coercion of data elements'),
  row(0xb006, 0xb006, 'warning', 'Elements discarded'),
  row(0xb007, 0xb007, 'warning', 'Data set does not match SOP class'),
  row(0xc000, 0xcfff, 'failure', 'Error: cannot understand'),
  row(0xfe00, 0xfe00, 'cancel', 'Cancelled'),
  row(0xff00, 0xff01, 'pending', 'Pending'),
];

/** The classes of PS3.7 C.1 to C.5, for codes that no row names. */
const CLASS_ROWS: readonly StatusRow[] = [
  row(0xa000, 0xafff, 'failure', 'Failure that the standard does not name'),
  row(0xb000, 0xbfff, 'warning', 'Warning that the standard does not name'),
  row(0x0100, 0x02ff, 'failure', 'Failure that the standard does not name'),
];

const UNKNOWN: StatusDescription = { category: 'failure', text: 'Unknown status' };

function find(rows: readonly StatusRow[], status: number): StatusRow | undefined {
  return rows.find(({ from, to }) => status >= from && status <= to);
}

/**
 * What a DIMSE status (0x0000 to 0xFFFF) means. Only 0x0000 is a success; a code that neither a row nor a class of PS3.7
 * Annex C covers is a failure.
 */
export function describeStatus(status: number): StatusDescription {
  const { category, text } = find(STATUS_ROWS, status) ?? find(CLASS_ROWS, status) ?? UNKNOWN;
  return { category, text };
}
