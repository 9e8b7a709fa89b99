// `lethe echo`: asks a DICOM node for a C-ECHO.
import { LetheError } from '../core/errors.ts';
import { EXIT } from './exit-codes.ts';
import { printLine, printNotice } from './output.ts';
import { describePeer, parsePeerAddress, requireAeTitle } from './peer-address.ts';
import type { AddCommand } from './services.ts';

export const ECHO_TIMEOUT_MS = 10_000;

export const addEcho: AddCommand = (program, _services, finish) => {
  program
    .command('echo')
    .description('ask a DICOM node whether it answers (C-ECHO)')
    .argument('<peer>', 'AET@HOST:PORT')
    .option('--aet <title>', 'our AE title', 'LETHE')
    .action(async (text: string, options: { readonly aet: string }) => {
      const peer = parsePeerAddress(text);
      const callingAeTitle = requireAeTitle(options.aet);
      const { echo } = await import('../dimse/echo.ts');
      try {
        const { durationMs } = await echo({ ...peer, callingAeTitle, timeoutMs: ECHO_TIMEOUT_MS });
        printLine(`${describePeer(peer)} answers, ${durationMs.toFixed(0)} ms`);
        finish(EXIT.done);
      } catch (error) {
        if (!(error instanceof LetheError)) throw error;
        printNotice(`lethe: ${describePeer(peer)}: ${error.message}`);
        finish(error.code === 'peer-unreachable' ? EXIT.usage : EXIT.failed);
      }
    });
};
