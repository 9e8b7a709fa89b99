// Who may send: the sources of the configuration, by calling AE title, address and client certificate.
import { parseCertificatePattern } from '../core/certificates.ts';
import type { CertificatePattern } from '../core/certificates.ts';
import { LetheError } from '../core/errors.ts';
import { isLoopback, parseNetwork } from '../core/networks.ts';
import type { Network } from '../core/networks.ts';
import { escapeForLog } from '../core/text.ts';
import type { PeerCertificate } from './ports.ts';

/** Who may send. All that is written must fit; what is absent fits everybody. */
export interface Source {
  readonly aeTitle?: string | undefined;
  /** An address or a CIDR block. */
  readonly address?: string | undefined;
  /** Fingerprint or subject of the client certificate (core/certificates.ts). */
  readonly certificate?: string | undefined;
}

interface CheckedSource {
  readonly aeTitle: string | undefined;
  readonly network: Network | undefined;
  readonly certificate: CertificatePattern | undefined;
}

/**
 * A certificate that a source names together with an AE title is bound to it, both ways: who calls itself so must show it, whatever
 * other source would admit the address, and who shows it may only call itself so.
 */
export class SourceList {
  readonly #sources: readonly CheckedSource[];

  /** With no sources only this machine may send. Throws `config-invalid`. */
  constructor(sources: readonly Source[]) {
    this.#sources = sources.map(({ aeTitle, address, certificate }) => ({
      aeTitle: aeTitle?.trim(),
      network: address === undefined ? undefined : required(parseNetwork(address)),
      certificate: certificate === undefined ? undefined : required(parseCertificatePattern(certificate)),
    }));
  }

  /** Why this peer may not send, in words for the record; undefined when it may. @param calling AE title without padding */
  objectionTo(calling: string, peerAddress: string, certificate: PeerCertificate | undefined): string | undefined {
    const sources = this.#sources;
    if (sources.length === 0)
      return isLoopback(peerAddress) ? undefined : 'without configured sources only this machine may send';
    const who = `the calling AE title ${escapeForLog(calling)}`;
    const fits = (source: CheckedSource): boolean =>
      certificate !== undefined && source.certificate?.fits(certificate) === true;
    const bound = sources.filter((source) => source.aeTitle !== undefined && fits(source));
    if (bound.length > 0 && !bound.some(({ aeTitle }) => aeTitle === calling))
      return `${who} is not the one that the shown certificate is bound to`;
    const byName = sources.filter(({ aeTitle }) => aeTitle === calling);
    const isBound = byName.some((source) => source.certificate !== undefined);
    const named = isBound ? byName : sources.filter(({ aeTitle }) => aeTitle === undefined || aeTitle === calling);
    if (named.length === 0) return `${who} is not a source`;
    const near = named.filter(({ network }) => network?.contains(peerAddress) !== false);
    if (near.length === 0) return `${who} may not send from this address`;
    if (near.some((source) => source.certificate === undefined || fits(source))) return undefined;
    return certificate === undefined
      ? `${who} must show its certificate over TLS`
      : `${who} shows a certificate that is not its own`;
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined)
    throw new LetheError('config-invalid', 'A source has an address or a certificate that cannot be read.');
  return value;
}
