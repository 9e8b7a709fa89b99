// Bounded concurrency over a stream of work.

/** Calls `work` for each item, at most `limit` at once; resolves when all are done, rejects with the first error after the running ones ended. */
export async function concurrently<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T, ordinal: number) => Promise<void>,
): Promise<void> {
  let ordinal = 0;
  let failure: { readonly error: unknown } | undefined;
  const running = new Set<Promise<void>>();
  for await (const item of items) {
    const task = work(item, ordinal++).then(
      () => {
        running.delete(task);
      },
      (error: unknown) => {
        running.delete(task);
        failure ??= { error };
      },
    );
    running.add(task);
    if (running.size >= limit) await Promise.race(running);
    if (isSet(failure)) break;
  }
  await Promise.all(running);
  if (isSet(failure)) throw failure.error;
}

/** Asked through a function: the compiler does not see that a callback may have set it. */
function isSet<T>(value: T | undefined): value is T {
  return value !== undefined;
}
