// `lethe send`: sends files to a DICOM node as they are.
import { EXIT } from './exit-codes.ts';
import { printable, printLine, printNotice } from './output.ts';
import { describePeer, parsePeerAddress, requireAeTitle } from './peer-address.ts';
import type { AddCommand } from './services.ts';

export const addSend: AddCommand = (program, _services, finish) => {
  program
    .command('send')
    .description('send files, and all files in folders, to a DICOM node')
    .argument('<paths...>', 'files or folders')
    .requiredOption('--to <peer>', 'AET@HOST:PORT')
    .option('--aet <title>', 'our AE title', 'LETHE')
    .action(async (paths: string[], options: { readonly to: string; readonly aet: string }) => {
      const peer = parsePeerAddress(options.to);
      const { sendFiles } = await import('./send/send-files.ts');
      const { sent, failures, away } = await sendFiles(paths, peer, requireAeTitle(options.aet));
      for (const { path, why } of failures) printNotice(`${printable(path)}: ${why}`);
      if (away !== undefined)
        printNotice(`lethe: ${describePeer(peer)} took ${sent === 0 ? 'none' : 'no more'} of the files: ${away.why}`);
      const failed = failures.length + (away?.files ?? 0);
      printLine(`${sent} sent, ${failed} failed`);
      const isWrongPeer = sent === 0 && away?.isAnswered === false;
      finish(isWrongPeer ? EXIT.usage : failed > 0 ? EXIT.failed : sent > 0 ? EXIT.done : EXIT.notFound);
    });
};
