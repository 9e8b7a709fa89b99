import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { ByteSource } from '../../../src/core/bytes.ts';
import { InstanceError } from '../../../src/core/errors.ts';
import type { SplicePlan } from '../../../src/dicom/element.ts';
import { createListener } from '../../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../../src/dimse/negotiation.ts';
import type { PreferenceRow } from '../../../src/dimse/negotiation.ts';
import { createDicomDestination, outcomeOf } from '../../../src/dimse/sender.ts';
import type { DicomDestinationOptions } from '../../../src/dimse/sender.ts';
import type { CleanInstance, Destination } from '../../../src/pipeline/ports.ts';
import {
  CT,
  EXPLICIT,
  IMPLICIT,
  JPEG_BASELINE,
  MR,
  MemoryProvider,
  command,
  data,
  dataSet,
  item,
  pdu,
  pdv,
  quiet,
} from './wire.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function destination(port: number, options: Partial<DicomDestinationOptions> = {}): Destination {
  const settings = { name: 'pacs', aeTitle: 'PACS', callingAeTitle: 'LETHE', host: '127.0.0.1', port };
  const made = createDicomDestination(
    { connectMs: 2000, responseMs: 2000, idleMs: 2000, ...settings, ...options },
    quiet,
  );
  cleanUp.push(() => made.close());
  return made;
}

const CONTENT = Buffer.from(Array.from({ length: 3000 }, (_, i) => i & 0xff));

function planOf(bytes: Buffer, source: ByteSource = new BufferSource(bytes)): SplicePlan {
  const half = bytes.length >> 1;
  return {
    source,
    pieces: [bytes.subarray(0, 10), { offset: 10, length: half - 10 }, bytes.subarray(half)],
    length: bytes.length,
  };
}

function instance(parts: Partial<CleanInstance> = {}): CleanInstance {
  return {
    recordId: newRecordId(),
    sopClassUid: CT,
    sopInstanceUid: '2.25.1',
    seriesInstanceUid: '2.25.2',
    studyInstanceUid: '2.25.3',
    transferSyntaxUid: EXPLICIT,
    length: CONTENT.length,
    alternatives: [],
    encode: () => Promise.resolve(planOf(CONTENT)),
    ...parts,
  };
}

/** Our own listener as the peer, with what it accepts. */
async function pacs(
  provider: MemoryProvider,
  accepts: { sopClasses?: readonly string[]; transferSyntaxes?: readonly string[]; maxPduBytes?: number } = {},
): Promise<{ port: number; accepted: () => number }> {
  const preference: readonly PreferenceRow[] =
    accepts.transferSyntaxes?.map((uid) => ({ means: uid, fits: (found) => found.uid === uid })) ??
    TRANSFER_SYNTAX_PREFERENCE;
  const listener = createListener(
    { host: '127.0.0.1', port: 0, maxPduBytes: accepts.maxPduBytes ?? 131_072 },
    provider,
    (uid) => accepts.sopClasses?.includes(uid) ?? true,
    preference,
    quiet,
  );
  const { port } = await listener.listen();
  cleanUp.push(() => listener.close(100));
  return { port, accepted: () => listener.counters().accepted };
}

describe('delivery', () => {
  it.each([128, 130, 4096, 16_384, 131_072, 1_048_576])(
    'sends byte for byte to a peer that takes PDUs of %i',
    async (maxPduBytes) => {
      const provider = new MemoryProvider();
      const { port } = await pacs(provider, { maxPduBytes });
      const to = destination(port, { maxPduBytes: 1_048_576 });
      expect(await to.deliver(instance())).toEqual({ kind: 'sent', status: 0 });
      expect(provider.stored[0].bytes.equals(CONTENT)).toBe(true);
      expect(provider.stored[0].facts).toMatchObject({
        sopClassUid: CT,
        sopInstanceUid: '2.25.1',
        calledAeTitle: 'PACS',
      });
    },
  );

  it('sends a batch over one association, with instances of all kinds that wait', async () => {
    const provider = new MemoryProvider();
    const { port, accepted } = await pacs(provider);
    const to = destination(port);
    const batch = Array.from({ length: 60 }, (_, i) =>
      instance({ sopClassUid: i % 2 === 0 ? CT : MR, transferSyntaxUid: [EXPLICIT, IMPLICIT, JPEG_BASELINE][i % 3] }),
    );
    const outcomes = await Promise.all(batch.map((each) => to.deliver(each)));
    expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
    expect(accepted()).toBe(1);
    expect(provider.stored.map(({ facts }) => facts.transferSyntaxUid)).toEqual(
      batch.map((each) => each.transferSyntaxUid),
    );
  });

  it('opens a new association when an instance needs another context, and remembers it afterwards', async () => {
    const { port, accepted } = await pacs(new MemoryProvider());
    const to = destination(port, { idleMs: 20 });
    for (const sopClassUid of [CT, MR, CT, MR]) await to.deliver(instance({ sopClassUid }));
    expect(accepted()).toBe(2);
    await sleep(60);
    for (const sopClassUid of [CT, MR]) await to.deliver(instance({ sopClassUid }));
    expect(accepted()).toBe(3);
  });

  it('uses as many associations as it may', async () => {
    const provider = new MemoryProvider();
    let open = 0;
    let most = 0;
    provider.commitWith = async () => {
      most = Math.max(most, ++open);
      await sleep(10);
      open--;
      return 0;
    };
    const { port, accepted } = await pacs(provider);
    const to = destination(port, { concurrency: 3 });
    expect(to.concurrency).toBe(3);
    await Promise.all(Array.from({ length: 12 }, () => to.deliver(instance())));
    expect(accepted()).toBe(3);
    expect(most).toBe(3);
  });

  it('takes the next instance as soon as the last one is settled', async () => {
    const { port } = await pacs(new MemoryProvider());
    const to = destination(port);
    for (let i = 0; i < 30; i++) expect((await to.deliver(instance())).kind).toBe('sent');
  });

  it('reads a source that is not in memory in bounded chunks, with back-pressure', async () => {
    const size = 64 * 1024 * 1024;
    const block = Buffer.alloc(256 * 1024, 7);
    let longest = 0;
    const source: ByteSource = {
      size,
      view: () => undefined,
      read: (_offset, length) => {
        longest = Math.max(longest, length);
        return Promise.resolve(block.subarray(0, length));
      },
    };
    let received = 0;
    const provider = {
      admit: () => undefined,
      begin: () => ({
        write: (chunk: Buffer) => {
          received += chunk.length;
        },
        commit: () => Promise.resolve(0),
        abort: () => Promise.resolve(),
      }),
    };
    const { port } = await pacs(provider as unknown as MemoryProvider);
    const plan = { source, pieces: [{ offset: 0, length: size }], length: size };
    const outcome = await destination(port).deliver(instance({ encode: () => Promise.resolve(plan) }));
    expect(outcome.kind).toBe('sent');
    expect(received).toBe(size);
    expect(longest).toBeLessThanOrEqual(256 * 1024);
  });

  it('turns words where the plan asks for it', async () => {
    const provider = new MemoryProvider();
    const { port } = await pacs(provider);
    const source = new BufferSource(Buffer.from([1, 2, 3, 4]));
    const plan: SplicePlan = { source, pieces: [{ offset: 0, length: 4, swapBytes: 2 }], length: 4 };
    await destination(port).deliver(instance({ encode: () => Promise.resolve(plan) }));
    expect([...provider.stored[0].bytes]).toEqual([2, 1, 4, 3]);
  });
});

describe('what a peer does not accept', () => {
  it('is sent in an alternative, encoded for it', async () => {
    const provider = new MemoryProvider();
    const { port } = await pacs(provider, { transferSyntaxes: [IMPLICIT] });
    const asked: string[] = [];
    const outcome = await destination(port).deliver(
      instance({
        transferSyntaxUid: JPEG_BASELINE,
        alternatives: [EXPLICIT, IMPLICIT],
        encode: (uid) => {
          asked.push(uid);
          return Promise.resolve(planOf(CONTENT));
        },
      }),
    );
    expect(outcome.kind).toBe('sent');
    expect(asked).toEqual([IMPLICIT]);
    expect(provider.stored[0].facts.transferSyntaxUid).toBe(IMPLICIT);
  });

  it('is refused when there is no alternative', async () => {
    const { port } = await pacs(new MemoryProvider(), { transferSyntaxes: [IMPLICIT], sopClasses: [CT] });
    const to = destination(port);
    expect(await to.deliver(instance({ transferSyntaxUid: JPEG_BASELINE }))).toEqual({
      kind: 'refused',
      status: undefined,
      text: 'transfer syntax not accepted',
    });
    expect(await to.deliver(instance({ sopClassUid: MR }))).toEqual({
      kind: 'refused',
      status: undefined,
      text: 'SOP class not accepted',
    });
    expect((await to.deliver(instance({ transferSyntaxUid: IMPLICIT }))).kind).toBe('sent');
  });

  it('is refused when it cannot be encoded, and the association goes on', async () => {
    const { port, accepted } = await pacs(new MemoryProvider());
    const to = destination(port);
    const encode = () => Promise.reject(new InstanceError('codec-failed', 'the frame is broken'));
    expect(await to.deliver(instance({ encode }))).toMatchObject({
      kind: 'refused',
      text: 'codec-failed: the frame is broken',
    });
    expect((await to.deliver(instance())).kind).toBe('sent');
    expect(accepted()).toBe(1);
  });

  it('is aborted when its source breaks in the middle: no half instance is ever acknowledged', async () => {
    const provider = new MemoryProvider();
    const { port } = await pacs(provider);
    const source: ByteSource = {
      size: 4_000_000,
      view: () => undefined,
      read: (offset, length) =>
        offset > 2_000_000 ? Promise.reject(new Error('disk')) : Promise.resolve(Buffer.alloc(length)),
    };
    const plan = { source, pieces: [{ offset: 0, length: 4_000_000 }], length: 4_000_000 };
    const to = destination(port);
    expect((await to.deliver(instance({ encode: () => Promise.resolve(plan) }))).kind).toBe('unavailable');
    await sleep(30);
    expect(provider).toMatchObject({ committed: 0, aborted: 1 });
    const short = { ...planOf(CONTENT), length: CONTENT.length + 2 };
    expect((await to.deliver(instance({ encode: () => Promise.resolve(short) }))).kind).toBe('unavailable');
    expect((await to.deliver(instance())).kind).toBe('sent');
    expect(provider.committed).toBe(1);
  });
});

describe('the status of a response', () => {
  it.each([
    [0x0000, 'sent'],
    [0xb000, 'sent'],
    [0xb006, 'sent'],
    [0xb007, 'sent'],
    [0xa700, 'unavailable'],
    [0xa7ff, 'unavailable'],
    [0x0110, 'unavailable'],
    [0x0213, 'unavailable'],
    [0xa900, 'refused'],
    [0xc000, 'refused'],
    [0xc123, 'refused'],
    [0x0122, 'refused'],
    [0x0124, 'refused'],
    [0x0117, 'refused'],
    [0xfe00, 'refused'],
    [0xff00, 'refused'],
    [0x1234, 'refused'],
    [0xffff, 'refused'],
  ])('0x%s is told as %s', async (status, kind) => {
    expect(outcomeOf(status).kind).toBe(kind);
    const provider = new MemoryProvider();
    provider.commitWith = () => Promise.resolve(status);
    const { port } = await pacs(provider);
    expect((await destination(port).deliver(instance())).kind).toBe(kind);
  });
});

/** An acceptor made of raw bytes. `onData` is called with each P-DATA-TF, `onRequest` in place of accepting. */
async function rawPeer(behaviour: {
  onPdu?: (type: number) => void;
  onRequest?: (socket: Socket) => void;
  onData?: (socket: Socket, count: number) => void;
  maxLength?: number;
  acceptWith?: (id: number) => Buffer;
}): Promise<{ port: number; server: Server; connections: () => number }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    let received = Buffer.alloc(0);
    let count = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 6 && received.length >= 6 + received.readUInt32BE(2)) {
        const [type, length] = [received[0], 6 + received.readUInt32BE(2)];
        const body = received.subarray(6, length);
        received = received.subarray(length);
        behaviour.onPdu?.(type);
        if (type === 1 && behaviour.onRequest !== undefined) behaviour.onRequest(socket);
        else if (type === 1) socket.write(acceptance(body, behaviour));
        else if (type === 4) behaviour.onData?.(socket, ++count);
        else if (type === 5) socket.end(pdu(6, Buffer.alloc(4)));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server, connections: () => connections };
}

function acceptance(
  request: Buffer,
  { maxLength = 16_384, acceptWith }: { maxLength?: number; acceptWith?: (id: number) => Buffer },
): Buffer {
  const contexts: Buffer[] = [];
  for (let offset = 68; offset < request.length; offset += 4 + request.readUInt16BE(offset + 2)) {
    if (request[offset] !== 0x20) continue;
    const id = request[offset + 4];
    const bytes = item(0x21, Buffer.concat([Buffer.from([id, 0, 0, 0]), item(0x40, EXPLICIT)]));
    contexts.push(acceptWith === undefined ? bytes : acceptWith(id));
  }
  const length = Buffer.alloc(4);
  length.writeUInt32BE(maxLength >>> 0);
  const information = item(0x50, item(0x51, length));
  const head = request.subarray(0, 68);
  return pdu(2, Buffer.concat([head, item(0x10, '1.2.840.10008.3.1.1.1'), ...contexts, information]));
}

const response = (parts: Parameters<typeof command>[0] = {}): Buffer =>
  data(
    pdv(1, 3, command({ field: 0x8001, messageId: undefined, respondsTo: 1, dataSetType: 0x101, status: 0, ...parts })),
  );

describe('peers that break the rules or off', () => {
  const FAST = { connectMs: 150, responseMs: 150 };
  const BAD: readonly (readonly [string, Parameters<typeof rawPeer>[0], string])[] = [
    ['never answers the request', { onRequest: () => undefined }, 'peer-timeout'],
    ['closes instead of accepting', { onRequest: (socket) => socket.end() }, 'connection-lost'],
    ['resets instead of accepting', { onRequest: (socket) => socket.resetAndDestroy() }, 'connection-lost'],
    [
      'rejects',
      { onRequest: (socket) => socket.end(pdu(3, Buffer.from([0, 1, 1, 7]))) },
      'association-rejected: the peer rejected the association: called AE title not recognized',
    ],
    [
      'rejects in a way the standard does not know',
      { onRequest: (socket) => socket.write(pdu(3, Buffer.from([0, 9, 9, 9]))) },
      'unknown result',
    ],
    [
      'aborts instead of accepting',
      { onRequest: (socket) => socket.end(pdu(7, Buffer.from([0, 0, 2, 1]))) },
      'association-aborted',
    ],
    [
      'answers with text',
      { onRequest: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n') },
      'unrecognized PDU type',
    ],
    ['accepts with garbage', { onRequest: (socket) => socket.write(pdu(2, Buffer.alloc(80, 0xff))) }, 'pdu-invalid'],
    ['sends data before it accepts', { onRequest: (socket) => socket.write(response()) }, 'pdu-invalid'],
    [
      'asks for an association itself',
      { onRequest: (socket) => socket.write(pdu(1, Buffer.alloc(100))) },
      'pdu-invalid',
    ],
    ['takes PDUs of 1 byte', { maxLength: 1 }, 'usable length'],
    ['takes PDUs of 6 bytes', { maxLength: 6 }, 'usable length'],
    ['takes PDUs of 127 bytes', { maxLength: 127 }, 'usable length'],
    [
      'accepts a context that was not proposed',
      { acceptWith: () => item(0x21, Buffer.concat([Buffer.from([77, 0, 0, 0]), item(0x40, EXPLICIT)])) },
      'not proposed',
    ],
    [
      'accepts a transfer syntax that was not proposed',
      { acceptWith: (id) => item(0x21, Buffer.concat([Buffer.from([id, 0, 0, 0]), item(0x40, IMPLICIT)])) },
      'not proposed',
    ],
    ['never answers the instance', { onData: () => undefined }, 'peer-timeout'],
    ['closes instead of answering', { onData: (socket) => socket.end() }, 'connection-lost'],
    ['resets instead of answering', { onData: (socket) => socket.resetAndDestroy() }, 'connection-lost'],
    ['aborts instead of answering', { onData: (socket) => socket.end(pdu(7, Buffer.alloc(4))) }, 'association-aborted'],
    [
      'releases instead of answering',
      { onData: (socket, count) => count === 2 && socket.write(pdu(5, Buffer.alloc(4))) },
      'connection-lost',
    ],
    [
      'answers another message id',
      { onData: (socket, count) => count === 2 && socket.write(response({ respondsTo: 2 })) },
      'does not answer',
    ],
    [
      'answers without a message id',
      {
        onData: (socket, count) =>
          count === 2 && socket.write(response({ respondsTo: undefined as unknown as number })),
      },
      'does not answer',
    ],
    [
      'answers without a status',
      { onData: (socket, count) => count === 2 && socket.write(response({ status: undefined as unknown as number })) },
      'does not answer',
    ],
    [
      'answers a C-ECHO',
      { onData: (socket, count) => count === 2 && socket.write(response({ field: 0x8030 })) },
      'does not answer',
    ],
    [
      'answers with a request',
      { onData: (socket, count) => count === 2 && socket.write(response({ field: 1, messageId: 1 })) },
      'does not answer',
    ],
    [
      'answers with a data set',
      { onData: (socket, count) => count === 2 && socket.write(response({ dataSetType: 1 })) },
      'does not answer',
    ],
    [
      'answers with a data set alone',
      { onData: (socket, count) => count === 2 && socket.write(dataSet(Buffer.alloc(8))) },
      'not asked for',
    ],
    [
      'answers with half a response',
      { onData: (socket, count) => count === 2 && socket.write(response().subarray(0, 40)) },
      'peer-timeout',
    ],
    [
      'answers with an endless command',
      { onData: (socket) => socket.write(data(pdv(1, 1, Buffer.alloc(70_000)))) },
      '64 KiB',
    ],
    [
      'answers with a PDU of 4 GiB',
      { onData: (socket) => socket.write(pdu(4, Buffer.alloc(10), 0xffffffff)) },
      'pdu-invalid',
    ],
  ];
  it.each(BAD)('are unavailable, and nothing hangs or is retried: one that %s', async (_name, behaviour, words) => {
    const { port, connections } = await rawPeer(behaviour);
    const to = destination(port, FAST);
    const startedAt = Date.now();
    // Large enough that the peer sees the command before the data set is whole.
    const big = Buffer.alloc(40_000);
    const outcome = await to.deliver(instance({ encode: () => Promise.resolve(planOf(big)) }));
    expect(outcome).toMatchObject({ kind: 'unavailable', text: expect.stringContaining(words) as string });
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect(connections()).toBe(1);
  });

  it('are unavailable when nobody listens', async () => {
    const { port, server } = await rawPeer({});
    server.close();
    await sleep(5);
    const outcome = await destination(port, FAST).deliver(instance());
    expect(outcome).toMatchObject({ kind: 'unavailable', text: expect.stringContaining('peer-unreachable') as string });
  });

  it('do not spoil the next instance', async () => {
    let isGood = false;
    const { port } = await rawPeer({
      onData: (socket, count) => {
        if (!isGood) socket.destroy();
        else if (count % 2 === 0) socket.write(response({ respondsTo: count / 2 }));
      },
    });
    const to = destination(port, FAST);
    expect((await to.deliver(instance())).kind).toBe('unavailable');
    isGood = true;
    expect((await to.deliver(instance())).kind).toBe('sent');
    expect((await to.deliver(instance())).kind).toBe('sent');
  });

  it('that take nothing hold a bounded part of the instance in memory, and time out', async () => {
    const { port } = await rawPeer({
      onRequest: (socket) => {
        socket.pause();
        socket.write(
          acceptance(Buffer.concat([Buffer.alloc(68), item(0x20, Buffer.from([1, 0, 0, 0]))]), { maxLength: 0 }),
        );
      },
    });
    let read = 0;
    const size = 500_000_000;
    const block = Buffer.alloc(256 * 1024);
    const source: ByteSource = {
      size,
      view: () => undefined,
      read: (_offset, length) => {
        read += length;
        return Promise.resolve(block.subarray(0, length));
      },
    };
    const plan = { source, pieces: [{ offset: 0, length: size }], length: size };
    const outcome = await destination(port, FAST).deliver(instance({ encode: () => Promise.resolve(plan) }));
    expect(outcome).toMatchObject({ kind: 'unavailable', text: expect.stringContaining('peer-timeout') as string });
    expect(read).toBeLessThan(20_000_000);
  });

  it('that answer success before the instance was sent are not believed', async () => {
    const { port } = await rawPeer({ onData: (socket, count) => count === 1 && socket.write(response()) });
    const source: ByteSource = {
      size: 1_000_000,
      view: () => undefined,
      read: async (offset, length) => {
        if (offset > 500_000) await sleep(50);
        return Buffer.alloc(length);
      },
    };
    const plan = { source, pieces: [{ offset: 0, length: 1_000_000 }], length: 1_000_000 };
    const outcome = await destination(port).deliver(instance({ encode: () => Promise.resolve(plan) }));
    expect(outcome).toMatchObject({ kind: 'unavailable', text: expect.stringContaining('before') as string });
  });

  it('that answer a failure early get the rest of the instance all the same, and the status counts', async () => {
    const { port } = await rawPeer({
      onData: (socket, count) => count === 1 && socket.write(response({ status: 0xa900 })),
    });
    const outcome = await destination(port).deliver(
      instance({ encode: () => Promise.resolve(planOf(Buffer.alloc(4_000_000))) }),
    );
    expect(outcome).toMatchObject({ kind: 'refused', status: 0xa900 });
  });
});

describe('closing', () => {
  it('lets what is under way finish, releases, and takes nothing more', async () => {
    const provider = new MemoryProvider();
    provider.commitWith = async () => {
      await sleep(30);
      return 0;
    };
    const { port } = await pacs(provider);
    const to = destination(port);
    const first = to.deliver(instance());
    const second = to.deliver(instance());
    await to.close();
    expect([(await first).kind, (await second).kind]).toEqual(['sent', 'sent']);
    expect((await to.deliver(instance())).kind).toBe('unavailable');
  });

  it('releases by the rules', async () => {
    const types: number[] = [];
    const { port } = await rawPeer({
      onPdu: (type) => types.push(type),
      onData: (socket, count) => count === 2 && socket.write(response()),
    });
    const to = destination(port);
    expect((await to.deliver(instance())).kind).toBe('sent');
    await to.close();
    expect(types).toEqual([1, 4, 4, 5]);
  });

  it('releases an association that was not used for a while', async () => {
    const types: number[] = [];
    const { port } = await rawPeer({
      onPdu: (type) => types.push(type),
      onData: (socket, count) => count === 2 && socket.write(response()),
    });
    await destination(port, { idleMs: 20 }).deliver(instance());
    await sleep(60);
    expect(types).toEqual([1, 4, 4, 5]);
  });
});
