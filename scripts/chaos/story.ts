// One topology from its start to the count: rounds of kills with outages spread among them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ts from 'typescript';
import { createRandom, type Random } from '../../src/synthetic/random.ts';
import type { GatewayProcess } from '../../test/support/custody/gateway-process.ts';
import { GatewayRig, type Topology } from '../../test/support/custody/gateway-rig.ts';
import { untilTrue } from '../../test/support/custody/until.ts';
import { faultsOf, type Verdict } from '../../test/support/custody/verdict.ts';
import { LETHE, REPOSITORY } from '../../test/support/programs.ts';
import { keepLogs, keepSuspects } from './evidence.ts';
import { OUTAGES, type Outage, type Scene } from './outages.ts';
import { PlaceReader, plantedTerms, type Hit } from './planted.ts';
import { SmallDisk } from './small-disk.ts';

export interface Story {
  readonly topology: Topology;
  readonly rounds: number;
  readonly outages: number;
  readonly seed: number;
  /** Rounds and outages that did not begin by then are left out. */
  readonly minutes: number;
  /** How often the usual times may pass before a wait counts as a stall: more than 1 on a machine that has other work. */
  readonly patience: number;
  /** Part of the name of the outages that come. */
  readonly only: string;
  /** How long each outage lasts; undefined: a few seconds. */
  readonly holdMs: number | undefined;
  /** The built program; undefined: its sources. */
  readonly program: string | undefined;
  /** Folder for the evidence of a run with a fault; undefined: nothing is kept. */
  readonly keep: string | undefined;
  readonly tell: (line: string) => void;
}

export interface Ending {
  readonly verdict: Verdict;
  /** By role. */
  readonly kills: Readonly<Record<string, number>>;
  /** By what failed: destination, Redis, Postgres, disk or clock. */
  readonly outages: Readonly<Record<string, number>>;
  readonly slowestStartMs: number;
  readonly hits: readonly Hit[];
  readonly terms: number;
  readonly places: string;
  /** Processes that ended though nobody killed them. */
  readonly deaths: readonly string[];
  /** Waits for something to go on that were given up. */
  readonly stalls: readonly string[];
}

/** Longest pause of a scanner: each kill meets some instances, and most of the time of the processors goes into starts. */
const PACE_MS = 500;
const LONGEST_LIFE_MS = 1_500;
const OUTAGE_MS = { shortest: 3_000, longest: 7_000 };
/** After an outage everything has to go on within this time: a stall is meant, not a machine that is busy. */
const RECOVERY_MS = 60_000;
const CLOCK = join(REPOSITORY, 'scripts/chaos/clock.ts');

export async function runStory(story: Story): Promise<Ending> {
  const { topology, seed, patience, keep, tell } = story;
  const ownDirectory = mkdtempSync(join(tmpdir(), 'lethe-chaos-'));
  let disk: SmallDisk | undefined;
  const rig = await GatewayRig.prepare({
    ...{ topology, seed, patience, paceMs: PACE_MS, hasFaults: true, logLevel: 'debug', diskReserve: '200MiB' },
    program: programOf(story, ownDirectory),
    environment: (directory) => ({ LETHE_CHAOS_CLOCK: join(directory, 'clock') }),
    prepareData: (directory) => {
      disk = SmallDisk.mount(directory);
      return Promise.resolve();
    },
  });
  if (disk === undefined) tell('no small disk could be mounted (not root?): outages of the disk are left out');
  const cleanUp = async (): Promise<void> => {
    await rig.close(() => disk?.unmount());
    rmSync(ownDirectory, { recursive: true, force: true });
  };
  const chapters = new Chapters(story, { rig, disk, clockFile: join(rig.directory, 'clock') });
  let isAsked = false;
  // Asked to stop, it counts; asked again, it leaves neither processes nor a mounted disk behind.
  const stop = (): void => {
    if (!isAsked) chapters.end();
    else {
      tell('stopped before the end: nothing was counted');
      void cleanUp().finally(() => process.exit(1));
    }
    isAsked = true;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  try {
    const ending = await chapters.run();
    if (keep !== undefined && !isFaultless(ending)) {
      keepLogs(rig, keep);
      await keepSuspects(rig, ending.verdict, keep);
    }
    return ending;
  } catch (error) {
    if (keep !== undefined) keepLogs(rig, keep);
    throw error;
  } finally {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, stop);
    await cleanUp();
  }
}

export function isFaultless({ verdict, hits, deaths, stalls }: Ending): boolean {
  return Object.keys(faultsOf(verdict)).length === 0 && hits.length + deaths.length + stalls.length === 0;
}

/** Arguments for node up to the program, its clock included. */
function programOf({ program }: Story, directory: string): string[] {
  const [, , sources] = LETHE;
  if (program === undefined) return ['--import', 'tsx', '--import', CLOCK, sources];
  // As plain JavaScript, so that no compiler is loaded; and nothing is optimised that is about to be killed: a start costs a second of CPU less.
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const clock = join(directory, 'clock.mjs');
  writeFileSync(clock, ts.transpileModule(readFileSync(CLOCK, 'utf8'), { compilerOptions }).outputText);
  return ['--liftoff-only', '--import', clock, program];
}

class Chapters {
  readonly #story: Story;
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #places: PlaceReader;
  readonly #stalls: string[] = [];
  /** By `performance.now()`: no round begins afterwards. */
  #endAt = Infinity;
  readonly #kills: Record<string, number> = {};
  readonly #outages: Record<string, number> = {};

  constructor(story: Story, scene: Scene) {
    this.#story = story;
    this.#scene = scene;
    this.#random = createRandom(story.seed);
    this.#places = new PlaceReader(scene.rig);
  }

  /** Begins no more rounds. */
  end(): void {
    this.#endAt = 0;
  }

  async run(): Promise<Ending> {
    const { rounds, minutes, seed, tell } = this.#story;
    const { rig } = this.#scene;
    this.#endAt = Math.min(this.#endAt, performance.now() + minutes * 60_000);
    const outages = this.#chooseOutages();
    await rig.startAll();
    await rig.untilDelivered(5);
    let done = 0;
    for (let round = 0; round <= rounds && performance.now() < this.#endAt; round++) {
      if (round > 0) await this.#killSome(round % 2 === 0);
      // Spread evenly: with more outages than rounds several follow each other.
      while (done < outages.length && done * rounds <= round * outages.length && performance.now() < this.#endAt)
        await this.#suffer(outages[done++]);
      if (round % 10 === 0 && round > 0) tell(`${round} of ${rounds} rounds, ${rig.acknowledged} acknowledged`);
    }
    await this.#places.look();
    const verdict = await rig.drain();
    const terms = await plantedTerms(seed);
    const hits = this.#places.hits(terms);
    const places = [...this.#places.sizes].map(([place, size]) => `${place} (${size})`).join(', ');
    const { slowestStartMs, deaths } = rig;
    return {
      ...{ verdict, hits, places, slowestStartMs, deaths },
      ...{ kills: this.#kills, outages: this.#outages, terms: terms.length, stalls: this.#stalls },
    };
  }

  /** In turn, so that every kind comes once before any comes again. */
  #chooseOutages(): Outage[] {
    const { outages, only, topology, seed } = this.#story;
    const kinds = OUTAGES.filter(
      (outage) =>
        outage.name.includes(only) &&
        (outage.topology ?? topology) === topology &&
        (outage.needsDisk !== true || this.#scene.disk !== undefined),
    );
    if (kinds.length === 0) throw new Error('no outage has such a name here');
    return Array.from({ length: outages }, (_, i) => kinds[(seed - 1 + i) % kinds.length]);
  }

  /** Up to three processes, each at a random moment of its life. */
  async #killSome(isStillborn: boolean): Promise<void> {
    const { rig } = this.#scene;
    const victims = [...new Set([1, 2, 3].map(() => this.#random.pick(rig.processes)))];
    await Promise.all(victims.map((victim) => this.#kill(victim, isStillborn)));
    await rig.startAll();
    const roles = victims.map(({ role }) => role).join(' and ');
    await this.#expect(`after the ${roles} was killed nothing was acknowledged`, () => rig.acknowledged, 3);
  }

  /** A stillborn process dies once more while it starts. */
  async #kill(victim: GatewayProcess, isStillborn: boolean): Promise<void> {
    await sleep(this.#random.next() * LONGEST_LIFE_MS);
    await this.#killNow(victim);
    if (!isStillborn) return;
    await victim.start(false);
    await sleep(this.#random.next() * LONGEST_LIFE_MS);
    await this.#killNow(victim);
  }

  async #killNow(victim: GatewayProcess): Promise<void> {
    await victim.end('SIGKILL');
    this.#kills[victim.role] = (this.#kills[victim.role] ?? 0) + 1;
  }

  async #suffer(outage: Outage): Promise<void> {
    const { rig } = this.#scene;
    const { tell } = this.#story;
    await this.#places.look();
    const [acknowledged, delivered] = [rig.acknowledged, rig.sink.received];
    const heldMs = this.#story.holdMs ?? this.#random.between(OUTAGE_MS.shortest, OUTAGE_MS.longest);
    await outage.begin(this.#scene);
    await sleep(heldMs / 2);
    // Every other outage a process dies in the middle of it, and comes back only afterwards.
    const isDeadly = this.#random.next() < 0.5;
    const victim = this.#random.pick(rig.processes);
    if (isDeadly) await this.#killNow(victim);
    await sleep(heldMs / 2);
    const during = { acknowledged: rig.acknowledged - acknowledged, delivered: rig.sink.received - delivered };
    await outage.end(this.#scene);
    const endedAt = performance.now();
    await rig.startAll();
    await this.#expect(`after ${outage.name} nothing was acknowledged`, () => rig.acknowledged, 3);
    const receivingMs = performance.now() - endedAt;
    await this.#expect(`after ${outage.name} nothing was delivered`, () => rig.sink.received, 3);
    const deliveringMs = performance.now() - endedAt;
    const [kind] = outage.name.split(' ');
    this.#outages[kind] = (this.#outages[kind] ?? 0) + 1;
    const mayStop = !outage.isReceivingOn || (isDeadly && (victim.role === 'listener' || victim.role === 'all'));
    if (!mayStop && during.acknowledged === 0) this.#stalls.push(`nothing was acknowledged while ${outage.name}`);
    tell(
      `${outage.name}: ${(heldMs / 1000).toFixed(1)} s${isDeadly ? `, ${victim.role} killed in it` : ''}; meanwhile ` +
        `acknowledged ${during.acknowledged}, delivered ${during.delivered}; received again after ` +
        `${(receivingMs / 1000).toFixed(1)} s, delivered after ${(deliveringMs / 1000).toFixed(1)} s`,
    );
  }

  /** Waits until a count has grown; notes when it does not. */
  async #expect(otherwise: string, count: () => number, more: number): Promise<void> {
    const goal = count() + more;
    const recoveryMs = RECOVERY_MS * this.#story.patience;
    await untilTrue(() => count() >= goal, recoveryMs, 20);
    if (count() < goal) this.#stalls.push(`${otherwise} for ${recoveryMs / 1000} s`);
  }
}
