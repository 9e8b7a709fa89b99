// `lethe profile explain`: what a profile does to each attribute of one file, and why. Needs no gateway and no database.
import { Option, type Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine, printNotice, printTable } from '../output.ts';
import type { AddCommand } from '../services.ts';

export interface ExplainOptions {
  readonly profile: string;
  readonly project: string;
  readonly json?: true;
  readonly html?: true;
  readonly onlyChanged?: true;
  readonly showPhi?: true;
  readonly pixels?: true;
  readonly config?: string;
  readonly data?: string;
}

export const addExplain: AddCommand = (profile, _services, finish) => {
  withPreview(profile.command('explain'))
    .description('what a profile does to each attribute of a file, and by which rule')
    .argument('<file>', 'DICOM file')
    .option('--profile <name>', 'profile: a name, or a YAML file', 'basic')
    .option('--only-changed', 'leave out what stays as it is')
    .option(
      '--show-phi',
      'show original values; without it only their kind and length (private creators are always shown)',
    )
    .option('--pixels', 'look at the pixels of any number of frames; without it at those of 10 frames at most')
    .addOption(new Option('--html', 'print a page for a browser').conflicts('json'))
    .action(async (file: string, options: ExplainOptions) => {
      const { explainFile } = await import('./explain-file.ts');
      const { explained, notice } = await explainFile(file, options);
      if (explained.kind === 'quarantined') {
        const { reason, message } = explained;
        if (options.json === true) printJson({ quarantined: { reason, message } });
        else printLine(`This file would be quarantined: ${reason}: ${message}`);
        finish(EXIT.failed);
        return;
      }
      const { rows, ...heading } = explained.value;
      if (options.json === true) printJson({ ...heading, notice, rows });
      else if (options.html === true) {
        const { explainHtml } = await import('./explain-html.ts');
        for (const part of explainHtml({ ...heading, notice }, rows)) process.stdout.write(part);
      } else {
        printTable(
          ['path', 'name', 'vr', 'before', 'action', 'rule', 'after'],
          rows.map((row) => [
            ...[row.path, row.creator === '' ? row.name : `${row.name}: ${row.creator}`, row.vr, row.before],
            ...[row.action, row.rule, row.after],
          ]),
        );
        printLine(`methods ${heading.methods.join(' ')}; without effect: ${heading.withoutEffect.join(' ') || 'none'}`);
        printNotice(notice);
      }
      finish(EXIT.done);
    });
};

/** Options of the commands that show what would happen. */
export function withPreview(command: Command): Command {
  return command
    .option('--project <name>', 'project whose pseudonyms are shown, with --data or --config', 'default')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option(
      '--data <dir>',
      'data directory with the key of the project; without it a key is made for this preview only',
    )
    .option('--json', 'print JSON');
}
