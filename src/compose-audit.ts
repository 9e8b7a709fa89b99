// The composition of the audit trail: everything that passes is told to the audit repository, when one is configured.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EventBuffer } from './audit-messages/buffer.ts';
import type { Party } from './audit-messages/event.ts';
import { auditDestination, auditDoor, auditReceived } from './audit-messages/observe.ts';
import { AuditTrail } from './audit-messages/trail.ts';
import type { Role } from './cli/services.ts';
import type { TlsKeys } from './compose-door.ts';
import type { HttpDoor } from './compose-http.ts';
import type { Closers } from './compose-parts.ts';
import type { Config } from './config/config.ts';
import type { ControlHandlers } from './control/server.ts';
import { openTransport } from './dimse/transport.ts';
import type { Destination, Log, Readiness, Spool, StoreProvider } from './pipeline/ports.ts';
import type { PrepareRecord } from './pipeline/prepared-record.ts';

/** Puts the audit trail around ports; without an audit repository each of them comes back as it is. */
export interface Audit {
  door(provider: StoreProvider): StoreProvider;
  received(prepareRecord: PrepareRecord, spool: Pick<Spool, 'open' | 'marksOf'>): PrepareRecord;
  destination(destination: Destination): Destination;
  control(handlers: ControlHandlers): ControlHandlers;
  /** With the reason that events are lost, when they are. */
  readiness(readiness: Readiness): Readiness;
}

const NO_AUDIT: Audit = {
  door: (provider) => provider,
  received: (prepareRecord) => prepareRecord,
  destination: (destination) => destination,
  control: (handlers) => handlers,
  readiness: (readiness) => readiness,
};

const STOP_WITHIN_MS = 3_000;
/** A caller of the API that was silent for so long logs in anew. */
const LOGIN_LASTS_MS = 600_000;
const MAX_LOGINS = 1_000;

/**
 * Opens the buffer of events in `directory`, and sends what is in it from now on, until everything is closed.
 * @param directory of this process alone
 */
export async function openAudit(
  config: Config,
  role: Role,
  directory: string,
  parts: { readonly tlsKeys: TlsKeys; readonly http: HttpDoor; readonly log: Log; readonly closers: Closers },
): Promise<Audit> {
  const { auditRepository: settings } = config;
  if (settings === undefined) return NO_AUDIT;
  const { tlsKeys, http, log, closers } = parts;
  const { host, port, transport, site, received, bufferBytes } = settings;
  const tls = transport === 'tls' ? await tlsKeys.forPeer(settings.tls ?? {}) : undefined;
  const { metrics } = http;
  const aeTitles = [...new Set([config.aeTitle, ...config.routes.map(({ calledAeTitle }) => calledAeTitle)])];
  const trail = new AuditTrail({
    buffer: await EventBuffer.open({ directory: join(directory, 'audit-messages'), maxBytes: bufferBytes }),
    open: (onOpen) => openTransport(host, port, tls, onOpen),
    source: { id: settings.sourceId ?? hostname(), site, host: hostname(), aeTitles },
    log,
    onCount({ sent = 0, lost = 0, waitingBytes }) {
      metrics.auditMessages.inc(sent);
      metrics.auditEventsLost.inc(lost);
      metrics.auditBytesWaiting.set(waitingBytes);
    },
  });
  trail.start();
  trail.add({ kind: 'started', role });
  closers.add(() => {
    trail.add({ kind: 'stopped', role });
    return trail.stop(STOP_WITHIN_MS);
  });
  const tell = trail.add.bind(trail);
  const logins = new Map<string, number>();
  http.useAuthentication((address, isAllowed) => {
    const now = performance.now();
    const isLoggedIn = isAllowed && now - (logins.get(address) ?? -Infinity) < LOGIN_LASTS_MS;
    if (isAllowed && (logins.has(address) || logins.size < MAX_LOGINS)) logins.set(address, now);
    if (!isLoggedIn) tell({ kind: 'authenticated', address, isAllowed });
  });
  return {
    door: (provider) => auditDoor(provider, tell),
    received: (prepareRecord, spool) => auditReceived(prepareRecord, spool, received, tell),
    destination(destination) {
      const place = config.destinations[destination.name];
      return auditDestination(
        destination,
        partyOf(destination.name, place),
        place.kind === 'folder',
        config.aeTitle,
        tell,
      );
    },
    control: (handlers) => ({
      ...handlers,
      'audit.list'(params) {
        tell({ kind: 'look-ups-listed' });
        return handlers['audit.list'](params);
      },
    }),
    readiness({ isReady, reasons }) {
      const ours = trail.reasons();
      return { isReady: isReady && ours.length === 0, reasons: [...reasons, ...ours] };
    },
  };
}

function partyOf(name: string, place: Config['destinations'][string]): Party {
  if (place.kind === 'folder') return { name, place: pathToFileURL(place.folder).href };
  if (place.kind === 'stow') return { name, place: place.url };
  return { name, aeTitle: place.aeTitle, place: place.host };
}
