import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDirectory } from '../../../src/store/lock.ts';
import { REPOSITORY } from '../../support/programs.ts';

const HOLDER = join(REPOSITORY, 'test/support/store-processes/lock-holder.ts');

interface Holder {
  readonly process: ChildProcess;
  /** Its one line: `locked <pid>` or the error. */
  readonly line: Promise<string>;
}

describe('the lock of a data directory', () => {
  let root: string;
  let directory: string;
  let holders: Holder[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lethe-lock-'));
    directory = join(root, 'data');
    holders = [];
  });
  afterEach(async () => {
    for (const holder of holders) await kill(holder);
    await rm(root, { recursive: true, force: true });
  });

  function hold(): Holder {
    const child = spawn(process.execPath, ['--import', 'tsx', HOLDER, directory], {
      cwd: REPOSITORY,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const line = new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
    const holder = { process: child, line };
    holders.push(holder);
    return holder;
  }

  async function kill(holder: Holder): Promise<void> {
    if (holder.process.exitCode !== null || holder.process.signalCode !== null) return;
    const gone = new Promise((resolve) => holder.process.once('exit', resolve));
    holder.process.kill('SIGKILL');
    await gone;
  }

  it('creates the directory for our user alone', async () => {
    const lock = await lockDataDirectory(directory);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    await lock.release();
  });

  it('refuses a second owner within 2 s, naming directory and process', async () => {
    const line = await hold().line;
    const pid = line.split(' ')[1];
    const started = performance.now();
    await expect(lockDataDirectory(directory)).rejects.toMatchObject({
      code: 'data-directory-locked',
      kind: 'config',
      message: expect.stringMatching(new RegExp(`${directory} .*process ${pid}\\)`)) as string,
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('refuses it also while the owner is too busy to answer', async () => {
    const holder = hold();
    await holder.line;
    holder.process.kill('SIGSTOP');
    const started = performance.now();
    await expect(lockDataDirectory(directory)).rejects.toMatchObject({ code: 'data-directory-locked' });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('refuses a second owner in the same process', async () => {
    const lock = await lockDataDirectory(directory);
    await expect(lockDataDirectory(directory)).rejects.toMatchObject({ code: 'data-directory-locked' });
    await lock.release();
  });

  it('is free after release, again and again, and leaves one file', async () => {
    for (let i = 0; i < 5; i++) await (await lockDataDirectory(directory)).release();
    expect((await readdir(directory)).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
  });

  it('is free after its owner was killed', async () => {
    const holder = hold();
    await holder.line;
    await kill(holder);
    const lock = await lockDataDirectory(directory);
    await lock.release();
  });

  it('goes to exactly one of many who start at once over a stale lock', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      const stale = hold();
      await stale.line;
      await kill(stale);
      const starters = Array.from({ length: 5 }, hold);
      const lines = await Promise.all(starters.map((starter) => starter.line));
      expect(lines.filter((line) => line.startsWith('locked'))).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith('data-directory-locked'))).toHaveLength(4);
      for (const starter of starters) await kill(starter);
    }
  });

  it('goes to exactly one of many who ask at once in one process', async () => {
    for (let round = 0; round < 30; round++) {
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDirectory(directory)));
      const taken = asked.filter((result) => result.status === 'fulfilled');
      expect(taken).toHaveLength(1);
      for (const result of asked)
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'data-directory-locked' });
      await taken[0].value.release();
    }
  });

  it('works in a directory whose path is longer than a socket address', async () => {
    directory = join(root, 'd'.repeat(120), 'e'.repeat(200));
    const holder = hold();
    expect(await holder.line).toMatch(/^locked/);
    await expect(lockDataDirectory(directory)).rejects.toMatchObject({
      code: 'data-directory-locked',
      message: expect.stringContaining(`process ${holder.process.pid}`) as string,
    });
    await kill(holder);
    await (await lockDataDirectory(directory)).release();
  });

  it('tells that a file or a directory without write permission cannot be used', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(lockDataDirectory(join(root, 'file'))).rejects.toMatchObject({ code: 'data-directory-unusable' });
    await expect(lockDataDirectory('/proc/lethe')).rejects.toMatchObject({
      code: 'data-directory-unusable',
      message: expect.stringContaining('/proc/lethe') as string,
    });
  });
});
