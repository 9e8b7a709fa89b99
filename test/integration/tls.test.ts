// TLS at the door (RELIABILITY figure G13): what BCP 195 refuses is refused, certificates are bound to AE titles, keys are renewed
// while the listener runs; DCMTK as a peer.
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BufferSource } from '../../src/core/bytes.ts';
import { newRecordId } from '../../src/core/brands.ts';
import { checkSecureContext, type ListenerTls } from '../../src/dimse/secure-server.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import { TlsFileWatch, readTlsFiles } from '../../src/dimse/tls-files.ts';
import type { RequestorTls } from '../../src/dimse/transport.ts';
import type { AssociationRequest, CleanInstance, DeliveryOutcome, Refusal } from '../../src/pipeline/ports.ts';
import { SourceList } from '../../src/pipeline/sources.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
import { Authority, hasOpenssl, type Certified } from '../support/certificates.ts';
import { isInstalled, makeTempDirectory, removeDirectory, until } from '../support/programs.ts';
import {
  CT,
  EXPLICIT,
  MemoryProvider,
  makeListener,
  quiet,
  request,
  type ListenerSettings,
} from '../unit/dimse/wire.ts';

const CONTENT = Buffer.from('0800160012000000', 'hex');
const directory = makeTempDirectory();
const cleanUp: (() => Promise<unknown>)[] = [];
let authority: Authority;
let server: Certified;
let client: Certified;

beforeAll(() => {
  if (!hasOpenssl) return;
  authority = new Authority(directory, 'authority');
  server = authority.certify('server', { isRsa: true });
  client = authority.certify('client', { subject: '/O=Hospital/CN=CT01' });
});
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});
afterAll(() => {
  removeDirectory(directory);
});

class Door extends MemoryProvider {
  readonly refusals: Refusal[] = [];
  onRefused = (refusal: Refusal): void => {
    this.refusals.push(refusal);
  };
}

async function listen(tls: Partial<ListenerTls> = {}, settings: ListenerSettings = {}) {
  const door = new Door();
  const { key, certificate } = server;
  const listener = makeListener(door, { ...settings, tls: { key, certificate, ...tls } });
  const { port } = await listener.listen();
  cleanUp.push(() => listener.close(0));
  return { door, listener, port };
}

async function send(port: number, tls?: RequestorTls, callingAeTitle = 'MODALITY'): Promise<DeliveryOutcome> {
  const options = { name: 'x', aeTitle: 'LETHE', callingAeTitle, host: '127.0.0.1', port, connectMs: 5_000 };
  const destination = createDicomDestination({ ...options, ...(tls === undefined ? {} : { tls }) }, quiet);
  const instance: CleanInstance = {
    ...{
      recordId: newRecordId(),
      sopClassUid: CT,
      sopInstanceUid: '1.2.3',
      seriesInstanceUid: '1.2',
      studyInstanceUid: '1',
    },
    ...{ transferSyntaxUid: EXPLICIT, length: CONTENT.length, alternatives: [] },
    encode: () => Promise.resolve({ source: new BufferSource(CONTENT), pieces: [CONTENT], length: CONTENT.length }),
  };
  const outcome = await destination.deliver(instance);
  await destination.close();
  return outcome;
}

/** Protocol and cipher suite, or the reason why there is no connection. TLS 1.3 tells a client of a refusal only when it reads. */
async function handshake(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificate, ...options });
  return new Promise((resolve) => {
    socket.on('error', () => {
      resolve('refused');
    });
    socket.on('close', () => {
      resolve('refused');
    });
    socket.on('secureConnect', () => {
      const { name } = socket.getCipher();
      const words = `${socket.getProtocol() ?? ''} ${name}`;
      socket.on('data', () => {
        resolve(words);
        socket.destroy();
      });
      socket.write(request());
    });
  });
}

describe.skipIf(!hasOpenssl)('the files of a TLS configuration', () => {
  it.each([
    ['key', /^The TLS key /],
    ['certificate', /^The TLS certificate /],
    ['ca', /^The TLS authorities /],
    ['crl', /^The TLS revocation list /],
  ])('are told apart when the %s is no PEM', (part, message) => {
    const good = { key: server.key, certificate: server.certificate, ca: authority.certificate };
    expect(() => {
      checkSecureContext(good);
    }).not.toThrow();
    expect(() => {
      checkSecureContext({ ...good, [part]: 'no PEM' });
    }).toThrow(message);
  });
});

describe.skipIf(!hasOpenssl)('what the BCP 195 profiles of PS3.15 allow', () => {
  it.each<[string, ConnectionOptions]>([
    ['TLSv1.3 TLS_AES_256_GCM_SHA384', { minVersion: 'TLSv1.3' }],
    ['TLSv1.3 TLS_CHACHA20_POLY1305_SHA256', { minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
    ['TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384', { maxVersion: 'TLSv1.2' }],
    ['TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }],
  ])('%s', async (words, options) => {
    const { port } = await listen();
    expect(await handshake(port, options)).toBe(words);
  });

  it.each<[string, ConnectionOptions]>([
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA' }],
    ['RSA key exchange', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256:AES256-GCM-SHA384' }],
    ['finite fields', { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES256-GCM-SHA384' }],
    ['no authentication', { maxVersion: 'TLSv1.2', ciphers: 'aNULL@SECLEVEL=0' }],
    ['CCM with short tags', { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_8_SHA256' }],
  ])('not %s, and the refusal is recorded in words', async (_name, options) => {
    const { door, port } = await listen();
    expect(await handshake(port, options)).toBe('refused');
    expect(await until(() => door.refusals.length > 0)).toBe(true);
    expect(door.refusals[0].reason).toMatch(/^the (client|TLS handshake) /);
  });

  it('cuts a handshake that stalls, and one that is no TLS', async () => {
    const { door, port } = await listen({}, { handshakeMs: 200 });
    const silent = connect({ port, host: '127.0.0.1' });
    await once(silent.on('error', () => undefined).resume(), 'close');
    const plain = connect({ port, host: '127.0.0.1' });
    plain.write(request());
    await once(plain.on('error', () => undefined).resume(), 'close');
    expect(await until(() => door.refusals.length === 2)).toBe(true);
    expect(door.refusals.map(({ reason }) => reason)).toEqual([
      'the TLS handshake took too long',
      'the client does not speak TLS',
    ]);
  });
});

describe.skipIf(!hasOpenssl)('client certificates', () => {
  const own = ({ key, certificate }: Certified): RequestorTls => ({ ca: authority.certificate, key, certificate });

  it('are required, and must be signed, in date and not revoked', async () => {
    const stranger = new Authority(directory, 'stranger').certify('rogue');
    const expired = authority.certify('expired', { isExpired: true });
    const revoked = authority.certify('revoked');
    const clientCrl = authority.revoke(revoked);
    const { door, port } = await listen({ clientCa: authority.certificate, clientCrl });
    expect(await send(port, own(client))).toMatchObject({ kind: 'sent' });
    for (const refused of [stranger, expired, revoked])
      expect((await send(port, own(refused))).kind).toBe('unavailable');
    expect((await send(port, { ca: authority.certificate })).kind).toBe('unavailable');
    expect(await until(() => door.refusals.length === 4)).toBe(true);
    expect(door.refusals.map(({ reason }) => reason)).toEqual([
      'no configured authority signed the client certificate',
      'the client certificate has expired',
      'the client certificate was revoked',
      'the client shows no certificate',
    ]);
    expect(door.stored).toHaveLength(1);
  });

  it('may be left out where they are optional, but an invalid one is refused all the same', async () => {
    const stranger = new Authority(directory, 'stranger2').certify('rogue2');
    const { port } = await listen({ clientCa: authority.certificate, clientCertificate: 'optional' });
    expect((await send(port, { ca: authority.certificate })).kind).toBe('sent');
    expect((await send(port, own(client))).kind).toBe('sent');
    expect((await send(port, own(stranger))).kind).toBe('unavailable');
  });

  it('are bound to the AE titles of their sources, both ways', async () => {
    const other = authority.certify('other', { subject: '/O=Hospital/CN=MR01' });
    const { fingerprint256 } = new X509Certificate(other.certificate);
    const sources = new SourceList([
      { aeTitle: 'CT01', certificate: 'CN=CT01, O=Hospital' },
      { aeTitle: 'MR01', certificate: `SHA256:${fingerprint256}` },
      { address: '127.0.0.0/8' },
    ]);
    const { door, port } = await listen({ clientCa: authority.certificate, clientCertificate: 'optional' });
    door.admit = ({ callingAeTitle, peerAddress, certificate }: AssociationRequest) => {
      const text = sources.objectionTo(callingAeTitle, peerAddress, certificate);
      return text === undefined ? undefined : { result: 1, source: 1, reason: 3, text };
    };
    const anonymous = { ca: authority.certificate };
    expect((await send(port, own(client), 'CT01')).kind).toBe('sent');
    expect((await send(port, own(other), 'MR01')).kind).toBe('sent');
    expect((await send(port, anonymous, 'US01')).kind).toBe('sent');
    for (const [tls, aeTitle] of [
      [anonymous, 'CT01'],
      [own(other), 'CT01'],
      [own(client), 'MR01'],
      [own(client), 'US01'],
    ] as const)
      expect((await send(port, tls, aeTitle)).kind).toBe('unavailable');
    expect(door.refusals.map(({ reason }) => reason)).toEqual([
      'the calling AE title CT01 must show its certificate over TLS',
      'the calling AE title CT01 is not the one that the shown certificate is bound to',
      'the calling AE title MR01 is not the one that the shown certificate is bound to',
      'the calling AE title US01 is not the one that the shown certificate is bound to',
    ]);
  });

  it('of ours are shown to a destination, whose name is checked', async () => {
    const named = authority.certify('named', { host: 'pacs.example.org' });
    const { key, certificate } = named;
    const { port } = await listen({ key, certificate, clientCa: authority.certificate });
    expect((await send(port, own(client))).kind).toBe('unavailable');
    expect((await send(port, { ...own(client), serverName: 'pacs.example.org' })).kind).toBe('sent');
    expect((await send(port, { ...own(client), serverName: 'other.example.org' })).kind).toBe('unavailable');
  });
});

describe.skipIf(!hasOpenssl)('keys that are renewed', () => {
  it('serve new connections, while open ones stay, and a broken renewal changes nothing', async () => {
    const files = { key: join(directory, 'live.key'), certificate: join(directory, 'live.crt') };
    const write = ({ key, certificate }: Certified): void => {
      writeFileSync(files.key, key);
      writeFileSync(files.certificate, certificate);
    };
    write(server);
    const { listener, port } = await listen(await readTlsFiles(files));
    const errors: unknown[] = [];
    const onChange = async (): Promise<void> => {
      listener.useTls(await readTlsFiles(files));
    };
    const watch = new TlsFileWatch(Object.values(files), onChange, (error) => errors.push(error), 60_000);
    cleanUp.push(() => watch.close());
    await watch.look();
    const serialOf = async (): Promise<string> => {
      const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificate });
      await once(socket, 'secureConnect');
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    const before = await serialOf();
    const open = connectTls({ host: '127.0.0.1', port, ca: authority.certificate });
    await once(open, 'secureConnect');
    writeFileSync(files.key, 'no key');
    await watch.look();
    expect(errors).toHaveLength(1);
    expect(await serialOf()).toBe(before);
    const renewed = authority.certify('renewed');
    write(renewed);
    await watch.look();
    expect(await serialOf()).toBe(new X509Certificate(renewed.certificate).serialNumber);
    open.write(request());
    const [answer] = (await once(open, 'data')) as [Buffer];
    expect(answer[0]).toBe(2);
    open.destroy();
  });
});

describe.skipIf(!hasOpenssl || !isInstalled('storescu'))('DCMTK over TLS', () => {
  const run = promisify(execFile);

  it('sends with its certificate, and not without', async () => {
    const { door, port } = await listen({ clientCa: authority.certificate });
    const [{ bytes }] = buildCtSeries({ slices: 1 });
    const path = join(directory, 'ct.dcm');
    writeFileSync(path, bytes);
    const trust = ['--add-cert-file', authority.certificateFile];
    const to = ['-aec', 'LETHE', '127.0.0.1', String(port), path];
    const env = { ...process.env, TCP_NODELAY: '1' };
    await run('storescu', ['+tls', client.keyFile, client.certificateFile, ...trust, ...to], { env });
    expect(door.stored).toHaveLength(1);
    await expect(run('storescu', ['+tla', ...trust, ...to], { env })).rejects.toThrow();
    await expect(run('storescu', to, { env })).rejects.toThrow();
    expect(door.stored).toHaveLength(1);
  }, 60_000);
});
