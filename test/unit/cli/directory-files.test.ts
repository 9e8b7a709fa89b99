// A DICOMDIR is followed where it is named, and leads nowhere but into its own folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { filesOfDirectory, isDirectoryFile } from '../../../src/cli/directory-files.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';

const directory = mkdtempSync(join(tmpdir(), 'lethe-dicomdir-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function record(fileId: string | undefined): DataSetBuilder {
  const built = new DataSetBuilder().putAll({ DirectoryRecordType: 'IMAGE' });
  return fileId === undefined ? built : built.putAll({ ReferencedFileID: fileId });
}

function write(fileIds: readonly (string | undefined)[]): string {
  const path = join(directory, 'DICOMDIR');
  const dataSet = new DataSetBuilder()
    .putAll({ SOPClassUID: '1.2.840.10008.1.3.10', SOPInstanceUID: '1.2.999.1', FileSetID: 'X' })
    .sequence('DirectoryRecordSequence', fileIds.map(record));
  writeFileSync(path, dataSet.toFile(EXPLICIT_VR_LITTLE_ENDIAN));
  return path;
}

describe('a DICOMDIR', () => {
  it('is followed to the files that it lists, each once', async () => {
    const path = write([undefined, 'DICOM\\A\\IM1', 'DICOM\\A\\IM2', 'DICOM\\A\\IM1']);
    expect(await isDirectoryFile(path)).toBe(true);
    expect(await filesOfDirectory(path)).toEqual({
      files: ['IM1', 'IM2'].map((name) => join(directory, 'DICOM', 'A', name)),
      strays: 0,
    });
  });

  it('is followed where the medium is mounted with names in lower case', async () => {
    mkdirSync(join(directory, 'lower', 'dicom'), { recursive: true });
    writeFileSync(join(directory, 'lower', 'dicom', 'im1'), '');
    const path = write(['LOWER\\DICOM\\IM1', 'LOWER\\DICOM\\IM2']);
    const files = ['im1', 'IM2'].map((name) => join(directory, 'lower', 'dicom', name));
    expect(await filesOfDirectory(path)).toEqual({ files, strays: 0 });
  });

  it('leads nowhere but into its own folder', async () => {
    const path = write(['..\\SECRET', '/etc/passwd', 'A\\..\\..\\B', '.\\A']);
    expect(await filesOfDirectory(path)).toEqual({ files: [], strays: 4 });
  });
});
