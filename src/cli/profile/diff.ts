// `lethe profile diff`: in what two profiles differ: their settings, what they do to each attribute, and to given files.
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine, printTable } from '../output.ts';
import type { AddCommand } from '../services.ts';

interface DiffOptions {
  readonly on?: readonly string[];
  readonly config?: string;
  readonly json?: true;
}

export const addDiff: AddCommand = (profile, _services, finish) => {
  profile
    .command('diff')
    .description('in what two profiles differ; exit 0 when they act alike, 1 when not')
    .argument('<a>', 'name, or YAML file')
    .argument('<b>', 'name, or YAML file')
    .option('--on <files...>', 'also compare what they do to these files or folders')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--json', 'print JSON')
    .action(async (a: string, b: string, options: DiffOptions) => {
      const { loadConfig } = await import('../../config/load.ts');
      const { loadProfile } = await import('../../profile/load.ts');
      const { compareProfiles, compareOnFiles } = await import('./compare.ts');
      const { profileDirectories } = loadConfig({ file: options.config });
      const profiles = [await loadProfile(a, profileDirectories), await loadProfile(b, profileDirectories)] as const;
      const { settings, decisions } = compareProfiles(...profiles);
      const files = options.on === undefined ? undefined : await compareOnFiles(...profiles, options.on);
      if (options.json === true) printJson({ settings, decisions, ...(files === undefined ? {} : { files }) });
      else {
        const both = [a, b];
        if (settings.length > 0)
          printTable(
            ['setting', ...both],
            settings.map((row) => [row.setting, row.a, row.b]),
          );
        if (decisions.length > 0) {
          printLine();
          printLine('At the top level of a CT image:');
          printTable(
            ['tag', 'name', ...both],
            decisions.map((row) => [row.tag, row.name, row.a, row.b]),
          );
        }
        if (files !== undefined) {
          printLine();
          printLine('In these files ([*]: all items of a sequence):');
          printTable(
            ['attribute', 'name', ...both, 'elements', 'files'],
            files.attributes.map((row) => [row.path, row.name, row.a, row.b, String(row.elements), String(row.files)]),
          );
          printLine(`${files.compared} files compared, ${files.skipped} are no DICOM files`);
        }
        if (settings.length + decisions.length === 0) printLine('The profiles act alike.');
      }
      const isSame = settings.length + decisions.length + (files?.attributes.length ?? 0) === 0;
      finish(isSame ? EXIT.done : EXIT.failed);
    });
};
