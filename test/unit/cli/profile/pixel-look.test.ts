// An explanation of an image of many frames does not keep a person waiting, and does not claim to have seen them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ExplainOptions } from '../../../../src/cli/profile/explain.ts';
import { explainFile, type Explained } from '../../../../src/cli/profile/explain-file.ts';
import { FRAMES_AT_ONCE } from '../../../../src/cli/profile/pixel-look.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../../src/synthetic/data-set-builder.ts';

const directory = mkdtempSync(join(tmpdir(), 'lethe-pixel-look-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const LOOKED_AT = '113101';

function loopOf(frames: number | undefined): string {
  const path = join(directory, `${frames ?? 'one'}.dcm`);
  const loop = new DataSetBuilder()
    .putAll({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.2',
      SOPInstanceUID: '1.2.999.1.1.1',
      StudyInstanceUID: '1.2.999.1',
      SeriesInstanceUID: '1.2.999.1.1',
      Modality: 'OT',
      PatientID: 'MRN-4711',
      PatientName: 'Quimby^Josephine',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: 16,
      Columns: 16,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
    })
    .putAll(frames === undefined ? {} : { NumberOfFrames: frames })
    .put('PixelData', 'OB', Buffer.alloc(256 * (frames ?? 1)));
  writeFileSync(path, loop.toFile(EXPLICIT_VR_LITTLE_ENDIAN));
  return path;
}

async function explain(
  frames: number | undefined,
  options: Partial<ExplainOptions> = {},
): Promise<{ readonly value: Explained; readonly notice: string; readonly pixelData: string | undefined }> {
  const { explained, notice } = await explainFile(loopOf(frames), { profile: 'basic', project: 'default', ...options });
  if (explained.kind !== 'clean') throw new Error(explained.reason);
  const pixelData = explained.value.rows.find(({ path }) => path === '(7FE0,0010)')?.after;
  return { value: explained.value, notice, pixelData };
}

describe('the pixels of an explanation', () => {
  it.each([undefined, FRAMES_AT_ONCE])('are looked at when they are few: %s frames', async (frames) => {
    const { value, notice, pixelData } = await explain(frames);
    expect(value.framesNotLookedAt).toBe(0);
    expect(value.methods).toContain(LOOKED_AT);
    expect(pixelData).toBe('as before');
    expect(notice).not.toContain('--pixels');
  });

  it('are not looked at when they are many, and the explanation says so', async () => {
    const { value, notice, pixelData } = await explain(FRAMES_AT_ONCE + 1);
    expect(value.framesNotLookedAt).toBe(FRAMES_AT_ONCE + 1);
    expect(value.methods).not.toContain(LOOKED_AT);
    expect(pixelData).toBe('not looked at');
    expect(notice).toContain(`Its ${FRAMES_AT_ONCE + 1} frames were not looked at (--pixels does it)`);
  });

  it('are looked at however many they are when that is asked for', async () => {
    const { value, pixelData } = await explain(FRAMES_AT_ONCE + 1, { pixels: true });
    expect(value.framesNotLookedAt).toBe(0);
    expect(value.methods).toContain(LOOKED_AT);
    expect(pixelData).toBe('as before');
  });

  it('are not missed where the profile leaves pixels alone', async () => {
    const profile = join(directory, 'alone.yaml');
    writeFileSync(profile, 'name: alone\nversion: 1\nextends: basic\noptions: []\npixels: { text: off }\n');
    const { value, notice, pixelData } = await explain(FRAMES_AT_ONCE + 1, { profile });
    expect(value.framesNotLookedAt).toBe(0);
    expect(pixelData).toBe('as before');
    expect(notice).not.toContain('--pixels');
  });
});
