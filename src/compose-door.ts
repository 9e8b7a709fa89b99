// The composition of everything at the door: listeners with and without TLS, keys that may be renewed, storage commitment.
import type { Config } from './config/config.ts';
import { LetheError } from './core/errors.ts';
import { AssociationPlaces } from './dimse/association-places.ts';
import { sendEventReport } from './dimse/event-report.ts';
import { createListener, type Listener, type ListenerOptions } from './dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from './dimse/negotiation.ts';
import { checkSecureContext, type ListenerTls } from './dimse/secure-server.ts';
import { readTlsFiles, TlsFileWatch } from './dimse/tls-files.ts';
import type { RequestorTls } from './dimse/transport.ts';
import type { GatewayOptions } from './pipeline/gateway.ts';
import type { Log, StoreProvider } from './pipeline/ports.ts';
import { isStorageSopClass } from './standard/sop-classes.ts';
import { PostgresCommitments } from './store/commitment-look-up.ts';
import type { Database } from './store/database.ts';

type PeerTls = NonNullable<Config['sources'][number]['tls']>;
type OwnTls = NonNullable<Config['tls']>;

const REPORT_TIMEOUT_MS = 30_000;

/** Keys and certificates of all peers and of the listener, read at start and again when their files change or SIGHUP comes. */
export class TlsKeys {
  readonly #log: Log;
  readonly #paths = new Set<string>();
  readonly #reloads: (() => Promise<void>)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** What is read from it is always the newest. Rejects with `config-unreadable` or `config-invalid`. */
  async forPeer({ serverName, ...files }: PeerTls): Promise<RequestorTls> {
    const read = async (): Promise<RequestorTls> => {
      const tls = await readTlsFiles(present(files));
      checkSecureContext(tls);
      return tls;
    };
    let current = await read();
    this.#add(files, async () => {
      current = await read();
    });
    return {
      get ca() {
        return current.ca;
      },
      get key() {
        return current.key;
      },
      get certificate() {
        return current.certificate;
      },
      get crl() {
        return current.crl;
      },
      serverName,
    };
  }

  /** Rejects as `forPeer`. @param use is given what was renewed, once `listen` is told */
  async forListener({ clientCertificate, ...tls }: OwnTls, use: (tls: ListenerTls) => void): Promise<ListenerTls> {
    const { key, certificate, clientCa, clientCrl } = tls;
    const files = { key, certificate, clientCa, clientCrl };
    const read = async (): Promise<ListenerTls> => {
      const { key: keyBytes, certificate: certificateBytes, ...rest } = await readTlsFiles(present(files));
      return { ...rest, key: keyBytes, certificate: certificateBytes, clientCertificate };
    };
    this.#add(files, async () => {
      use(await read());
    });
    return read();
  }

  /** Looks for changes from now on. Resolves with the function that ends it. */
  watch(): () => Promise<void> {
    if (this.#reloads.length === 0) return () => Promise.resolve();
    const onError = (error: unknown): void => {
      const code = error instanceof LetheError ? error.code : 'unexpected';
      this.#log.error('New TLS keys cannot be used; the ones from before stay.', { code });
    };
    const onChange = async (): Promise<void> => {
      for (const reload of this.#reloads) await reload();
      this.#log.info('TLS keys and certificates were read anew.');
    };
    const watch = new TlsFileWatch([...this.#paths], onChange, onError);
    const onHangUp = (): void => {
      void watch.look();
    };
    process.on('SIGHUP', onHangUp);
    return async () => {
      process.off('SIGHUP', onHangUp);
      await watch.close();
    };
  }

  #add(files: Readonly<Record<string, string | undefined>>, reload: () => Promise<void>): void {
    for (const path of Object.values(files)) if (path !== undefined) this.#paths.add(path);
    this.#reloads.push(reload);
  }
}

function present<Name extends string>(
  files: Readonly<Partial<Record<Name, string | undefined>>>,
): Record<Name, string> {
  const entries = Object.entries<string | undefined>(files).filter(([, path]) => path !== undefined);
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** Ports that are listened on. */
export interface DoorPorts {
  readonly port: number;
  /** Undefined: DICOM over TLS is not configured. */
  readonly tlsPort: number | undefined;
}

/** Listens for DICOM, and for DICOM over TLS when that is configured. */
export async function openDoor(
  config: Config,
  provider: StoreProvider,
  keys: TlsKeys,
  log: Log,
  addCloser: (close: () => Promise<unknown>) => void,
  graceMs: number,
): Promise<DoorPorts> {
  const { host, port, maxPduBytes, idleSeconds, artimSeconds, minBytesPerSecond } = config.dicom;
  const timing = { idleMs: idleSeconds * 1000, artimMs: artimSeconds * 1000, minBytesPerSecond };
  const shared = { host, maxPduBytes, ...timing, places: new AssociationPlaces(config.dicom) };
  const open = async (own: Partial<ListenerOptions> & { readonly port: number }): Promise<[Listener, number]> => {
    const options = { ...shared, ...own };
    const listener = createListener(options, provider, isStorageSopClass, TRANSFER_SYNTAX_PREFERENCE, log);
    const bound = await listener.listen();
    addCloser(() => listener.close(graceMs));
    return [listener, bound.port];
  };
  const [, bound] = await open({ port });
  if (config.tls === undefined) return { port: bound, tlsPort: undefined };
  const secure: { listener?: Listener } = {};
  const tls = await keys.forListener(config.tls, (renewed) => secure.listener?.useTls(renewed));
  const own = { port: config.tls.port, tls, handshakeMs: config.tls.handshakeSeconds * 1000 };
  const [listener, tlsPort] = await open(own);
  secure.listener = listener;
  return { port: bound, tlsPort };
}

/** Storage commitment as the configuration has it: reports go to the source that asked. */
export async function commitmentOf(
  config: Config,
  database: Database,
  keys: TlsKeys,
): Promise<NonNullable<GatewayOptions['commitment']>> {
  const peers = new Map<string, { readonly host: string | undefined; readonly port: number; tls?: RequestorTls }>();
  for (const { aeTitle, host, port, tls } of config.sources) {
    if (aeTitle === undefined || port === undefined) continue;
    peers.set(aeTitle.trim(), { host, port, ...(tls === undefined ? {} : { tls: await keys.forPeer(tls) }) });
  }
  return {
    store: new PostgresCommitments(database),
    peerOf(callingAeTitle, peerAddress) {
      const peer = peers.get(callingAeTitle);
      return peer && { aeTitle: callingAeTitle, host: peer.host ?? peerAddress, port: peer.port };
    },
    reportTo: ({ aeTitle, host, port }, report, callingAeTitle) =>
      sendEventReport(
        { aeTitle, host, port, callingAeTitle, timeoutMs: REPORT_TIMEOUT_MS, tls: peers.get(aeTitle)?.tls },
        report,
      ),
  };
}
