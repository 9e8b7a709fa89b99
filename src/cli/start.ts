// `lethe start`: runs the gateway until it is asked to stop.
import { Option } from 'commander';
import type { Config } from '../config/config.ts';
import { LetheError } from '../core/errors.ts';
import { EXIT } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { printLine, printNotice } from './output.ts';
import { ROLES } from './services.ts';
import type { AddCommand, Role, RunningGateway } from './services.ts';

interface StartOptions {
  readonly config?: string;
  readonly data?: string;
  readonly role: Role;
}

export const addStart: AddCommand = (program, services, finish) => {
  program
    .command('start')
    .description('run the gateway until SIGTERM or Ctrl-C')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .addOption(new Option('--role <role>', 'what this process does').choices(ROLES).default('all'))
    .action(async (options: StartOptions) => {
      const { loadConfig } = await import('../config/load.ts');
      const { chooseLevel, createLog } = await import('../log/log.ts');
      const config = loadConfig({ file: options.config, data: options.data });
      if (options.role !== 'all' && config.queue === 'embedded')
        throw new LetheError(
          'usage',
          `a process of its own for the role ${options.role} needs servers: configure database: postgres://… and queue: redis://…, or start without --role`,
        );
      const stopAsked = onStopSignal();
      const log = createLog({ level: chooseLevel(config.log.level) });
      let gateway: RunningGateway;
      try {
        gateway = await services.startGateway(config, log, options.role);
      } catch (error) {
        if (!(error instanceof LetheError) || error.code !== 'data-directory-locked') throw error;
        reportFailure(error);
        finish(EXIT.locked);
        return;
      }
      printLine(
        gateway.port === undefined
          ? `Lethe runs the role ${options.role}`
          : describeGateway(config, gateway.port, gateway.tlsPort),
      );
      if (gateway.httpPort !== undefined)
        printLine(`Health, metrics and API on http://${hostInUrl(config.http?.host)}:${gateway.httpPort}`);
      await stopAsked;
      printNotice('stopping: finishing what is under way; press Ctrl-C again to stop at once');
      await gateway.stop();
      finish(EXIT.done);
    });
};

/** Resolves at the first SIGTERM or SIGINT; the second ends the process as the system would. */
function onStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        resolve();
      });
  });
}

function hostInUrl(host = '127.0.0.1'): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The one line that tells an operator what was started. */
function describeGateway(config: Config, port: number, tlsPort: number | undefined): string {
  const routes = config.routes.map((route) => {
    const destinations = route.destinations.map((name) => describeDestination(config, name));
    return `${route.calledAeTitle} → project ${route.project}, profile ${route.profile} → ${destinations.join(', ')}`;
  });
  const who =
    config.sources.length === 0 ? 'from this machine only (no sources are configured)' : 'from the configured sources';
  const overTls = tlsPort === undefined ? '' : ` and, over TLS, ${tlsPort}`;
  return `Lethe listens on ${config.dicom.host} port ${port}${overTls} ${who}; ${routes.join('; ')}`;
}

function describeDestination(config: Config, name: string): string {
  const destination = config.destinations[name];
  if (destination.kind === 'folder') return `${name} (${destination.folder})`;
  if (destination.kind === 'stow') return `${name} (${destination.url})`;
  return `${name} (${destination.aeTitle}@${destination.host}:${destination.port})`;
}
