// Keys and certificates: whether they can be read, belong together, are private, and how long they are good for.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { systemCodeOf } from '../../core/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;

interface TlsFiles {
  readonly key?: string | undefined;
  readonly certificate?: string | undefined;
  readonly ca?: string | undefined;
  readonly clientCa?: string | undefined;
}

/** One finding for each file that is named anywhere. */
export async function checkTls(config: Config, now = Date.now()): Promise<Finding[]> {
  const places: readonly (readonly [string, TlsFiles | undefined])[] = [
    ['tls', config.tls],
    ['auditRepository.tls', config.auditRepository?.tls],
    ...config.sources.map((source, i) => [`sources[${i}].tls`, source.tls] as const),
    ...Object.entries(config.destinations).map(
      ([name, place]) => [`destinations.${name}.tls`, place.kind === 'folder' ? undefined : place.tls] as const,
    ),
  ];
  const findings: Finding[] = [];
  for (const [place, files] of places) {
    if (files === undefined) continue;
    for (const name of ['certificate', 'ca', 'clientCa'] as const) {
      const path = files[name];
      if (path !== undefined) findings.push(await checkCertificates(`${place}.${name}`, path, now));
    }
    if (files.key !== undefined) findings.push(await checkKey(`${place}.key`, files.key, files.certificate));
  }
  return findings;
}

/** The one of a chain that ends first decides. */
async function checkCertificates(check: string, path: string, now: number): Promise<Finding> {
  try {
    const text = await readFile(path, 'latin1');
    const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    if (found.length === 0) return fail(check, `${path} holds no certificate in PEM`);
    const certificates = found.map((pem) => new X509Certificate(pem));
    const begins = Math.max(...certificates.map(({ validFrom }) => Date.parse(validFrom)));
    const ends = Math.min(...certificates.map(({ validTo }) => Date.parse(validTo)));
    const until = new Date(ends).toISOString().slice(0, 10);
    if (begins > now) return fail(check, `${path} is not valid yet; look at the clock, or renew it`);
    if (ends <= now) return fail(check, `${path} expired on ${until}; renew it, the gateway reads it anew by itself`);
    const days = Math.floor((ends - now) / DAY_MS);
    if (days < WARN_DAYS) return warn(check, `${path} expires on ${until}, in ${days} days; renew it`);
    return ok(check, `valid until ${until}`);
  } catch (error) {
    return fail(check, `${path} cannot be read (${systemCodeOf(error) ?? 'no certificate'})`);
  }
}

async function checkKey(check: string, path: string, certificatePath: string | undefined): Promise<Finding> {
  try {
    const key = createPrivateKey(await readFile(path));
    const isOpen = ((await stat(path)).mode & 0o007) !== 0;
    if (certificatePath !== undefined) {
      const certificate = new X509Certificate(await readFile(certificatePath));
      if (!certificate.checkPrivateKey(key)) return fail(check, `${path} does not belong to ${certificatePath}`);
    }
    return isOpen ? fail(check, `others may read ${path}; run: chmod 600 ${path}`) : ok(check, 'private');
  } catch (error) {
    return fail(check, `${path} cannot be used (${systemCodeOf(error) ?? 'no private key'})`);
  }
}
