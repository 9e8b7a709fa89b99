import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { PduFramer } from '../../../src/dimse/framing.ts';
import type { FrameConsumer } from '../../../src/dimse/framing.ts';
import { RELEASE, command, data, pdu, pdv, request } from './wire.ts';

interface Seen {
  events: string[];
  fault: string | undefined;
}

/** Feeds chunks and notes what came out, with the pieces of a fragment put together so that the chunking does not show. */
function feed(chunks: readonly Buffer[], settings: { skip?: boolean } = {}): Seen {
  const seen: Seen = { events: [], fault: undefined };
  let fragment: Buffer[] = [];
  const consumer: FrameConsumer = {
    onHead: () => (settings.skip === true ? 'skip' : 'take'),
    onControl: (type, body) => {
      seen.events.push(`control ${type} ${body.toString('hex')}`);
    },
    onFragment: (contextId, control, bytes, isEnd) => {
      fragment.push(Buffer.from(bytes));
      if (isEnd) {
        seen.events.push(`pdv ${contextId} ${control} ${Buffer.concat(fragment).toString('hex')}`);
        fragment = [];
      }
      return undefined;
    },
    onFault: (fault) => {
      seen.fault = `${fault.reason} ${fault.text}`;
    },
    onReady: () => undefined,
  };
  const framer = new PduFramer(consumer);
  for (const chunk of chunks) push(framer, chunk);
  return seen;
}

/** As who reads everything into one buffer: what was pushed is gone afterwards. */
function push(framer: PduFramer, bytes: Buffer): void {
  const reused = Buffer.from(bytes);
  framer.push(reused);
  reused.fill(0xee);
}

const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

const body = Buffer.from(Array.from({ length: 37 }, (_, i) => i));
const MESSAGES: Readonly<Record<string, Buffer>> = {
  'an A-ASSOCIATE-RQ': request(),
  'an A-RELEASE-RQ': RELEASE,
  'a command': data(pdv(1, 3, command())),
  'a command and a data set in one PDU': data(pdv(1, 3, command()), pdv(1, 2, body)),
  'three fragments in one PDU': data(pdv(1, 0, body), pdv(1, 0, Buffer.alloc(1)), pdv(1, 2, body)),
  'an empty fragment': data(pdv(1, 0, Buffer.alloc(0))),
  'an empty last fragment after a full one': data(pdv(1, 0, body), pdv(1, 2, Buffer.alloc(0))),
  'an empty fragment before a full one': data(pdv(1, 0, Buffer.alloc(0)), pdv(1, 2, body)),
  'several PDUs': Buffer.concat([data(pdv(1, 3, command())), data(pdv(1, 0, body)), data(pdv(1, 2, body)), RELEASE]),
};

describe('framing', () => {
  for (const [name, bytes] of Object.entries(MESSAGES)) {
    it(`reads ${name} the same whole, byte by byte and split at every offset`, () => {
      const whole = feed([bytes]);
      expect(whole.fault).toBeUndefined();
      expect(whole.events.length).toBeGreaterThan(0);
      expect(feed(cut(bytes, 1))).toEqual(whole);
      for (let at = 1; at < bytes.length; at++) {
        expect(feed([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
      }
    });
  }

  it('gives back any layout of fragments byte for byte, however it is cut', () => {
    const fragments = fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(2)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fragments, fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (parts, sizes) => {
        const pdus: Buffer[] = [];
        let open: Buffer[] = [];
        for (const [bytes, gap] of parts) {
          open.push(pdv(5, 0, Buffer.from(bytes)));
          if (gap > 0) {
            pdus.push(data(...open));
            open = [];
          }
        }
        if (open.length > 0) pdus.push(data(...open));
        const wire = Buffer.concat(pdus);
        const chunks: Buffer[] = [];
        for (let offset = 0, i = 0; offset < wire.length; i++) {
          const size = sizes[i % sizes.length];
          chunks.push(wire.subarray(offset, offset + size));
          offset += size;
        }
        const expected = parts.map(([bytes]) => `pdv 5 0 ${Buffer.from(bytes).toString('hex')}`);
        expect(feed(chunks)).toEqual({ events: expected, fault: undefined });
      }),
      { numRuns: 2000 },
    );
  });

  it('hands fragments on as views of the chunk they came in', () => {
    const chunk = data(pdv(1, 2, body));
    let isView = false;
    const framer = new PduFramer({
      onHead: () => 'take',
      onControl: () => undefined,
      onFragment: (_id, _control, bytes) => {
        isView = bytes.buffer === chunk.buffer;
        return undefined;
      },
      onFault: () => undefined,
      onReady: () => undefined,
    });
    framer.push(chunk);
    expect(isView).toBe(true);
  });

  it.each([
    ['an unknown PDU type', pdu(8, Buffer.alloc(4)), '1 unrecognized PDU type'],
    ['PDU type 0', pdu(0, Buffer.alloc(4)), '1 unrecognized PDU type'],
    ['an A-ASSOCIATE-RQ of 4 GiB', pdu(1, Buffer.alloc(0), 0xffffffff), '6 association PDU is longer than 256 KiB'],
    ['a P-DATA-TF of 4 GiB', pdu(4, Buffer.alloc(0), 0xffffffff), '6 P-DATA-TF is empty or longer than 1 MiB'],
    ['a P-DATA-TF just above 1 MiB', pdu(4, Buffer.alloc(0), 1048577), '6 P-DATA-TF is empty or longer than 1 MiB'],
    ['an empty P-DATA-TF', pdu(4, Buffer.alloc(0)), '6 P-DATA-TF is empty or longer than 1 MiB'],
    ['an A-RELEASE-RQ of 5 bytes', pdu(5, Buffer.alloc(5)), '6 PDU of fixed size has another length'],
    ['an A-ABORT without a body', pdu(7, Buffer.alloc(0)), '6 PDU of fixed size has another length'],
    ['a PDV of length 0', data(pdv(1, 2, body, 0)), '6 PDV length does not fit its PDU'],
    ['a PDV of length 1', data(pdv(1, 2, body, 1)), '6 PDV length does not fit its PDU'],
    ['a PDV longer than its PDU', data(pdv(1, 2, body, 40)), '6 PDV length does not fit its PDU'],
    ['a PDV of 4 GiB', data(pdv(1, 2, body, 0xffffffff)), '6 PDV length does not fit its PDU'],
    ['a PDV head cut short by its PDU', data(pdv(1, 2, body), Buffer.alloc(3)), '6 PDV head is longer than its PDU'],
  ])('faults %s at once, and takes nothing more', (_name, bytes, fault) => {
    for (const chunks of [[bytes], cut(bytes, 1)]) {
      const seen = feed([...chunks, RELEASE]);
      expect(seen.fault).toBe(fault);
      expect(seen.events).toEqual([]);
    }
  });

  it('passes over the body of a PDU that is not wanted', () => {
    const seen = feed(cut(Buffer.concat([data(pdv(1, 2, body)), RELEASE]), 3), { skip: true });
    expect(seen).toEqual({ events: [], fault: undefined });
  });

  it('hands on nothing while halted, and goes on where it stopped, in order', async () => {
    const events: string[] = [];
    let go: () => void = () => undefined;
    let isReady = false;
    const framer = new PduFramer({
      onHead: () => 'take',
      onControl: (type) => {
        events.push(`control ${type}`);
      },
      onFragment: (contextId, control, bytes) => {
        events.push(`pdv ${contextId} ${control} ${bytes.equals(body)}`);
        return new Promise<void>((resolve) => {
          go = resolve;
        });
      },
      onFault: () => undefined,
      onReady: () => {
        isReady = true;
      },
    });
    push(framer, data(pdv(1, 3, body), pdv(3, 3, body)));
    push(framer, data(pdv(5, 3, body)));
    push(framer, RELEASE);
    expect(events).toEqual(['pdv 1 3 true']);
    expect(framer.hasWaiting).toBe(true);
    for (const seen of [
      ['pdv 1 3 true', 'pdv 3 3 true'],
      ['pdv 1 3 true', 'pdv 3 3 true', 'pdv 5 3 true'],
    ]) {
      go();
      await new Promise((resolve) => setImmediate(resolve));
      expect(events).toEqual(seen);
      expect(isReady).toBe(false);
    }
    go();
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['pdv 1 3 true', 'pdv 3 3 true', 'pdv 5 3 true', 'control 5']);
    expect(isReady).toBe(true);
    expect(framer.isBetweenPdus).toBe(true);
  });
});
