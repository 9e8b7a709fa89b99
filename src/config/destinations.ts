// Options of a destination: where it is, and how it is sent to.
import { z } from 'zod';
import { parseDurationMs } from '../core/units.ts';
import type { Backoff } from '../pipeline/backoff.ts';
import { parseSendWindow, type SendWindow } from '../pipeline/send-windows.ts';
import { aeTitle, host, integer, path, scalar } from './scalars.ts';

/** TLS toward a peer: the files are PEM. */
export const peerTls = z
  .strictObject({
    /** Authorities that sign the peer's certificate. Default: those that Node knows. */
    ca: path.optional(),
    /** Private key of our own certificate, for a peer that asks for one. */
    key: path.optional(),
    /** Our own certificate and its chain. */
    certificate: path.optional(),
    /** Certificates of peers that were revoked; it needs a list of every authority in `ca`. Default none. */
    crl: path.optional(),
    /** Name that the peer's certificate must hold. Default: the host. */
    serverName: host.optional(),
  })
  .refine((value) => (value.key === undefined) === (value.certificate === undefined), {
    message: 'write key and certificate together, or none of them',
  });

export type PeerTls = Readonly<z.output<typeof peerTls>>;

const DAY_MS = 86_400_000;
/** Longer waits overflow the timers of Node. */
const MAX_WAIT_MS = 14 * DAY_MS;

const NEVER = 'never';
const giveUpAfter = scalar('a time such as 12h or 3d, or never', (text) => {
  if (text.trim() === NEVER) return NEVER;
  const milliseconds = parseDurationMs(text, 's');
  return milliseconds === undefined || milliseconds === 0 ? undefined : milliseconds;
});
const wait = scalar('a time up to 14d, for example 1s or 15min', (text) => {
  const milliseconds = parseDurationMs(text, 's');
  return milliseconds === undefined || milliseconds === 0 || milliseconds > MAX_WAIT_MS ? undefined : milliseconds;
});
const sendWindow = scalar('a time of day from-to such as 19:00-06:30', parseSendWindow);
const httpUrl = scalar(
  'the address of a DICOMweb service such as https://pacs.example.org/dicom-web, without user, password, query',
  (text) => {
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
    const { username, password, search, hash, hostname } = new URL(text);
    return username === '' && password === '' && search === '' && hash === '' && hostname !== '' ? text : undefined;
  },
  false,
);
/** What is put into a header, byte for byte (RFC 9110 5.5). */
const secret = scalar(
  'a secret of printable ASCII characters',
  (text) => (/^[\x20-\x7e]+$/.test(text) ? text : undefined),
  false,
);

const ORDERS = ['series', 'none'] as const;

/** Either `folder`; or `aeTitle`, `host` and `port`; or `stow`. */
export const destination = z
  .strictObject({
    /** AE title of the receiving application. */
    aeTitle: aeTitle.optional(),
    /** Host name or numeric address. */
    host: host.optional(),
    /** TCP port. */
    port: integer(1, 65_535, 'a port number').optional(),
    /** Folder that takes the clean instances as Part 10 files instead. */
    folder: path.optional(),
    /** Base address of a DICOMweb service that takes them by STOW-RS (PS3.18 10.5) instead. */
    stow: httpUrl.optional(),
    /** Bearer token for it; better in a file: LETHE__DESTINATIONS__NAME__TOKEN_FILE. Default none. */
    token: secret.optional(),
    /** User and password for it (RFC 7617); the password better in a file: LETHE__DESTINATIONS__NAME__PASSWORD_FILE. Default none. */
    user: secret.optional(),
    password: secret.optional(),
    /** TLS toward it. Default none; for an address of https the authorities that Node knows. */
    tls: peerTls.optional(),
    /** Associations, or connections of STOW-RS, at the same time, of all processes together. Default 1. */
    associations: integer(1, 64, 'a number').default(1),
    /** What it did not take for so long is quarantined as delivery-refused; `never` keeps trying. Default 3d. */
    giveUpAfter: giveUpAfter.default(3 * DAY_MS),
    /**
     * Asks a DICOM destination for storage commitment (PS3.4 Annex J): what is delivered counts as such, and is given back here, only once the destination
     * has committed to keep it; what it does not commit is sent again, or quarantined with its reason. Default none.
     */
    commitment: z
      .strictObject({
        /** What is not committed after so long is sent again. Default 1h. */
        within: wait.default(3_600_000),
        /** Instances that may wait for their commitment at once. Default 200. */
        atOnce: integer(1, 5000, 'a number').default(200),
      })
      .optional(),
    /** Times of day, local time, in which instances leave, for example ["19:00-06:30"]. Default always. */
    sendWindows: z.array(sendWindow).default([]),
    /** `series`: instances of one series leave one after another, in the order in which they were received. Default none. */
    order: scalar('series or none', (text) => ORDERS.find((order) => order === text)).default('none'),
    /** Waits between attempts while it does not answer: the first one, doubled each time up to the longest. Default 1s and 15min. */
    retry: z.strictObject({ first: wait.default(1_000), longest: wait.default(15 * 60_000) }).prefault({}),
  })
  .refine(({ retry }) => retry.first <= retry.longest, { path: ['retry'], message: 'first is longer than longest' })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    message: 'write user and password together, or none of them',
  })
  .refine(({ user, token }) => user === undefined || token === undefined, {
    message: 'write either token, or user and password',
  })
  .refine(({ user }) => user?.includes(':') !== true, {
    path: ['user'],
    message: 'a user name has no colon (RFC 7617 2)',
  })
  .refine(({ stow, token, user }) => stow !== undefined || (token === undefined && user === undefined), {
    message: 'token, user and password belong to a destination with stow',
  })
  .refine(({ stow, tls }) => stow === undefined || tls === undefined || /^https:/i.test(stow), {
    message: 'tls needs an address that begins with https',
  })
  .refine(({ commitment, aeTitle: title }) => commitment === undefined || title !== undefined, {
    path: ['commitment'],
    message: 'storage commitment is asked of a DICOM destination: aeTitle, host and port',
  })
  .transform((value, context): Destination => {
    const { associations, commitment, giveUpAfter: span, sendWindows, order, retry, ...place } = value;
    const backoff = { firstMs: retry.first, maxMs: retry.longest };
    const giveUpAfterMs = span === NEVER ? undefined : span;
    const asked = commitment && { withinMs: commitment.within, atOnce: commitment.atOnce };
    const delivery = {
      ...(asked && { commitment: asked }),
      associations,
      giveUpAfterMs,
      sendWindows,
      isOrdered: order === 'series',
      backoff,
    };
    const found = placeOf(place);
    if (typeof found !== 'string') return { ...found, delivery };
    context.addIssue({ code: 'custom', message: found });
    return z.NEVER;
  });

interface WrittenPlace {
  readonly aeTitle?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly folder?: string | undefined;
  readonly stow?: string | undefined;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: PeerTls | undefined;
}

/** What to write instead, when it is none. */
function placeOf({
  aeTitle: title,
  host: name,
  port,
  folder,
  stow,
  token,
  user,
  password,
  tls,
}: WrittenPlace): DestinationPlace | string {
  const secured = tls === undefined ? {} : { tls };
  const isPeer = [title, name, port].some((part) => part !== undefined);
  const kinds = [folder !== undefined, stow !== undefined, isPeer].filter(Boolean).length;
  if (kinds > 1) return 'write either folder, or aeTitle, host and port, or stow; a destination is one of them';
  if (folder !== undefined && tls === undefined) return { kind: 'folder', folder };
  if (stow !== undefined) {
    const credentials = {
      ...(token === undefined ? {} : { token }),
      ...(user === undefined ? {} : { user, password }),
    };
    return { kind: 'stow', url: stow, ...credentials, ...secured };
  }
  if (title !== undefined && name !== undefined && port !== undefined)
    return { kind: 'dicom', aeTitle: title, host: name, port, ...secured };
  return folder === undefined
    ? 'write aeTitle, host and port of a DICOM destination, or folder: ./some/folder, or stow: https://…'
    : 'a folder has no tls';
}

/** How a destination is sent to. */
export interface DeliverySettings {
  /** Undefined: it is not asked for storage commitment. */
  readonly commitment?: { readonly withinMs: number; readonly atOnce: number };
  readonly associations: number;
  /** Undefined: never. */
  readonly giveUpAfterMs: number | undefined;
  readonly sendWindows: readonly SendWindow[];
  readonly isOrdered: boolean;
  readonly backoff: Backoff;
}

export type DestinationPlace =
  | {
      readonly kind: 'dicom';
      readonly aeTitle: string;
      readonly host: string;
      readonly port: number;
      readonly tls?: PeerTls;
    }
  | {
      readonly kind: 'stow';
      readonly url: string;
      readonly token?: string;
      readonly user?: string;
      readonly password?: string | undefined;
      readonly tls?: PeerTls;
    }
  | { readonly kind: 'folder'; readonly folder: string };

export type Destination = DestinationPlace & { readonly delivery: DeliverySettings };

export const DEFAULT_DELIVERY: DeliverySettings = {
  associations: 1,
  giveUpAfterMs: 3 * DAY_MS,
  sendWindows: [],
  isOrdered: false,
  backoff: { firstMs: 1_000, maxMs: 15 * 60_000 },
};
