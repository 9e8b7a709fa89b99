import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClinic, buildCtSeries, buildMultiframe, buildReport } from '../../../src/synthetic/clinic.ts';

const clinic = buildClinic();
const hasValidator = spawnSync('dciodvfy', ['-version']).error === undefined;

describe('the synthetic clinic', () => {
  it('is the same every time, and another one with another seed', () => {
    const again = buildClinic();
    expect(again.every((instance, i) => instance.bytes.equals(clinic[i].bytes))).toBe(true);
    const other = new Set(buildClinic({ seed: 2, patients: 1 }).map((instance) => instance.sopInstanceUid));
    expect(clinic.some((instance) => other.has(instance.sopInstanceUid))).toBe(false);
  });

  it('has three patients with CT, MR, US, SR, PR and RTSTRUCT under names and UIDs of their own', () => {
    expect(new Set(clinic.map((instance) => instance.modality))).toEqual(
      new Set(['CT', 'MR', 'US', 'SR', 'PR', 'RTSTRUCT']),
    );
    expect(new Set(clinic.map((instance) => instance.sopInstanceUid)).size).toBe(clinic.length);
    expect(new Set(clinic.map((instance) => instance.fileName)).size).toBe(clinic.length);
    expect(new Set(clinic.map((instance) => instance.fileName.slice(0, 4))).size).toBe(3);
  });

  it('draws further patients', () => {
    const names = buildClinic({ patients: 5 }).map((instance) => instance.fileName.slice(0, 4));
    expect(new Set(names).size).toBe(5);
  });

  it('refers from report, presentation state and structure set to slices that are there', () => {
    const slice = clinic.find((instance) => instance.modality === 'CT' && instance.fileName.includes('CT0002'));
    for (const modality of ['SR', 'PR', 'RTSTRUCT']) {
      const document = clinic.find((instance) => instance.modality === modality);
      expect(document?.bytes.includes(slice?.sopInstanceUid ?? 'none')).toBe(true);
    }
  });

  it('writes the names in the character set of each patient', () => {
    const bytesOf = (prefix: string): Buffer =>
      clinic.find((instance) => instance.fileName.startsWith(prefix))?.bytes ?? Buffer.alloc(0);
    expect(bytesOf('P001').includes(Buffer.from('Müller^Änne', 'latin1'))).toBe(true);
    expect(bytesOf('P002').includes(Buffer.from('\x1B$B@1@n\x1B(B^', 'latin1'))).toBe(true);
    expect(bytesOf('P003').includes(Buffer.from('Siobhán', 'utf8'))).toBe(true);
  });
});

describe.skipIf(!hasValidator)('dciodvfy', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'lethe-clinic-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('finds no error in one instance of each kind, nor in what the benchmarks use', () => {
    const multiframe = buildMultiframe({ pixelBytes: 1 });
    const pixels = Buffer.alloc(multiframe.pixelBytes);
    multiframe.fill(pixels, 0);
    const files = [
      ...clinic.filter((instance) => /P00[12]-..0001/.test(instance.fileName)),
      ...buildCtSeries({ slices: 1 }),
      buildReport(),
      { fileName: 'multiframe.dcm', bytes: Buffer.concat([multiframe.header, pixels]) },
    ];
    for (const { fileName, bytes } of files) {
      const path = join(directory, fileName);
      writeFileSync(path, bytes);
      const said = spawnSync('dciodvfy', [path], { encoding: 'latin1' }).stderr;
      expect([fileName, said.split('\n').filter((line) => line.startsWith('Error'))]).toEqual([fileName, []]);
    }
    expect(
      execFileSync('dcmdump', ['+P', '0008,0060', join(directory, files[0].fileName)], { encoding: 'latin1' }),
    ).toContain('CT');
  });
});

describe('what the benchmarks send', () => {
  it('is a CT series of about 530 KB a slice, made one at a time', () => {
    const series = buildCtSeries({ slices: 1000 });
    const slices = [series.next(), series.next()].map((step) => (step.done === true ? undefined : step.value));
    for (const slice of slices) expect(Math.abs((slice?.bytes.length ?? 0) - 530_000)).toBeLessThan(5_000);
    expect(slices[0]?.sopInstanceUid).not.toBe(slices[1]?.sopInstanceUid);
  });

  it.each([4, 8, 20])('is a report of about %i KB', (kilobytes) => {
    expect(Math.abs(buildReport({ kilobytes }).bytes.length - kilobytes * 1000)).toBeLessThan(1000);
  });

  it('is a multi-frame instance whose pixels can be filled from any offset', () => {
    const { header, pixelBytes, fill } = buildMultiframe({ pixelBytes: 2 ** 31 });
    expect(pixelBytes).toBe(2 ** 31);
    expect(header.readUInt32LE(header.length - 4)).toBe(pixelBytes);
    const whole = Buffer.alloc(400_000);
    fill(whole, 0);
    const part = Buffer.alloc(150_001);
    fill(part, 131_041);
    expect(part.equals(whole.subarray(131_041, 281_042))).toBe(true);
    expect(() => buildMultiframe({ pixelBytes: 2 ** 32 })).toThrow(RangeError);
  });
});
