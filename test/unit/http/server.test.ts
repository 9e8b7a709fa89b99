import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Metrics } from '../../../src/http/metrics.ts';
import { serveHttp } from '../../../src/http/server.ts';
import { startRig, TOKEN } from './rig.ts';

/** What the server answers to raw bytes before it closes the connection. */
async function say(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

describe('the limits of the server', () => {
  it('refuses headers that are too long', async () => {
    const { port } = await startRig();
    expect(await say(port, `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain(
      '431',
    );
  });

  it.each([
    ['announced', { 'content-length': '2000000' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('refuses a body that is too long, %s', async (_, headers) => {
    const rig = await startRig({ token: TOKEN });
    const all = { ...headers, authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const body = `{"mrn":"${'1'.repeat(2_000_000 - 11)}"}`;
    expect((await rig.post('/api/pseudonyms', body.slice(0, 2_000_000), all)).status).toBe(413);
  });

  it.each(['\u0000\u0001\u0002', 'GET / HTTP/9.9\r\n\r\n', '\u0001\u0000\u0000\u0000\u0000\u00cd'])(
    'answers what is no HTTP with an error and closes',
    async (bytes) => {
      const { port } = await startRig();
      expect(await say(port, bytes)).toContain('400');
    },
  );

  it('says which port is taken and what to set', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const metrics = new Metrics();
    onTestFinished(() => {
      metrics.close();
      taken.close();
    });
    const nothing = (): void => undefined;
    const starting = serveHttp({
      ...{ host: '127.0.0.1', port, metrics, token: undefined, hasApi: false },
      state: { backend: undefined, readiness: () => ({ isReady: true, reasons: [] }) },
      freeBytes: () => Promise.resolve(0),
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    });
    await expect(starting).rejects.toMatchObject({
      code: 'port-taken',
      message: `HTTP port ${port} of 127.0.0.1: another program listens on it; set http.port and http.host, or http: off`,
    });
  });

  it('ends though a client keeps its connection and says nothing', async () => {
    const metrics = new Metrics();
    const nothing = (): void => undefined;
    const server = await serveHttp({
      ...{ host: '127.0.0.1', port: 0, metrics, token: undefined, hasApi: false },
      state: { backend: undefined, readiness: () => ({ isReady: true, reasons: [] }) },
      freeBytes: () => Promise.resolve(0),
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    });
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /healthz HT');
    const cut = once(socket, 'close');
    socket.on('error', () => undefined);
    await server.close();
    await cut;
    metrics.close();
  });
});
