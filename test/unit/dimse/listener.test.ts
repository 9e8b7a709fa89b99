import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import { createDicomDestination } from '../../../src/dimse/sender.ts';
import type { DicomDestinationOptions } from '../../../src/dimse/sender.ts';
import { startReceiver } from '../../../src/dimse/receiver.ts';
import type { CleanInstance } from '../../../src/pipeline/ports.ts';
import { isInstalled } from '../../support/programs.ts';
import { CT, EXPLICIT, MemoryProvider, dataSet, makeListener, pdu, quiet, request, store } from './wire.ts';

const directory = mkdtempSync(join(tmpdir(), 'lethe-dimse-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const CONTENT = Buffer.alloc(300_000, 'content ');

function send(port: number, options: Partial<DicomDestinationOptions> = {}) {
  const to = createDicomDestination(
    {
      name: 'x',
      aeTitle: 'X',
      callingAeTitle: 'Y',
      host: '127.0.0.1',
      port,
      connectMs: 2000,
      responseMs: 2000,
      ...options,
    },
    quiet,
  );
  const source = new BufferSource(CONTENT);
  const instance: CleanInstance = {
    recordId: newRecordId(),
    sopClassUid: CT,
    sopInstanceUid: '2.25.1',
    seriesInstanceUid: '2.25.2',
    studyInstanceUid: '2.25.3',
    transferSyntaxUid: EXPLICIT,
    length: CONTENT.length,
    alternatives: [],
    encode: () => Promise.resolve({ source, pieces: [{ offset: 0, length: CONTENT.length }], length: CONTENT.length }),
  };
  return to.deliver(instance).finally(() => to.close());
}

describe('the listener on a socket', () => {
  it('says that its port is taken', async () => {
    const first = makeListener(new MemoryProvider());
    const { port } = await first.listen();
    cleanUp.push(() => first.close(0));
    const second = startReceiver({ folder: directory, host: '127.0.0.1', port }, quiet);
    await expect(second).rejects.toMatchObject({ code: 'port-taken', kind: 'config' });
    await expect(second).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: another program listens there already`);
  });

  it.skipIf(!isInstalled('ss'))('lets the kernel keep a crowd for it, as far as the kernel does', async () => {
    const listener = makeListener(new MemoryProvider());
    const { port } = await listener.listen();
    const [, , backlog] = execFileSync('ss', ['-ltnH', `sport = :${port}`], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    await listener.close(0);
    const longest = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
    expect(Number(backlog)).toBe(Math.min(2048, longest));
  });

  it('takes instances while silent and dripping connections wait for their end', async () => {
    const listener = makeListener(new MemoryProvider(), { artimMs: 150 });
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(0));
    const silent = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    const closed = silent.map((socket) => once(socket.resume(), 'close'));
    expect((await send(port)).kind).toBe('sent');
    await Promise.all(closed);
    expect(listener.counters().open).toBe(0);
  });

  it('reads little of a PDU that is too long, and cuts the connection', async () => {
    const listener = makeListener(new MemoryProvider(), { artimMs: 5000 });
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(0));
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    socket.write(pdu(1, Buffer.alloc(0), 0xffffffff));
    const block = Buffer.alloc(65_536);
    const flood = setInterval(() => {
      if (socket.writable && socket.writableLength < 1_000_000) socket.write(block);
    }, 1);
    const startedAt = Date.now();
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(flood);
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect(socket.bytesWritten).toBeLessThan(8_000_000);
  });

  it('keeps the rest in the peer while the provider is slow', async () => {
    const provider = new MemoryProvider();
    let written = 0;
    let finish: () => void = () => undefined;
    provider.writeWith = () => {
      written++;
      return new Promise<void>((resolve) => (finish = resolve));
    };
    const listener = makeListener(provider);
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(0));
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    socket.write(Buffer.concat([request(), store()]));
    const block = dataSet(Buffer.alloc(100_000));
    block[11] = 0;
    for (let i = 0; i < 500; i++) socket.write(block);
    await sleep(100);
    expect(written).toBe(1);
    expect(socket.writableLength).toBeGreaterThan(30_000_000);
    socket.destroy();
    finish();
    // A pause hides the end of the connection until the provider is ready for more.
    await sleep(50);
    finish();
    for (let i = 0; i < 200 && provider.aborted === 0; i++) {
      await sleep(5);
      finish();
    }
    expect(provider).toMatchObject({ committed: 0, aborted: 1 });
  });
});

describe('the receiver', () => {
  it('writes each instance as a Part 10 file under a name of our own, and nothing of one that breaks off', async () => {
    const folder = join(directory, 'received');
    const paths: string[] = [];
    const receiver = await startReceiver(
      { folder, host: '127.0.0.1', port: 0, onFile: (path) => paths.push(path) },
      quiet,
    );
    cleanUp.push(() => receiver.close());
    expect(await send(receiver.port)).toEqual({ kind: 'sent', status: 0 });
    const socket = connect({ port: receiver.port, host: '127.0.0.1' });
    socket.end(Buffer.concat([request(), store(), dataSet(CONTENT.subarray(0, 1000)).subarray(0, 500)]));
    await once(socket.resume(), 'close');
    // Resolves when nothing is under way any more.
    await receiver.close();
    expect(receiver.count).toBe(1);
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual(paths);
    const bytes = readFileSync(paths[0]);
    expect(bytes.toString('latin1', 128, 132)).toBe('DICM');
    expect(bytes.subarray(-CONTENT.length).equals(CONTENT)).toBe(true);
  });
});

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasOpenssl)('TLS', () => {
  const certify = (name: string): { key: Buffer; certificate: Buffer } => {
    const [key, certificate] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', certificate, ...subject], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key), certificate: readFileSync(certificate) };
  };

  it('carries instances both ways checked, and nothing for a client without a certificate or with a stranger’s', async () => {
    const [server, client, stranger] = [certify('server'), certify('client'), certify('stranger')];
    const provider = new MemoryProvider();
    const listener = makeListener(provider, { tls: { ...server, clientCa: client.certificate } });
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(0));
    expect(await send(port, { tls: { ca: server.certificate, ...client } })).toEqual({ kind: 'sent', status: 0 });
    expect(provider.stored[0].bytes.equals(CONTENT)).toBe(true);
    expect((await send(port, { tls: { ca: server.certificate } })).kind).toBe('unavailable');
    expect((await send(port, { tls: { ca: server.certificate, ...stranger } })).kind).toBe('unavailable');
    expect((await send(port, { tls: { ca: stranger.certificate, ...client } })).kind).toBe('unavailable');
    expect((await send(port)).kind).toBe('unavailable');
    expect(provider.stored).toHaveLength(1);
  });

  it('cuts a handshake that hangs', async () => {
    const listener = makeListener(new MemoryProvider(), { tls: certify('hang'), handshakeMs: 100 });
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(0));
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    const startedAt = Date.now();
    await new Promise((resolve) => socket.resume().on('close', resolve));
    expect(Date.now() - startedAt).toBeLessThan(1500);
  });
});
