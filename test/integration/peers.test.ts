// The whole gateway between foreign programs: DCMTK, Orthanc and GDCM send, DCMTK and Orthanc receive, over plain TCP and over TLS with client
// certificates; both Orthancs are asked for storage commitment and report it on associations of their own (RELIABILITY figures G13, G14).
// GDCM speaks no TLS and takes no instances that it did not ask for: it sends over plain TCP.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
import { Authority, hasOpenssl, type Certified } from '../support/certificates.ts';
import { startDeliveryRig } from '../support/delivery-rig.ts';
import {
  freePort,
  isInstalled,
  makeTempDirectory,
  removeDirectory,
  run,
  ServerProcess,
  until,
} from '../support/programs.ts';

const PROGRAMS = ['storescu', 'storescp', 'Orthanc', 'gdcmscu'] as const;
const directory = makeTempDirectory();
const cleanUp: (() => Promise<unknown>)[] = [];
let authority: Authority;
let own: Certified;
let peer: Certified;

beforeAll(() => {
  if (!hasOpenssl) return;
  authority = new Authority(directory, 'authority');
  own = authority.certify('lethe', { isRsa: true });
  peer = authority.certify('peer', { isRsa: true });
});
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});
afterAll(() => {
  removeDirectory(directory);
});

async function startStorescp(name: string, tls: readonly string[]): Promise<{ port: number; folder: string }> {
  const [port, folder] = [await freePort(), join(directory, name)];
  mkdirSync(folder);
  const server = await ServerProcess.start(port, 'storescp', [...tls, '-od', folder, String(port)]);
  cleanUp.push(() => server.stop());
  return { port, folder };
}

class Orthanc {
  readonly aeTitle: string;
  readonly isSecure: boolean;
  dicomPort = 0;
  #url = '';

  constructor(aeTitle: string, isSecure: boolean) {
    this.aeTitle = aeTitle;
    this.isSecure = isSecure;
  }

  async start(): Promise<void> {
    const [dicomPort, httpPort] = [await freePort(), await freePort()];
    const folder = join(directory, this.aeTitle);
    mkdirSync(folder);
    const configuration = join(folder, 'orthanc.json');
    const tls = {
      ...{ DicomTlsEnabled: true, DicomTlsCertificate: peer.certificateFile, DicomTlsPrivateKey: peer.keyFile },
      ...{ DicomTlsTrustedCertificates: authority.certificateFile, DicomTlsRemoteCertificateRequired: true },
    };
    writeFileSync(
      configuration,
      JSON.stringify({
        ...{ StorageDirectory: join(folder, 'db'), IndexDirectory: join(folder, 'db'), Plugins: [] },
        ...{ DicomPort: dicomPort, HttpPort: httpPort, DicomAet: this.aeTitle, RemoteAccessAllowed: false },
        ...{ AuthenticationEnabled: false, DicomCheckCalledAet: true, DicomAlwaysAllowStore: true },
        ...(this.isSecure ? tls : {}),
      }),
    );
    const server = await ServerProcess.start(httpPort, 'Orthanc', [configuration]);
    cleanUp.push(() => server.stop());
    this.dicomPort = dicomPort;
    this.#url = `http://127.0.0.1:${httpPort}`;
  }

  /** Makes a peer known by a name. */
  async know(name: string, aeTitle: string, port: number): Promise<void> {
    const modality = { AET: aeTitle, Host: '127.0.0.1', Port: port, UseDicomTls: this.isSecure };
    await this.#ask(`modalities/${name}`, 'PUT', JSON.stringify(modality));
  }

  /** Takes an instance over HTTP and sends it to a peer that it knows. */
  async send(file: Buffer, name: string): Promise<void> {
    const { ID } = (await this.#ask('instances', 'POST', new Uint8Array(file))) as { ID: string };
    await this.#ask(`modalities/${name}/store`, 'POST', ID);
    await this.#ask(`instances/${ID}`, 'DELETE');
  }

  async count(): Promise<number> {
    return ((await this.#ask('statistics')) as { CountInstances: number }).CountInstances;
  }

  async #ask(path: string, method = 'GET', body?: string | Uint8Array<ArrayBuffer>): Promise<unknown> {
    const response = await fetch(`${this.#url}/${path}`, { method, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Orthanc answers ${response.status} to ${path}: ${text.slice(0, 300)}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }
}

describe.skipIf(!hasOpenssl || !PROGRAMS.every(isInstalled))('DCMTK, Orthanc and GDCM', () => {
  it('send, and receive what became of it, over plain TCP and TLS; Orthanc commits before anything counts as delivered', async () => {
    const trust = ['--add-cert-file', authority.certificateFile];
    const withTls = ['+tls', peer.keyFile, peer.certificateFile, ...trust];
    const [plainOrthanc, secureOrthanc] = [new Orthanc('ORTHANC', false), new Orthanc('ORTHANCTLS', true)];
    const [plain, secure] = await Promise.all([
      startStorescp('plain', []),
      startStorescp('secure', withTls),
      plainOrthanc.start(),
      secureOrthanc.start(),
    ]);
    const ourTls = `tls: { ca: ${authority.certificateFile}, key: ${own.keyFile}, certificate: ${own.certificateFile} }`;
    const at = (aeTitle: string, port: number, more = ''): string =>
      `{ aeTitle: ${aeTitle}, host: 127.0.0.1, port: ${port}${more} }`;
    const tlsPort = await freePort();
    const rig = await startDeliveryRig(
      'one process',
      {
        plain: at('STORESCP', plain.port),
        secure: at('STORESCP', secure.port, `, ${ourTls}`),
        orthanc: at('ORTHANC', plainOrthanc.dicomPort, ', commitment: { within: 2min }'),
        orthanctls: at('ORTHANCTLS', secureOrthanc.dicomPort, `, commitment: { within: 2min }, ${ourTls}`),
      },
      { LUNG: ['plain', 'secure', 'orthanc', 'orthanctls'] },
      [
        `tls: { port: ${tlsPort}, key: ${own.keyFile}, certificate: ${own.certificateFile}, clientCa: ${authority.certificateFile} }`,
      ],
    );
    cleanUp.push(() => rig.close());
    const { port } = loadConfig({ file: rig.configFile, environment: {} }).dicom;
    for (const [orthanc, door] of [
      [plainOrthanc, port],
      [secureOrthanc, tlsPort],
    ] as const) {
      await orthanc.know('lethe', 'LETHE', door);
      await orthanc.know('lung', 'LUNG', door);
    }

    const files = [...buildCtSeries({ slices: 5, rows: 64, columns: 64, seed: 5 })].map(({ bytes }, i) => {
      const path = join(directory, `${i}.dcm`);
      writeFileSync(path, bytes);
      return { bytes, path };
    });
    const finished = [
      await run('storescu', ['-aec', 'LUNG', '127.0.0.1', String(port), files[0].path]),
      await run('storescu', [...withTls, '-aec', 'LUNG', '127.0.0.1', String(tlsPort), files[1].path]),
    ];
    expect(finished.map(({ code }) => code)).toEqual([0, 0]);
    // GDCM 3.0.21 ends in an exception of its own after the release, with storescp as well: what counts is that its instance came.
    await run('gdcmscu', ['--store', '--call', 'LUNG', '127.0.0.1', String(port), files[2].path]);
    await plainOrthanc.send(files[3].bytes, 'lung');
    await secureOrthanc.send(files[4].bytes, 'lung');

    const isAtRest = async (): Promise<boolean> => {
      const { received, waiting, quarantined } = await rig.gateway.status();
      expect(quarantined).toBe(0);
      return received === files.length && waiting === 0;
    };
    expect(await until(isAtRest, 150_000)).toBe(true);
    expect([readdirSync(plain.folder).length, readdirSync(secure.folder).length]).toEqual([5, 5]);
    expect([await plainOrthanc.count(), await secureOrthanc.count()]).toEqual([5, 5]);
    const { destinations } = await rig.gateway.status();
    expect(destinations.map(({ sent }) => sent)).toEqual([5, 5, 5, 5]);
  }, 300_000);
});
