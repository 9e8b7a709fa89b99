// The composition root: every adapter that the configuration asks for, put behind the ports of the gateway, opened in order and closed in reverse.
import { join } from 'node:path';
import { databaseHandlers } from './cli/database-handlers.ts';
import { offlineHandlers } from './cli/deid/offline-handlers.ts';
import { requireNothingLeftOver } from './cli/doctor/left-over.ts';
import { quarantineHandlers } from './cli/quarantine/handlers.ts';
import type { RunningGateway } from './cli/services.ts';
import { openAudit } from './compose-audit.ts';
import { admitReporters, ReportDesk } from './compose-commitment.ts';
import { commitmentOf, openDoor, TlsKeys } from './compose-door.ts';
import { openHttp } from './compose-http.ts';
import {
  Closers,
  codeOf,
  createDestination,
  keysOf,
  loadProfiles,
  openLedger,
  openReceipts,
  required,
  rulesOf,
  STOP_GRACE_MS,
  warnOfUnreachable,
} from './compose-parts.ts';
import type { Config } from './config/config.ts';
import { serveControl } from './control/server.ts';
import { controlSocketOf } from './control/socket-path.ts';
import { createListener } from './dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from './dimse/negotiation.ts';
import { observeDeidentifier, observeDestination, observeDoor, observeQueue } from './http/observe.ts';
import { createDeidentifier, type Deidentifier } from './pipeline/deidentify-instance.ts';
import { createGateway } from './pipeline/gateway.ts';
import type { KnownIdentifiers, Log, Readiness, Rejection, StoreProvider, Subjects } from './pipeline/ports.ts';
import { createEmbeddedQueue } from './queue/embedded.ts';
import { openSpool } from './spool/spool.ts';
import { isStorageSopClass } from './standard/sop-classes.ts';
import { makeDirectory } from './store/directory.ts';
import { RecentInstances } from './store/earlier-instances.ts';
import { RememberedIdentifiers } from './store/known-identifiers.ts';
import { lockDataDirectory } from './store/lock.ts';
import { openDatabase } from './store/open.ts';
import { openProjectKeys } from './store/project-keys.ts';
import { RefusalRecord } from './store/refusals.ts';
import { Reviews } from './store/reviews.ts';
import { PostgresSubjects } from './store/subjects.ts';
import { warmUp } from './warm-up.ts';

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
  const http = await openHttp(config, 'all', log, closers);
  const tlsKeys = new TlsKeys(log);
  const audit = await openAudit(config, 'all', config.data, { tlsKeys, http, log, closers });
  const keyFiles = openProjectKeys(join(config.data, 'keys'));
  const keys = await keysOf(config, keyFiles);

  const database = await openDatabase(config.database, config.data);
  closers.add(() => database.close());
  http.useDatabase(database);
  await requireNothingLeftOver(config, database);
  const subjects = new PostgresSubjects(database, keyFiles);
  const ledger = openLedger(database, log);
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
  const receipts = await openReceipts(config.data, keys, database, log);
  closers.add(() => receipts.close());

  const reviews = new Reviews();
  await reviews.load(database);
  const scratchDirectory = join(config.data, 'scratch');
  await makeDirectory(scratchDirectory);
  const deidentifierFor = (source: Subjects, known?: KnownIdentifiers): Deidentifier =>
    createDeidentifier({
      subjects: source,
      ...(known === undefined ? {} : { known }),
      scratchDirectory,
      keysFor: (project) => required(keys.get(project)),
      profileOf: (name) => required(profiles.get(name)),
      reviewOf: reviews.of,
    });
  const queue = createEmbeddedQueue((recordId, error) => {
    log.error('Work on an instance ended unexpectedly; it waits for the next start.', {
      recordId,
      code: codeOf(error),
    });
  });
  const earlierInstances = new RecentInstances({ database, ledger, log });
  closers.add(() => earlierInstances.close());
  const refusals = new RefusalRecord(database, (error) => {
    log.warn('Refused associations cannot be recorded.', { code: codeOf(error) });
  });
  closers.add(() => refusals.flush());
  const reports = new ReportDesk();
  const destinations = await Promise.all(
    Object.entries(config.destinations).map(async ([name, settings]) =>
      audit.destination(
        observeDestination(await createDestination(config, name, settings, tlsKeys, log, reports), http.metrics),
      ),
    ),
  );
  const gateway = createGateway({
    routes: config.routes,
    sources: config.sources,
    limits: config.limits,
    spool,
    ledger,
    queue: observeQueue(queue, http.metrics),
    deidentifier: observeDeidentifier(deidentifierFor(subjects, new RememberedIdentifiers(database)), http.metrics),
    receipts,
    earlierInstances,
    destinations,
    rules: rulesOf(config),
    log,
    onRefused: (refusal) => {
      refusals.add(refusal);
    },
    commitment: await commitmentOf(config, database, tlsKeys),
    observePrepare: (prepareRecord) => audit.received(prepareRecord, spool),
    warmUp: () => warmUp(deidentifierFor, config.routes[0]),
  });
  closers.add(() => gateway.stop(STOP_GRACE_MS));
  await gateway.start();
  void earlierInstances.load();
  const ports = await openDoor(
    config,
    admitReporters(audit.door(observeDoor(gateway.provider, http.metrics)), reports, config.aeTitle),
    tlsKeys,
    log,
    (close) => {
      closers.add(close);
    },
    STOP_GRACE_MS,
  );
  closers.add(tlsKeys.watch());

  const handlers = {
    ...databaseHandlers(database, config),
    ...quarantineHandlers(database, config, () => Promise.resolve({ spool, giveBack: () => Promise.resolve() }), {
      ...gateway,
      flush: () => ledger.flush(),
      reopen(recordIds, review) {
        reviews.set(recordIds, review);
        gateway.reopen(recordIds);
      },
    }),
    ...offlineHandlers(database, subjects),
    status: () => gateway.status(),
  };
  const control = await serveControl(controlSocketOf(config.data), audit.control(handlers));
  closers.add(() => control.close());
  void warnOfUnreachable(config, log);
  const readiness = (): Readiness => audit.readiness(gateway.readiness());
  http.useReadiness(readiness);
  return {
    ...ports,
    httpPort: http.port,
    status: () => gateway.status(),
    readiness,
    idle: () => gateway.idle(),
    stop() {
      http.stopping();
      return closers.closeAll();
    },
  };
}

/** Takes the ports for a moment, so that a taken one is told at once: opening the database may take seconds. */
export async function requireFreePorts(config: Config, log: Log): Promise<void> {
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
