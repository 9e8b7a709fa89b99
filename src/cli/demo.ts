// `lethe demo`: the whole story in one terminal, with made-up patients.
import { EXIT } from './exit-codes.ts';
import type { AddCommand } from './services.ts';

export const addDemo: AddCommand = (program, services, finish) => {
  program
    .command('demo')
    .description('run gateway, research PACS and a small made-up clinic, and show one instance before and after')
    .option('--no-keep', 'remove the folder of the demo at the end')
    .option('--to <peer>', 'only send the clinic to a gateway that runs, AET@HOST:PORT')
    .action(async (options: { readonly keep: boolean; readonly to?: string }) => {
      if (options.to !== undefined) {
        const { parsePeerAddress } = await import('./peer-address.ts');
        const { sendClinicTo } = await import('./demo/clinic.ts');
        finish((await sendClinicTo(parsePeerAddress(options.to))) ? EXIT.done : EXIT.failed);
        return;
      }
      const { runDemo } = await import('./demo/run.ts');
      const isWhole = await runDemo(services, options.keep);
      finish(isWhole ? EXIT.done : EXIT.failed);
    });
};
