import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import { InstanceError } from '../../../src/core/errors.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import type { CleanInstance } from '../../../src/pipeline/ports.ts';
import { createFolderDestination } from '../../../src/spool/folder-destination.ts';
import { bytesOf, temporaryDirectory } from './fixtures.ts';

/** A data set of two elements: SOP Class UID and SOP Instance UID, explicit VR little endian. */
function dataSet(sopInstanceUid: string): Buffer {
  const element = (tag: string, value: string): Buffer => {
    const padded = Buffer.from(value.length % 2 === 0 ? value : `${value}\0`);
    const header = Buffer.from(`${tag}55490000`, 'hex');
    header.writeUInt16LE(padded.length, 6);
    return Buffer.concat([header, padded]);
  };
  return Buffer.concat([element('08001600', '1.2.840.10008.5.1.4.1.1.2'), element('08001800', sopInstanceUid)]);
}

function instance(bytes: Buffer, changes: Partial<CleanInstance> = {}): CleanInstance {
  return {
    recordId: newRecordId(),
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    sopInstanceUid: '2.25.3',
    seriesInstanceUid: '2.25.2',
    studyInstanceUid: '2.25.1',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    length: bytes.length,
    alternatives: [],
    encode: () => Promise.resolve({ source: new BufferSource(Buffer.alloc(0)), pieces: [bytes], length: bytes.length }),
    ...changes,
  };
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('a folder destination', () => {
  it('never makes a path of what is no UID', async () => {
    const directory = join(await temporaryDirectory(), 'out');
    const folder = createFolderDestination({ name: 'archive', directory });
    for (const uid of ['../x', '', '1.2/3', '..', 'a', '1'.repeat(65)]) {
      for (const field of ['sopInstanceUid', 'seriesInstanceUid', 'studyInstanceUid'] as const)
        await folder.deliver(instance(Buffer.alloc(8), { [field]: uid }));
    }
    const entries = await readdir(join(directory, '..'), { recursive: true });
    for (const entry of entries) expect(entry).toMatch(/^out(\/(2\.25\.\d|no-\w+|invalid-[0-9a-f]{32})(\.dcm)?)*$/);
  });

  it('tells a folder that cannot be written as unavailable, and takes up again', async () => {
    const base = await temporaryDirectory();
    const directory = join(base, 'out');
    await writeFile(directory, 'in the way');
    const folder = createFolderDestination({ name: 'archive', directory });
    expect(await folder.deliver(instance(dataSet('2.25.3')))).toMatchObject({ kind: 'unavailable' });
    await rm(directory);
    expect(await folder.deliver(instance(dataSet('2.25.3')))).toEqual({ kind: 'sent', status: 0 });
    await rm(directory, { recursive: true });
    await mkdir(directory);
    expect((await folder.deliver(instance(dataSet('2.25.3')))).kind).toBe('unavailable'); // it knew the folders
    expect((await folder.deliver(instance(dataSet('2.25.3')))).kind).toBe('sent');
  });

  it('refuses what cannot be encoded, and leaves no half file when reading breaks off', async () => {
    const directory = await temporaryDirectory();
    const folder = createFolderDestination({ name: 'archive', directory });
    const failing = instance(Buffer.alloc(0), {
      encode: () => Promise.reject(new InstanceError('codec-failed', 'no')),
    });
    expect(await folder.deliver(failing)).toMatchObject({ kind: 'refused', text: 'no' });
    const source = { size: 100, view: () => undefined, read: () => Promise.reject(new Error('gone')) };
    const broken = instance(Buffer.alloc(0), {
      encode: () => Promise.resolve({ source, pieces: [bytesOf(50), { offset: 0, length: 100 }], length: 150 }),
    });
    expect(await folder.deliver(broken)).toMatchObject({ kind: 'unavailable' });
    expect(await filesBelow(directory)).toEqual([]);
  });

  it('writes a Part 10 file named by the UIDs, and the same one again over it', async () => {
    const directory = await temporaryDirectory();
    const folder = createFolderDestination({ name: 'archive', directory });
    const bytes = dataSet('2.25.3');
    for (let i = 0; i < 3; i++) expect(await folder.deliver(instance(bytes))).toEqual({ kind: 'sent', status: 0 });
    expect(await filesBelow(directory)).toEqual(['2.25.3.dcm']);
    const file = await readFile(join(directory, '2.25.1', '2.25.2', '2.25.3.dcm'));
    expect(file.subarray(0, 128).equals(Buffer.alloc(128))).toBe(true);
    const { meta, dataSetStart } = await readFile10(new BufferSource(file));
    expect(meta).toMatchObject({ mediaStorageSopInstanceUid: '2.25.3', transferSyntaxUid: '1.2.840.10008.1.2.1' });
    expect(file.subarray(dataSetStart).equals(bytes)).toBe(true);
  });

  it('writes many at once', async () => {
    const directory = await temporaryDirectory();
    const folder = createFolderDestination({ name: 'archive', directory });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        folder.deliver(
          instance(dataSet(`2.25.${i}`), { sopInstanceUid: `2.25.${i}`, seriesInstanceUid: `2.25.9${i % 3}` }),
        ),
      ),
    );
    expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
    expect(await filesBelow(directory)).toHaveLength(40);
  });
});
