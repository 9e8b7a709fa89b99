// `lethe doctor`: looks at everything that the gateway needs, and says what to do.
import { EXIT } from './exit-codes.ts';
import { printJson, printTable } from './output.ts';
import type { AddCommand } from './services.ts';

interface DoctorOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: true;
}

export const addDoctor: AddCommand = (program, _services, finish) => {
  program
    .command('doctor')
    .description('tell what is wrong with this installation, and what to do')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--data <dir>', 'data directory in place of the configured one')
    .option('--json', 'print JSON')
    .action(async (options: DoctorOptions) => {
      const { examine } = await import('./doctor/examine.ts');
      const findings = await examine({ file: options.config, data: options.data });
      if (options.json === true) printJson(findings);
      else
        printTable(
          ['result', 'check', 'finding'],
          findings.map(({ result, check, message }) => [result, check, message]),
        );
      finish(findings.some(({ result }) => result === 'fail') ? EXIT.failed : EXIT.done);
    });
};
