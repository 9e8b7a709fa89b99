// The reader of text needs no network and leaves nothing behind: its language data come from the installed package.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isInstalled, REPOSITORY } from '../../support/programs.ts';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const READ_WORD = [process.execPath, '--import', TSX, join(REPOSITORY, 'test/support/burned-in/read-word.ts')];
/** A namespace without any network: only root may make one. */
const canUnshare = isInstalled('unshare') && spawnSync('unshare', ['-n', 'true']).status === 0;
const canTrace = isInstalled('strace') && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-offline-'));
  for (const name of ['home', 'work', 'tmp']) mkdirSync(join(directory, name));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Reads the word with a command in front, in folders that are empty; proxies of the environment are not for it. */
function readWord(...before: readonly string[]): { readonly output: string; readonly status: number | null } {
  const [program, ...args] = [...before, ...READ_WORD];
  const env = {
    PATH: process.env.PATH,
    HOME: join(directory, 'home'),
    TMPDIR: join(directory, 'tmp'),
    TSX_DISABLE_CACHE: '1',
  };
  const { stdout, status } = spawnSync(program, args, {
    env,
    cwd: join(directory, 'work'),
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { output: stdout, status };
}

function leftBehind(): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !['home', 'work', 'tmp', 'trace'].includes(name) && !/^tmp\/tsx-/.test(name),
  );
}

describe('the text reader', { timeout: 150_000 }, () => {
  it.skipIf(!canUnshare)('reads a word where there is no network at all, and writes no file', () => {
    expect(readWord('unshare', '-n')).toEqual({ output: '["LIVER"]', status: 0 });
    expect(leftBehind()).toEqual([]);
  });

  it.skipIf(canUnshare || !canTrace)('reads a word without asking for a connection, and writes no file', () => {
    const trace = join(directory, 'trace');
    const calls = 'trace=connect,sendto,sendmsg';
    expect(readWord('strace', '-f', '-qq', '-e', calls, '-o', trace)).toEqual({ output: '["LIVER"]', status: 0 });
    expect(readFileSync(trace, 'latin1')).not.toMatch(/AF_INET/);
    expect(leftBehind()).toEqual([]);
  });
});
