// `lethe pseudonyms find`, `export` and `import`: who became whom, and who is to become whom. Each is noted in the audit first.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printNotice, printTable } from './output.ts';
import type { AddCommand } from './services.ts';
import type { AssignmentConflict } from '../store/assigned-subjects.ts';

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

interface ImportOptions {
  readonly project: string;
  readonly profile?: string;
  readonly reason: string;
  readonly config?: string;
  readonly data?: string;
  readonly json?: true;
}

const CONFLICTS: Readonly<Record<AssignmentConflict, string>> = {
  'patient-has-other-subject': 'this patient is another subject already',
  'subject-of-other-patient': 'this subject is another patient already',
};

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
  withStore(pseudonyms.command('import').description('take over a list of who is to become whom, all of it or nothing'))
    .argument('<file>', 'CSV with the columns id_old, id_new and, where scanners send one, issuer')
    .requiredOption('--project <name>', 'project')
    .option('--profile <name>', 'profile of the project: a name, or a YAML file (default: that of its route)')
    .option('--reason <text>', 'why, or where the list is from; it is kept', parseReason, 'import on the command line')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nFor profiles with subject: { id: "{assigned}" }, which hold back every patient who is not on the list. What was given out is never\nchanged: a list that says otherwise is refused with its lines, exit 1. patients.csv of an export is such a list; an apostrophe at the\nbeginning of a cell is taken away.',
    )
    .action(async (file: string, options: ImportOptions) => {
      const { importAssignments } = await import('./pseudonyms/import.ts');
      const report = await importAssignments(file, options);
      const { added, known, conflicts } = report;
      if (options.json === true) printJson(report);
      else {
        for (const { line, conflict } of conflicts) printNotice(`${file}:${line}: ${CONFLICTS[conflict]}`);
        printLine(conflicts.length > 0 ? 'nothing imported' : `${added} imported, ${known} were known`);
      }
      finish(conflicts.length > 0 ? EXIT.failed : EXIT.done);
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
