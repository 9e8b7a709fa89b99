// The command line: one file per command, each loading what it needs only when it runs, so that `--help` is quick.
import { Command, CommanderError } from 'commander';
import { ENGINE } from '../deid/engine-version.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { commandsFor } from './commands.ts';
import type { Services } from './services.ts';

/** Runs one command line and resolves with its exit code. Never rejects. */
export async function runCli(argv: readonly string[], services: Services): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = new Command('lethe')
    .description('De-identifies what DICOM senders send before it reaches a research PACS.')
    .version(ENGINE, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false });
  for (const add of await commandsFor(argv.slice(2))) {
    add(program, services, (code) => {
      exitCode = code;
    });
  }
  exitOverrideDeep(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportFailure(error);
  }
  return exitCode;
}

/** Usage errors reject instead of ending the process. */
function exitOverrideDeep(command: Command): void {
  command.exitOverride();
  command.commands.forEach(exitOverrideDeep);
}
