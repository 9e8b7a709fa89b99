// The client certificate of a TLS connection, reduced to what a source of the configuration may ask for.
import type { PeerCertificate as NodeCertificate, TLSSocket } from 'node:tls';
import type { PeerCertificate } from '../pipeline/ports.ts';

/** What the peer showed, when it was verified; `invalid` when it showed one that no authority of ours signed, or that is out of date. */
export function certificateOf(socket: TLSSocket): PeerCertificate | 'invalid' | undefined {
  const certificate = socket.getPeerCertificate() as NodeCertificate | Record<string, never>;
  if (!('fingerprint256' in certificate)) return undefined;
  if (!socket.authorized) return 'invalid';
  const subject: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(certificate.subject as Readonly<Record<string, string | string[]>>))
    subject[name.toUpperCase()] = typeof value === 'string' ? [value] : value;
  return { fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(), subject };
}
