import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkFiles } from '../../../src/cli/walk-files.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-walk-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function walk(...names: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const file of walkFiles(names.map((name) => join(directory, name)))) found.push(relative(directory, file));
  return found;
}

describe('walkFiles', () => {
  it('finds files of any name in a stable order', async () => {
    mkdirSync(join(directory, 'b'));
    for (const name of ['b/IM2', 'b/IM10', 'DICOMDIR', 'a.dcm', '.hidden']) writeFileSync(join(directory, name), '');
    expect(await walk('.')).toEqual(['.hidden', 'DICOMDIR', 'a.dcm', 'b/IM10', 'b/IM2']);
    expect(await walk('b', 'a.dcm')).toEqual(['b/IM10', 'b/IM2', 'a.dcm']);
  });

  it('follows links to files, and neither links that lead nowhere nor links to folders', async () => {
    mkdirSync(join(directory, 'f'));
    writeFileSync(join(directory, 'f', 'x'), '');
    symlinkSync('f/x', join(directory, 'link'));
    symlinkSync('nowhere', join(directory, 'broken'));
    symlinkSync('.', join(directory, 'circle'));
    expect(await walk('.')).toEqual(['f/x', 'link']);
  });

  it('refuses a device, which may never end, as wrong usage', async () => {
    symlinkSync('/dev/null', join(directory, 'device'));
    await expect(walk('device')).rejects.toMatchObject({ code: 'usage' });
    expect(await walk('.')).toEqual([]);
  });

  it('refuses a path that is not there as wrong usage', async () => {
    await expect(walk('missing')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/ENOENT/) as string,
    });
  });
});
