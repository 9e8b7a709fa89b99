// The composition of one role, or of all of them, over servers: Postgres holds the ledger, Redis wakes, the data directory is shared by every
// process. Any number of processes may run each role.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requireNothingLeftOver } from './cli/doctor/left-over.ts';
import type { Role, RunningGateway } from './cli/services.ts';
import { readStatus } from './cli/status-report.ts';
import { openAudit, type Audit } from './compose-audit.ts';
import { admitReporters, SharedReportDesk } from './compose-commitment.ts';
import { commitmentOf, openDoor, TlsKeys, type DoorPorts } from './compose-door.ts';
import { DatabaseProbe, openHttp, type HttpDoor } from './compose-http.ts';
import {
  Closers,
  codeOf,
  createDestination,
  keysOf,
  loadProfiles,
  openLedger,
  openReceipts,
  required,
  STOP_GRACE_MS,
  warnOfUnreachable,
} from './compose-parts.ts';
import type { Config } from './config/config.ts';
import type { Metrics } from './http/metrics.ts';
import { observeDeidentifier, observeDestination, observeDoor } from './http/observe.ts';
import { DEFAULT_BACKOFF } from './pipeline/backoff.ts';
import { Commitments } from './pipeline/commit.ts';
import { createDeidentifier } from './pipeline/deidentify-instance.ts';
import type { Ledger, Log, Readiness, Spool } from './pipeline/ports.ts';
import { createPrepareRecord } from './pipeline/prepared-record.ts';
import { createReceiver } from './pipeline/receive.ts';
import { Every } from './pipeline/roles/every.ts';
import { removeLeftCopiesNowAndThen } from './pipeline/roles/left-copies.ts';
import type { Claims, WakeQueue } from './pipeline/roles/ports.ts';
import { checkSpool, strictlyIncreasing, WakeAfterLedger } from './pipeline/roles/receiving.ts';
import { startSender } from './pipeline/roles/sender.ts';
import { startWorker } from './pipeline/roles/worker.ts';
import { routesByAeTitle } from './pipeline/routes.ts';
import { createBullQueue } from './queue/bull.ts';
import { openCleanCopies } from './spool/clean-copies.ts';
import { ReportFiles } from './spool/report-files.ts';
import { openSharedSpool } from './spool/shared-spool.ts';
import { PostgresClaims } from './store/claims.ts';
import type { Database } from './store/database.ts';
import { SharedInstances } from './store/earlier-instances.ts';
import { RememberedIdentifiers } from './store/known-identifiers.ts';
import { takeNodeDirectory } from './store/node-directory.ts';
import { openDatabase } from './store/open.ts';
import { openProjectKeys } from './store/project-keys.ts';
import { RefusalRecord } from './store/refusals.ts';
import { Reviews } from './store/reviews.ts';
import { PostgresSubjects } from './store/subjects.ts';

/** How often a listener looks for records of listeners that died before they told the ledger. */
const CHECK_SPOOL_EVERY_MS = 10 * 60_000;

/** A worker has few instances in hand, and each waits for its receipt before it goes on: none comes to keep a longer wait company. */
const RECEIPT_FLUSH_MS = 5;

/** What every role needs. */
interface Shared {
  readonly config: Config;
  readonly log: Log;
  readonly closers: Closers;
  readonly database: Database;
  readonly ledger: Ledger;
  readonly claims: Claims;
  readonly spool: Spool;
  readonly scratchDirectory: string;
  readonly metrics: Metrics;
  readonly audit: Audit;
  readonly reports: ReportFiles;
  readonly queueNamed: (name: string) => WakeQueue;
}

interface Door extends DoorPorts {
  readonly readiness: () => Readiness;
}

/**
 * Opens what the role needs and runs it.
 * @throws LetheError of kind config, as `startGateway`
 */
export async function startRoles(config: Config, role: Role, log: Log): Promise<RunningGateway> {
  const closers = new Closers();
  try {
    return await open(config, role, log, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function open(config: Config, role: Role, log: Log, closers: Closers): Promise<RunningGateway> {
  const http = await openHttp(config, role, log, closers);
  const shared = await openShared(config, role, log, closers, http);
  const { ledger, database } = shared;
  http.useDatabase(database);
  await requireNothingLeftOver(config, database);
  const has = (wanted: Role): boolean => role === wanted || role === 'all';
  if (has('sender')) await openSender(shared);
  if (has('worker')) await openWorker(shared);
  const door = has('listener') ? await openListener(shared) : undefined;
  if (has('sender')) void warnOfUnreachable(config, log);
  const probe = new DatabaseProbe(database);
  closers.add(() => probe.close());
  const readiness = (): Readiness => shared.audit.readiness((door ?? probe).readiness());
  http.useReadiness(readiness);
  return {
    port: door?.port,
    tlsPort: door?.tlsPort,
    httpPort: http.port,
    status: async () => {
      await ledger.flush();
      return readStatus(database, config);
    },
    readiness,
    async idle() {
      for (;;) {
        await ledger.flush();
        if ((await ledger.counts()).waiting === 0) return;
        await database.query('select pg_sleep(0.05)');
      }
    },
    stop() {
      http.stopping();
      return closers.closeAll();
    },
  };
}

async function openShared(config: Config, role: Role, log: Log, closers: Closers, http: HttpDoor): Promise<Shared> {
  const scratchDirectory = join(config.data, 'scratch');
  await mkdir(scratchDirectory, { recursive: true, mode: 0o700 });
  const audit = await openOwnAudit(config, role, log, closers, http);
  const database = await openDatabase(config.database, config.data);
  closers.add(() => database.close());
  const ledger = openLedger(database, log);
  closers.add(() => ledger.close());
  const spool = await openSharedSpool({
    directory: join(config.data, 'shared-spool'),
    synced: config.spool.synced,
    diskReserveBytes: config.limits.diskReserve,
    onBackgroundError: (error) => {
      log.warn('The spool could not tidy up.', { code: error.code });
    },
  });
  closers.add(() => spool.close());
  const queueNamed = (name: string): WakeQueue => {
    const queue = createBullQueue({
      url: config.queue,
      name,
      onState: (state, code) => {
        if (state === 'back') log.info('Redis answers.');
        else if (state === 'away') log.warn('Redis does not answer; work is found in the ledger meanwhile.', { code });
        else log.error('Work on an instance ended unexpectedly.', { code });
      },
    });
    closers.add(() => queue.close());
    return queue;
  };
  const orderedDestinations = Object.entries(config.destinations).flatMap(([name, { delivery }]) =>
    delivery.isOrdered ? [name] : [],
  );
  const claims = new PostgresClaims(database, { leaseSeconds: config.roles.leaseSeconds, orderedDestinations });
  const { metrics } = http;
  const reports = await ReportFiles.open(join(config.data, 'commitment-reports'));
  return {
    ...{ config, log, closers, database, ledger, claims, spool, scratchDirectory, metrics, audit, reports, queueNamed },
  };
}

/** Each process has a buffer of its own; one that ended left its events to who takes its directory next. */
async function openOwnAudit(config: Config, role: Role, log: Log, closers: Closers, http: HttpDoor): Promise<Audit> {
  const tlsKeys = new TlsKeys(log);
  let directory = config.data;
  if (config.auditRepository !== undefined) {
    const node = await takeNodeDirectory(config.data, 'audit');
    closers.add(() => node.release());
    directory = node.path;
  }
  const audit = await openAudit(config, role, directory, { tlsKeys, http, log, closers });
  closers.add(tlsKeys.watch());
  return audit;
}

async function openListener(shared: Shared): Promise<Door> {
  const { config, log, closers, database, ledger, claims, spool, queueNamed } = shared;
  const routes = routesByAeTitle(config.routes);
  const queue = new WakeAfterLedger(ledger, queueNamed('work'), log);
  closers.add(() => queue.close());
  const tlsKeys = new TlsKeys(log);
  const refusals = new RefusalRecord(database, (error) => {
    log.warn('Refused associations cannot be recorded.', { code: codeOf(error) });
  });
  closers.add(() => refusals.flush());
  const commitment = new Commitments({
    ...(await commitmentOf(config, database, tlsKeys)),
    ...{ routes, ledger, log, clock: Date.now, backoff: DEFAULT_BACKOFF },
  });
  const receiver = createReceiver({
    ...{ routes, sources: config.sources, spool, ledger, queue, limits: config.limits, log },
    clock: strictlyIncreasing(Date.now),
    commitment,
    onRefused: (refusal) => {
      refusals.add(refusal);
    },
  });
  const ports = { spool, ledger, claims, queue, routes };
  const { told } = await checkSpool(ports);
  if (told > 0) log.info('Instances from before are on their way again.', { count: told });
  const checking = new Every(
    () => CHECK_SPOOL_EVERY_MS,
    async () => {
      try {
        await checkSpool(ports);
      } catch (error) {
        log.warn('The spool could not be compared with the ledger.', { code: codeOf(error) });
      }
    },
  );
  checking.start();
  closers.add(() => checking.stop());
  await receiver.checkSpace();
  commitment.start();
  closers.add(() => commitment.stop());
  const addCloser = (close: () => Promise<unknown>): void => {
    closers.add(close);
  };
  const door = shared.audit.door(observeDoor(receiver, shared.metrics));
  const provider = admitReporters(door, new SharedReportDesk(config, shared.reports), config.aeTitle);
  const doorPorts = await openDoor(config, provider, tlsKeys, log, addCloser, STOP_GRACE_MS);
  closers.add(tlsKeys.watch());
  return { ...doorPorts, readiness: () => receiver.readiness() };
}

async function openWorker(shared: Shared): Promise<void> {
  const { config, log, closers, database, ledger, claims, spool, scratchDirectory, queueNamed } = shared;
  const profiles = await loadProfiles(config);
  const keyFiles = openProjectKeys(join(config.data, 'keys'));
  const keys = await keysOf(config, keyFiles);
  const node = await takeNodeDirectory(config.data, 'worker');
  closers.add(() => node.release());
  const receipts = await openReceipts(node.path, keys, database, log, RECEIPT_FLUSH_MS);
  closers.add(() => receipts.close());
  const reviews = new Reviews();
  const deidentifier = createDeidentifier({
    subjects: new PostgresSubjects(database, keyFiles),
    known: new RememberedIdentifiers(database),
    keysFor: (project) => required(keys.get(project)),
    profileOf: (name) => required(profiles.get(name)),
    reviewOf: reviews.of,
    scratchDirectory,
  });
  const copies = await openCleanCopies(join(config.data, 'clean'));
  const prepareRecord = createPrepareRecord({
    ...{ spool, routes: routesByAeTitle(config.routes) },
    deidentifier: observeDeidentifier(deidentifier, shared.metrics),
  });
  const worker = startWorker({
    onReview: (recordId, review) => {
      reviews.set([recordId], review);
    },
    ...{ claims, ledger, receipts, log, clock: Date.now, backoff: DEFAULT_BACKOFF },
    work: queueNamed('work'),
    deliveries: queueNamed('delivery'),
    earlierInstances: new SharedInstances(database),
    spool,
    prepareRecord: shared.audit.received(prepareRecord, spool),
    copies,
    concurrency: config.roles.workerConcurrency,
    leaseMs: config.roles.leaseSeconds * 1000,
    sweepMs: config.roles.leaseSeconds * 500,
  });
  closers.add(() => worker.stop(STOP_GRACE_MS));
  const tidying = removeLeftCopiesNowAndThen({ copies, claims, ledger, log });
  closers.add(() => tidying.stop());
}

async function openSender(shared: Shared): Promise<void> {
  const { config, log, closers, ledger, claims, spool, scratchDirectory, queueNamed } = shared;
  const tlsKeys = new TlsKeys(log);
  const destinations = await Promise.all(
    Object.entries(config.destinations).map(async ([name, settings]) => {
      const destination = await createDestination(config, name, settings, tlsKeys, log, shared.reports);
      const observed = shared.audit.destination(observeDestination(destination, shared.metrics));
      return { destination: observed, rules: settings.delivery };
    }),
  );
  closers.add(tlsKeys.watch());
  const sender = startSender({
    ...{ claims, ledger, log, spool, destinations, scratchDirectory, clock: Date.now, backoff: DEFAULT_BACKOFF },
    deliveries: queueNamed('delivery'),
    work: queueNamed('work'),
    copies: await openCleanCopies(join(config.data, 'clean')),
    leaseMs: config.roles.leaseSeconds * 1000,
  });
  closers.add(() => sender.stop(STOP_GRACE_MS));
}
