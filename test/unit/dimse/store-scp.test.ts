import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  ABORT,
  BIG_ENDIAN,
  CT,
  EXPLICIT,
  IMPLICIT,
  INSTANCE,
  MR,
  MemoryProvider,
  RELEASE,
  RawPeer,
  VERIFICATION,
  associate,
  command,
  context,
  data,
  dataSet,
  echoRequest,
  makeListener,
  pdu,
  pdv,
  quiet,
  request,
  store,
} from './wire.ts';

const BYTES = Buffer.from('0800160012000000', 'hex');

describe('an accepted association', () => {
  it('answers C-ECHO with success', async () => {
    const peer = await associate(makeListener(new MemoryProvider()));
    const answers = await peer.send(echoRequest(), 2);
    expect(answers[1].status).toBe(0);
    expect((await peer.send(RELEASE, 3))[2].type).toBe(6);
    expect(await peer.untilClosed()).toBe(true);
  });

  it('stores an instance with the facts of its command and context, and answers after the commit', async () => {
    const provider = new MemoryProvider();
    const order: string[] = [];
    provider.commitWith = async () => {
      await sleep(20);
      order.push('committed');
      return 0;
    };
    const peer = await associate(makeListener(provider));
    const answers = await peer.send(Buffer.concat([store(), dataSet(BYTES)]), 2);
    order.push('answered');
    expect(answers[1].status).toBe(0);
    expect(order).toEqual(['committed', 'answered']);
    expect(provider.stored).toEqual([
      {
        facts: {
          callingAeTitle: 'MODALITY',
          calledAeTitle: 'LETHE',
          peerAddress: '10.0.0.1',
          sopClassUid: CT,
          sopInstanceUid: INSTANCE,
          transferSyntaxUid: EXPLICIT,
        },
        bytes: BYTES,
      },
    ]);
    peer.stream.destroy();
  });

  it('takes every layout of the same message alike', async () => {
    const provider = new MemoryProvider();
    const parts = command();
    const layouts = [
      data(pdv(1, 3, parts), pdv(1, 2, BYTES)),
      Buffer.concat([data(pdv(1, 1, parts.subarray(0, 9))), data(pdv(1, 3, parts.subarray(9))), dataSet(BYTES)]),
      Buffer.concat([store(), data(pdv(1, 0, BYTES.subarray(0, 3)), pdv(1, 2, BYTES.subarray(3)))]),
      Buffer.concat([store(), data(pdv(1, 0, BYTES)), data(pdv(1, 2, Buffer.alloc(0)))]),
      Buffer.concat([store(), data(pdv(1, 0, Buffer.alloc(0))), dataSet(BYTES)]),
      Buffer.concat([
        store(),
        data(...[...BYTES].map((byte) => pdv(1, 0, Buffer.from([byte])))),
        dataSet(Buffer.alloc(0)),
      ]),
      data(pdv(1, 0xff, parts), pdv(1, 0xfe, BYTES)),
    ];
    for (const layout of layouts) {
      const whole = await associate(makeListener(provider));
      expect((await whole.send(layout, 2))[1].status).toBe(0);
      whole.stream.destroy();
      const dripping = await associate(makeListener(provider));
      for (const byte of layout) dripping.stream.write(Buffer.from([byte]));
      expect((await dripping.until(2))[1].status).toBe(0);
      dripping.stream.destroy();
    }
    expect(provider.stored).toHaveLength(2 * layouts.length);
    for (const { bytes } of provider.stored) expect(bytes.equals(BYTES)).toBe(true);
  });

  it('answers pipelined requests one after another, in order', async () => {
    const provider = new MemoryProvider();
    let open = 0;
    provider.commitWith = async () => {
      expect(++open).toBe(1);
      await sleep(5);
      open--;
      return 0;
    };
    const peer = await associate(makeListener(provider));
    const messages = [1, 2, 3].map((messageId) => Buffer.concat([store({ messageId }), dataSet(BYTES)]));
    const answers = await peer.send(Buffer.concat([...messages, RELEASE]), 5);
    expect(answers.map(({ status }) => status)).toEqual([undefined, 0, 0, 0, undefined]);
    expect(answers[4].type).toBe(6);
  });

  it('waits for a slow provider before it hands on more', async () => {
    const provider = new MemoryProvider();
    let writing = 0;
    provider.writeWith = async () => {
      expect(++writing).toBe(1);
      await sleep(2);
      writing--;
    };
    const peer = await associate(makeListener(provider));
    const big = Array.from({ length: 20 }, (_, i) => data(pdv(1, i === 19 ? 2 : 0, Buffer.alloc(50, i))));
    const answers = await peer.send(Buffer.concat([store(), ...big]), 2);
    expect(answers[1].status).toBe(0);
    expect(provider.stored[0].bytes).toHaveLength(1000);
    expect(provider.stored[0].bytes[999]).toBe(19);
    peer.stream.destroy();
  });

  const FAILURES: readonly (readonly [string, Parameters<typeof store>[0], number])[] = [
    ['a SOP class that is missing', { sopClass: undefined }, 0x0106],
    ['a SOP class that is no UID', { sopClass: '../../etc' }, 0x0106],
    ['a SOP class that is no storage class', { sopClass: '1.2.840.10008.5.1.4.1.2.1.1' }, 0x0122],
    ['the verification SOP class', { sopClass: VERIFICATION }, 0x0122],
    ['another SOP class than the context has', { sopClass: MR }, 0xa900],
    ['an instance UID that is missing', { instance: undefined }, 0x0117],
    ['an instance UID that is a path', { instance: '../../../../tmp/x' }, 0x0117],
    ['an instance UID of 65 characters', { instance: '1'.repeat(65) }, 0x0117],
    ['an empty instance UID', { instance: '' }, 0x0117],
    ['an instance UID with a NUL inside', { instance: '1.2\x003.4' }, 0x0117],
  ];
  it.each(FAILURES)(
    'swallows the data set of a C-STORE with %s and answers its failure',
    async (_name, parts, status) => {
      const provider = new MemoryProvider();
      const peer = await associate(makeListener(provider));
      const answers = await peer.send(Buffer.concat([store(parts), dataSet(BYTES), echoRequest()]), 3);
      expect(answers.map((answer) => answer.status)).toEqual([undefined, status, 0]);
      expect(provider.begun).toBe(0);
      peer.stream.destroy();
    },
  );

  it('answers a C-STORE without a data set and one with an empty data set as not understood', async () => {
    const provider = new MemoryProvider();
    const peer = await associate(makeListener(provider));
    await peer.send(store({ dataSetType: 0x101 }), 2);
    const answers = await peer.send(Buffer.concat([store(), dataSet(Buffer.alloc(0))]), 3);
    expect(answers.map(({ status }) => status)).toEqual([undefined, 0xc000, 0xc000]);
    expect(provider).toMatchObject({ committed: 0, aborted: 1 });
    peer.stream.destroy();
  });

  it('answers the status that the provider turns an instance away with, after the whole data set', async () => {
    const provider = new MemoryProvider();
    provider.refuseWith = 0xa700;
    const peer = await associate(makeListener(provider));
    expect(await peer.send(Buffer.concat([store(), data(pdv(1, 0, BYTES))]), 1)).toHaveLength(1);
    const answers = await peer.send(Buffer.concat([dataSet(BYTES), echoRequest()]), 3);
    expect(answers.map(({ status }) => status)).toEqual([undefined, 0xa700, 0]);
    peer.stream.destroy();
  });

  it.each([
    ['turns an instance away with success', { refuseWith: 0 }, 0x0110],
    ['commits with what is no status', { commitWith: () => Promise.resolve(NaN) }, 0x0110],
    ['breaks its word and rejects a commit', { commitWith: () => Promise.reject(new Error('disk')) }, 0x0110],
    ['commits with a failure', { commitWith: () => Promise.resolve(0xa700) }, 0xa700],
    [
      'throws while writing',
      {
        writeWith: () => {
          throw new Error('disk');
        },
      },
      0x0110,
    ],
    ['rejects a write', { writeWith: () => Promise.reject(new Error('disk')) }, 0x0110],
  ])('never answers success when the provider %s', async (_name, behaviour, status) => {
    const provider = Object.assign(new MemoryProvider(), behaviour);
    const peer = await associate(makeListener(provider));
    const answers = await peer.send(Buffer.concat([store(), data(pdv(1, 0, BYTES)), dataSet(BYTES), echoRequest()]), 3);
    expect(answers.map((answer) => answer.status)).toEqual([undefined, status, 0]);
    expect(provider.stored).toEqual([]);
    peer.stream.destroy();
  });

  it('answers operations that it does not know, and ignores C-CANCEL', async () => {
    const provider = new MemoryProvider();
    const peer = await associate(makeListener(provider));
    await peer.send(data(pdv(1, 3, command({ field: 0x0fff, dataSetType: 0x101 }))));
    const find = Buffer.concat([data(pdv(1, 3, command({ field: 0x20 }))), dataSet(BYTES)]);
    const create = data(pdv(1, 3, command({ field: 0x140, dataSetType: 0x101 })));
    const answers = await peer.send(Buffer.concat([find, create, echoRequest()]), 4);
    expect(answers.map(({ status }) => status)).toEqual([undefined, 0x211, 0x211, 0]);
    peer.stream.destroy();
  });

  it('refuses C-ECHO on a context of another SOP class', async () => {
    const peer = await associate(makeListener(new MemoryProvider()));
    expect((await peer.send(echoRequest(1), 2))[1].status).toBe(0x0122);
    peer.stream.destroy();
  });
});

describe('an instance that breaks off', () => {
  it.each([
    ['an A-ABORT', async (peer: RawPeer) => peer.send(ABORT)],
    ['the end of the connection', (peer: RawPeer) => peer.stream.end()],
    ['a reset of the connection', (peer: RawPeer) => peer.stream.destroy()],
    ['an invalid PDU', async (peer: RawPeer) => peer.send(pdu(9, Buffer.alloc(4)))],
    ['a release request', async (peer: RawPeer) => peer.send(RELEASE)],
    ['another command', async (peer: RawPeer) => peer.send(store())],
    ['a data set on another context', async (peer: RawPeer) => peer.send(dataSet(BYTES, 3))],
    ['half a PDU and the end', (peer: RawPeer) => peer.stream.end(dataSet(BYTES).subarray(0, 9))],
  ])('is aborted exactly once on %s, and never committed', async (_name, breakOff) => {
    const provider = new MemoryProvider();
    const listener = makeListener(provider);
    const peer = await associate(listener);
    await peer.send(Buffer.concat([store(), data(pdv(1, 0, BYTES))]));
    await sleep(5);
    await breakOff(peer);
    await peer.ended;
    expect(provider).toMatchObject({ begun: 1, aborted: 1, committed: 0 });
    expect(listener.counters()).toMatchObject({ open: 0, accepted: 1, aborted: 1, stored: 0 });
    peer.stream.destroy();
  });

  it('is aborted after the write that is under way', async () => {
    const provider = new MemoryProvider();
    let finish: () => void = () => undefined;
    provider.writeWith = () => new Promise<void>((resolve) => (finish = resolve));
    const peer = await associate(makeListener(provider));
    await peer.send(Buffer.concat([store(), dataSet(BYTES)]));
    await sleep(5);
    peer.stream.destroy();
    await sleep(10);
    expect(provider.aborted).toBe(0);
    finish();
    await peer.ended;
    expect(provider).toMatchObject({ aborted: 1, committed: 0 });
  });

  it('leaves a commit that is under way to its provider', async () => {
    const provider = new MemoryProvider();
    let finish: (status: number) => void = () => undefined;
    provider.commitWith = () => new Promise((resolve) => (finish = resolve));
    const peer = await associate(makeListener(provider));
    await peer.send(Buffer.concat([store(), dataSet(BYTES)]));
    await sleep(5);
    peer.stream.destroy();
    await sleep(10);
    finish(0);
    await peer.ended;
    expect(provider).toMatchObject({ aborted: 0, committed: 1 });
  });
});

describe('state attacks: a C-STORE that must never reach the handler', () => {
  const attack = Buffer.concat([store(), dataSet(BYTES)]);
  const contexts = [context(1, CT, [IMPLICIT]), context(5, '1.2.3.4', [IMPLICIT]), context(7, MR, ['1.2.3'])];
  const ATTACKS: readonly (readonly [string, Buffer])[] = [
    ['without an association', attack],
    ['before the request', Buffer.concat([attack, request()])],
    ['after a wrong called AE title', Buffer.concat([request({ called: 'OTHER' }), attack])],
    ['after a wrong calling AE title', Buffer.concat([request({ calling: 'OTHER' }), attack])],
    [
      'after an unknown application context',
      Buffer.concat([request({ applicationContext: Buffer.from('100000053132333435', 'hex').subarray(0, 9) }), attack]),
    ],
    ['after a wrong protocol version', Buffer.concat([request({ version: 2 }), attack])],
    ['after A-RELEASE', Buffer.concat([request(), RELEASE, attack])],
    ['after A-ABORT', Buffer.concat([request(), ABORT, attack])],
    ['after an invalid PDU', Buffer.concat([request(), pdu(99, Buffer.alloc(4)), attack])],
    ['after a second request', Buffer.concat([request(), request(), attack])],
    [
      'after a second request with another calling AE title',
      Buffer.concat([request(), request({ calling: 'CT2' }), attack]),
    ],
    ['after an A-ASSOCIATE-AC from the peer', Buffer.concat([request(), pdu(2, Buffer.alloc(68)), attack])],
    ['after an A-ASSOCIATE-RJ from the peer', Buffer.concat([request(), pdu(3, Buffer.alloc(4)), attack])],
    ['after an A-RELEASE-RP from the peer', Buffer.concat([request(), pdu(6, Buffer.alloc(4)), attack])],
    [
      'on a context whose abstract syntax was rejected',
      Buffer.concat([request({ contexts }), store({}, 5), dataSet(BYTES, 5)]),
    ],
    [
      'on a context whose transfer syntax was rejected',
      Buffer.concat([request({ contexts }), store({ sopClass: MR }, 7), dataSet(BYTES, 7)]),
    ],
    ['on a context that was never proposed', Buffer.concat([request(), store({}, 9), dataSet(BYTES, 9)])],
    ['on context 0', Buffer.concat([request(), store({}, 0), dataSet(BYTES, 0)])],
    ['on the verification context', Buffer.concat([request(), store({}, 3), dataSet(BYTES, 3)])],
    ['with its data set on another context', Buffer.concat([request(), store(), dataSet(BYTES, 3)])],
    [
      'with its command cut over two contexts',
      Buffer.concat([
        request(),
        data(pdv(1, 1, command().subarray(0, 20)), pdv(3, 3, command().subarray(20))),
        dataSet(BYTES),
      ]),
    ],
    ['without a command', Buffer.concat([request(), dataSet(BYTES)])],
    ['as a response', Buffer.concat([request(), store({ field: 0x8001, respondsTo: 7 }), dataSet(BYTES)])],
    ['with a second command inside', Buffer.concat([request(), store(), store(), dataSet(BYTES)])],
    ['with a release inside', Buffer.concat([request(), store(), RELEASE, dataSet(BYTES)])],
  ];
  it.each(ATTACKS)('%s, in one segment or in many', async (_name, bytes) => {
    for (const size of [bytes.length, 1, 7]) {
      const provider = new MemoryProvider();
      provider.admit = ({ calledAeTitle, callingAeTitle }) => {
        if (calledAeTitle !== 'LETHE') return { result: 1, source: 1, reason: 7, text: 'called' };
        return callingAeTitle === 'OTHER' ? { result: 1, source: 1, reason: 3, text: 'calling' } : undefined;
      };
      const peer = new RawPeer(makeListener(provider, { artimMs: 50 }));
      for (let offset = 0; offset < bytes.length; offset += size)
        peer.stream.write(bytes.subarray(offset, offset + size));
      await peer.until(4, 40);
      peer.stream.destroy();
      await peer.ended;
      expect(provider.committed).toBe(0);
      expect(provider.stored).toEqual([]);
      expect(peer.answers.every(({ status }) => status !== 0)).toBe(true);
      expect(provider.begun).toBe(provider.aborted);
    }
  });
});

describe('admission', () => {
  const rejectionBytes = async (parts: Parameters<typeof request>[0]): Promise<number[]> => {
    const peer = new RawPeer(makeListener(new MemoryProvider()));
    const [answer] = await peer.send(request(parts), 1);
    expect(answer.type).toBe(3);
    expect(await peer.untilClosed()).toBe(true);
    return [...answer.body.subarray(1)];
  };

  it('rejects with result, source and reason of the standard', async () => {
    expect(await rejectionBytes({ version: 2 })).toEqual([1, 2, 2]);
    expect(await rejectionBytes({ applicationContext: Buffer.from([0x10, 0, 0, 3, 0x31, 0x2e, 0x32]) })).toEqual([
      1, 1, 2,
    ]);
    expect(await rejectionBytes({ calling: '' })).toEqual([1, 1, 3]);
    expect(await rejectionBytes({ called: '\x1b[2J' })).toEqual([1, 1, 7]);
  });

  it('passes on what the provider decides, and never logs an AE title raw', async () => {
    const provider = new MemoryProvider();
    provider.admit = () => ({ result: 1, source: 1, reason: 3, text: 'calling AE title not recognized' });
    const lines: string[] = [];
    const log = { ...quiet, warn: (message: string, fields: unknown) => lines.push(message + JSON.stringify(fields)) };
    const peer = new RawPeer(makeListener(provider, {}, log));
    const [answer] = await peer.send(request({ calling: 'EVIL\n\x1b[2J' }), 1);
    expect([...answer.body]).toEqual([0, 1, 1, 3]);
    await peer.ended;
    expect(lines.join('')).toContain('EVIL\\\\x0a\\\\x1b[2J');
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  it('answers a provider that throws with a transient rejection', async () => {
    const provider = new MemoryProvider();
    provider.admit = () => {
      throw new Error('no');
    };
    const peer = new RawPeer(makeListener(provider));
    expect([...(await peer.send(request(), 1))[0].body]).toEqual([0, 2, 3, 1]);
  });

  it('rejects beyond its limits as transient, and has room again after a release', async () => {
    const listener = makeListener(new MemoryProvider(), { maxAssociations: 2, maxAssociationsPerPeer: 1 });
    const first = await associate(listener);
    const samePeer = new RawPeer(listener);
    expect([...(await samePeer.send(request(), 1))[0].body]).toEqual([0, 2, 3, 2]);
    const second = new RawPeer(listener, '10.0.0.2');
    expect((await second.send(request(), 1))[0].type).toBe(2);
    const third = new RawPeer(listener, '10.0.0.3');
    expect([...(await third.send(request(), 1))[0].body]).toEqual([0, 2, 3, 2]);
    await first.send(RELEASE, 2);
    await first.ended;
    const again = new RawPeer(listener);
    expect((await again.send(request(), 1))[0].type).toBe(2);
    expect(listener.counters()).toMatchObject({ open: 2, accepted: 3, rejected: 2 });
    for (const peer of [first, second, third, samePeer, again]) peer.stream.destroy();
  });
});

describe('time', () => {
  it('closes a connection that sends no request, or drips one, when ARTIM has run out', async () => {
    const listener = makeListener(new MemoryProvider(), { artimMs: 60 });
    const silent = new RawPeer(listener);
    const dripping = new RawPeer(listener);
    const bytes = request();
    let at = 0;
    const drip = setInterval(() => dripping.stream.write(bytes.subarray(at, ++at)), 5);
    await Promise.all([silent.ended, dripping.ended]);
    clearInterval(drip);
    expect(await silent.untilClosed()).toBe(true);
    expect(at).toBeLessThan(100);
  });

  it('aborts an association that is idle for too long, but not one that echoes now and then', async () => {
    const listener = makeListener(new MemoryProvider(), { idleMs: 80, pduMs: 80 });
    const idle = await associate(listener);
    const busy = await associate(listener);
    for (let i = 0; i < 6; i++) {
      await sleep(30);
      await busy.send(echoRequest());
    }
    expect(idle.answers[1].type).toBe(7);
    expect(busy.answers.map(({ type }) => type)).toEqual([2, 4, 4, 4, 4, 4, 4]);
    expect((await busy.until(8))[7].type).toBe(7);
    await Promise.all([idle.ended, busy.ended]);
  });

  it.each([
    ['stops inside a PDU', (peer: RawPeer) => void peer.stream.write(dataSet(BYTES).subarray(0, 8))],
    ['stops between the PDUs of a message', () => undefined],
  ])('aborts a peer that %s, and drops the instance', async (_name, act) => {
    const provider = new MemoryProvider();
    const peer = await associate(makeListener(provider, { idleMs: 5000, pduMs: 60 }));
    await peer.send(store());
    act(peer);
    expect((await peer.until(2))[1].type).toBe(7);
    await peer.ended;
    expect(provider).toMatchObject({ begun: 1, aborted: 1, committed: 0 });
  });

  it('aborts a slow loris that drips a data set, a byte at a time or in tiny PDUs', async () => {
    const provider = new MemoryProvider();
    const listener = makeListener(provider, { idleMs: 5000, pduMs: 60 });
    const hugePdu = pdu(4, pdv(1, 0, Buffer.alloc(0), 1002), 1006);
    const variants: readonly (readonly [Buffer, () => Buffer])[] = [
      [Buffer.concat([store(), hugePdu]), () => Buffer.from([0])],
      [store(), () => data(pdv(1, 0, Buffer.alloc(1)))],
      [store(), () => data(pdv(1, 0, Buffer.alloc(0)))],
    ];
    for (const [opening, next] of variants) {
      const peer = await associate(listener);
      await peer.send(opening);
      const drip = setInterval(() => peer.stream.write(next()), 5);
      expect((await peer.until(2))[1].type).toBe(7);
      clearInterval(drip);
      await peer.ended;
    }
    expect(provider.aborted).toBe(3);
  });

  it('does not blame the peer for its own slowness', async () => {
    const provider = new MemoryProvider();
    provider.commitWith = async () => {
      await sleep(200);
      return 0;
    };
    const peer = await associate(makeListener(provider, { idleMs: 40, pduMs: 40 }));
    const answers = await peer.send(Buffer.concat([store(), dataSet(BYTES)]), 2);
    expect(answers[1].status).toBe(0);
    peer.stream.destroy();
  });

  it('closes after its last word when the peer does not', async () => {
    const peer = new RawPeer(makeListener(new MemoryProvider(), { artimMs: 50 }));
    peer.stream.removeAllListeners('end');
    await peer.send(pdu(9, Buffer.alloc(4)), 1);
    expect(peer.answers[0].type).toBe(7);
    expect(await peer.untilClosed()).toBe(true);
  });
});

describe('closing the listener', () => {
  it('lets a message that is under way be answered, and ends idle associations at once', async () => {
    const provider = new MemoryProvider();
    const listener = makeListener(provider);
    const idle = await associate(listener);
    const busy = await associate(listener);
    await busy.send(store());
    await sleep(5);
    const closed = listener.close(2000);
    expect((await idle.until(2))[1].type).toBe(7);
    const answers = await busy.send(dataSet(BYTES), 3);
    expect(answers.map(({ type, status }) => status ?? type)).toEqual([2, 0, 7]);
    await closed;
    expect(provider.committed).toBe(1);
  });

  it('cuts what is not answered within the grace', async () => {
    const provider = new MemoryProvider();
    const listener = makeListener(provider);
    const peer = await associate(listener);
    await peer.send(store());
    await sleep(5);
    await listener.close(30);
    expect(provider.aborted).toBe(1);
  });
});

describe('negotiation with a peer', () => {
  it('answers each context in order, with the reasons of the standard', async () => {
    const contexts = [
      context(9, CT, ['1.2.3.4', EXPLICIT]),
      context(3, VERIFICATION, ['1.2.840.10008.1.2.4.50']),
      context(255, '1.2.3', [IMPLICIT]),
      context(1, MR, [BIG_ENDIAN, IMPLICIT]),
    ];
    const peer = await associate(makeListener(new MemoryProvider()), { contexts });
    const items = peer.answers[0].body.subarray(68 + 25);
    const found: number[][] = [];
    for (let offset = 0; items[offset] === 0x21; offset += 4 + items.readUInt16BE(offset + 2)) {
      found.push([items[offset + 4], items[offset + 6]]);
    }
    expect(found).toEqual([
      [9, 0],
      [3, 4],
      [255, 3],
      [1, 0],
    ]);
    peer.stream.destroy();
  });
});
