import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decodeCommand, encodeResponse, encodeStoreRequest } from '../../../src/dimse/command-set.ts';
import { LetheError } from '../../../src/core/errors.ts';

describe('command sets', () => {
  it('encode a C-STORE-RQ as one P-DATA-TF, byte for byte', () => {
    const pdu = encodeStoreRequest(3, { messageId: 0x1234, sopClassUid: '1.2', sopInstanceUid: '1.2.3.4' });
    expect(pdu.toString('hex')).toBe(
      [
        '0400' + '00000056', // P-DATA-TF, 86 bytes
        '00000052' + '03' + '03', // PDV of 82 bytes, context 3, command and last
        '0000' + '0000' + '04000000' + '44000000', // group length 68
        '0000' + '0200' + '04000000' + '312e3200', // affected SOP class UID, padded with NUL
        '0000' + '0001' + '02000000' + '0100', // C-STORE-RQ
        '0000' + '1001' + '02000000' + '3412', // message id
        '0000' + '0007' + '02000000' + '0000', // priority medium
        '0000' + '0008' + '02000000' + '0100', // a data set follows
        '0000' + '0010' + '08000000' + '312e322e332e3400', // affected SOP instance UID
      ].join(''),
    );
  });

  it('encode responses without what the request did not tell', () => {
    const pdu = encodeResponse(1, { commandField: 0x30, messageId: 9, status: 0x0211 });
    expect(decodeCommand(pdu.subarray(12))).toEqual({
      commandField: 0x8030,
      hasDataSet: false,
      messageIdBeingRespondedTo: 9,
      status: 0x0211,
    });
  });

  it('decode to what was encoded', () => {
    const uid = fc.stringMatching(/^[0-9.]{1,64}$/);
    const word = fc.nat(0xffff);
    fc.assert(
      fc.property(uid, uid, word, word, (sopClassUid, sopInstanceUid, messageId, status) => {
        const pdu = encodeResponse(1, { commandField: 1, messageId, status, sopClassUid, sopInstanceUid });
        expect(pdu.length % 2).toBe(0);
        expect(pdu.readUInt32BE(2)).toBe(pdu.length - 6);
        expect(decodeCommand(pdu.subarray(12))).toEqual({
          commandField: 0x8001,
          hasDataSet: false,
          messageIdBeingRespondedTo: messageId,
          status,
          affectedSopClassUid: sopClassUid,
          affectedSopInstanceUid: sopInstanceUid,
        });
      }),
    );
  });

  it('never throw anything but command-invalid, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeCommand(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(LetheError);
          expect(error).toMatchObject({ code: 'command-invalid' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
