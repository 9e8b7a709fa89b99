import { mkdirSync, mkdtempSync, rmSync, statSync, existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callControl, NOT_RUNNING } from '../../../src/control/client.ts';
import { MAX_LINE_BYTES } from '../../../src/control/protocol.ts';
import { serveControl, type ControlHandlers, type ControlServer } from '../../../src/control/server.ts';
import { controlSocketOf } from '../../../src/control/socket-path.ts';
import { LetheError } from '../../../src/core/errors.ts';

let directory = '';
let server: ControlServer | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-control-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(directory, { recursive: true });
});

async function serve(handlers: ControlHandlers, path = controlSocketOf(directory)): Promise<string> {
  server = await serveControl(path, handlers);
  return path;
}

/** Writes raw text and resolves with everything that came back. */
function raw(path: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(path, () => {
      socket.write(text);
    });
    socket.on('data', (chunk) => (got += chunk.toString('utf8')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(got);
    });
  });
}

describe('what goes wrong', () => {
  it('tells that no gateway runs: no socket, a left-over one, no directory', async () => {
    const path = controlSocketOf(directory);
    expect(await callControl(path, 'status')).toBe(NOT_RUNNING);
    writeFileSync(path, '');
    expect(await callControl(path, 'status')).toBe(NOT_RUNNING);
    expect(await callControl(join(directory, 'x'.repeat(200), 'control.sock'), 'status')).toBe(NOT_RUNNING);
  });

  it.each(['not json\n', '[]\n', '{"method":7}\n', '{"method":"__proto__"}\n', '{"method":"constructor"}\n'])(
    'answers %j with an error',
    async (text) => {
      const path = await serve({});
      expect(JSON.parse(await raw(path, text))).toMatchObject({ error: { code: 'command-invalid' } });
    },
  );

  it('ends a connection whose message has no end', async () => {
    const path = await serve({});
    expect(await raw(path, 'x'.repeat(MAX_LINE_BYTES + 1))).toMatch(/longer than|^$/);
    expect(await callControl(path, 'nothing').catch((error: unknown) => (error as LetheError).code)).toBe(
      'command-invalid',
    );
  });

  it('hands on our own errors and hides the text of others', async () => {
    const path = await serve({
      known: () => Promise.reject(new LetheError('database-unavailable', 'the database is away')),
      bug: () => Promise.reject(new Error('MUSTER^ERIKA')),
    });
    await expect(callControl(path, 'known')).rejects.toMatchObject({
      code: 'database-unavailable',
      message: 'the database is away',
    });
    await expect(callControl(path, 'bug')).rejects.not.toThrow('MUSTER');
  });

  it('says so when the gateway stops in the middle', async () => {
    const path = await serve({ wait: () => new Promise(() => undefined) });
    const call = callControl(path, 'wait');
    const rejected = expect(call).rejects.toMatchObject({ code: 'connection-lost' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await server?.close();
    server = undefined;
    await rejected;
  });
});

describe('what works', () => {
  it('answers with a value', async () => {
    const path = await serve({ echo: (params) => Promise.resolve(params) });
    expect(await callControl(path, 'echo', { text: 'ä\n"' })).toEqual({ text: 'ä\n"' });
    expect(await callControl(path, 'echo')).toBeNull();
  });

  it('streams rows at the pace of a slow reader', async () => {
    let made = 0;
    const path = await serve({
      rows: async function* () {
        for (; made < 20_000; made++) yield await Promise.resolve({ id: made, text: 'x'.repeat(100) });
      },
    });
    const ids: number[] = [];
    let madeAtFirst = Infinity;
    await callControl(path, 'rows', undefined, async (row) => {
      if (ids.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        madeAtFirst = made;
      }
      ids.push((row as { id: number }).id);
    });
    expect(madeAtFirst).toBeLessThan(20_000);
    expect(ids).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
  });

  it('lets only the owner in and removes the socket at the end', async () => {
    const path = await serve({});
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await server?.close();
    server = undefined;
    expect(existsSync(path)).toBe(false);
  });

  it('replaces a socket that a killed gateway left behind', async () => {
    const path = controlSocketOf(directory);
    writeFileSync(path, '');
    await serve({ ping: () => Promise.resolve('pong') });
    expect(await callControl(path, 'ping')).toBe('pong');
  });

  it.runIf(process.platform === 'linux')('works in a directory whose path no socket could have', async () => {
    const deep = join(directory, 'd'.repeat(150));
    mkdirSync(deep);
    const path = await serve({ ping: () => Promise.resolve('pong') }, controlSocketOf(deep));
    expect(await callControl(path, 'ping')).toBe('pong');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('answers several clients at once', async () => {
    const path = await serve({ echo: (params) => Promise.resolve(params) });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => callControl(path, 'echo', i)));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});
