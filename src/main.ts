#!/usr/bin/env node
// The program: hands the command line to the command that it names, and the adapters to the commands.
import { runCli } from './cli/run.ts';

process.exitCode = await runCli(process.argv, {
  startGateway: async (config, log) => (await import('./compose.ts')).startGateway(config, log),
});
