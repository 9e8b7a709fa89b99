// Ultrasound images with their patients' names in the pixels: what a second worker saves. Each worker is held to a core of its own, as if it were
// a machine: unheld, the threads of one worker use both cores.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseStudy } from '../../src/synthetic/ct.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { buildUltrasoundImage } from '../../src/synthetic/ultrasound.ts';
import { forEachInk } from '../../test/support/burned-in/drawn-images.ts';
import { freePort } from './processes.ts';
import { median } from './report.ts';
import { Roles, Servers } from './roles.ts';
import { deliver } from './scenario-servers.ts';
import { Sink } from './sink.ts';
import type { BenchContext, Workload } from './workload.ts';

const [WIDTH, HEIGHT, SAMPLES] = [640, 480, 3];
const WHITE = 230;
/** Sent before each batch: threads that had nothing to do for half a minute have ended. More than one worker takes at once, so that all are warm. */
const WARM_UP_IMAGES = 16;

const CREWS = [
  { name: 'pixels: one worker on one core', workers: [0] },
  { name: 'pixels: two workers on two cores', workers: [0, 1] },
  { name: 'pixels: one worker on both cores', workers: [undefined] },
] as const;

export async function measureWorkers(context: BenchContext, images: number): Promise<void> {
  const servers = await Servers.start();
  const stops: (() => Promise<unknown>)[] = [() => servers.stop()];
  try {
    const crews = [];
    for (const [index, { name, workers }] of CREWS.entries()) {
      const sink = await Sink.start(join(context.memory, `workers-sink-${index}`));
      stops.unshift(() => sink.stop());
      const port = await freePort();
      const directory = join(context.disk, `workers-${index}`);
      const settings = { directory, port, sinkPort: sink.port, isSynced: true, looksAtPixels: true, workers };
      const roles = await Roles.start(servers, { ...settings, servers: await servers.forGateway() });
      stops.unshift(() => roles.stop());
      crews.push({ name, sink, port, roles, times: [] as number[], busiest: [] as number[] });
    }
    let seed = 1_000_000;
    for (let round = 0; round < context.rounds; round++)
      for (const { name, sink, port, roles, times, busiest } of crews) {
        await deliver(roles, port, sink, writeUltrasound(join(context.memory, 'us'), WARM_UP_IMAGES, seed++));
        const work = writeUltrasound(join(context.memory, 'us'), images, seed++);
        const before = roles.cpuSecondsByPart();
        const delivery = await deliver(roles, port, sink, work);
        times.push(delivery.wallSeconds);
        busiest.push(cpuSecondsOfBusiest(before, roles.cpuSecondsByPart()));
        context.rows.push({ name, ...work, ...delivery });
      }
    const [one, two] = crews.map(({ times }) => median(times));
    const value = two / one;
    const what = `${images} ultrasound images with text, two workers`;
    context.verdicts.push({ what, value, unit: 'x the time of one', target: '<= 0.6', isMet: value <= 0.6 });
    const [alone, halved] = crews.map((crew) => median(crew.busiest));
    const share = halved / alone;
    context.verdicts.push({
      ...{ what: '  CPU of the busier one, whatever else the machine does', value: share },
      ...{ unit: 'x the CPU of one', target: '<= 0.6', isMet: share <= 0.6 },
    });
  } finally {
    for (const stop of stops) await stop();
  }
}

/** The worker that used most between two looks: with a core to itself it takes so long. */
function cpuSecondsOfBusiest(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): number {
  const workers = Object.keys(after).filter((part) => part.startsWith('worker'));
  return Math.max(...workers.map((part) => after[part] - before[part]));
}

/** Images of as many studies: what was seen or read in one tells nothing about the next. */
function writeUltrasound(directory: string, images: number, seed: number): Workload {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const random = createRandom(seed);
  let total = 0;
  for (let index = 0; index < images; index++) {
    const study = chooseStudy(seed, index, 1, 'US Abdomen', random);
    const { bytes } = buildUltrasoundImage(study, random);
    const pixels = bytes.subarray(-WIDTH * HEIGHT * SAMPLES); // they end the file
    const name = study.patient.name
      .split('=')[0]
      .replaceAll('^', ' ')
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toUpperCase();
    for (const [line, text] of [name, `ID ${study.patient.id}`, study.date, 'MI 1.2'].entries())
      forEachInk({ text, x: 12 + (line % 2) * 400, y: 8 + (line >> 1) * 24 }, (x, y) => {
        pixels.fill(WHITE, (y * WIDTH + x) * SAMPLES, (y * WIDTH + x + 1) * SAMPLES);
      });
    writeFileSync(join(directory, `${String(index).padStart(6, '0')}.dcm`), bytes);
    total += bytes.length;
  }
  return { directory, instances: images, megabytes: total / 1e6 };
}
