// `lethe deliveries retry`: what waits for its next attempt is tried now.
import { EXIT } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';
import type { AddCommand } from './services.ts';

interface RetryOptions {
  readonly destination?: string;
  readonly config?: string;
  readonly data?: string;
  readonly json?: true;
}

export const addDeliveries: AddCommand = (program, _services, finish) => {
  const deliveries = program.command('deliveries').description('instances on their way to destinations');
  deliveries
    .command('retry')
    .description('try at once what waits for its next attempt; send windows are kept')
    .option('--destination <name>', 'only this destination')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .option('--json', 'print JSON')
    .action(async (options: RetryOptions) => {
      const { loadConfig } = await import('../config/load.ts');
      const { askDatabase } = await import('./open-store.ts');
      const config = loadConfig({ file: options.config, data: options.data });
      const { destination } = options;
      const params = destination === undefined ? {} : { destination };
      const answer = (await askDatabase(config, 'deliveries.retry', params)) as { readonly waiting: number };
      if (options.json === true) printJson(answer);
      else printLine(answer.waiting === 0 ? 'nothing waits' : `${answer.waiting} are tried now`);
      finish(answer.waiting === 0 ? EXIT.notFound : EXIT.done);
    });
};
