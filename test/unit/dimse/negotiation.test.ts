import { describe, expect, it } from 'vitest';
import { TRANSFER_SYNTAX_PREFERENCE, negotiate, rejectionOf } from '../../../src/dimse/negotiation.ts';
import type { AssociateRequest, ProposedContext } from '../../../src/dimse/pdu-associate.ts';
import { STORAGE_SOP_CLASSES, isStorageSopClass } from '../../../src/standard/sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../../../src/standard/transfer-syntaxes.ts';
import { BIG_ENDIAN, CT, EXPLICIT, IMPLICIT, JPEG_BASELINE, VERIFICATION } from './wire.ts';

function ask(contexts: readonly ProposedContext[], more: Partial<AssociateRequest['userInformation']> = {}) {
  const request: AssociateRequest = {
    protocolVersion: 1,
    applicationContext: '1.2.840.10008.3.1.1.1',
    calledAeTitle: 'A',
    callingAeTitle: 'B',
    contexts,
    userInformation: { maxLength: 0, asyncOperations: undefined, roles: [], ...more },
  };
  const rules = {
    acceptsSopClass: isStorageSopClass,
    transferSyntaxPreference: TRANSFER_SYNTAX_PREFERENCE,
    maxPduBytes: 131_072,
  };
  return { request, ...negotiate(request, rules) };
}

const choose = (abstractSyntax: string, transferSyntaxes: readonly string[]) => {
  const { id, ...answer } = ask([{ id: 1, abstractSyntax, transferSyntaxes }]).accept.contexts[0];
  expect(id).toBe(1);
  return answer;
};

describe('the choice of a transfer syntax', () => {
  it('keeps the order of the sender among those that are known', () => {
    expect(choose(CT, [JPEG_BASELINE, EXPLICIT])).toEqual({ result: 0, transferSyntax: JPEG_BASELINE });
    expect(choose(CT, [EXPLICIT, JPEG_BASELINE])).toEqual({ result: 0, transferSyntax: EXPLICIT });
    expect(choose(CT, [IMPLICIT, EXPLICIT])).toEqual({ result: 0, transferSyntax: IMPLICIT });
    expect(choose(CT, ['1.2.3', EXPLICIT])).toEqual({ result: 0, transferSyntax: EXPLICIT });
  });

  it('takes big endian only when nothing else is listed', () => {
    expect(choose(CT, [BIG_ENDIAN, IMPLICIT])).toEqual({ result: 0, transferSyntax: IMPLICIT });
    expect(choose(CT, ['1.2.3', BIG_ENDIAN])).toEqual({ result: 0, transferSyntax: BIG_ENDIAN });
  });

  it('refuses a context without a known transfer syntax with result 4, without repeating what was sent', () => {
    expect(choose(CT, ['1.2.3'])).toEqual({ result: 4, transferSyntax: IMPLICIT });
  });

  it('takes every transfer syntax of the standard when it stands alone', () => {
    for (const { uid } of TRANSFER_SYNTAXES) expect(choose(CT, [uid])).toEqual({ result: 0, transferSyntax: uid });
  });

  it('takes native transfer syntaxes only for verification', () => {
    expect(choose(VERIFICATION, [JPEG_BASELINE, IMPLICIT])).toEqual({ result: 0, transferSyntax: IMPLICIT });
    expect(choose(VERIFICATION, [JPEG_BASELINE, '1.2.840.10008.1.2.1.99']).result).toBe(4);
  });
});

describe('the answer to a request', () => {
  it('takes every storage SOP class of the standard and no other', () => {
    for (const { uid } of STORAGE_SOP_CLASSES) expect(choose(uid, [EXPLICIT]).result).toBe(0);
    for (const uid of ['1.2.840.10008.5.1.4.1.2.1.1', '1.2.840.10008.1.20.1', '1.2.3']) {
      expect(choose(uid, [EXPLICIT]).result).toBe(3);
    }
  });

  it('holds the accepted contexts only', () => {
    const { contexts } = ask([
      { id: 3, abstractSyntax: CT, transferSyntaxes: [EXPLICIT] },
      { id: 1, abstractSyntax: '1.2.3', transferSyntaxes: [EXPLICIT] },
    ]);
    expect([...contexts]).toEqual([[3, { id: 3, abstractSyntax: CT, transferSyntax: EXPLICIT }]]);
  });

  it('allows one operation at a time, and the role of SCU only, when asked', () => {
    const proposal = [{ id: 1, abstractSyntax: CT, transferSyntaxes: [EXPLICIT] }];
    expect(ask(proposal).accept.userInformation).toEqual({ maxLength: 131_072, asyncOperations: undefined, roles: [] });
    const asked = ask(proposal, {
      asyncOperations: { invoked: 0, performed: 0 },
      roles: [{ sopClassUid: CT, isScu: true, isScp: true }],
    });
    expect(asked.accept.userInformation).toEqual({
      maxLength: 131_072,
      asyncOperations: { invoked: 1, performed: 1 },
      roles: [{ sopClassUid: CT, isScu: true, isScp: false }],
    });
  });

  it('is a rejection for another protocol version or application context', () => {
    const { request } = ask([]);
    expect(rejectionOf(request)).toBeUndefined();
    expect(rejectionOf({ ...request, protocolVersion: 3 })).toBeUndefined();
    expect(rejectionOf({ ...request, protocolVersion: 2 })).toMatchObject({ result: 1, source: 2, reason: 2 });
    expect(rejectionOf({ ...request, applicationContext: '1.2' })).toMatchObject({ result: 1, source: 1, reason: 2 });
  });
});
