// PDUs against byte literals with a comment per field, in the manner of a capture.
import { describe, expect, it } from 'vitest';
import {
  checkHead,
  decodeAbort,
  decodeReject,
  describeRejection,
  encodeAbort,
  encodeReject,
  encodeReleaseRp,
  encodeReleaseRq,
  writeDataHead,
} from '../../../src/dimse/pdu.ts';
import {
  decodeAssociateAccept,
  decodeAssociateRequest,
  encodeAssociateAccept,
  encodeAssociateRequest,
} from '../../../src/dimse/pdu-associate.ts';
import { eachItem, encodeItem } from '../../../src/dimse/pdu-items.ts';
import { context, item, request } from './wire.ts';

/** Bytes from hexadecimal lines with comments behind `//` and text in quotes. */
function bytes(text: string): Buffer {
  const parts = text.split('\n').map((line) => {
    const code = line.replace(/\/\/.*$/, '').trim();
    const quoted = /^'(.*)'$/.exec(code);
    return quoted === null ? Buffer.from(code.replaceAll(' ', ''), 'hex') : Buffer.from(quoted[1], 'latin1');
  });
  return Buffer.concat(parts);
}

const REQUEST = bytes(`
  01 00 00 00 01 33       // A-ASSOCIATE-RQ, reserved, 307 bytes follow
  00 01 00 00             // protocol version 1, reserved
  'ARCHIVE         '      // called AE title
  'CT01            '      // calling AE title
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  10 00 00 15             // application context, 21 bytes
  '1.2.840.10008.3.1.1.1'
  20 00 00 2e             // presentation context, 46 bytes
  01 00 00 00             // id 1, reserved
  30 00 00 11             // abstract syntax: verification
  '1.2.840.10008.1.1'
  40 00 00 11             // transfer syntax: implicit VR little endian
  '1.2.840.10008.1.2'
  20 00 00 4f             // presentation context, 79 bytes
  03 00 00 00             // id 3
  30 00 00 19             // abstract syntax: CT image storage
  '1.2.840.10008.5.1.4.1.1.2'
  40 00 00 16             // transfer syntax: JPEG baseline
  '1.2.840.10008.1.2.4.50'
  40 00 00 10             // transfer syntax, padded with NUL as some senders do
  '1.2.840.10008.1'
  00
  50 00 00 4d             // user information, 77 bytes
  51 00 00 04 00 02 00 00 // maximum length 131,072
  52 00 00 0c             // implementation class UID
  '1.2.276.0.70'
  53 00 00 04 00 08 00 04 // asynchronous operations: invoked 8, performed 4
  54 00 00 1d             // role selection, 29 bytes
  00 19                   // UID of 25 characters
  '1.2.840.10008.5.1.4.1.1.2'
  01 00                   // SCU yes, SCP no
  58 00 00 08             // user identity, passed over
  01 00 00 02 61 62 00 00
`);

describe('A-ASSOCIATE-RQ', () => {
  it('is decoded field by field', () => {
    expect(REQUEST.readUInt32BE(2)).toBe(REQUEST.length - 6);
    expect(decodeAssociateRequest(REQUEST.subarray(6))).toEqual({
      protocolVersion: 1,
      calledAeTitle: 'ARCHIVE',
      callingAeTitle: 'CT01',
      applicationContext: '1.2.840.10008.3.1.1.1',
      contexts: [
        { id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
        {
          id: 3,
          abstractSyntax: '1.2.840.10008.5.1.4.1.1.2',
          transferSyntaxes: ['1.2.840.10008.1.2.4.50', '1.2.840.10008.1'],
        },
      ],
      userInformation: {
        maxLength: 131_072,
        asyncOperations: { invoked: 8, performed: 4 },
        roles: [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', isScu: true, isScp: false }],
      },
    });
  });

  it('comes back from its own encoding as it went in', () => {
    const fields = {
      calledAeTitle: 'SIXTEEN-LETTERS!',
      callingAeTitle: 'A',
      contexts: [{ id: 255, abstractSyntax: '1.2', transferSyntaxes: ['1.3', '1.4'] }],
      userInformation: { maxLength: 0, asyncOperations: undefined, roles: [] },
    };
    const encoded = encodeAssociateRequest(fields);
    expect(encoded.readUInt32BE(2)).toBe(encoded.length - 6);
    expect(decodeAssociateRequest(encoded.subarray(6))).toMatchObject({ ...fields, protocolVersion: 1 });
  });

  it('may hold 128 contexts in any order of ids', () => {
    const contexts = Array.from({ length: 128 }, (_, i) => context(255 - 2 * i, '1.2.3', ['1.2']));
    const decoded = decodeAssociateRequest(request({ contexts }).subarray(6));
    expect(decoded.contexts.map(({ id }) => id)).toEqual(Array.from({ length: 128 }, (_, i) => 255 - 2 * i));
  });

  it('skips items and sub-items that it does not know, extended negotiation among them', () => {
    const userInformation = item(
      0x50,
      Buffer.concat([item(0x51, Buffer.alloc(4)), item(0x56, 'xyz'), item(0x57, 'xyz'), item(0xfe, '')]),
    );
    const decoded = decodeAssociateRequest(request({ userInformation, extra: item(0x77, 'future') }).subarray(6));
    expect(decoded.userInformation).toEqual({ maxLength: 0, asyncOperations: undefined, roles: [] });
  });

  it('assumes 16 KiB of a peer that leaves its maximum length out', () => {
    const decoded = decodeAssociateRequest(request({ userInformation: item(0x50, '') }).subarray(6));
    expect(decoded.userInformation.maxLength).toBe(16_384);
  });

  it('takes AE titles that are padded in front or with NULs', () => {
    const decoded = decodeAssociateRequest(request({ called: '  AE\0\0\0', calling: 'X\0 \0' }).subarray(6));
    expect(decoded).toMatchObject({ calledAeTitle: 'AE', callingAeTitle: 'X' });
  });
});

describe('A-ASSOCIATE-AC', () => {
  const ACCEPT = bytes(`
    02 00 00 00 00 97       // A-ASSOCIATE-AC, 151 bytes follow
    00 01 00 00
    'ARCHIVE         '
    'CT01            '
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    10 00 00 15
    '1.2.840.10008.3.1.1.1'
    21 00 00 19             // presentation context, 25 bytes
    01 00 00 00             // id 1, accepted
    40 00 00 11
    '1.2.840.10008.1.2'
    21 00 00 08             // presentation context, 8 bytes
    03 00 03 00             // id 3, abstract syntax not supported
    40 00 00 00             // an empty transfer syntax, as some acceptors send
    50 00 00 0d             // user information, 13 bytes
    51 00 00 04 00 00 40 00 // maximum length 16,384
    52 00 00 01 31
  `);

  it('is decoded field by field', () => {
    expect(ACCEPT.readUInt32BE(2)).toBe(ACCEPT.length - 6);
    expect(decodeAssociateAccept(ACCEPT.subarray(6))).toMatchObject({
      contexts: [
        { id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' },
        { id: 3, result: 3 },
      ],
      userInformation: { maxLength: 16_384 },
    });
  });

  it('comes back from its own encoding as it went in', () => {
    const fields = {
      calledAeTitle: 'A',
      callingAeTitle: 'B',
      contexts: [{ id: 1, result: 0, transferSyntax: '1.2' }],
      userInformation: {
        maxLength: 131_072,
        asyncOperations: { invoked: 1, performed: 1 },
        roles: [{ sopClassUid: '1.2.3', isScu: true, isScp: false }],
      },
    };
    expect(decodeAssociateAccept(encodeAssociateAccept(fields).subarray(6))).toEqual(fields);
  });

  it.each([
    ['accepts a context without a transfer syntax', '21 00 00 04 01 00 00 00'],
    ['has a context cut short', '21 00 00 03 01 00 00'],
    ['answers a context twice', '21 00 00 04 01 00 03 00 21 00 00 04 01 00 03 00'],
    ['answers an even context', '21 00 00 04 02 00 03 00'],
  ])('is refused when it %s', (_name, hex) => {
    const body = Buffer.concat([ACCEPT.subarray(6, 99), bytes(hex), item(0x50, '')]);
    expect(() => decodeAssociateAccept(body)).toThrow(expect.objectContaining({ code: 'pdu-invalid' }));
  });
});

describe('PDUs of fixed size', () => {
  it('are encoded byte for byte', () => {
    expect(encodeReject({ result: 1, source: 1, reason: 7, text: '' }).toString('hex')).toBe('03000000000400010107');
    expect(encodeReleaseRq().toString('hex')).toBe('05000000000400000000');
    expect(encodeReleaseRp().toString('hex')).toBe('06000000000400000000');
    expect(encodeAbort(2, 6).toString('hex')).toBe('07000000000400000206');
    // The reason means nothing when the source is the service user (PS3.8 9.3.8).
    expect(encodeAbort(0, 6).toString('hex')).toBe('07000000000400000000');
  });

  it('are decoded with the words of the standard', () => {
    expect(decodeReject(bytes('00 02 03 02'))).toEqual({
      result: 2,
      source: 3,
      reason: 2,
      text: 'local limit exceeded',
    });
    expect(describeRejection(1, 9)).toBe('reason unknown to the standard');
    expect(() => decodeReject(bytes('00 00 00 00'))).toThrow('unknown result');
    expect(decodeAbort(bytes('00 00 02 05'))).toEqual({ source: 2, reason: 5 });
  });

  it('have no other length', () => {
    for (const type of [3, 5, 6, 7]) {
      expect(checkHead(type, 4)).toBeUndefined();
      for (const length of [0, 3, 5, 0xffffffff]) expect(checkHead(type, length)?.reason).toBe(6);
    }
  });
});

describe('P-DATA-TF', () => {
  it('has its heads in 12 bytes', () => {
    const head = Buffer.alloc(14, 0xee);
    writeDataHead(head, 1, 5, 2, 0x0102);
    expect(head.toString('hex')).toBe(
      'ee' +
        '0400' + // P-DATA-TF, reserved
        '00000108' + // 258 + 6 bytes follow
        '00000104' + // PDV item of 258 + 2 bytes
        '05' + // presentation context 5
        '02' + // last fragment of a data set
        'ee',
    );
  });
});

describe('items', () => {
  it('are visited as views, in order', () => {
    const seen: [number, string][] = [];
    eachItem(Buffer.concat([encodeItem(1, Buffer.from('ab')), encodeItem(2)]), (type, value) => {
      seen.push([type, value.toString()]);
    });
    expect(seen).toEqual([
      [1, 'ab'],
      [2, ''],
    ]);
  });

  it('cannot be longer than their length field tells', () => {
    expect(() => encodeItem(1, Buffer.alloc(0x10000))).toThrow(RangeError);
  });
});
