// How far a long command is: a bar on a terminal, else a line every ten seconds, on standard error.
import { formatDuration } from '../core/units.ts';
import { printNotice } from './output.ts';

const LINE_EVERY_MS = 10_000;

export interface Progress {
  /** One more thing is done; `note` counts what went wrong so far. */
  advance(failed: number): void;
  /** How many there are, once that is known. */
  setTotal(total: number): void;
  stop(): void;
}

/** @param what plural noun, for example `files` */
export async function startProgress(what: string): Promise<Progress> {
  return process.stderr.isTTY ? startBar(what) : startLines(what);
}

async function startBar(what: string): Promise<Progress> {
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    format: `{bar} {value}/{total} ${what}, {failed} not done, {duration_formatted}`,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
    etaBuffer: 200,
  });
  let done = 0;
  bar.start(0, 0, { failed: 0 });
  return {
    advance(failed) {
      bar.update(++done, { failed });
    },
    setTotal(total) {
      bar.setTotal(total);
    },
    stop() {
      bar.stop();
    },
  };
}

function startLines(what: string): Progress {
  const startedAt = performance.now();
  let done = 0;
  let failed = 0;
  let total: number | undefined;
  const timer = setInterval(() => {
    const of = total === undefined ? '' : ` of ${total}`;
    printNotice(`${done}${of} ${what}, ${failed} not done, ${formatDuration(performance.now() - startedAt)}`);
  }, LINE_EVERY_MS);
  timer.unref();
  return {
    advance(failedSoFar) {
      done++;
      failed = failedSoFar;
    },
    setTotal(count) {
      total = count;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
