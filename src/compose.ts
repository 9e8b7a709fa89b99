// The composition root: every adapter that the configuration asks for, put behind the ports of the gateway, opened in order and closed in reverse.
import { join } from 'node:path';
import { databaseHandlers } from './cli/database-handlers.ts';
import { offlineHandlers } from './cli/deid/offline-handlers.ts';
import type { RunningGateway } from './cli/services.ts';
import { commitmentOf, openDoor, TlsKeys } from './compose-door.ts';
import type { Config } from './config/config.ts';
import { serveControl } from './control/server.ts';
import { controlSocketOf } from './control/socket-path.ts';
import { LetheError } from './core/errors.ts';
import { createListener } from './dimse/listener.ts';
import { echo } from './dimse/echo.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from './dimse/negotiation.ts';
import { probe } from './dimse/probe.ts';
import { createDicomDestination } from './dimse/sender.ts';
import type { ProjectKeys } from './deid/keys.ts';
import { createDeidentifier, type Deidentifier } from './pipeline/deidentify-instance.ts';
import { createGateway } from './pipeline/gateway.ts';
import type { Destination, KnownIdentifiers, Log, Rejection, StoreProvider, Subjects } from './pipeline/ports.ts';
import type { CompiledProfile } from './profile/compiled.ts';
import { loadProfile } from './profile/load.ts';
import { createEmbeddedQueue } from './queue/embedded.ts';
import { createFolderDestination } from './spool/folder-destination.ts';
import { openReceiptLog } from './receipts/receipt-log.ts';
import { openSpool } from './spool/spool.ts';
import { isStorageSopClass } from './standard/sop-classes.ts';
import { makeDirectory } from './store/directory.ts';
import { RememberedIdentifiers } from './store/known-identifiers.ts';
import { PostgresLedger } from './store/ledger.ts';
import { lockDataDirectory } from './store/lock.ts';
import { openDatabase } from './store/open.ts';
import { openProjectKeys } from './store/project-keys.ts';
import { PostgresReceiptHeads } from './store/receipt-heads.ts';
import { RefusalRecord } from './store/refusals.ts';
import { PostgresSubjects } from './store/subjects.ts';
import { warmUp } from './warm-up.ts';

/** What is under way when the gateway is asked to stop may take so long. */
const STOP_GRACE_MS = 10_000;
const ECHO_TIMEOUT_MS = 5_000;

/**
 * Opens everything and listens. On the way out, and when something cannot be opened, what is open is closed in reverse order.
 * @throws LetheError of kind config for what the operator must mend: `data-directory-locked`, `data-directory-unusable`,
 *   `port-taken`, `profile-unknown`, `profile-invalid`, `key-unreadable`, `database-refused` …
 */
export async function startGateway(config: Config, log: Log): Promise<RunningGateway> {
  const closers = new Closers();
  try {
    return await open(config, log, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function open(config: Config, log: Log, closers: Closers): Promise<RunningGateway> {
  const profiles = await loadProfiles(config);
  const lock = await lockDataDirectory(config.data);
  closers.add(() => lock.release());
  await requireFreePorts(config, log);
  const keyFiles = openProjectKeys(join(config.data, 'keys'));
  const keys = new Map<string, ProjectKeys>();
  for (const { project } of config.routes) keys.set(project, await keyFiles.keysFor(project));

  const database = await openDatabase(config.database, config.data);
  closers.add(() => database.close());
  const subjects = new PostgresSubjects(database, keyFiles);
  const ledger = new PostgresLedger(database, {
    onError: (error) => {
      log.error('The ledger cannot be written.', { code: codeOf(error) });
    },
  });
  closers.add(() => ledger.close());
  const spool = await openSpool({
    directory: join(config.data, 'spool'),
    synced: config.spool.synced,
    diskReserveBytes: config.limits.diskReserve,
    onBackgroundError: (error) => {
      log.warn('The spool could not tidy up.', { code: error.code });
    },
  });
  closers.add(() => spool.close());
  const receipts = await openReceiptLog({
    directory: join(config.data, 'receipts'),
    projects: new Map(Array.from(keys, ([project, of]) => [project, (text: string) => of.signReceipt(text)])),
    heads: new PostgresReceiptHeads(database),
    makeDirectory,
    onError: (error) => {
      log.error('Receipts cannot be written.', { code: codeOf(error) });
    },
  });
  closers.add(() => receipts.close());

  const deidentifierFor = (source: Subjects, known?: KnownIdentifiers): Deidentifier =>
    createDeidentifier({
      subjects: source,
      ...(known === undefined ? {} : { known }),
      keysFor: (project) => required(keys.get(project)),
      profileOf: (name) => required(profiles.get(name)),
    });
  const queue = createEmbeddedQueue((recordId, error) => {
    log.error('Work on an instance ended unexpectedly; it waits for the next start.', {
      recordId,
      code: codeOf(error),
    });
  });
  const tlsKeys = new TlsKeys(log);
  const refusals = new RefusalRecord(database, (error) => {
    log.warn('Refused associations cannot be recorded.', { code: codeOf(error) });
  });
  closers.add(() => refusals.flush());
  const destinations = await Promise.all(
    Object.entries(config.destinations).map(([name, settings]) =>
      createDestination(config, name, settings, tlsKeys, log),
    ),
  );
  const gateway = createGateway({
    routes: config.routes,
    sources: config.sources,
    limits: config.limits,
    spool,
    ledger,
    queue,
    deidentifier: deidentifierFor(subjects, new RememberedIdentifiers(database)),
    receipts,
    destinations,
    log,
    onRefused: (refusal) => {
      refusals.add(refusal);
    },
    commitment: await commitmentOf(config, database, tlsKeys),
    warmUp: () => warmUp(deidentifierFor, config.routes[0]),
  });
  closers.add(() => gateway.stop(STOP_GRACE_MS));
  await gateway.start();
  const port = await openDoor(
    config,
    gateway.provider,
    tlsKeys,
    log,
    (close) => {
      closers.add(close);
    },
    STOP_GRACE_MS,
  );
  closers.add(tlsKeys.watch());

  const control = await serveControl(controlSocketOf(config.data), {
    ...databaseHandlers(database),
    ...offlineHandlers(database, subjects),
    status: () => gateway.status(),
  });
  closers.add(() => control.close());
  void warnOfUnreachable(config, log);
  return {
    port,
    status: () => gateway.status(),
    readiness: () => gateway.readiness(),
    idle: () => gateway.idle(),
    stop: () => closers.closeAll(),
  };
}

async function loadProfiles(config: Config): Promise<ReadonlyMap<string, CompiledProfile>> {
  const profiles = new Map<string, CompiledProfile>();
  for (const { profile } of config.routes)
    if (!profiles.has(profile)) profiles.set(profile, await loadProfile(profile, config.profileDirectories));
  return profiles;
}

async function createDestination(
  config: Config,
  name: string,
  settings: Config['destinations'][string],
  tlsKeys: TlsKeys,
  log: Log,
): Promise<Destination> {
  if (settings.kind === 'folder') return createFolderDestination({ name, directory: settings.folder });
  const { aeTitle, host, port } = settings;
  const tls = settings.tls === undefined ? {} : { tls: await tlsKeys.forPeer(settings.tls) };
  return createDicomDestination({ name, aeTitle, host, port, callingAeTitle: config.aeTitle, ...tls }, log);
}

/** Takes the ports for a moment, so that a taken one is told at once: opening the database may take seconds. */
async function requireFreePorts(config: Config, log: Log): Promise<void> {
  const starting: Rejection = { result: 2, source: 3, reason: 1, text: 'the gateway is starting' };
  const provider: StoreProvider = { admit: () => starting, begin: () => 0xa700 };
  for (const port of [config.dicom.port, config.tls?.port]) {
    if (port === undefined) continue;
    const options = { host: config.dicom.host, port };
    const listener = createListener(options, provider, isStorageSopClass, TRANSFER_SYNTAX_PREFERENCE, log);
    await listener.listen();
    await listener.close(0);
  }
}

/** A destination that is away is no reason not to receive: what is for it waits in the spool. But the operator should know. */
async function warnOfUnreachable(config: Config, log: Log): Promise<void> {
  for (const [destination, settings] of Object.entries(config.destinations)) {
    if (settings.kind === 'folder') continue;
    try {
      const { aeTitle, host, port } = settings;
      const peer = { aeTitle, host, port, callingAeTitle: config.aeTitle, timeoutMs: ECHO_TIMEOUT_MS };
      if (settings.tls === undefined) await echo(peer);
      else await probe({ ...peer, tls: await new TlsKeys(log).forPeer(settings.tls) });
    } catch (error) {
      log.warn('A destination does not answer; instances for it wait until it does.', {
        destination,
        code: codeOf(error),
      });
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof LetheError ? error.code : 'unexpected';
}

/** Routes only name what was loaded before anything started. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a route names what was not loaded');
  return value;
}

/** What is open, closed last in first out. */
class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Closes all, also when one fails; then rejects with its error. */
  async closeAll(): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }
}
