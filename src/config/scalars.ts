// Values that people write as text or number, and what is said when they are wrong.
import { isIP } from 'node:net';
import { z } from 'zod';
import { asAeTitle } from '../core/brands.ts';
import { parseNetwork } from '../core/networks.ts';
import { escapeForLog } from '../core/text.ts';
import { parseBytes, parseDurationMs } from '../core/units.ts';

/** A value that people write as text or number. `expected` completes "write …" and names what is right. */
export function scalar<T>(expected: string, parse: (text: string) => T | undefined, echo = true) {
  return z.unknown().transform((value, context): T => {
    const text =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
    const parsed = text === undefined ? undefined : parse(text);
    if (parsed !== undefined) return parsed;
    const instead = text !== undefined && echo ? `, not "${escapeForLog(text)}"` : '';
    context.addIssue({
      code: 'custom',
      message: `${value === undefined ? 'missing: ' : ''}write ${expected}${instead}`,
    });
    return z.NEVER;
  });
}

export function integer(min: number, max: number, what: string) {
  return scalar(`${what} from ${min} to ${max}`, (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : undefined;
    return value !== undefined && value >= min && value <= max ? value : undefined;
  });
}

export const seconds = (min: number, max: number) =>
  scalar(`a time from ${min} to ${max} seconds, for example 60 or 2min`, (text) => {
    const milliseconds = parseDurationMs(text, 's');
    const value = milliseconds === undefined ? undefined : milliseconds / 1000;
    return value !== undefined && value >= min && value <= max ? value : undefined;
  });

export const SWITCH = { true: true, false: false } as const;
export const bytes = scalar('a size such as 500MiB or 4GiB', (text) => parseBytes(text));
export const aeTitle = scalar(
  'an AE title of 1 to 16 printable ASCII characters without a backslash (PS3.8 9.3.2)',
  asAeTitle,
);
export const path = scalar('a path', (text) => (text.trim() === '' || text.includes('\0') ? undefined : text));
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
export const host = scalar('a host name or numeric address', (text) =>
  isIP(text) !== 0 || (HOST_NAME.test(text) && !/^[\d.]+$/.test(text)) ? text : undefined,
);
export const network = scalar('an address or CIDR block such as 10.1.2.3, 10.1.2.0/24 or fd00:1::/64', (text) =>
  parseNetwork(text) === undefined ? undefined : text.trim(),
);

/** Names of destinations and projects: they become parts of file names, log fields and environment variables. */
export const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;
export const name = scalar('a name of letters, digits, dots, hyphens and underscores', (text) =>
  NAME.test(text) ? text : undefined,
);
