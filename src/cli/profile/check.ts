// `lethe profile check`: every mistake in a profile and in what it builds on.
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine } from '../output.ts';
import type { AddCommand } from '../services.ts';

interface CheckOptions {
  readonly config?: string;
  readonly json?: true;
}

export const addCheck: AddCommand = (profile, _services, finish) => {
  profile
    .command('check')
    .description('tell every mistake in a profile; exit 2 when there is one')
    .argument('<profile>', 'name, or YAML file')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--json', 'print JSON')
    .action(async (name: string, options: CheckOptions) => {
      const { loadConfig } = await import('../../config/load.ts');
      const { loadProfile } = await import('../../profile/load.ts');
      const loaded = await loadProfile(name, loadConfig({ file: options.config }).profileDirectories);
      const { version, digest, edition, rules } = loaded;
      const selected = [...loaded.options].sort();
      if (options.json === true) {
        printJson({ name: loaded.name, version, digest, edition, options: selected, rules: rules.all.length });
      } else {
        printLine(`${name}: no mistakes; ${loaded.name} version ${version}, ${edition}, digest ${digest}`);
        printLine(`  options: ${selected.length === 0 ? 'none' : selected.join(', ')}`);
        printLine(`  rules: ${rules.all.length}`);
      }
      finish(EXIT.done);
    });
};
