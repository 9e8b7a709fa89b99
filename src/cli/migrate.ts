// `lethe migrate`: brings the schema of the database up to date, as `start` does by itself.
import { EXIT } from './exit-codes.ts';
import { printLine } from './output.ts';
import type { AddCommand } from './services.ts';

export const addMigrate: AddCommand = (program, _services, finish) => {
  program
    .command('migrate')
    .description('bring the database schema up to date (start does this by itself)')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .action(async (options: { readonly config?: string; readonly data?: string }) => {
      const { loadConfig } = await import('../config/load.ts');
      const { openStore } = await import('./open-store.ts');
      const store = await openStore(loadConfig({ file: options.config, data: options.data }));
      await store.close();
      printLine('the schema is up to date');
      finish(EXIT.done);
    });
};
