// A gateway for the benchmarks: the built program with a DICOM destination, durable or page cache only.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from './processes.ts';
import { LETHE } from './scenario-folder.ts';

export interface GatewayOptions {
  readonly directory: string;
  readonly port: number;
  readonly sinkPort: number;
  readonly isSynced: boolean;
}

export function startGateway(options: GatewayOptions): Promise<Server> {
  mkdirSync(options.directory, { recursive: true });
  const file = join(options.directory, 'lethe.yaml');
  writeFileSync(
    file,
    [
      `dicom: { host: 127.0.0.1, port: ${options.port} }`,
      `data: ./data`,
      `spool: { synced: ${options.isSynced} }`,
      `destinations:`,
      `  research: { aeTitle: RESEARCH, host: 127.0.0.1, port: ${options.sinkPort} }`,
      '',
    ].join('\n'),
  );
  return Server.start(options.port, process.execPath, [LETHE, 'start', '--config', file]);
}
