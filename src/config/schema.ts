// Every option of lethe.yaml with its unit, default and check; those of destinations are in destinations.ts. The Config type follows from it.
import { z } from 'zod';
import { parseCertificatePattern } from '../core/certificates.ts';
import { auditRepository } from './audit-repository.ts';
import { destination, peerTls } from './destinations.ts';
import { aeTitle, bytes, host, integer, NAME, name, network, path, scalar, seconds, SWITCH } from './scalars.ts';

const REDIS_URL = /^rediss?:\/\/\S+$/;
const DATABASE_URL = /^postgres(?:ql)?:\/\/\S+$/;
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const dicom = z.strictObject({
  /** Address to listen on. Default 0.0.0.0, every interface; who may send is decided by `sources`. */
  host: host.default('0.0.0.0'),
  /** TCP port. Default 11112; 0 takes a free one, which is printed at start. */
  port: integer(0, 65_535, 'a port number').default(11_112),
  /** Associations at the same time, with and without TLS together; further ones are rejected as transient. Default 100. */
  maxAssociations: integer(1, 1000, 'a number').default(100),
  /** The same for one peer address. Default 10. */
  maxAssociationsPerPeer: integer(1, 1000, 'a number').default(10),
  /** Longest PDU that is offered and accepted, in bytes (PS3.8 D.1). Default 131072. */
  maxPduBytes: integer(4096, 1_048_576, 'a number of bytes').default(131_072),
  /** Seconds that an open association may be silent before it is aborted. Default 60. */
  idleSeconds: seconds(1, 86_400).default(60),
  /** Seconds to wait for the association request and for the peer to close (ARTIM timer of PS3.8 9.1.5). Default 10. */
  artimSeconds: seconds(1, 600).default(10),
  /** A sender that brings less over a minute, inside an instance, is aborted. Default 1024. */
  minBytesPerSecond: integer(0, 1_048_576, 'a number of bytes').default(1024),
});

const CERTIFICATE_RULES = ['required', 'optional'] as const;

const tls = z.strictObject({
  /** TCP port for DICOM over TLS. Default 2762. */
  port: integer(0, 65_535, 'a port number').default(2762),
  /** PEM file of the private key. No default. */
  key: path,
  /** PEM file of the certificate and its chain. No default. */
  certificate: path,
  /** PEM file of the authorities whose client certificates are accepted. Default none: no client certificate is asked for. */
  clientCa: path.optional(),
  /** PEM file of client certificates that were revoked; it needs a list of every authority in `clientCa`. Default none. */
  clientCrl: path.optional(),
  /** `required` or `optional`: whether a client may come without a certificate; an invalid one is refused either way. Default required. */
  clientCertificate: scalar('required or optional', (text) => CERTIFICATE_RULES.find((rule) => rule === text)).default(
    'required',
  ),
  /** Seconds for a TLS handshake. Default 10. */
  handshakeSeconds: seconds(1, 600).default(10),
});

const source = z
  .strictObject({
    /** Calling AE title. Default any. */
    aeTitle: aeTitle.optional(),
    /** Address or CIDR block of the peer. Default any. */
    address: network.optional(),
    /**
     * Client certificate over TLS: its SHA-256 fingerprint, or attributes of its subject such as `CN=CT01, O=Hospital`. With an AE title it is bound
     * to it: nobody else may show it, and who calls itself so must. Default any, also none.
     */
    certificate: scalar('a SHA-256 fingerprint, or attributes such as CN=CT01', (text) =>
      parseCertificatePattern(text) === undefined ? undefined : text,
    ).optional(),
    /** TCP port on which it takes reports of storage commitment on an association of ours. Default none: they are sent on its own association only. */
    port: integer(1, 65_535, 'a port number').optional(),
    /** Host name or numeric address for that. Default: the address that the request came from. */
    host: host.optional(),
    /** TLS for that. Default none. */
    tls: peerTls.optional(),
  })
  .refine((value) => value.aeTitle !== undefined || value.address !== undefined || value.certificate !== undefined, {
    message: 'write aeTitle, address, certificate or several: an empty source would admit everybody',
  })
  .refine((value) => value.port === undefined || value.aeTitle !== undefined, {
    message: 'write aeTitle too: a report of storage commitment is sent to an AE title',
  });

/** What a route says when its profile stands in the configuration itself; `src/profile` reads it there. */
export const INLINE_PROFILE = null;

const profile = z.unknown().transform((value, context): string | typeof INLINE_PROFILE => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return INLINE_PROFILE;
  const named = path.safeParse(value);
  if (named.success) return named.data;
  context.addIssue({ code: 'custom', message: 'write a name, a path, or { extends: basic, … }' });
  return z.NEVER;
});

const COMMITMENTS = ['custody', 'delivered'] as const;
const REPEATS = ['hold', 'send'] as const;

const route = z.strictObject({
  /** Called AE title that selects this route. No default; each may stand once. */
  calledAeTitle: aeTitle,
  /** Project whose key makes the pseudonyms. Default `default`. */
  project: name.default('default'),
  /**
   * Profile: a name, found in `profiles/` beside this file or among the built-in ones; a path to a YAML file; or a profile written
   * out here, which usually builds on another one: `{ extends: basic, options: [retain-uids] }`. Default `basic`.
   */
  profile: profile.default('basic'),
  /** Names of destinations. Default: all of them. */
  destinations: z.array(name).min(1, 'write at least one destination').optional(),
  /**
   * What storage commitment promises: `custody` that the instance is held durably or was delivered, `delivered` that every destination accepted its
   * clean twin. Default custody.
   */
  commitment: scalar('custody or delivered', (text) => COMMITMENTS.find((word) => word === text)).default('custody'),
  /**
   * What becomes of an instance that was delivered before, bit by bit the same, with the same profile: `hold` acknowledges it and sends nothing,
   * `send` sends it again, for example to fill a research PACS that lost its data. Default hold.
   */
  repeats: scalar('hold or send', (text) => REPEATS.find((word) => word === text)).default('hold'),
});

export const schema = z.strictObject({
  /** Our AE title: what we call ourselves when we send, and the called AE title of the default route. Default LETHE. */
  aeTitle: aeTitle.prefault('LETHE'),
  dicom: dicom.prefault({}),
  /** DICOM over TLS (PS3.15 Annex B). Default: none. */
  tls: tls.optional(),
  /** Data directory: spool, keys, embedded database, outbox. Default ./data. */
  data: path.default('./data'),
  /** `embedded`, or the URL of a PostgreSQL 14+ database. Default embedded. */
  database: scalar(
    'embedded or postgres://user@host/database',
    (text) => (text === 'embedded' || DATABASE_URL.test(text) ? text : undefined),
    false,
  ).default('embedded'),
  /**
   * `embedded`: one process does everything. Or the URL of a Redis server, with which listeners, workers and senders may be processes of
   * their own (`lethe start --role`); they share the data directory and need a database server. Default embedded.
   */
  queue: scalar(
    'embedded or redis://host:6379',
    (text) => (text === 'embedded' || REDIS_URL.test(text) ? text : undefined),
    false,
  ).default('embedded'),
  roles: z
    .strictObject({
      /**
       * Seconds after which the work of a process that died is taken over by another one; used with a Redis queue. Default 30. Shorter
       * than the longest stall of a healthy process is wasteful: work is done twice.
       */
      leaseSeconds: seconds(2, 3600).default(30),
      /** Instances that one worker process has in hand at once. Default 8. */
      workerConcurrency: integer(1, 256, 'a number').default(8),
    })
    .prefault({}),
  spool: z
    .strictObject({
      /**
       * Sync each instance to the disk before it is acknowledged. Default true. With false a power failure may lose
       * acknowledged instances (a crash of the program does not): for trials and comparisons only.
       */
      synced: scalar('true or false', (text) => SWITCH[text as keyof typeof SWITCH] as boolean | undefined).default(
        true,
      ),
    })
    .prefault({}),
  /** Who may send. Default none: only this machine may. */
  sources: z.array(source).default([]),
  /** Where clean instances go, by name. Default: `archive`, the folder `outbox` in the data directory. */
  destinations: z
    .record(z.string().regex(NAME, 'write a name of letters, digits, dots, hyphens and underscores'), destination)
    .default({}),
  /** What happens to an instance, by called AE title. Default: our AE title, project `default`, profile `basic`, all destinations. */
  routes: z.array(route).default([]),
  /**
   * Health, metrics and the REST API; `http: off` for none. When nothing is written here, one process that does everything serves them on
   * 127.0.0.1 port 8080 if that is free, and so does the role `api`; other roles serve none.
   */
  http: z
    .strictObject({
      /** Address to listen on; one that other machines reach needs a token. Default 127.0.0.1. */
      host: host.default('127.0.0.1'),
      /** TCP port. Default 8080; 0 takes a free one, which is printed at start. */
      port: integer(0, 65_535, 'a port number').default(8080),
      /**
       * What callers of `/api` show as `Authorization: Bearer …`; best from a file by LETHE__HTTP__TOKEN_FILE. Default none: then only this machine
       * is served, and of the API only `/api/status`.
       */
      token: scalar(
        'a token of 16 to 512 printable ASCII characters without spaces, for example of: openssl rand -hex 32',
        (text) => (/^[\x21-\x7E]{16,512}$/.test(text) ? text : undefined),
        false,
      ).optional(),
    })
    .optional(),
  /** Audit messages of PS3.15 A.5 by syslog over TLS (PS3.15 A.6, IHE ITI-20). Default: none are made. */
  auditRepository: auditRepository.optional(),
  limits: z
    .strictObject({
      /** Largest instance that is accepted, in bytes. Default 8GiB. */
      instanceBytes: bytes.default(8 * 2 ** 30),
      /**
       * Free space, in bytes, below which nothing more is accepted: associations are rejected as transient, instances on open ones get C-STORE status
       * 0xA700, and the gateway says that it is not ready. Default 5GiB.
       */
      diskReserve: bytes.default(5 * 2 ** 30),
    })
    .prefault({}),
  log: z
    .strictObject({
      /** error, warn, info or debug. Default info; the environment variable LETHE_LOG_LEVEL wins. */
      level: scalar('error, warn, info or debug', (text) => LOG_LEVELS.find((level) => level === text)).default('info'),
    })
    .prefault({}),
});

export type Settings = z.output<typeof schema>;
