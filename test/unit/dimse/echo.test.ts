import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { echo } from '../../../src/dimse/echo.ts';
import { MemoryProvider, item, makeListener, pdu } from './wire.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

const ask = (port: number, timeoutMs = 2000) =>
  echo({ aeTitle: 'LETHE', callingAeTitle: 'TEST', host: '127.0.0.1', port, timeoutMs });

async function rawPeer(onRequest: (socket: Socket) => void): Promise<{ port: number; closed: Promise<unknown> }> {
  let resolveClosed: (value: unknown) => void = () => undefined;
  const closed = new Promise((resolve) => (resolveClosed = resolve));
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('close', resolveClosed);
    socket.once('data', () => {
      onRequest(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => {
    server.close();
    return once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, closed };
}

describe('echo', () => {
  it('tells how long our own listener took, and releases', async () => {
    const listener = makeListener(new MemoryProvider());
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(100));
    expect((await ask(port)).durationMs).toBeGreaterThan(0);
    expect(listener.counters()).toMatchObject({ accepted: 1, aborted: 0 });
  });

  it('tells in words why it was rejected', async () => {
    const provider = new MemoryProvider();
    provider.admit = () => ({ result: 1, source: 1, reason: 7, text: 'called' });
    const listener = makeListener(provider);
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(100));
    await expect(ask(port)).rejects.toMatchObject({
      code: 'association-rejected',
      message: 'the peer rejected the association: called AE title not recognized',
    });
  });

  it('tells when nobody listens', async () => {
    const { port } = await rawPeer(() => undefined);
    for (const step of cleanUp.splice(0)) await step();
    await expect(ask(port)).rejects.toMatchObject({ code: 'peer-unreachable', kind: 'transient' });
  });

  it.each([
    ['never answers', () => undefined, 'peer-timeout'],
    ['closes', (socket: Socket) => socket.end(), 'connection-lost'],
    ['resets', (socket: Socket) => socket.resetAndDestroy(), 'connection-lost'],
    ['aborts and keeps the connection', (socket: Socket) => socket.write(pdu(7, Buffer.alloc(4))), 'peer-timeout'],
    ['talks another protocol', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'connection-lost'],
    ['sends an unknown PDU', (socket: Socket) => socket.write(pdu(9, Buffer.alloc(4))), 'connection-lost'],
    ['accepts no context', (socket: Socket) => socket.write(emptyAcceptance()), 'context-not-accepted'],
    [
      'announces a PDU that never comes',
      (socket: Socket) => socket.write(pdu(2, Buffer.alloc(0), 0xffffffff)),
      'peer-timeout',
    ],
  ])('never hangs on a peer that %s, and leaves no connection', async (_name, onRequest, code) => {
    const { port, closed } = await rawPeer(onRequest);
    const startedAt = Date.now();
    await expect(ask(port, 300)).rejects.toMatchObject({ code });
    expect(Date.now() - startedAt).toBeLessThan(1000);
    await closed;
  });
});

/** An A-ASSOCIATE-AC that refuses context 1; the release that follows is not answered here, the client's socket ends anyway. */
function emptyAcceptance(): Buffer {
  const refused = item(0x21, Buffer.concat([Buffer.from([1, 0, 3, 0]), item(0x40, '1.2.840.10008.1.2')]));
  const information = item(0x50, Buffer.from([0x51, 0, 0, 4, 0, 0, 0x40, 0]));
  const accept = pdu(
    2,
    Buffer.concat([
      Buffer.from([0, 1]),
      Buffer.alloc(66, 0x20),
      item(0x10, '1.2.840.10008.3.1.1.1'),
      refused,
      information,
    ]),
  );
  return Buffer.concat([accept, pdu(6, Buffer.alloc(4))]);
}
