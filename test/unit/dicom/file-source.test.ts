import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileSource } from '../../../src/dicom/file-source.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-file-'));
  path = join(directory, 'file');
  writeFileSync(path, Buffer.from('0123456789'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a file as a source', () => {
  it('gives any range of the file', async () => {
    const source = await openFileSource(path);
    expect(source.size).toBe(10);
    expect((await source.read(3, 4)).toString()).toBe('3456');
    expect(await source.read(10, 0)).toHaveLength(0);
    await source.close();
  });

  it('refuses a range that is not wholly inside', async () => {
    const source = await openFileSource(path);
    await expect(source.read(8, 3)).rejects.toThrow(RangeError);
    await expect(source.read(-1, 3)).rejects.toThrow(RangeError);
    await source.close();
  });

  it('says so when the file became shorter', async () => {
    const source = await openFileSource(path);
    truncateSync(path, 5);
    await expect(source.read(3, 4)).rejects.toMatchObject({ code: 'disk-failed' });
    await source.close();
  });

  it('rejects with the error of the system when there is no file', async () => {
    await expect(openFileSource(join(directory, 'other'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
