import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasKey, keyFileName, openProjectKeys } from '../../../src/store/project-keys.ts';

describe('the key files of projects', () => {
  let root: string;
  let directory: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lethe-keys-'));
    directory = join(root, 'data', 'keys');
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('are made at first use, for our user alone, and used again', async () => {
    expect(await hasKey(directory, 'lung')).toBe(false);
    const files = openProjectKeys(directory);
    const keys = await files.keysFor('lung');
    expect(files.keysFor('lung')).toBe(keys);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, 'lung.key'))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(directory, 'lung.key'))).length).toBe(32);
    expect(await readdir(directory)).toEqual(['lung.key']);
    const again = await openProjectKeys(directory).keysFor('lung');
    expect(again.replaceUid('1.2.3')).toBe(keys.replaceUid('1.2.3'));
    expect(await hasKey(directory, 'lung')).toBe(true);
  });

  it('differ between projects', async () => {
    const files = openProjectKeys(directory);
    expect((await files.keysFor('a')).replaceUid('1.2.3')).not.toBe((await files.keysFor('b')).replaceUid('1.2.3'));
  });

  it('are one per project when many ask at once, also from several processes', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, async () => openProjectKeys(directory).keysFor('lung')));
    expect(new Set(keys.map((each) => each.replaceUid('1.2.3'))).size).toBe(1);
    expect(await readdir(directory)).toEqual(['lung.key']);
  });

  it('are refused when others may read them, with the way out', async () => {
    await openProjectKeys(directory).keysFor('lung');
    const path = join(directory, 'lung.key');
    for (const mode of [0o640, 0o604, 0o622]) {
      await chmod(path, mode);
      await expect(openProjectKeys(directory).keysFor('lung')).rejects.toMatchObject({
        code: 'key-unreadable',
        kind: 'config',
        message: `The key file ${path} can be read by others: run chmod 600 on it.`,
      });
    }
    await chmod(path, 0o600);
    await openProjectKeys(directory).keysFor('lung');
  });

  it('are refused when damaged, and never made anew over the damage', async () => {
    await openProjectKeys(directory).keysFor('lung');
    await writeFile(join(directory, 'lung.key'), 'short');
    await expect(openProjectKeys(directory).keysFor('lung')).rejects.toMatchObject({ code: 'key-unreadable' });
    expect(await readFile(join(directory, 'lung.key'), 'utf8')).toBe('short');
  });

  it('are told to be unreachable when their directory cannot be made', async () => {
    await writeFile(join(root, 'data'), '');
    await expect(openProjectKeys(directory).keysFor('lung')).rejects.toMatchObject({ code: 'key-unreadable' });
  });

  it('have names that no two projects share and that stay in the directory', () => {
    const projects = [
      'lung',
      'Lung',
      'LUNG',
      '../lung',
      'a/b',
      'a=2f.b',
      'ab',
      'a.b',
      'a_b',
      'ä',
      '.',
      '..',
      'x'.repeat(300),
      `${'x'.repeat(300)}y`,
      'A'.repeat(80),
    ];
    const names = projects.map(keyFileName);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(projects.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9=.-]{1,130}$/);
    for (const name of names) expect(name).not.toMatch(/^\.|\/|\.\./);
  });
});
