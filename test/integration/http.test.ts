// The HTTP server of real processes: everything in one, the role api alone, a taken port, instances left over in the other spool.
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examine } from '../../src/cli/doctor/examine.ts';
import { startRoles } from '../../src/compose-roles.ts';
import { startGateway } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Log } from '../../src/pipeline/ports.ts';
import { openSharedSpool } from '../../src/spool/shared-spool.ts';
import { openSpool } from '../../src/spool/spool.ts';
import { copyCluster } from '../support/databases.ts';
import { spoolRecord } from '../support/ledger-events.ts';
import { POSTGRES_PROGRAMS, startPostgres, type TestServer } from '../support/postgres.ts';
import { HAS_REDIS, startRedis, type TestRedis } from '../support/redis.ts';

/** Far more than is needed: the machine may be busy. */
const TIMEOUT_MS = 180_000;
const TOKEN = '0123456789abcdef0123456789abcdef';
const BEARER = { authorization: `Bearer ${TOKEN}` };

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lethe-http-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const warnings: string[] = [];
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => warnings.push(message),
  error: (message) => warnings.push(message),
};

async function writeConfig(name: string, lines: readonly string[]): Promise<string> {
  const file = join(scratch, `${name}.yaml`);
  const always = ['dicom: { host: 127.0.0.1, port: 0 }', `data: ./${name}`, 'limits: { diskReserve: 1MiB }'];
  await writeFile(file, [...always, ...lines].join('\n'));
  return file;
}

const configOf = (file: string) => loadConfig({ file, environment: {} });

async function ask(port: number | undefined, path: string, init: RequestInit = {}): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${port ?? 0}${path}`, init);
  return [response.status, await response.text()];
}

/** Puts an acknowledged record into a spool. */
async function leaveRecord(open: typeof openSharedSpool, directory: string): Promise<void> {
  const spool = await open({ directory, synced: false, diskReserveBytes: 0 });
  const writer = spool.begin(spoolRecord(), Date.now());
  await writer.write(Buffer.alloc(100));
  await writer.commit();
  await spool.close();
}

describe('everything in one process', () => {
  let embedded = '';
  beforeAll(async () => {
    embedded = join(scratch, 'embedded');
    const cluster = await copyCluster();
    await rename(join(cluster, '..'), embedded);
  }, TIMEOUT_MS);

  it(
    'serves readiness, metrics and the whole API, and refuses to start when HTTP was asked for and cannot be had',
    async () => {
      const file = await writeConfig('embedded', [`http: { port: 0, token: ${TOKEN} }`]);
      const gateway = await startGateway(configOf(file), log);
      const { httpPort } = gateway;
      try {
        expect(await ask(httpPort, '/readyz')).toEqual([200, '{"isReady":true,"reasons":[]}']);
        expect((await ask(httpPort, '/api/status'))[0]).toBe(401);
        const [status, text] = await ask(httpPort, '/api/status', { headers: BEARER });
        expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ received: 0, isReady: true })]);
        expect(await ask(httpPort, '/api/quarantine', { headers: BEARER })).toEqual([200, '{"instances":[]}']);
        const question = {
          method: 'POST',
          headers: { ...BEARER, 'content-type': 'application/json' },
          body: JSON.stringify({ mrn: 'MRN1', reason: 'test' }),
        };
        expect(await ask(httpPort, '/api/pseudonyms', question)).toEqual([200, '{"rows":[]}']);
        expect((await ask(httpPort, '/metrics'))[1]).toContain('lethe_ledger_up 1');

        const second = await writeConfig('second', [`http: { port: ${httpPort ?? 0} }`]);
        await expect(startGateway(configOf(second), log)).rejects.toMatchObject({ code: 'port-taken' });
      } finally {
        await gateway.stop();
      }
      await expect(ask(httpPort, '/healthz')).rejects.toThrow();
    },
    TIMEOUT_MS,
  );

  it(
    'refuses to start while instances wait in the spool of roles, says where, and doctor says it too',
    async () => {
      await leaveRecord(openSharedSpool, join(embedded, 'shared-spool'));
      const file = await writeConfig('embedded', ['http: off']);
      await expect(startGateway(configOf(file), log)).rejects.toMatchObject({
        code: 'data-directory-unusable',
        message: expect.stringContaining('1 acknowledged instances wait in') as string,
      });
      const findings = await examine({ file, environment: {} });
      expect(findings.filter(({ check }) => check === 'left over')).toMatchObject([{ result: 'fail' }]);
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(POSTGRES_PROGRAMS === undefined || !HAS_REDIS)('roles', () => {
  let postgres: TestServer;
  let redis: TestRedis;
  let servers: string[] = [];
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    servers = [`database: ${await postgres.createDatabase()}`, `queue: ${redis.url}`];
  }, TIMEOUT_MS);
  afterAll(async () => {
    await redis.stop();
    await postgres.stop();
  });

  it(
    'api alone serves the API; a sender serves health and metrics when it is told to, and nothing of itself',
    async () => {
      const file = await writeConfig('roles', [...servers, `http: { port: 0, token: ${TOKEN} }`]);
      const api = await startRoles(configOf(file), 'api', log);
      const sender = await startRoles(configOf(file), 'sender', log);
      const quiet = await startRoles(configOf(await writeConfig('roles', servers)), 'sender', log);
      try {
        expect(api.port).toBeUndefined();
        expect((await ask(api.httpPort, '/api/status', { headers: BEARER }))[0]).toBe(200);
        expect((await ask(api.httpPort, '/readyz'))[0]).toBe(200);
        expect((await ask(sender.httpPort, '/api/status', { headers: BEARER }))[0]).toBe(404);
        expect((await ask(sender.httpPort, '/metrics'))[1]).not.toContain('lethe_ledger_up 1');
        expect(quiet.httpPort).toBeUndefined();
      } finally {
        for (const role of [api, sender, quiet]) await role.stop();
      }
    },
    TIMEOUT_MS,
  );

  it('api is nothing without HTTP', async () => {
    const file = await writeConfig('roles', [...servers, 'http: off']);
    await expect(startRoles(configOf(file), 'api', log)).rejects.toMatchObject({ code: 'config-invalid' });
  });

  it(
    'refuse to start while instances wait in the spool of one process; quarantined ones may stay',
    async () => {
      const file = await writeConfig('left', [...servers, 'http: off']);
      const directory = join(scratch, 'left', 'spool');
      await leaveRecord(openSpool, directory);
      await expect(startRoles(configOf(file), 'sender', log)).rejects.toMatchObject({
        code: 'data-directory-unusable',
      });
      const spool = await openSpool({ directory, synced: false, diskReserveBytes: 0 });
      for await (const { record } of spool.replay())
        spool.mark(record.recordId, { kind: 'quarantined', reason: 'unparsable', message: 'm' });
      await spool.close();
      const sender = await startRoles(configOf(file), 'sender', log);
      await sender.stop();
    },
    TIMEOUT_MS,
  );

  it(
    'are examined by doctor: the database, Redis and what it does when its memory is full',
    async () => {
      const file = await writeConfig('roles', servers);
      const findings = await examine({ file, environment: {} });
      expect(findings.filter(({ check }) => ['database', 'redis', 'left over'].includes(check))).toMatchObject([
        { check: 'database', result: 'ok', message: expect.stringMatching(/^PostgreSQL 1\d/) as string },
        { check: 'left over', result: 'ok' },
        { check: 'redis', result: 'ok' },
      ]);
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      const evicting = await examine({ file, environment: {} });
      expect(evicting.find(({ check }) => check === 'redis')).toMatchObject({
        result: 'fail',
        message: expect.stringContaining('noeviction') as string,
      });
      await redis.kill();
      const away = await examine({ file, environment: {} });
      expect(away.find(({ check }) => check === 'redis')).toMatchObject({ result: 'fail' });
    },
    TIMEOUT_MS,
  );
});

describe('a port that nobody asked for', () => {
  it('is tolerated when it is taken, and told', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { openHttp } = await import('../../src/compose-http.ts');
    const { Closers } = await import('../../src/compose-parts.ts');
    const config = configOf(await writeConfig('default', []));
    expect(config.http).toMatchObject({ port: 8080, isDefault: true });
    const http = { host: '127.0.0.1', port, token: undefined, isDefault: true };
    const closers = new Closers();
    expect((await openHttp({ ...config, http }, 'all', log, closers)).port).toBeUndefined();
    expect(warnings.pop()).toContain('the HTTP port is taken');
    await expect(openHttp({ ...config, http }, 'api', log, closers)).rejects.toMatchObject({ code: 'port-taken' });
    await closers.closeAll();
    taken.close();
  });
});
