// What `lethe doctor` asks Redis.
import Bull from 'bull';
import { LetheError } from '../core/errors.ts';

export interface RedisFacts {
  readonly version: string;
  /** What it does when its memory is full; anything but `noeviction` drops jobs silently. */
  readonly evictionPolicy: string;
}

/** Rejects with `peer-unreachable` when it does not answer in time or lets nobody in. The URL may hold a password: it is never shown. */
export async function examineRedis(url: string, timeoutMs = 5_000): Promise<RedisFacts> {
  const queue = new Bull('doctor', url, {
    prefix: 'lethe',
    redis: {
      connectTimeout: timeoutMs,
      maxRetriesPerRequest: 1,
      retryStrategy: () => null,
      ...(url.startsWith('rediss:') ? { tls: {} } : {}),
    },
  });
  queue.on('error', () => undefined); // the question below fails as well, and tells
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('late'));
      }, timeoutMs);
    });
    const info = await Promise.race([queue.client.info(), late]);
    const valueOf = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
    return { version: valueOf('redis_version'), evictionPolicy: valueOf('maxmemory_policy') };
  } catch (cause) {
    throw new LetheError('peer-unreachable', 'Redis does not answer, or does not let us in.', { cause });
  } finally {
    clearTimeout(timer);
    queue.client.disconnect();
  }
}
