// `lethe profile coverage`: attributes in a folder that neither a rule of the profile nor a row of the standard's tables names.
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine, printTable } from '../output.ts';
import type { AddCommand } from '../services.ts';

interface CoverageOptions {
  readonly profile: string;
  readonly config?: string;
  readonly json?: true;
}

/** What the words in the last column mean. */
const MEANINGS: Readonly<Partial<Record<string, string>>> = {
  'E.1-1': 'its row "Private Attributes" holds for every private attribute that is not known to be safe',
  unlisted: 'no rule and no row of Table E.1-1 names it, and it was searched for the identifiers of the instance',
  residual: 'as unlisted, but an identifier of the instance stood in it: it was taken out, or the value went',
  'unknown-attribute': 'the dictionary of the standard does not have it',
  'overlay-plane': 'the overlay plane that it belongs to goes',
  scrubbed: 'it stands in a sequence whose items may not identify',
};

export const addCoverage: AddCommand = (profile, _services, finish) => {
  profile
    .command('coverage')
    .description('attributes met that no rule and no table row names, and what happens to them')
    .argument('<folder>', 'file or folder')
    .option('--profile <name>', 'profile: a name, or a YAML file', 'basic')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--json', 'print JSON')
    .action(async (folder: string, options: CoverageOptions) => {
      const { loadConfig } = await import('../../config/load.ts');
      const { loadProfile } = await import('../../profile/load.ts');
      const { findUncovered } = await import('./uncovered.ts');
      const loaded = await loadProfile(options.profile, loadConfig({ file: options.config }).profileDirectories);
      const report = await findUncovered(folder, loaded);
      if (options.json === true) printJson(report);
      else {
        if (report.attributes.length > 0)
          printTable(
            ['tag', 'name or creator', 'vr', 'files', 'elements', 'what happens', 'by'],
            report.attributes.map(({ tag, name, creator, vr, files, elements, action, rule }) => [
              ...[
                tag,
                creator === '' ? name : `private: ${creator}`,
                vr,
                String(files),
                String(elements),
                action,
                rule,
              ],
            ]),
          );
        for (const rule of new Set(report.attributes.map((attribute) => attribute.rule))) {
          const meaning = MEANINGS[rule];
          if (meaning !== undefined) printLine(`${rule}: ${meaning}`);
        }
        printLine(
          `${report.files} files; ${report.quarantined} would be quarantined, ${report.skipped} are no DICOM files`,
        );
      }
      finish(report.files > 0 ? EXIT.done : EXIT.notFound);
    });
};
