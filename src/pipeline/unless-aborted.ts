// Waiting for what may never end, for example a database that is away, until the gateway stops.
import { LetheError } from '../core/errors.ts';

/** As `work`, or rejects with `shutting-down` as soon as the signal says so; nobody waits for the work any more then. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined); // when the signal comes first, nobody hears how it ended
  if (signal.aborted) throw stopped();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(stopped());
    };
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function stopped(): LetheError {
  return new LetheError('shutting-down', 'The gateway is stopping.');
}
