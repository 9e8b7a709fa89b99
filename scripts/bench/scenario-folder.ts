// De-identifying a folder: `lethe deid` against `gdcmanon`, both on CT slices and on small reports.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.ts';
import { median } from './report.ts';
import type { BenchContext, Workload } from './workload.ts';

export const LETHE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export async function measureFolder(context: BenchContext, slices: Workload, reports: Workload): Promise<void> {
  if (!existsSync(LETHE)) throw new Error('run npm run build first: the benchmark measures the built program');
  const [key, certificate] = makeCertificate(context.disk);
  const profile = writeBasicAlone(context.disk);
  for (const { work, what, limit } of [
    { work: slices, what: 'CT', limit: 0.8 },
    { work: reports, what: '8 KB reports', limit: 0.35 },
  ]) {
    const ours: number[] = [];
    const theirs: number[] = [];
    const data = join(context.disk, 'deid-data');
    for (let round = -1; round < context.rounds; round++) {
      const out = join(context.memory, 'out');
      const deid = await run(process.execPath, [
        LETHE,
        'deid',
        work.directory,
        out,
        '--data',
        data,
        '--profile',
        profile,
      ]);
      rmSync(out, { recursive: true, force: true });
      const gdcm = await run('gdcmanon', ['-c', certificate, '-k', key, '-r', '-i', work.directory, '-o', out]);
      rmSync(out, { recursive: true, force: true });
      if (deid.exitCode !== 0 || gdcm.exitCode !== 0) throw new Error(`deid: ${deid.output}\ngdcmanon: ${gdcm.output}`);
      if (round < 0) continue; // makes the data directory and warms the page cache
      ours.push(deid.cpuSeconds);
      theirs.push(gdcm.cpuSeconds);
      context.rows.push({ name: `folder, ${what}: gdcmanon`, ...work, ...gdcm });
      context.rows.push({ name: `folder, ${what}: lethe deid`, ...work, ...deid });
    }
    await measureLooking(context, work, what);
    const value = median(ours) / median(theirs);
    context.verdicts.push({
      what: `folder of ${what}, CPU`,
      value,
      unit: 'x gdcmanon',
      target: `<= ${limit}`,
      isMet: value <= limit,
    });
  }
}

/** A file of the Basic Profile alone, which leaves pixels as they are, as the peers do. */
export function writeBasicAlone(directory: string): string {
  const profile = join(directory, 'basic-alone.yaml');
  writeFileSync(profile, 'name: basic-alone\nversion: 1\nextends: basic\noptions: []\npixels: { text: off }\n');
  return profile;
}

/** The same with every frame looked at for text, which none of the peers does. */
async function measureLooking(context: BenchContext, work: Workload, what: string): Promise<void> {
  const out = join(context.memory, 'out');
  const data = join(context.disk, 'deid-data');
  const looked = await run(process.execPath, [
    LETHE,
    'deid',
    work.directory,
    out,
    '--data',
    data,
    '--profile',
    'basic',
  ]);
  rmSync(out, { recursive: true, force: true });
  context.rows.push({ name: `folder, ${what}: lethe deid, pixels looked at`, ...work, ...looked });
}

function makeCertificate(directory: string): [string, string] {
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=bench',
      '-days',
      '1',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  );
  return [key, certificate];
}
