// `lethe demo`: the whole story in one terminal, with made-up patients.
import { EXIT } from './exit-codes.ts';
import type { AddCommand } from './services.ts';

export const addDemo: AddCommand = (program, services, finish) => {
  program
    .command('demo')
    .description('run gateway, research PACS and a small made-up clinic, and show one instance before and after')
    .option('--no-keep', 'remove the folder of the demo at the end')
    .action(async (options: { readonly keep: boolean }) => {
      const { runDemo } = await import('./demo/run.ts');
      const isWhole = await runDemo(services, options.keep);
      finish(isWhole ? EXIT.done : EXIT.failed);
    });
};
