import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDestination } from '../../../../src/cli/doctor/destinations.ts';
import { checkDataDirectory, checkKeys } from '../../../../src/cli/doctor/directories.ts';
import { checkClock, checkNode, checkPort } from '../../../../src/cli/doctor/machine.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-doctor-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('the machine', () => {
  it.each([
    ['18.20.0', 'fail'],
    ['20.18.3', 'fail'],
    ['20.19.0', 'ok'],
    ['24.0.0', 'ok'],
  ])('Node %s: %s', (version, result) => {
    expect(checkNode(version).result).toBe(result);
  });

  it('fails a clock that is behind the program', () => {
    expect(checkClock(0).result).toBe('fail');
    expect(checkClock().result).toBe('ok');
  });

  it('tells a free port from a taken one, and our own from a foreign one', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect((await checkPort('127.0.0.1', port, false)).result).toBe('fail');
    expect((await checkPort('127.0.0.1', port, true)).result).toBe('ok');
    server.close();
    await once(server, 'close');
    expect((await checkPort('127.0.0.1', port, false)).result).toBe('ok');
    expect((await checkPort('127.0.0.1', port, true)).result).toBe('warn');
  });

  it('fails an address that this machine does not have', async () => {
    expect(await checkPort('192.0.2.1', 11_112, false)).toMatchObject({
      result: 'fail',
      message: expect.stringContaining('dicom.host') as string,
    });
  });
});

describe('the data directory', () => {
  it('is made when it is not there, private and with room', async () => {
    const findings = await checkDataDirectory(join(directory, 'new'), 1);
    expect(findings.map(({ result }) => result)).toEqual(['ok', 'ok', 'ok']);
  });

  it('warns when others may enter it, fails when the reserve is not free', async () => {
    chmodSync(directory, 0o755);
    const findings = await checkDataDirectory(directory, 2 ** 60);
    expect(findings.map(({ result }) => result)).toEqual(['ok', 'warn', 'fail']);
  });

  it('fails when it cannot be a directory', async () => {
    writeFileSync(join(directory, 'file'), '');
    expect(await checkDataDirectory(join(directory, 'file'), 1)).toMatchObject([{ result: 'fail' }]);
  });

  it('fails keys that others may read', async () => {
    const keys = join(directory, 'keys');
    expect((await checkKeys(keys)).result).toBe('ok');
    mkdirSync(keys);
    writeFileSync(join(keys, 'a.key'), '', { mode: 0o600 });
    expect((await checkKeys(keys)).result).toBe('ok');
    chmodSync(join(keys, 'a.key'), 0o644);
    expect(await checkKeys(keys)).toMatchObject({
      result: 'fail',
      message: expect.stringContaining('chmod 600') as string,
    });
  });
});

describe('destinations', () => {
  it('takes a folder that can be made, fails one below a file', async () => {
    writeFileSync(join(directory, 'file'), '');
    const folder = (path: string) => checkDestination('a', { kind: 'folder', folder: join(directory, path) }, 'LETHE');
    expect((await folder('new/deep')).result).toBe('ok');
    expect((await folder('file/below')).result).toBe('fail');
  });

  it('warns of a node that does not answer', async () => {
    const node = { kind: 'dicom', aeTitle: 'AWAY', host: '127.0.0.1', port: 1 } as const;
    expect(await checkDestination('pacs', node, 'LETHE')).toMatchObject({ check: 'destination pacs', result: 'warn' });
  });
});
