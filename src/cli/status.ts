// `lethe status`: what was received, waits, was delivered, is in quarantine.
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { AddCommand } from './services.ts';
import { describeCondition, type Status } from './status-report.ts';

interface StatusOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: true;
}

export const addStatus: AddCommand = (program, _services, finish) => {
  program
    .command('status')
    .description('tell what was received, waits, was delivered, is in quarantine')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .option('--json', 'print JSON')
    .action(async (options: StatusOptions) => {
      const { loadConfig } = await import('../config/load.ts');
      const { askDatabase } = await import('./open-store.ts');
      const config = loadConfig({ file: options.config, data: options.data });
      const status = (await askDatabase(config, 'status', undefined)) as Status;
      if (options.json === true) printJson(withReasons(status));
      else printStatus(status);
      finish(EXIT.done);
    });
};

/** Each destination with the sentence that the table has. */
function withReasons(status: Status): unknown {
  const now = Date.now();
  const destinations = status.destinations.map((row) => ({ ...row, why: describeCondition(row.condition, now) }));
  return { ...status, destinations };
}

function printStatus({ received, waiting, delivered, quarantined, destinations }: Status): void {
  printLine(`received ${received}, waiting ${waiting}, delivered ${delivered}, quarantined ${quarantined}`);
  if (destinations.length === 0) return;
  printLine();
  const now = Date.now();
  printTable(
    ['destination', 'pending', 'retrying', 'sent', 'dead', 'now', 'last error'],
    destinations.map((row) => [
      row.destination,
      ...[row.pending, row.retrying, row.sent, row.dead].map(String),
      describeCondition(row.condition, now),
      row.lastError ?? '',
    ]),
  );
}
