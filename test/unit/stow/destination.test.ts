// STOW-RS against a scripted server on a real socket.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import { BufferSource, type ByteSource } from '../../../src/core/bytes.ts';
import { InstanceError } from '../../../src/core/errors.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import type { CleanInstance, DeliveryOutcome, Destination } from '../../../src/pipeline/ports.ts';
import { parseRetryAfter } from '../../../src/stow/client.ts';
import { createStowDestination, type StowDestinationOptions } from '../../../src/stow/destination.ts';
import { buildCtSeries } from '../../../src/synthetic/clinic.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const JPEG = '1.2.840.10008.1.2.4.50';

interface Taken {
  readonly path: string;
  readonly type: string;
  readonly authorization: string | undefined;
  readonly body: Buffer;
}

type Answer = (taken: Taken, response: ServerResponse) => void;

const stored = (uid: string): string =>
  JSON.stringify({ '00081199': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: [uid] } }] } });
const failure = (reason: number): string =>
  JSON.stringify({ '00081198': { vr: 'SQ', Value: [{ '00081197': { vr: 'US', Value: [reason] } }] } });
const reply =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/dicom+json', ...headers });
    response.end(body);
  };

async function serve(answer: Answer): Promise<{ readonly url: string; readonly taken: Taken[]; connections: number }> {
  const service = { url: '', taken: new Array<Taken>(), connections: 0 };
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization, 'content-type': type = '' } = request.headers;
      const taken = { path: request.url ?? '', type, authorization, body: Buffer.concat(chunks) };
      service.taken.push(taken);
      answer(taken, response);
    });
  });
  server.on('connection', () => service.connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dicom-web/`;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return service;
}

function destinationAt(url: string, options: Partial<StowDestinationOptions> = {}): Destination {
  const destination = createStowDestination({ name: 'web', url, connections: 1, ...options });
  onTestFinished(() => destination.close());
  return destination;
}

async function slice(alternatives: readonly string[] = []): Promise<CleanInstance & { readonly bytes: Buffer }> {
  const [{ bytes, sopClassUid, sopInstanceUid }] = buildCtSeries({ slices: 1, rows: 64, columns: 64, seed: 1 });
  const { dataSetStart } = await readFile10(new BufferSource(bytes));
  const dataSet = bytes.subarray(dataSetStart);
  const plan = { source: new BufferSource(Buffer.alloc(0)), pieces: [dataSet], length: dataSet.length };
  return {
    ...{
      recordId: newRecordId(),
      sopClassUid,
      sopInstanceUid,
      seriesInstanceUid: '2.25.3',
      studyInstanceUid: '2.25.4',
    },
    ...{ transferSyntaxUid: alternatives.length === 0 ? EXPLICIT : JPEG, length: dataSet.length, alternatives },
    encode: () => Promise.resolve(plan),
    bytes: dataSet,
  };
}

/** The one part of a multipart body (RFC 2046 5.1). */
function partOf({ type, body }: Taken): { readonly headers: string; readonly file: Buffer } {
  const boundary = /boundary=([0-9a-f]+)/.exec(type)?.[1] ?? '';
  const start = body.indexOf('\r\n\r\n') + 4;
  const end = body.lastIndexOf(`\r\n--${boundary}--\r\n`);
  expect(body.toString('latin1', 0, boundary.length + 4)).toBe(`--${boundary}\r\n`);
  return { headers: body.toString('latin1', boundary.length + 4, start), file: body.subarray(start, end) };
}

describe('a destination by STOW-RS', () => {
  it('posts a Part 10 file as the one part of multipart/related, and keeps the connection', async () => {
    const instance = await slice();
    const service = await serve(reply(200, stored(instance.sopInstanceUid)));
    const destination = destinationAt(service.url);
    expect(await destination.deliver(instance)).toEqual({ kind: 'sent', status: 0 });
    expect(await destination.deliver(instance)).toEqual({ kind: 'sent', status: 0 });
    expect(service.connections).toBe(1);
    const [taken] = service.taken;
    expect(taken.path).toBe('/dicom-web/studies');
    expect(taken.type).toMatch(/^multipart\/related; type="application\/dicom"; boundary=/);
    expect(taken.authorization).toBeUndefined();
    const { headers, file } = partOf(taken);
    expect(headers).toBe(`Content-Type: application/dicom; transfer-syntax=${EXPLICIT}\r\n\r\n`);
    const { meta, dataSetStart } = await readFile10(new BufferSource(file));
    expect(meta).toMatchObject({ transferSyntaxUid: EXPLICIT, mediaStorageSopInstanceUid: instance.sopInstanceUid });
    expect(file.subarray(dataSetStart).equals(instance.bytes)).toBe(true);
  });

  it('shows its token, or user and password', async () => {
    const instance = await slice();
    const service = await serve(reply(200));
    await destinationAt(service.url, { token: 'abc.def' }).deliver(instance);
    await destinationAt(service.url, { user: 'lethe', password: 'Schlüssel' }).deliver(instance);
    expect(service.taken.map(({ authorization }) => authorization)).toEqual([
      'Bearer abc.def',
      `Basic ${Buffer.from('lethe:Schlüssel').toString('base64')}`,
    ]);
  });

  it.each<[string, Answer, Partial<DeliveryOutcome>]>([
    ['200 without a body', reply(200), { kind: 'sent', status: 0 }],
    ['202 with a failure', reply(202, failure(0xa900)), { kind: 'refused', status: 0xa900 }],
    ['200 with a failure', reply(200, failure(0x0122)), { kind: 'refused', status: 0x0122 }],
    ['202 without a body', reply(202), { kind: 'unavailable', isAnswered: true }],
    ['200 about another instance', reply(200, stored('2.25.9')), { kind: 'unavailable', isAnswered: true }],
    ['200 with a page', reply(200, '<html>', { 'Content-Type': 'text/html' }), { kind: 'unavailable' }],
    ['409 for the instance', reply(409, failure(0xc000)), { kind: 'refused', status: 0xc000 }],
    ['409 out of resources', reply(409, failure(0xa700)), { kind: 'unavailable', isAnswered: true }],
    ['409 without a body', reply(409), { kind: 'refused' }],
    ['413', reply(413), { kind: 'refused', text: 'HTTP 413: too large' }],
    ['400', reply(400), { kind: 'refused' }],
    ['401', reply(401), { kind: 'unavailable', isAnswered: false }],
    ['404', reply(404), { kind: 'unavailable', isAnswered: false }],
    ['500', reply(500), { kind: 'unavailable', isAnswered: true }],
    ['503 with Retry-After', reply(503, '', { 'Retry-After': '7' }), { kind: 'unavailable', retryAfterMs: 7_000 }],
    ['299', reply(299, ''), { kind: 'unavailable' }],
  ])('takes %s for what it is', async (_, answer, outcome) => {
    const service = await serve(answer);
    expect(await destinationAt(service.url).deliver(await slice())).toMatchObject(outcome);
  });

  it('follows no redirect and does not repeat where it leads', async () => {
    const service = await serve(reply(307, '', { Location: 'http://127.0.0.1:1/secret' }));
    const outcome = await destinationAt(service.url, { token: 't' }).deliver(await slice());
    expect(outcome).toMatchObject({ kind: 'unavailable' });
    expect(JSON.stringify(outcome)).not.toContain('secret');
    expect(service.taken).toHaveLength(1);
  });

  it('converts for a server that does not take the transfer syntax, and remembers it', async () => {
    const instance = await slice([EXPLICIT]);
    const service = await serve((taken, response) => {
      const isTaken = taken.body.includes(`transfer-syntax=${EXPLICIT}`);
      (isTaken ? reply(200, stored(instance.sopInstanceUid)) : reply(409, failure(0xc122)))(taken, response);
    });
    const destination = destinationAt(service.url);
    expect(await destination.deliver(instance)).toEqual({ kind: 'sent', status: 0 });
    expect(await destination.deliver(instance)).toEqual({ kind: 'sent', status: 0 });
    expect(service.taken).toHaveLength(3);
  });

  it('is refused when no transfer syntax is taken', async () => {
    const service = await serve(reply(415));
    expect(await destinationAt(service.url).deliver(await slice([EXPLICIT]))).toMatchObject({ kind: 'refused' });
    expect(service.taken).toHaveLength(2);
  });

  it('opens another connection when the server closed the one that was idle', async () => {
    const instance = await slice();
    const service = await serve((taken, response) => {
      reply(200, stored(instance.sopInstanceUid))(taken, response);
      response.once('finish', () => setImmediate(() => response.socket?.destroy()));
    });
    const destination = destinationAt(service.url);
    for (let i = 0; i < 3; i++) expect(await destination.deliver(instance)).toEqual({ kind: 'sent', status: 0 });
  });

  it('waits for a server that is not there, and for one that hangs up or falls silent in the middle', async () => {
    const instance = await slice();
    const away = destinationAt('http://127.0.0.1:1/');
    expect(await away.deliver(instance)).toMatchObject({
      kind: 'unavailable',
      text: expect.stringMatching(/^peer-unreach/) as string,
    });
    const sockets = new Set<{ destroy(): void }>();
    for (const isSilent of [false, true]) {
      const server = createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('data', () => (isSilent ? socket.pause() : socket.destroy()));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const outcome = await destinationAt(url, { responseMs: 200 }).deliver(instance);
      expect(outcome).toMatchObject({ kind: 'unavailable' });
      expect('isAnswered' in outcome).toBe(false);
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it('reads no more of an answer than it needs', async () => {
    const service = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/dicom+json' });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(await destinationAt(service.url).deliver(await slice())).toMatchObject({ kind: 'unavailable' });
  });

  it('takes the answer of a server that does not want to read the whole, and sends no more', async () => {
    const server = createServer((request, response) => {
      response.writeHead(413, { Connection: 'close' });
      response.end();
      request.pause();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    let read = 0;
    const endless: ByteSource = {
      size: 2 ** 40,
      view: () => undefined,
      read: (_, length) => {
        read += length;
        return Promise.resolve(Buffer.alloc(length));
      },
    };
    const instance = {
      ...(await slice()),
      encode: () => Promise.resolve({ source: endless, pieces: [{ offset: 0, length: 2 ** 40 }], length: 2 ** 40 }),
    };
    expect(await destinationAt(`http://127.0.0.1:${port}/`).deliver(instance)).toMatchObject({ kind: 'refused' });
    expect(read).toBeLessThan(64 << 20);
  });

  it('refuses an instance that cannot be read, in the middle of the request too', async () => {
    const service = await serve(reply(200));
    const broken: ByteSource = {
      size: 1 << 20,
      view: () => undefined,
      read: () => Promise.reject(new InstanceError('spool-damaged', 'The stored copy is gone.')),
    };
    const plan = { source: broken, pieces: [{ offset: 0, length: 1 << 20 }], length: 1 << 20 };
    const instance = { ...(await slice()), encode: () => Promise.resolve(plan) };
    expect(await destinationAt(service.url).deliver(instance)).toMatchObject({
      kind: 'refused',
      text: 'spool-damaged: The stored copy is gone.',
    });
    expect(service.taken).toEqual([]);
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    ['Thu, 01 Jan 1970 00:01:40 GMT', 99_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s', (text, milliseconds) => {
    expect(parseRetryAfter(text, 1_000)).toBe(milliseconds);
  });
});
