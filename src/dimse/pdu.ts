// The PDUs of PS3.8 section 9.3 that have a fixed size, the head of every PDU and of every PDV, and the limits on all of them.
import { LetheError } from '../core/errors.ts';
import type { Rejection } from '../pipeline/ports.ts';

/** PDU types (PS3.8 table 9-11 and on). */
export const PDU = {
  associateRq: 0x01,
  associateAc: 0x02,
  associateRj: 0x03,
  data: 0x04,
  releaseRq: 0x05,
  releaseRp: 0x06,
  abort: 0x07,
} as const;

/** Bytes in front of every PDU: type, reserved, length of what follows. */
export const PDU_HEAD_BYTES = 6;
/** Bytes in front of every PDV's fragment: item length, presentation context id, message control header. */
export const PDV_HEAD_BYTES = 6;

/** Longest A-ASSOCIATE-RQ and -AC that is read, in bytes after the head. 128 contexts with 40 transfer syntaxes each fit. */
export const MAX_ASSOCIATE_BYTES = 256 * 1024;
/** Longest P-DATA-TF that is tolerated whatever was announced, in bytes after the head. */
export const MAX_DATA_BYTES = 1024 * 1024;
/** Length of every A-ASSOCIATE-RJ, A-RELEASE-RQ, A-RELEASE-RP and A-ABORT. */
const FIXED_BYTES = 4;

/** Bits of the message control header (PS3.8 E.2); the others are never checked. */
export const PDV_COMMAND = 0x01;
export const PDV_LAST = 0x02;

/** Reasons of a provider's A-ABORT (PS3.8 table 9-26). */
export const ABORT_REASON = {
  notSpecified: 0,
  unrecognizedPdu: 1,
  unexpectedPdu: 2,
  unrecognizedParameter: 4,
  unexpectedParameter: 5,
  invalidParameter: 6,
} as const;
export type AbortReason = (typeof ABORT_REASON)[keyof typeof ABORT_REASON];

/** A PDU that breaks a rule: what an A-ABORT tells the peer, and our own words for the log. */
export interface PduFault {
  readonly reason: AbortReason;
  readonly text: string;
}

/** Source and reason as a peer's A-ABORT told them. */
export interface AbortNotice {
  readonly source: number;
  readonly reason: number;
}

/** The fault in a PDU's head, or undefined. Asked before a byte of the body is kept. */
export function checkHead(type: number, length: number): PduFault | undefined {
  switch (type) {
    case PDU.associateRq:
    case PDU.associateAc:
      if (length <= MAX_ASSOCIATE_BYTES) return undefined;
      return { reason: ABORT_REASON.invalidParameter, text: 'association PDU is longer than 256 KiB' };
    case PDU.data:
      if (length >= PDV_HEAD_BYTES && length <= MAX_DATA_BYTES) return undefined;
      return { reason: ABORT_REASON.invalidParameter, text: 'P-DATA-TF is empty or longer than 1 MiB' };
    case PDU.associateRj:
    case PDU.releaseRq:
    case PDU.releaseRp:
    case PDU.abort:
      if (length === FIXED_BYTES) return undefined;
      return { reason: ABORT_REASON.invalidParameter, text: 'PDU of fixed size has another length' };
    default:
      return { reason: ABORT_REASON.unrecognizedPdu, text: 'unrecognized PDU type' };
  }
}

function encodeFixed(type: number, second: number, third: number, fourth: number): Buffer {
  return Buffer.from([type, 0, 0, 0, 0, FIXED_BYTES, 0, second, third, fourth]);
}

export function encodeReject(rejection: Rejection): Buffer {
  return encodeFixed(PDU.associateRj, rejection.result, rejection.source, rejection.reason);
}

export function encodeReleaseRq(): Buffer {
  return encodeFixed(PDU.releaseRq, 0, 0, 0);
}

export function encodeReleaseRp(): Buffer {
  return encodeFixed(PDU.releaseRp, 0, 0, 0);
}

/** @param source 0 the service user, 2 the service provider */
export function encodeAbort(source: 0 | 2, reason: AbortReason): Buffer {
  return encodeFixed(PDU.abort, 0, source, source === 0 ? 0 : reason);
}

/** Source and reason from the body of an A-ABORT. Nothing in it is checked: whatever it says, the association is gone. */
export function decodeAbort(body: Buffer): AbortNotice {
  return { source: body[2], reason: body[3] };
}

/** Texts of PS3.8 table 9-21 by source and reason. */
const REJECT_TEXTS: Readonly<Record<string, string>> = {
  '1.1': 'no reason given',
  '1.2': 'application context name not supported',
  '1.3': 'calling AE title not recognized',
  '1.7': 'called AE title not recognized',
  '2.1': 'no reason given',
  '2.2': 'protocol version not supported',
  '3.1': 'temporary congestion',
  '3.2': 'local limit exceeded',
};

/** The words of the standard for source and reason of an A-ASSOCIATE-RJ. */
export function describeRejection(source: number, reason: number): string {
  return REJECT_TEXTS[`${source}.${reason}`] ?? 'reason unknown to the standard';
}

/** A rejection from the body of an A-ASSOCIATE-RJ. Throws `pdu-invalid` when result or source is none of the standard's. */
export function decodeReject(body: Buffer): Rejection {
  const [result, source, reason] = [body[1], body[2], body[3]];
  if ((result !== 1 && result !== 2) || (source !== 1 && source !== 2 && source !== 3)) {
    throw new LetheError('pdu-invalid', 'A-ASSOCIATE-RJ has an unknown result or source');
  }
  return { result, source, reason, text: describeRejection(source, reason) };
}

/** Writes the heads of a P-DATA-TF that holds one PDV of `length` bytes into `target` at `offset`; 12 bytes (PS3.8 9.3.5). */
export function writeDataHead(
  target: Buffer,
  offset: number,
  contextId: number,
  control: number,
  length: number,
): void {
  target[offset] = PDU.data;
  target[offset + 1] = 0;
  target.writeUInt32BE(length + PDV_HEAD_BYTES, offset + 2);
  target.writeUInt32BE(length + 2, offset + 6);
  target[offset + 10] = contextId;
  target[offset + 11] = control;
}
