import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CleanFileWriter } from '../../../../src/cli/deid/clean-file.ts';
import { digestOf, InputReader, WHOLE_FILE_BYTES } from '../../../../src/cli/deid/input.ts';
import { isMeantAsDicom, skipReasonOf } from '../../../../src/cli/deid/kinds.ts';
import { BufferSource, type ByteSource } from '../../../../src/core/bytes.ts';
import type { SplicePlan } from '../../../../src/dicom/element.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-files-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('InputReader', () => {
  it.each([0, 1, 100_000, WHOLE_FILE_BYTES, WHOLE_FILE_BYTES + 1])(
    'reads %i bytes, and tells their digest when asked',
    async (size) => {
      const bytes = Buffer.alloc(size, 'lethe');
      writeFileSync(join(directory, 'a'), bytes);
      const input = await new InputReader().read(join(directory, 'a'));
      expect([input.size, await digestOf(input)]).toEqual([size, sha256(bytes)]);
      expect((await input.read(0, size)).equals(bytes)).toBe(true);
      await input.close();
    },
  );

  it('never shows bytes of an earlier, longer file', async () => {
    writeFileSync(join(directory, 'long'), Buffer.alloc(1000, 1));
    writeFileSync(join(directory, 'short'), Buffer.alloc(10, 2));
    const reader = new InputReader();
    await reader.read(join(directory, 'long'));
    const source = await reader.read(join(directory, 'short'));
    expect(source.size).toBe(10);
    expect(() => source.view(0, 11)).toThrow(RangeError);
  });

  it('rejects for a file that is not there', async () => {
    await expect(new InputReader().read(join(directory, 'no'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

/** A plan of views, ranges and a range that is turned. */
function planOf(source: ByteSource): SplicePlan {
  const pieces = [Buffer.from('new '), { offset: 0, length: 4 }, { offset: 4, length: 4, swapBytes: 2 as const }];
  return { source, pieces, length: 12 };
}

describe('CleanFileWriter', () => {
  const place = ['study', 'series', 'a.dcm'] as const;

  it('writes header and data set, and tells their length', async () => {
    const source = new BufferSource(Buffer.from('abcdefgh'));
    const plain: SplicePlan = { source, pieces: [Buffer.from('new '), { offset: 0, length: 8 }], length: 12 };
    for (const [plan, expected] of [
      [plain, 'HEADnew abcdefgh'],
      [planOf(source), 'HEADnew abcdfehg'],
    ] as const) {
      const written = await new CleanFileWriter(directory, false).write(place, Buffer.from('HEAD'), plan);
      const bytes = readFileSync(join(directory, 'study', 'series', 'a.dcm'));
      expect(bytes.toString()).toBe(expected);
      expect(written).toBe(16);
    }
    expect(readdirSync(join(directory, 'study', 'series'))).toEqual(['a.dcm']);
  });

  it('writes plans of thousands of pieces', async () => {
    const pieces = Array.from({ length: 5000 }, (_, i) => Buffer.from(String(i % 10)));
    const plan = { source: new BufferSource(Buffer.alloc(0)), pieces, length: 5000 };
    await new CleanFileWriter(directory, true).write(place, Buffer.alloc(0), plan);
    expect(readFileSync(join(directory, 'study', 'series', 'a.dcm')).toString()).toBe('0123456789'.repeat(500));
  });

  it('leaves what was there, and nothing half, when the source fails', async () => {
    const writer = new CleanFileWriter(directory, false);
    const whole = { source: new BufferSource(Buffer.alloc(0)), pieces: [Buffer.from('whole')], length: 5 };
    await writer.write(place, Buffer.alloc(0), whole);
    const failing: ByteSource = { size: 8, view: () => undefined, read: () => Promise.reject(new Error('gone')) };
    await expect(writer.write(place, Buffer.from('HEAD'), planOf(failing))).rejects.toThrow('gone');
    expect(readdirSync(join(directory, 'study', 'series'))).toEqual(['a.dcm']);
    expect(readFileSync(join(directory, 'study', 'series', 'a.dcm')).toString()).toBe('whole');
  });
});

describe('what is left out', () => {
  const withPrefix = (text: string): BufferSource =>
    new BufferSource(Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.from(text, 'latin1')]));

  it('is an empty file and a DICOMDIR, by its media storage class and not by its name', async () => {
    expect(await skipReasonOf(new BufferSource(Buffer.alloc(0)))).toBe('empty');
    expect(await skipReasonOf(withPrefix('…1.2.840.10008.1.3.10\0…'))).toBe('dicomdir');
    expect(await skipReasonOf(withPrefix('…1.2.840.10008.1.3.100…'))).toBeUndefined();
    expect(await skipReasonOf(withPrefix('…'))).toBeUndefined();
  });

  it.each([
    ['a prefix', withPrefix(''), 'x', true],
    ['a first element in little endian', new BufferSource(Buffer.from('08000500435300000', 'latin1')), 'x', false],
    ['a first element in explicit VR', new BufferSource(Buffer.from('0800050043530a00', 'hex')), 'x', true],
    ['a first element in big endian', new BufferSource(Buffer.from('000800054353000a', 'hex')), 'x', true],
    ['a name', new BufferSource(Buffer.from('rubbish that is long enough')), 'IMG.DCM', true],
    ['none of these', new BufferSource(Buffer.from('rubbish that is long enough')), 'notes.txt', false],
  ])('is held back, not left out, with %s', async (_what, source, path, expected) => {
    expect(await isMeantAsDicom(source, path)).toBe(expected);
  });
});
