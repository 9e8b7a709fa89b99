// A-ASSOCIATE-RQ and A-ASSOCIATE-AC (PS3.8 9.3.2 and 9.3.3).
import { LetheError } from '../core/errors.ts';
import { PDU, PDU_HEAD_BYTES } from './pdu.ts';
import { ITEM, decodeUid, eachItem, encodeItem, encodeUidItem, trimmedText } from './pdu-items.ts';
import { decodeUserInformation, encodeUserInformation } from './pdu-user-information.ts';
import type { UserInformation } from './pdu-user-information.ts';

/** The one application context of DICOM (PS3.7 A.2.1). */
export const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** Ids are odd and below 256 (PS3.8 9.3.2.2), so that there are no more. */
export const MAX_CONTEXTS = 128;

/** Protocol version, reserved, called and calling AE title, 32 reserved bytes. */
const FIXED_FIELD_BYTES = 68;
const AE_TITLE_BYTES = 16;

/** A presentation context as it is asked for. */
export interface ProposedContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

/** Results of PS3.8 table 9-18. */
export const CONTEXT_RESULT = {
  accepted: 0,
  userRejection: 1,
  noReason: 2,
  abstractSyntaxNotSupported: 3,
  transferSyntaxesNotSupported: 4,
} as const;

/** A presentation context as it is answered. `transferSyntax` means something only when it was accepted. */
export interface AnsweredContext {
  readonly id: number;
  readonly result: number;
  readonly transferSyntax: string;
}

interface AssociateFields {
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly userInformation: UserInformation;
}

export interface AssociateRequest extends AssociateFields {
  /** Bit 0 stands for version 1, the only one there is. */
  readonly protocolVersion: number;
  readonly applicationContext: string;
  readonly contexts: readonly ProposedContext[];
}

export interface AssociateAccept extends AssociateFields {
  readonly contexts: readonly AnsweredContext[];
}

/** Decodes the body of an A-ASSOCIATE-RQ. Throws `pdu-invalid`: bounds, counts, even or repeated ids, missing items. */
export function decodeAssociateRequest(body: Buffer): AssociateRequest {
  const contexts: ProposedContext[] = [];
  const seen = new Set<number>();
  const { applicationContext, userInformation } = decodeItems(body, (type, value) => {
    if (type !== ITEM.presentationContextRq) return;
    if (contexts.length === MAX_CONTEXTS) throw new LetheError('pdu-invalid', 'more than 128 presentation contexts');
    const context = decodeProposedContext(value);
    claimId(seen, context.id);
    contexts.push(context);
  });
  if (contexts.length === 0) throw new LetheError('pdu-invalid', 'no presentation context is proposed');
  return {
    protocolVersion: body.readUInt16BE(0),
    calledAeTitle: decodeAeTitle(body, 4),
    callingAeTitle: decodeAeTitle(body, 20),
    applicationContext,
    contexts,
    userInformation,
  };
}

/** Decodes the body of an A-ASSOCIATE-AC. Throws `pdu-invalid`. The AE titles in it are not significant (PS3.8 9.3.3). */
export function decodeAssociateAccept(body: Buffer): AssociateAccept {
  const contexts: AnsweredContext[] = [];
  const seen = new Set<number>();
  const { userInformation } = decodeItems(body, (type, value) => {
    if (type !== ITEM.presentationContextAc) return;
    const context = decodeAnsweredContext(value);
    claimId(seen, context.id);
    contexts.push(context);
  });
  return {
    calledAeTitle: decodeAeTitle(body, 4),
    callingAeTitle: decodeAeTitle(body, 20),
    contexts,
    userInformation,
  };
}

/** What requests and acceptances have in common; every other item goes to `visit`. */
function decodeItems(
  body: Buffer,
  visit: (type: number, value: Buffer) => void,
): { applicationContext: string; userInformation: UserInformation } {
  if (body.length < FIXED_FIELD_BYTES) throw new LetheError('pdu-invalid', 'association PDU is cut short');
  let applicationContext: string | undefined;
  let userInformation: UserInformation | undefined;
  eachItem(body.subarray(FIXED_FIELD_BYTES), (type, value) => {
    if (type === ITEM.applicationContext) {
      if (applicationContext !== undefined) throw new LetheError('pdu-invalid', 'two application contexts');
      applicationContext = decodeUid(value);
    } else if (type === ITEM.userInformation) {
      if (userInformation !== undefined) throw new LetheError('pdu-invalid', 'two user information items');
      userInformation = decodeUserInformation(value);
    } else visit(type, value);
  });
  if (applicationContext === undefined || userInformation === undefined) {
    throw new LetheError('pdu-invalid', 'application context or user information is missing');
  }
  return { applicationContext, userInformation };
}

function claimId(seen: Set<number>, id: number): void {
  if (id % 2 === 0 || seen.has(id)) throw new LetheError('pdu-invalid', 'presentation context id is even or repeated');
  seen.add(id);
}

function decodeProposedContext(value: Buffer): ProposedContext {
  if (value.length < 4) throw new LetheError('pdu-invalid', 'presentation context is cut short');
  let abstractSyntax: string | undefined;
  const transferSyntaxes: string[] = [];
  eachItem(value.subarray(4), (type, syntax) => {
    if (type === ITEM.abstractSyntax) {
      if (abstractSyntax !== undefined) throw new LetheError('pdu-invalid', 'two abstract syntaxes in one context');
      abstractSyntax = decodeUid(syntax);
    } else if (type === ITEM.transferSyntax) transferSyntaxes.push(decodeUid(syntax));
  });
  if (abstractSyntax === undefined || transferSyntaxes.length === 0) {
    throw new LetheError('pdu-invalid', 'presentation context lacks an abstract or a transfer syntax');
  }
  return { id: value[0], abstractSyntax, transferSyntaxes };
}

function decodeAnsweredContext(value: Buffer): AnsweredContext {
  if (value.length < 4) throw new LetheError('pdu-invalid', 'presentation context is cut short');
  const [id, , result] = value;
  if (result !== CONTEXT_RESULT.accepted) return { id, result, transferSyntax: '' };
  let transferSyntax: string | undefined;
  eachItem(value.subarray(4), (type, syntax) => {
    if (type === ITEM.transferSyntax) transferSyntax ??= decodeUid(syntax);
  });
  if (transferSyntax === undefined) throw new LetheError('pdu-invalid', 'accepted context lacks its transfer syntax');
  return { id, result, transferSyntax };
}

/** An AE title as sent, without leading and trailing padding; NUL padding is tolerated. */
function decodeAeTitle(body: Buffer, offset: number): string {
  return trimmedText(body.subarray(offset, offset + AE_TITLE_BYTES)).trimStart();
}

export function encodeAssociateRequest(
  request: Omit<AssociateRequest, 'protocolVersion' | 'applicationContext'>,
): Buffer {
  const contexts = request.contexts.map((context) =>
    encodeItem(
      ITEM.presentationContextRq,
      Buffer.from([context.id, 0, 0, 0]),
      encodeUidItem(ITEM.abstractSyntax, context.abstractSyntax),
      ...context.transferSyntaxes.map((uid) => encodeUidItem(ITEM.transferSyntax, uid)),
    ),
  );
  return encodeAssociate(PDU.associateRq, request, contexts);
}

export function encodeAssociateAccept(accept: AssociateAccept): Buffer {
  const contexts = accept.contexts.map((context) =>
    encodeItem(
      ITEM.presentationContextAc,
      Buffer.from([context.id, 0, context.result, 0]),
      encodeUidItem(ITEM.transferSyntax, context.transferSyntax),
    ),
  );
  return encodeAssociate(PDU.associateAc, accept, contexts);
}

function encodeAssociate(type: number, fields: AssociateFields, contexts: readonly Buffer[]): Buffer {
  const fixed = Buffer.alloc(PDU_HEAD_BYTES + FIXED_FIELD_BYTES);
  fixed[0] = type;
  fixed.writeUInt16BE(1, 6); // protocol version 1
  fixed.write(fields.calledAeTitle.padEnd(AE_TITLE_BYTES).slice(0, AE_TITLE_BYTES), 10, 'latin1');
  fixed.write(fields.callingAeTitle.padEnd(AE_TITLE_BYTES).slice(0, AE_TITLE_BYTES), 26, 'latin1');
  const pdu = Buffer.concat([
    fixed,
    encodeUidItem(ITEM.applicationContext, APPLICATION_CONTEXT),
    ...contexts,
    encodeUserInformation(fields.userInformation),
  ]);
  pdu.writeUInt32BE(pdu.length - PDU_HEAD_BYTES, 2);
  return pdu;
}
