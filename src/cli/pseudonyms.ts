// `lethe pseudonyms find` and `export`: who became whom. Each look-up is noted in the audit before anything is given out.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { AddCommand } from './services.ts';

interface FindOptions {
  readonly mrn?: string;
  readonly subject?: string;
  readonly uid?: string;
  readonly accession?: string;
  readonly file?: string;
  readonly reason: string;
  readonly project?: string;
  readonly config?: string;
  readonly data?: string;
  readonly json?: true;
}

interface ExportOptions {
  readonly project: string;
  readonly out: string;
  readonly reason: string;
  readonly config?: string;
  readonly data?: string;
}

export const addPseudonyms: AddCommand = (program, _services, finish) => {
  const pseudonyms = program.command('pseudonyms').description('who became whom');
  withStore(pseudonyms.command('find').description('look up patients by an original or a replaced identifier'))
    .addOption(criterion('mrn', 'patient id', 'original patient id'))
    .addOption(criterion('subject', 'subject id', 'subject id'))
    .addOption(criterion('uid', 'uid', 'UID, original or replacement'))
    .addOption(criterion('accession', 'number', 'accession number, original or replacement'))
    .addOption(
      criterion('file', 'file', 'patient ids, one a line; its first line may say mrn, subject, uid or accession'),
    )
    .requiredOption('--reason <text>', 'why you ask; it is kept', parseReason)
    .option('--project <name>', 'only in this project')
    .option('--json', 'print JSON')
    .action(async (options: FindOptions) => {
      const { findAll } = await import('./pseudonyms/find.ts');
      const rows = await findAll(options);
      if (options.json === true) printJson(rows);
      else if (rows.length > 0)
        printTable(
          ['project', 'patient id', 'issuer', 'name', 'subject', 'shift', 'studies', 'original', 'replacement'],
          rows.map((row) => [
            row.project,
            row.patientId,
            row.issuer,
            row.patientName,
            row.subjectId,
            `${row.shiftDays} d`,
            String(row.studies),
            row.original ?? '',
            row.replacement ?? '',
          ]),
        );
      else printLine('nothing found');
      finish(rows.length > 0 ? EXIT.done : EXIT.notFound);
    });
  withStore(pseudonyms.command('export').description('write patients.csv, uids.csv and subjects.csv of a project'))
    .requiredOption('--project <name>', 'project')
    .requiredOption('--out <dir>', 'folder; made when it is not there')
    .option('--reason <text>', 'why you export; it is kept', parseReason, 'export on the command line')
    .addHelpText(
      'after',
      '\nA cell that a spreadsheet would run as a formula, or that begins with an apostrophe, has an apostrophe in front:\ntake it away to get the value back. The files hold original identifiers; only you may read them.',
    )
    .action(async (options: ExportOptions) => {
      const { exportProject } = await import('./pseudonyms/export.ts');
      const counts = await exportProject(options);
      for (const [file, count] of Object.entries(counts)) printLine(`${file}.csv: ${count} rows`);
      finish(EXIT.done);
    });
};

function withStore(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one');
}

const CRITERIA = ['mrn', 'subject', 'uid', 'accession', 'file'];

function criterion(name: string, value: string, description: string): Option {
  return new Option(`--${name} <${value}>`, description).conflicts(CRITERIA.filter((other) => other !== name));
}

function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say why in a few words.');
  return text;
}
