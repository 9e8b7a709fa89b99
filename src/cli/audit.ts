// `lethe audit verify`, `study`, `digest` and `list`: whether the receipts are whole, what they say, and who looked up whom.
import { InvalidArgumentError, type Command } from 'commander';
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { AddCommand } from './services.ts';
import type { ReceiptQuestion } from './audit/chains.ts';
import type { StudySummary } from './audit/study.ts';

type VerifyOptions = ReceiptQuestion & { readonly json?: true };
type StudyOptions = VerifyOptions & { readonly subject?: string; readonly study?: string };
interface ListOptions {
  readonly limit: number;
  readonly config?: string;
  readonly data?: string;
  readonly json?: true;
}

export const addAudit: AddCommand = (program, _services, finish) => {
  const audit = program.command('audit').description('receipts of what left, and look-ups of who became whom');
  withReceipts(audit.command('verify').description('tell whether receipts were changed, left out, moved or cut off'))
    .addHelpText(
      'after',
      '\nExit code 0: all whole. 1: not whole; the first broken place of each chain is named. 3: there are no receipts.',
    )
    .action(async (options: VerifyOptions) => {
      const { verifyReceipts } = await import('./audit/chains.ts');
      const { BREAK_KINDS } = await import('../receipts/verify.ts');
      const chains = await verifyReceipts(options);
      if (options.json === true) printJson(chains);
      else if (chains.length === 0) printLine('no receipts found');
      else {
        printTable(
          ['project', 'receipts', 'from', 'to', 'state', 'end'],
          chains.map(({ project, receipts, first, last, broken, isEndKnown }) => [
            ...[project, String(receipts), String(first), String(last.sequence)],
            ...[broken === undefined ? 'whole' : broken.kind, isEndKnown ? 'known' : 'not known here'],
          ]),
        );
        for (const { project, broken } of chains)
          if (broken !== undefined)
            printLine(
              `${project}: ${broken.file}:${broken.line}: receipt ${broken.sequence}: ${BREAK_KINDS[broken.kind]}`,
            );
      }
      if (chains.length === 0) finish(EXIT.notFound);
      else finish(chains.some(({ broken }) => broken !== undefined) ? EXIT.failed : EXIT.done);
    });
  withReceipts(audit.command('study').description('what was done to the instances of a study or a subject'))
    .option('--study <uid>', 'Study Instance UID, as it left')
    .option('--subject <id>', 'subject id')
    .action(async (options: StudyOptions) => {
      const { summariseStudies } = await import('./audit/study.ts');
      const { studies, isWhole } = await summariseStudies(options);
      if (options.json === true) printJson({ isWhole, studies });
      else if (studies.length === 0) printLine('no receipts found');
      else {
        studies.forEach(printStudy);
        if (!isWhole) printLine('The receipts are not whole: run `lethe audit verify`.');
      }
      if (studies.length === 0) finish(EXIT.notFound);
      else finish(isWhole ? EXIT.done : EXIT.failed);
    });
  audit
    .command('digest')
    .description('the digest of a DICOM file as receipts of the gateway state it')
    .argument('<file>', 'DICOM file')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { readonly json?: true }) => {
      const { digestFile } = await import('./audit/digest.ts');
      const digest = await digestFile(file);
      if (options.json === true) printJson(digest);
      else printLine(`${digest.sha256}  ${digest.bytes} bytes`);
      finish(EXIT.done);
    });
  audit
    .command('list')
    .description('who looked up or exported pseudonyms, and why; newest first')
    .option('--limit <n>', 'rows at most', parseLimit, 50)
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .option('--json', 'print JSON')
    .action(async (options: ListOptions) => {
      const { listNotes } = await import('./audit/list.ts');
      const notes = await listNotes(options);
      if (options.json === true) printJson(notes);
      else if (notes.length === 0) printLine('nothing was looked up');
      else
        printTable(
          ['at', 'who', 'did', 'by', 'values', 'project', 'why'],
          notes.map(({ at, actor, action, criterion, asked, project, reason }) => [
            ...[at, actor, action, criterion ?? '', String(asked), project ?? '', reason],
          ]),
        );
      finish(notes.length > 0 ? EXIT.done : EXIT.notFound);
    });
};

function withReceipts(command: Command): Command {
  return command
    .option('--project <name>', 'only this project')
    .option('--file <file>', 'a file of receipts, for example receipts.jsonl of lethe deid')
    .option('--key <file>', 'the key file of the project, when it is not in the data directory')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .option('--json', 'print JSON');
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('Write a number from 1.');
  return limit;
}

function printStudy(study: StudySummary): void {
  printLine(`study ${study.study}, project ${study.project}`);
  printLine(`subjects ${study.subjects.join(' ')}; ${study.instances.length} instances`);
  for (const { name, version, digest, engine, instances } of study.profiles)
    printLine(`profile ${name} version ${version}, digest ${digest}, ${engine}: ${instances} instances`);
  printLine(`methods ${study.methods.map(({ code, instances }) => `${code} (${instances})`).join(' ')}`);
  printTable(
    ['action', 'rule', 'attribute', 'elements', 'instances'],
    study.actions.map(({ action, rule, path, count, instances }) => [
      ...[action, rule, path, String(count), String(instances)],
    ]),
  );
  printLine();
}
