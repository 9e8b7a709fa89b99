// The last catch of the program: any failure becomes a sentence on standard error and an exit code.
import { LetheError, systemCodeOf } from '../core/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printNotice } from './output.ts';

/** Prints what went wrong. Of an error that we do not know only its place is told: its message may hold anything. */
export function reportFailure(error: unknown): ExitCode {
  if (error instanceof LetheError) {
    printNotice(error.message.includes('\n') ? error.message : `lethe: ${error.message}`);
    return error.kind === 'config' ? EXIT.usage : EXIT.failed;
  }
  const code = systemCodeOf(error);
  const what =
    code !== undefined && /^E[A-Z]+$/.test(code) ? `the system refused (${code})` : `internal error (${nameOf(error)})`;
  printNotice(`lethe: ${what}; if it stays, please report it with these lines`);
  for (const frame of framesOf(error)) printNotice(frame);
  return EXIT.failed;
}

function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.split('\n').filter((line) => /^\s+at /.test(line));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
