// STOW-RS over TLS: whose certificate is taken, and which one is shown.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StowClient, type StowTls } from '../../../src/stow/client.ts';
import { Authority, hasOpenssl, type Certified } from '../../support/certificates.ts';

describe.skipIf(!hasOpenssl)('STOW-RS over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lethe-stow-'));
  let ours: Authority;
  let strange: Authority;
  let lethe: Certified;
  let url = '';
  let shown: unknown;
  let close = (): void => undefined;

  beforeAll(async () => {
    ours = new Authority(directory, 'ours');
    strange = new Authority(directory, 'strange');
    lethe = ours.certify('lethe');
    const { key, certificate: cert } = ours.certify('pacs');
    const options = { key, cert, ca: ours.certificate, requestCert: true, rejectUnauthorized: false };
    const server = createServer(options, (request, response) => {
      shown = 'authorized' in request.socket && request.socket.authorized;
      request.resume().on('end', () => response.writeHead(204).end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    close = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(() => {
    close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ask(tls: StowTls): Promise<number> {
    const client = new StowClient({ url, tls, connections: 1 });
    return client
      .ask()
      .then(({ status }) => status)
      .finally(() => {
        client.close();
      });
  }

  it('takes a certificate of the authority that is configured, and shows ours', async () => {
    expect(await ask({ ca: ours.certificate })).toBe(204);
    expect(shown).toBe(false);
    expect(await ask({ ca: ours.certificate, key: lethe.key, certificate: lethe.certificate })).toBe(204);
    expect(shown).toBe(true);
  });

  it.each<[string, () => StowTls]>([
    ['an authority that is not configured', () => ({ ca: strange.certificate })],
    ['an authority that Node does not know', () => ({})],
    ['another name', () => ({ ca: ours.certificate, serverName: 'other.example' })],
  ])('refuses a certificate of %s', async (_, tls) => {
    await expect(ask(tls())).rejects.toMatchObject({ code: 'peer-unreachable' });
  });
});
