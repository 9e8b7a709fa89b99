// Pieces that both compositions are made of: everything in one process (compose.ts), and a process per role (compose-roles.ts).
import { join } from 'node:path';
import { ReportDesk } from './compose-commitment.ts';
import { TlsKeys } from './compose-door.ts';
import type { Config } from './config/config.ts';
import type { DestinationPlace } from './config/destinations.ts';
import { LetheError } from './core/errors.ts';
import type { ProjectKeys } from './deid/keys.ts';
import { askForCommitment } from './dimse/commitment-scu.ts';
import { echo } from './dimse/echo.ts';
import { probe } from './dimse/probe.ts';
import { createDicomDestination } from './dimse/sender.ts';
import { CommittingDestination } from './pipeline/committing-destination.ts';
import type { RulesByDestination } from './pipeline/delivery-rules.ts';
import type { Destination, Log } from './pipeline/ports.ts';
import type { CompiledProfile } from './profile/compiled.ts';
import { loadProfile } from './profile/load.ts';
import { openReceiptLog, type OpenReceiptLog } from './receipts/receipt-log.ts';
import { StowClient } from './stow/client.ts';
import { createStowDestination } from './stow/destination.ts';
import { createFolderDestination } from './spool/folder-destination.ts';
import type { ReportFiles } from './spool/report-files.ts';
import type { Database } from './store/database.ts';
import { makeDirectory } from './store/directory.ts';
import { PostgresLedger } from './store/ledger.ts';
import { PostgresReceiptHeads } from './store/receipt-heads.ts';
import type { ProjectKeyFiles } from './store/project-keys.ts';

type StowPlace = Extract<DestinationPlace, { readonly kind: 'stow' }>;

/** What is under way when the gateway is asked to stop may take so long. */
export const STOP_GRACE_MS = 10_000;
const ECHO_TIMEOUT_MS = 5_000;
/** For a request for storage commitment to be answered; and how long its association stays open for the report. */
const ASK_TIMEOUT_MS = 30_000;
const REPORT_HERE_MS = 5_000;

export async function loadProfiles(config: Config): Promise<ReadonlyMap<string, CompiledProfile>> {
  const profiles = new Map<string, CompiledProfile>();
  for (const { profile } of config.routes)
    if (!profiles.has(profile)) profiles.set(profile, await loadProfile(profile, config.profileDirectories));
  return profiles;
}

/** @param reports where reports of storage commitment are taken: in this process, or in any that shares the files */
export async function createDestination(
  config: Config,
  name: string,
  settings: Config['destinations'][string],
  tlsKeys: TlsKeys,
  log: Log,
  reports: ReportDesk | ReportFiles,
): Promise<Destination> {
  if (settings.kind === 'folder') return createFolderDestination({ name, directory: settings.folder });
  const tls = settings.tls === undefined ? {} : { tls: await tlsKeys.forPeer(settings.tls) };
  const { associations, commitment } = settings.delivery;
  if (settings.kind === 'stow') {
    const { url, token, user, password } = settings;
    return createStowDestination({ name, url, token, user, password, connections: associations, ...tls });
  }
  const { aeTitle, host, port } = settings;
  const peer = { name, aeTitle, host, port, callingAeTitle: config.aeTitle, concurrency: associations, ...tls };
  const destination = createDicomDestination(peer, log);
  if (commitment === undefined) return destination;
  const { atOnce, withinMs } = commitment;
  const waiting = { timeoutMs: ASK_TIMEOUT_MS, reportWithinMs: REPORT_HERE_MS };
  const committing = new CommittingDestination({
    ...{ destination, atOnce, withinMs, log },
    sharedReports: reports instanceof ReportDesk ? undefined : reports,
    ask: (request, take) => askForCommitment({ ...peer, ...waiting }, request, take),
  });
  if (reports instanceof ReportDesk) reports.add(aeTitle, committing);
  return committing;
}

/** A destination that is away is no reason not to receive: what is for it waits in the spool. But the operator should know. */
export async function warnOfUnreachable(config: Config, log: Log): Promise<void> {
  for (const [destination, settings] of Object.entries(config.destinations)) {
    if (settings.kind === 'folder') continue;
    try {
      if (settings.kind === 'stow') {
        await askStow(settings, log);
        continue;
      }
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

async function askStow({ url, tls }: StowPlace, log: Log): Promise<void> {
  const files = tls === undefined ? {} : { tls: await new TlsKeys(log).forPeer(tls) };
  const timing = { connectMs: ECHO_TIMEOUT_MS, responseMs: ECHO_TIMEOUT_MS };
  const client = new StowClient({ url, connections: 1, ...timing, ...files });
  await client.ask().finally(() => {
    client.close();
  });
}

/** How each destination is sent to. */
export function rulesOf(config: Config): RulesByDestination {
  return Object.fromEntries(Object.entries(config.destinations).map(([name, { delivery }]) => [name, delivery]));
}

export function codeOf(error: unknown): string {
  return error instanceof LetheError ? error.code : 'unexpected';
}

/** Routes only name what was loaded before anything started. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a route names what was not loaded');
  return value;
}

/** What is open, closed last in first out. */
export class Closers {
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

/** The keys of every project that routes name, made at first use. */
export async function keysOf(config: Config, files: ProjectKeyFiles): Promise<ReadonlyMap<string, ProjectKeys>> {
  const keys = new Map<string, ProjectKeys>();
  for (const { project } of config.routes) keys.set(project, await files.keysFor(project));
  return keys;
}

export function openLedger(database: Database, log: Log): PostgresLedger {
  return new PostgresLedger(database, {
    onError: (error) => {
      log.error('The ledger cannot be written.', { code: codeOf(error) });
    },
  });
}

/**
 * @param directory one writer at a time
 * @param flushMs how long a receipt waits for company; default 300
 */
export function openReceipts(
  directory: string,
  keys: ReadonlyMap<string, ProjectKeys>,
  database: Database,
  log: Log,
  flushMs?: number,
): Promise<OpenReceiptLog> {
  return openReceiptLog({
    ...(flushMs === undefined ? {} : { flushMs }),
    directory: join(directory, 'receipts'),
    projects: new Map(Array.from(keys, ([project, of]) => [project, (text: string) => of.signReceipt(text)])),
    heads: new PostgresReceiptHeads(database),
    makeDirectory,
    onError: (error) => {
      log.error('Receipts cannot be written.', { code: codeOf(error) });
    },
  });
}
