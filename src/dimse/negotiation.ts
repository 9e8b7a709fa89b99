// How the acceptor answers an A-ASSOCIATE-RQ (PS3.8 7.1.1 and 9.3.3, PS3.7 Annex D): who is let in, and which presentation
// contexts with which transfer syntax.
import { VERIFICATION_SOP_CLASS } from '../standard/sop-classes.ts';
import { IMPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { Rejection } from '../pipeline/ports.ts';
import { APPLICATION_CONTEXT, CONTEXT_RESULT } from './pdu-associate.ts';
import type { AnsweredContext, AssociateAccept, AssociateRequest, ProposedContext } from './pdu-associate.ts';

/** Storage Commitment Push Model SOP Class and its well-known instance (PS3.4 J.3.1, J.3.5). */
export const STORAGE_COMMITMENT_PUSH_MODEL = '1.2.840.10008.1.20.1';
export const STORAGE_COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';

/** A row of the order of preference among the transfer syntaxes of one context. */
export interface PreferenceRow {
  readonly means: string;
  fits(transferSyntax: TransferSyntax): boolean;
}

/**
 * Which transfer syntax of a context is accepted: the first row that fits any decides, and within a row the first that
 * the proposer lists. Lethe keeps the sender's own encoding, and a sender lists what it would rather send first. Choosing
 * a compressed syntax over an uncompressed one that is listed before it could make the sender compress, perhaps lossily, so
 * that the order is only changed for big endian, which is retired and costs every later reader.
 */
export const TRANSFER_SYNTAX_PREFERENCE: readonly PreferenceRow[] = [
  { means: 'the first listed that is known, big endian aside', fits: (transferSyntax) => !transferSyntax.isBigEndian },
  { means: 'big endian, when nothing else is listed', fits: () => true },
];

/** A presentation context that was accepted. */
export interface AcceptedContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
}

/** Why the upper layer itself rejects a request, before anyone is asked (PS3.8 table 9-21). */
export function rejectionOf(request: AssociateRequest): Rejection | undefined {
  if ((request.protocolVersion & 1) === 0) {
    return { result: 1, source: 2, reason: 2, text: 'protocol version not supported' };
  }
  if (request.applicationContext !== APPLICATION_CONTEXT) {
    return { result: 1, source: 1, reason: 2, text: 'application context name not supported' };
  }
  return undefined;
}

export const LOCAL_LIMIT_EXCEEDED: Rejection = { result: 2, source: 3, reason: 2, text: 'local limit exceeded' };
export const TEMPORARY_CONGESTION: Rejection = { result: 2, source: 3, reason: 1, text: 'temporary congestion' };
export const CALLING_AE_NOT_RECOGNIZED: Rejection = {
  result: 1,
  source: 1,
  reason: 3,
  text: 'calling AE title not recognized',
};
export const CALLED_AE_NOT_RECOGNIZED: Rejection = {
  result: 1,
  source: 1,
  reason: 7,
  text: 'called AE title not recognized',
};

export interface NegotiationRules {
  /** Storage SOP classes that are taken. Verification is always. */
  acceptsSopClass(uid: string): boolean;
  /** Whether the storage commitment push model is offered. */
  readonly acceptsCommitment?: boolean;
  /** Whether a requestor may be SCP of it, to report what we asked it for. */
  readonly acceptsReports?: boolean;
  readonly transferSyntaxPreference: readonly PreferenceRow[];
  /** Announced maximum length of a P-DATA-TF. */
  readonly maxPduBytes: number;
}

/** The answer to a request, and of its contexts those that were accepted, by id. */
export function negotiate(
  request: AssociateRequest,
  rules: NegotiationRules,
): { accept: AssociateAccept; contexts: ReadonlyMap<number, AcceptedContext> } {
  const contexts = new Map<number, AcceptedContext>();
  const answers = request.contexts.map((proposed) => {
    const answer = answerContext(proposed, rules);
    if (answer.result === CONTEXT_RESULT.accepted) {
      const { id, abstractSyntax } = proposed;
      contexts.set(id, { id, abstractSyntax, transferSyntax: answer.transferSyntax });
    }
    return answer;
  });
  const { asyncOperations, roles } = request.userInformation;
  const accept: AssociateAccept = {
    calledAeTitle: request.calledAeTitle,
    callingAeTitle: request.callingAeTitle,
    contexts: answers,
    userInformation: {
      maxLength: rules.maxPduBytes,
      // One operation at a time, whatever was asked for (PS3.7 D.3.3.3).
      asyncOperations: asyncOperations === undefined ? undefined : { invoked: 1, performed: 1 },
      // The requestor may be SCU; SCP only of storage commitment, to report (PS3.7 D.3.3.4, PS3.4 J.3.3).
      roles: roles.map(({ sopClassUid, isScu, isScp }) => ({
        sopClassUid,
        isScu,
        isScp: isScp && rules.acceptsReports === true && sopClassUid === STORAGE_COMMITMENT_PUSH_MODEL,
      })),
    },
  };
  return { accept, contexts };
}

function answerContext(proposed: ProposedContext, rules: NegotiationRules): AnsweredContext {
  const { id, abstractSyntax } = proposed;
  const isOffered = rules.acceptsCommitment === true || rules.acceptsReports === true;
  const isCommitment = isOffered && abstractSyntax === STORAGE_COMMITMENT_PUSH_MODEL;
  const isService = abstractSyntax === VERIFICATION_SOP_CLASS || isCommitment;
  if (!isService && !rules.acceptsSopClass(abstractSyntax)) {
    return refuse(id, CONTEXT_RESULT.abstractSyntaxNotSupported);
  }
  const known = proposed.transferSyntaxes
    .map((uid) => findTransferSyntax(uid))
    .filter((found) => found !== undefined)
    .filter((found) => !isService || !(found.isEncapsulated || found.isDeflated))
    .filter((found) => !isCommitment || !found.isBigEndian);
  for (const row of rules.transferSyntaxPreference) {
    const chosen = known.find((transferSyntax) => row.fits(transferSyntax));
    if (chosen !== undefined) return { id, result: CONTEXT_RESULT.accepted, transferSyntax: chosen.uid };
  }
  return refuse(id, CONTEXT_RESULT.transferSyntaxesNotSupported);
}

/** The transfer syntax of a refused context is not significant; nothing of what the peer sent is sent back. */
function refuse(id: number, result: number): AnsweredContext {
  return { id, result, transferSyntax: IMPLICIT_VR_LITTLE_ENDIAN };
}
