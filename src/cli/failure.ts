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

/**
 * The last catch of a process that runs on: what nobody caught ends it, told as above. Node's own words would be the message and every property
 * of the error, such as the values that a database refused.
 */
export function reportUncaught(): void {
  process.on('uncaughtException', (error: unknown) => {
    reportFailure(error);
    process.exit(EXIT.failed);
  });
}

/** The lines behind the message, which may itself look like one. */
function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  const { stack, message } = error;
  const messageAt = stack.indexOf(message);
  if (messageAt < 0) return [];
  const behind = stack.slice(messageAt + message.length);
  return behind.split('\n').filter((line) => /^\s+at /.test(line));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
