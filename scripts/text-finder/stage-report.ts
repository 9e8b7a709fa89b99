// What the whole pixel stage does to real files: which images change and why, how much of them is blanked, and how well known text is covered.
// Usage: tsx scripts/text-finder/stage-report.ts [--profile NAME] [--only 025,147] [general] [burned-in]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BufferSource } from '../../src/core/bytes.ts';
import { LetheError } from '../../src/core/errors.ts';
import type { Rectangle } from '../../src/core/picture.ts';
import type { PixelReceipt } from '../../src/deid/outcome.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import { createDeidentifier } from '../../src/pipeline/deidentify-instance.ts';
import { closePixelThreads } from '../../src/pipeline/pixel-content.ts';
import { loadProfile } from '../../src/profile/load.ts';
import { coveredPart } from '../../src/pixels/stage/regions.ts';
import { CORPUS } from '../../test/support/programs.ts';

interface Truth {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly frames: 'all' | readonly number[];
  readonly boxes: readonly { x: number; y: number; w: number; h: number; identifying: boolean }[];
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { profile: { type: 'string', default: 'basic' }, only: { type: 'string', default: '' } },
});
const only = options.only.split(',').filter((number) => number !== '');
const truthFile = join(CORPUS, 'burned-in', 'ground-truth.json');
const truths = existsSync(truthFile) ? (JSON.parse(readFileSync(truthFile, 'utf8')) as { files: Truth[] }).files : [];

const profile = await loadProfile(options.profile, [new URL('../../profiles', import.meta.url).pathname]);
const keys = new ProjectKeys(Buffer.alloc(32, 5));
const deidentifier = createDeidentifier({
  subjects: {
    resolve: (_, { patientId, name }) => {
      const subjectId = keys.hash('subject', `${patientId} ${name}`, 12);
      return { subjectId, subjectName: subjectId, shiftDays: keys.shiftDays(patientId, profile.maxShiftDays) };
    },
  },
  keysFor: () => keys,
  profileOf: () => profile,
});

async function treat(path: string): Promise<PixelReceipt | string> {
  try {
    const source = new BufferSource(readFileSync(path));
    const prepared = await deidentifier.prepare(source, { file: true }, 'report', options.profile);
    const { pixels } = prepared.outcome.receipt;
    await prepared.close();
    return pixels ?? 'no pixels';
  } catch (error) {
    if (error instanceof LetheError) return error.code;
    throw error;
  }
}

/** Boxes that identify and are covered to less than 98 %, of all, in the first frame that shows them. */
function uncovered({ boxes, frames }: Truth, { regions }: PixelReceipt): readonly [number, number] {
  const frame = frames === 'all' ? 1 : frames[0];
  const blanked: readonly Rectangle[] = regions.filter(
    (region) => region.isBlanked && region.frame <= frame && (region.lastFrame ?? region.frame) >= frame,
  );
  const wanted = boxes.filter(({ identifying }) => identifying);
  const missed = wanted.filter(({ x, y, w, h }) => coveredPart({ x, y, width: w, height: h }, blanked) < 0.98);
  return [missed.length, wanted.length];
}

for (const folder of positionals.length > 0 ? positionals : ['general', 'burned-in']) {
  let [images, changed, missed, wanted] = [0, 0, 0, 0];
  for (const name of readdirSync(join(CORPUS, folder)).sort()) {
    if (name.endsWith('.json') || (only.length > 0 && !only.includes(name.slice(0, 3)))) continue;
    const before = process.cpuUsage();
    const pixels = await treat(join(CORPUS, folder, name));
    const { user, system } = process.cpuUsage(before);
    const seconds = `${((user + system) / 1e6).toFixed(1)} s`;
    if (typeof pixels === 'string') {
      if (pixels !== 'no pixels') console.log(`${name.slice(0, 40).padEnd(42)} ${pixels}`);
      continue;
    }
    images++;
    const blanked = pixels.regions.filter(({ isBlanked }) => isBlanked);
    const truth = truths.find(({ file }) => file.endsWith(name));
    let coverage = '';
    if (truth !== undefined) {
      const [left, all] = uncovered(truth, pixels);
      missed += left;
      wanted += all;
      coverage = `${all - left} of ${all} boxes covered`;
    }
    if (pixels.method === 'none' && truth === undefined) continue;
    if (pixels.method !== 'none') changed++;
    const causes = new Map<string, number>();
    for (const { cause, x, y, width, height } of blanked) {
      causes.set(cause, (causes.get(cause) ?? 0) + 1);
      if (only.length > 0) console.log(`  ${cause} ${x},${y} ${width} x ${height}`);
    }
    if (pixels.clearedBits !== 0) causes.set('bits', pixels.clearedBits);
    const told = [...causes].map(([cause, count]) => `${cause} ${count}`).join(', ');
    console.log(
      `${name.slice(0, 40).padEnd(42)} ${pixels.risk.level.padEnd(7)} ${seconds.padStart(7)} ${told} ${coverage}`,
    );
  }
  console.log(`${folder}: ${changed} of ${images} images change; ${missed} of ${wanted} boxes not covered\n`);
}
await closePixelThreads();
