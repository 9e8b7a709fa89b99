// `lethe deid`: de-identifies a file or folder without the network.
import { InvalidArgumentError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { AddCommand } from './services.ts';
import type { FolderReport } from './deid/deidentify-folder.ts';

interface DeidOptions {
  readonly profile: string;
  readonly project: string;
  readonly config?: string;
  readonly data?: string;
  readonly workers: number;
  readonly sync?: true;
  readonly json?: true;
}

const MAX_WORKERS = 64;

export const addDeid: AddCommand = (program, _services, finish) => {
  program
    .command('deid')
    .description('de-identify a file or folder into OUT/<study>/<series>/<instance>.dcm and OUT/receipts.jsonl')
    .argument('<in>', 'file or folder; files of any name')
    .argument('<out>', 'folder; made when it is not there')
    .option('--profile <name>', 'profile: a name, or a YAML file', 'basic')
    .option('--project <name>', 'project whose pseudonyms are used', 'default')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .option('--workers <n>', 'files that are worked on at once', parseWorkers, 2)
    .option('--sync', 'have each file on the disk before it gets its name')
    .option('--json', 'print the summary as JSON')
    .action(async (input: string, out: string, options: DeidOptions) => {
      const { runDeid } = await import('./deid/run.ts');
      const report = await runDeid(input, out, options);
      if (options.json === true) printJson(report);
      else printReport(report, out);
      finish(exitCodeOf(report));
    });
};

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS)
    throw new InvalidArgumentError(`Write a number from 1 to ${MAX_WORKERS}.`);
  return workers;
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

function exitCodeOf(report: FolderReport): (typeof EXIT)[keyof typeof EXIT] {
  if (sum(report.quarantined) + report.unreadable > 0) return EXIT.failed;
  return report.clean + report.duplicates > 0 ? EXIT.done : EXIT.notFound;
}

function printReport(report: FolderReport, out: string): void {
  const rows = [
    ['clean', '', report.clean],
    ['duplicate', 'the same file again', report.duplicates],
    ['unreadable', 'the file system refuses it', report.unreadable],
    ...Object.entries(report.quarantined).map(([reason, count]) => ['quarantined', reason, count]),
    ...Object.entries(report.skipped).map(([reason, count]) => ['skipped', reason, count]),
  ] as const;
  printTable(
    ['outcome', 'reason', 'files'],
    rows.filter((row) => row[0] === 'clean' || row[2] !== 0).map((row) => row.map(String)),
  );
  printLine(`clean instances in ${out}; what was done to each of ${report.inputs} files in ${out}/receipts.jsonl`);
}
