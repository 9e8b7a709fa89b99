// What the machine must offer: Node, the clock, the port.
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { systemCodeOf } from '../../core/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const OLDEST_NODE = [20, 19] as const;

export function checkNode(version = process.versions.node): Finding {
  const [major, minor] = version.split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return isOld
    ? fail('node', `this is Node ${version}; install ${OLDEST_NODE.join('.')} or newer`)
    : ok('node', `Node ${version}`);
}

const HERE = fileURLToPath(import.meta.url);

/** A clock that runs behind the program's own files cannot be right; dates of receipts and audit would be wrong. */
export function checkClock(now = Date.now()): Finding {
  const installedAt = statSync(HERE).mtimeMs;
  return now < installedAt - 86_400_000
    ? fail('clock', 'the clock is behind the date of this installation; set it, best by NTP')
    : ok('clock', new Date(now).toISOString());
}

/**
 * @param isOurs whether the running gateway of this data directory may be the one that holds the port
 * @param key of the configuration that names it
 */
export async function checkPort(host: string, port: number, isOurs: boolean, key = 'dicom.port'): Promise<Finding> {
  const name = `port ${port}`;
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      resolve(systemCodeOf(error) ?? 'unknown');
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
  if (code === undefined)
    return isOurs
      ? warn(name, 'the running gateway listens on another port; restart it to use this one')
      : ok(name, 'free');
  if (code === 'EADDRINUSE')
    return isOurs
      ? ok(name, 'held by the running gateway')
      : fail(name, `another program listens on it; stop that program or set ${key}`);
  if (code === 'EACCES')
    return fail(name, 'not allowed for this user; take a port above 1023 or grant CAP_NET_BIND_SERVICE');
  return fail(name, `cannot listen on ${host} (${code}); set ${key.replace('port', 'host')}`);
}
