// The engine by itself, in CPU time so that a loaded machine tells the same: every shipped profile against `basic` alone, on the same
// instances in memory, pixels and documents left alone; and `lethe profile explain` on a data set of many nested items, from the command line.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BufferSource } from '../../src/core/bytes.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import type { Subject } from '../../src/deid/subject.ts';
import { createDeidentifier } from '../../src/pipeline/deidentify-instance.ts';
import type { Deidentifier } from '../../src/pipeline/deidentify-instance.ts';
import { loadProfile } from '../../src/profile/load.ts';
import { buildClinic, buildCtSeries, buildReport } from '../../src/synthetic/clinic.ts';
import { RememberedIdentifiers } from '../../src/store/known-identifiers.ts';
import { buildEnhancedMr } from './enhanced-mr.ts';
import { run } from './processes.ts';
import { median } from './report.ts';
import { LETHE } from './scenario-folder.ts';
import type { BenchContext } from './workload.ts';

const PROFILES = fileURLToPath(new URL('../../profiles', import.meta.url));
/** Instances that one profile treats before the next one has its turn. */
const TURN = 100;
const TURNS = 11;
/** Turns that only warm up. */
const COLD_TURNS = 4;
const NESTED_ITEMS = 1000;

export async function measureEngine(context: BenchContext): Promise<void> {
  const sets = {
    'CT slices': [...buildCtSeries({ slices: 100, rows: 64, columns: 64, seed: 1 })],
    'reports of 8 KB': Array.from({ length: 100 }, (_, index) => buildReport({ kilobytes: 8, seed: index + 1 })),
    'a clinic': buildClinic({ patients: 6 }),
  };
  for (const [what, instances] of Object.entries(sets))
    await measureProfiles(
      context,
      what,
      instances.map(({ bytes }) => bytes),
    );
  await measureExplain(context);
}

async function measureProfiles(context: BenchContext, what: string, files: readonly Buffer[]): Promise<void> {
  const names = readdirSync(PROFILES).flatMap((file) => (file.endsWith('.yaml') ? [file.replace('.yaml', '')] : []));
  const engines = await Promise.all(
    names.map(async (name) => ({ name, deidentifier: await engineFor(name), each: [] as number[] })),
  );
  for (let turn = 0; turn < TURNS; turn++)
    for (const { deidentifier, each } of engines) {
      const microseconds = await cpuOf(deidentifier, files);
      if (turn >= COLD_TURNS) each.push(microseconds);
    }
  const basic = median(engines.find(({ name }) => name === 'basic')?.each ?? []);
  for (const { name, each } of engines) {
    const value = median(each) / basic;
    const told = `engine, ${what}: ${name} (${median(each).toFixed(0)} µs CPU each)`;
    context.verdicts.push({ what: told, value, unit: 'x basic', target: '<= 1.5', isMet: value <= 1.5 });
  }
}

async function engineFor(name: string): Promise<Deidentifier> {
  const profile = await loadProfile(name, [PROFILES]);
  const keys = new ProjectKeys(Buffer.alloc(32, 1));
  return createDeidentifier({
    subjects: { resolve: (_project, { patientId }) => subjectOf(keys, patientId) },
    keysFor: () => keys,
    profileOf: () => profile,
    known: new RememberedIdentifiers(),
    stages: [],
  });
}

/** Each patient is another subject, as in life: what one tells is not looked for in another's instances. */
function subjectOf(keys: ProjectKeys, patientId: string): Subject {
  const subjectId = `S-${keys.hash('bench', patientId, 8)}`;
  return { subjectId, subjectName: subjectId, shiftDays: -17 };
}

/** Microseconds of CPU, user and system, for each instance. What a profile holds back takes its time, too. */
async function cpuOf(deidentifier: Deidentifier, files: readonly Buffer[]): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < TURN; index++) {
    const source = new BufferSource(files[index % files.length]);
    const prepared = await deidentifier.prepare(source, { file: true }, 'bench', '').catch(() => undefined);
    await prepared?.close();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / TURN;
}

/** From the command line, as a person waits for it: as shipped, and with each frame looked at. */
async function measureExplain(context: BenchContext): Promise<void> {
  const file = join(context.disk, 'enhanced-mr.dcm');
  writeFileSync(file, buildEnhancedMr(NESTED_ITEMS));
  for (const { options, what, limit } of [
    { options: [], what: 'as shipped', limit: 1 },
    { options: ['--pixels'], what: 'frames looked at', limit: undefined },
  ]) {
    const rounds = [];
    for (let round = -1; round < context.rounds; round++) {
      const explained = await run(process.execPath, [LETHE, 'profile', 'explain', file, ...options]);
      if (explained.exitCode !== 0) throw new Error(`profile explain: ${explained.output}`);
      if (round >= 0) rounds.push(explained);
    }
    const wall = median(rounds.map(({ wallSeconds }) => wallSeconds));
    const cpu = median(rounds.map(({ cpuSeconds }) => cpuSeconds));
    context.verdicts.push({
      what: `profile explain, Enhanced MR, ${NESTED_ITEMS} nested items, ${what} (${cpu.toFixed(2)} s CPU)`,
      ...{ value: wall, unit: 's wall', target: limit === undefined ? 'none' : `< ${limit}` },
      isMet: limit === undefined || wall < limit,
    });
  }
}
