// `lethe config check`: reads the configuration and its profiles as `start` would, and says what is wrong.
import { EXIT } from './exit-codes.ts';
import { printLine } from './output.ts';
import type { AddCommand } from './services.ts';

export const addConfig: AddCommand = (program, _services, finish) => {
  program
    .command('config')
    .description('work with the configuration')
    .command('check')
    .description('tell every mistake in lethe.yaml, the environment and the profiles')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .action(async (options: { config?: string }) => {
      const { loadConfig } = await import('../config/load.ts');
      const { loadProfile } = await import('../profile/load.ts');
      const config = loadConfig({ file: options.config });
      for (const profile of new Set(config.routes.map((route) => route.profile)))
        await loadProfile(profile, config.profileDirectories);
      printLine(`${config.file ?? 'no configuration file, defaults'}: no mistakes`);
      for (const route of config.routes)
        printLine(
          `  ${route.calledAeTitle} on port ${config.dicom.port} → project ${route.project}, profile ${route.profile} → ${route.destinations.join(', ')}`,
        );
      finish(EXIT.done);
    });
};
