// A gateway for the benchmarks: the built program with a DICOM destination, durable or page cache only; in one process, or in roles over servers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from './processes.ts';
import { LETHE } from './scenario-folder.ts';

export interface GatewayOptions {
  readonly directory: string;
  readonly port: number;
  readonly sinkPort: number;
  readonly isSynced: boolean;
  /** Look for text in every frame, as the shipped profiles do. Default false: those we are compared with do not. */
  readonly looksAtPixels?: boolean;
  /** Default: both embedded. */
  readonly servers?: { readonly database: string; readonly queue: string };
}

/** The Basic Profile alone. */
export const BASIC_ALONE = '{ extends: basic, options: [], pixels: { text: off } }';

export function startGateway(options: GatewayOptions): Promise<Server> {
  return Server.start(options.port, process.execPath, [LETHE, 'start', '--config', writeConfiguration(options)]);
}

/** The configuration's path. */
export function writeConfiguration(options: GatewayOptions): string {
  const { database = 'embedded', queue = 'embedded' } = options.servers ?? {};
  mkdirSync(options.directory, { recursive: true });
  const file = join(options.directory, 'lethe.yaml');
  writeFileSync(
    file,
    [
      `dicom: { host: 127.0.0.1, port: ${options.port} }`,
      `data: ./data`,
      `database: ${database}`,
      `queue: ${queue}`,
      `spool: { synced: ${options.isSynced} }`,
      `destinations:`,
      `  research: { aeTitle: RESEARCH, host: 127.0.0.1, port: ${options.sinkPort} }`,
      `routes:`,
      `  - { calledAeTitle: LETHE, profile: ${options.looksAtPixels === true ? 'basic' : BASIC_ALONE} }`,
      `http: off`,
      '',
    ].join('\n'),
  );
  return file;
}
