// `lethe profile list` and `check`.
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { AddCommand } from './services.ts';

interface ProfileOptions {
  readonly config?: string;
  readonly json?: true;
}

export const addProfile: AddCommand = (program, _services, finish) => {
  const profile = program.command('profile').description('work with profiles');
  profile
    .command('list')
    .description('the profiles that can be named')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--json', 'print JSON')
    .action(async (options: ProfileOptions) => {
      const { loadConfig } = await import('../config/load.ts');
      const { listProfiles, loadProfile } = await import('../profile/load.ts');
      const { profileDirectories } = loadConfig({ file: options.config });
      const rows = [];
      for (const name of await listProfiles(profileDirectories)) {
        const { version, digest, options: selected } = await loadProfile(name, profileDirectories);
        rows.push({ name, version, digest, options: [...selected].sort() });
      }
      if (options.json === true) printJson(rows);
      else
        printTable(
          ['name', 'version', 'digest', 'options'],
          rows.map((row) => [row.name, String(row.version), row.digest.slice(0, 12), row.options.join(' ')]),
        );
      finish(rows.length > 0 ? EXIT.done : EXIT.notFound);
    });
  profile
    .command('check')
    .description('tell every mistake in a profile')
    .argument('<profile>', 'name, or YAML file')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .action(async (name: string, options: ProfileOptions) => {
      const { loadConfig } = await import('../config/load.ts');
      const { loadProfile } = await import('../profile/load.ts');
      const { digest, edition } = await loadProfile(name, loadConfig({ file: options.config }).profileDirectories);
      printLine(`${name}: no mistakes; ${edition}, digest ${digest}`);
      finish(EXIT.done);
    });
};
