// Certificates for tests, made by openssl: authorities, servers, clients, revoked and expired ones.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled } from './programs.ts';

export const hasOpenssl = isInstalled('openssl');

export interface Certified {
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly key: Buffer;
  readonly certificate: Buffer;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const RSA = ['-newkey', 'rsa:2048', '-nodes'];

const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** An authority that lives in a directory. */
export class Authority {
  readonly certificate: Buffer;
  readonly certificateFile: string;
  readonly #directory: string;
  readonly #name: string;

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
    this.certificateFile = this.#path('crt');
    const subject = ['-subj', `/CN=${name}`, '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl(
      'req',
      '-x509',
      ...EC,
      '-days',
      '2',
      '-keyout',
      this.#path('key'),
      '-out',
      this.certificateFile,
      ...subject,
    );
    this.certificate = readFileSync(this.certificateFile);
    writeFileSync(this.#path('index'), '');
    writeFileSync(this.#path('number'), '01\n');
    writeFileSync(
      this.#path('cnf'),
      [
        '[ca]',
        'default_ca=own',
        '[own]',
        `database=${this.#path('index')}`,
        `crlnumber=${this.#path('number')}`,
        'default_md=sha256',
        'default_crl_days=2',
      ].join('\n'),
    );
  }

  /** @param subject as openssl writes it, `/CN=ct01/O=Hospital` */
  certify(
    name: string,
    options: { subject?: string; host?: string; isExpired?: boolean; isRsa?: boolean } = {},
  ): Certified {
    const { subject = `/CN=${name}`, host = '127.0.0.1', isExpired = false, isRsa = false } = options;
    const path = (ending: string): string => join(this.#directory, `${name}.${ending}`);
    const alternative = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
    writeFileSync(path('ext'), `subjectAltName=${alternative}\n`);
    openssl('req', ...(isRsa ? RSA : EC), '-keyout', path('key'), '-out', path('csr'), '-subj', subject);
    const signer = ['-CA', this.certificateFile, '-CAkey', this.#path('key'), '-CAcreateserial'];
    const days = ['-days', isExpired ? '0' : '2'];
    openssl('x509', '-req', '-in', path('csr'), ...signer, ...days, '-extfile', path('ext'), '-out', path('crt'));
    return {
      ...{ keyFile: path('key'), certificateFile: path('crt') },
      ...{ key: readFileSync(path('key')), certificate: readFileSync(path('crt')) },
    };
  }

  /** PEM of the list of revoked certificates. */
  revoke({ certificateFile }: Certified): Buffer {
    const own = ['-config', this.#path('cnf'), '-keyfile', this.#path('key'), '-cert', this.certificateFile];
    openssl('ca', ...own, '-revoke', certificateFile);
    openssl('ca', ...own, '-gencrl', '-out', this.#path('crl'));
    return readFileSync(this.#path('crl'));
  }

  #path(ending: string): string {
    return join(this.#directory, `${this.#name}.${ending}`);
  }
}
