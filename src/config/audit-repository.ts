// Options of the audit repository: where audit messages of PS3.15 A.5 go, and what they may name.
import { z } from 'zod';
import { isLoopback } from '../core/networks.ts';
import { peerTls } from './destinations.ts';
import { bytes, host, integer, scalar } from './scalars.ts';

const TRANSPORTS = ['tls', 'tcp'] as const;
const RECEIVED_NAMES = ['pseudonym', 'original'] as const;
/** PRINTUSASCII without quotes: it stands in XML and in a URN. */
const SOURCE_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;
const sourceId = scalar('a name of letters, digits, dots, colons, hyphens and underscores', (text) =>
  SOURCE_ID.test(text) ? text : undefined,
);

export const auditRepository = z
  .strictObject({
    /** Host name or numeric address of the audit repository (syslog receiver). No default. */
    host,
    /** Its TCP port. Default 6514, syslog over TLS (RFC 5425). */
    port: integer(1, 65_535, 'a port number').default(6514),
    /** `tls`, or `tcp` for a syslog relay on this machine, which then carries them on over TLS. Default tls. */
    transport: scalar('tls or tcp', (text) => TRANSPORTS.find((word) => word === text)).default('tls'),
    /** TLS toward it. Default: the authorities that Node knows, no certificate of ours. */
    tls: peerTls.optional(),
    /** AuditSourceID: what the repository knows this installation by. Default: the host name of the machine. */
    sourceId: sourceId.optional(),
    /** AuditEnterpriseSiteID. Default none. */
    site: sourceId.optional(),
    /**
     * How patients and studies are named in messages on what was received. `pseudonym`: by what replaces Patient ID and Study Instance UID. `original`: by
     * what came, as PS3.15 A.5.3.7 means it for the inside of a hospital; who reads the repository can then tell who became whom. Messages on what leaves
     * always name the replacements. Default pseudonym.
     */
    received: scalar('pseudonym or original', (text) => RECEIVED_NAMES.find((word) => word === text)).default(
      'pseudonym',
    ),
    /** Events that wait in the data directory, in bytes, while the repository is away; what comes beyond is lost, and said so. Default 1GiB. */
    bufferBytes: bytes.default(2 ** 30),
  })
  .refine(({ transport, host: name }) => transport === 'tls' || name === 'localhost' || isLoopback(name), {
    path: ['transport'],
    message: 'tcp is for this machine only; write tls, or host: 127.0.0.1',
  })
  .refine(({ transport, tls }) => transport === 'tls' || tls === undefined, {
    path: ['tls'],
    message: 'tls needs transport: tls',
  })
  .refine(({ bufferBytes }) => bufferBytes >= MIN_BUFFER_BYTES, {
    path: ['bufferBytes'],
    message: 'write at least 1MiB',
  });

const MIN_BUFFER_BYTES = 2 ** 20;
