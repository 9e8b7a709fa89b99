// `lethe quarantine list`, `show`, `save`, `release` and `discard`: what was held back, and what a person decides on it.
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { RecordId } from '../core/brands.ts';
import { QUARANTINE_REASONS, type QuarantineReason } from '../core/errors.ts';
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printNotice, printTable } from './output.ts';
import type { Decision, DecideOptions } from './quarantine/decide.ts';
import { withReview } from './review-options.ts';
import type { AddCommand } from './services.ts';

interface Surroundings {
  readonly config?: string;
  readonly data?: string;
  readonly json?: true;
}

interface ListOptions extends Surroundings {
  readonly project?: string;
  readonly reason?: QuarantineReason;
  readonly limit: number;
}

interface SaveOptions extends Surroundings {
  readonly output: string;
  readonly reason: string;
}

interface ShowOptions extends Surroundings {
  readonly showPhi?: true;
  readonly reason?: string;
}

const REASONS = Object.keys(QUARANTINE_REASONS);

export const addQuarantine: AddCommand = (program, _services, finish) => {
  const quarantine = program.command('quarantine').description('what was held back, for a person to decide on');

  withFilters(withSurroundings(quarantine.command('list').description('what waits in quarantine, newest first')))
    .option('--limit <n>', 'rows at most', parseLimit, 100)
    .action(async (options: ListOptions) => {
      const { listRows } = await import('./quarantine/list.ts');
      const { rows, hasMore } = await listRows(options);
      if (options.json === true) printJson(rows);
      else if (rows.length === 0) printLine('nothing is in quarantine');
      else {
        printTable(
          ['record', 'received', 'project', 'reason', 'from', 'to', 'kind', 'bytes', 'message'],
          rows.map((row) => [
            ...[row.recordId, row.receivedAt.slice(0, 19), row.project, row.reason],
            ...[row.callingAeTitle, row.calledAeTitle, row.sopClass, String(row.length), row.message],
          ]),
        );
        if (hasMore) printNotice(`there are more than ${options.limit}: raise --limit`);
      }
      finish(rows.length > 0 ? EXIT.done : EXIT.notFound);
    });

  withSurroundings(quarantine.command('show').description('all that is known of one instance'))
    .addArgument(new Argument('<record>', 'record, as `quarantine list` shows it').argParser(parseRecord))
    .option('--show-phi', 'original values too; needs --reason, which is kept in the audit')
    .option('--reason <text>', 'why you ask for original values', parseNote)
    .action(async (recordId: RecordId, options: ShowOptions) => {
      const { showRecord } = await import('./quarantine/show.ts');
      const shown = await showRecord(recordId, options);
      if (shown === undefined) printLine('it is not in quarantine');
      else if (options.json === true) printJson(shown.json);
      else
        shown.lines.forEach((line) => {
          printLine(line);
        });
      finish(shown === undefined ? EXIT.notFound : EXIT.done);
    });

  withSurroundings(quarantine.command('save').description('write one instance as it was received into a file'))
    .addArgument(new Argument('<record>', 'record, as `quarantine list` shows it').argParser(parseRecord))
    .requiredOption('-o, --output <file>', 'where it goes, for your eyes only; takes the place of what is there')
    .requiredOption('--reason <text>', 'why you ask for the original; kept in the audit', parseNote)
    .action(async (recordId: RecordId, options: SaveOptions) => {
      const { saveRecord } = await import('./quarantine/save.ts');
      const bytes = await saveRecord(recordId, options);
      if (bytes === undefined) printLine('it is not in quarantine');
      else if (options.json === true) printJson({ recordId, output: options.output, bytes });
      else printLine(`${options.output}: ${bytes} bytes, with everything that names the patient`);
      finish(bytes === undefined ? EXIT.notFound : EXIT.done);
    });

  for (const [decision, description] of [
    ['release', 'put instances on their way again, with the profile and the route that are configured now'],
    ['discard', 'give instances up for good: their bytes go'],
  ] as const) {
    const command = withFilters(withSurroundings(quarantine.command(decision).description(description)));
    (decision === 'release' ? withReview(command) : command)
      .addArgument(
        new Argument('[records...]', 'records; without any, all that the filters select').argParser(addRecord),
      )
      .option('--yes', 'yes, all that the filters select')
      .option('--note <text>', 'why; it is kept in the audit', parseNote, `${decision} on the command line`)
      .action(async (recordIds: readonly RecordId[] | undefined, options: DecideOptions & Surroundings) => {
        const { decide } = await import('./quarantine/decide.ts');
        const outcome = await decide(decision, recordIds ?? [], options);
        if (options.json === true) printJson(outcome);
        else printOutcome(decision, outcome);
        const isWhole = outcome.withoutRoute.length === 0 && outcome.notFound.length === 0;
        if (outcome.done.length === 0) finish(outcome.withoutRoute.length > 0 ? EXIT.failed : EXIT.notFound);
        else finish(isWhole ? EXIT.done : EXIT.failed);
      });
  }
};

const DECIDED: Readonly<Record<Decision, string>> = { release: 'released', discard: 'discarded' };

function printOutcome(
  decision: Decision,
  {
    done,
    withoutRoute,
    notFound,
  }: {
    readonly done: readonly RecordId[];
    readonly withoutRoute: readonly RecordId[];
    readonly notFound: readonly RecordId[];
  },
): void {
  printLine(`${done.length === 0 ? 'nothing' : String(done.length)} ${DECIDED[decision]}`);
  for (const recordId of withoutRoute)
    printLine(`${recordId}: stays; no route is configured any more for the AE title that was called`);
  for (const recordId of notFound) printLine(`${recordId}: is not in quarantine`);
}

function withSurroundings(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .option('--json', 'print JSON');
}

function withFilters(command: Command): Command {
  return command
    .option('--project <name>', 'only this project')
    .addOption(new Option('--reason <code>', 'only what was held back for this reason').choices(REASONS));
}

const RECORD = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function parseRecord(text: string): RecordId {
  if (!RECORD.test(text)) throw new InvalidArgumentError('Write a record as `lethe quarantine list` shows it.');
  return text.toLowerCase() as RecordId;
}

function addRecord(text: string, earlier: readonly RecordId[] = []): readonly RecordId[] {
  return [...earlier, parseRecord(text)];
}

function parseNote(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say why in a few words.');
  return text;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('Write a number from 1.');
  return limit;
}
