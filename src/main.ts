#!/usr/bin/env node
// The program: hands the command line to the command that it names, and the adapters to the commands.
import { reportUncaught } from './cli/failure.ts';
import { runCli } from './cli/run.ts';
import { systemCodeOf } from './core/errors.ts';
import { letHeapGrow } from './heap-growth.ts';

letHeapGrow();
reportUncaught();

// Whoever reads our output may stop before its end, as `head` does: that is no failure of ours.
process.stdout.on('error', (error) => {
  if (systemCodeOf(error) !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runCli(process.argv, {
  startGateway: async (config, log, role) =>
    config.queue === 'embedded'
      ? (await import('./compose.ts')).startGateway(config, log)
      : (await import('./compose-roles.ts')).startRoles(config, role, log),
});
