// npm run chaos -- [--topology one|roles|both] [--rounds N] [--outages N] [--seed N] [--runs N] [--minutes N] [--only TEXT]
//                  [--hold SECONDS] [--built] [--totals FILE] [--keep FOLDER] [--patience N]
//
// Scanners send without end while processes of the gateway are killed at random moments (up to three in a round) and everything around it fails in
// turn (an outage each); then it is given time to drain, and what became of everything is counted. Exit code 1 when something acknowledged was
// lost or damaged, arrived twice without a lost answer, arrived though it must not, or when a planted name stands where none may.
//
// `--runs` does that so many times, each with a gateway of its own and the next seed. `--minutes` ends the rounds early, drains not included; so
// does SIGTERM, which ends the runs as well. On a machine that has other work `--patience` makes all waits longer.
// `--only` takes the outages whose name holds the text. `--hold` makes each last so long, not a few seconds: with `--rounds 0 --outages 1 --only 'Redis away'
// --hold 600` those of RELIABILITY figure G11. `--built` runs dist instead of the sources. `--totals` adds each run to a file, and tells the
// sums over all that is in it. `--keep` keeps the logs of a run with a fault.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Topology } from '../../test/support/custody/gateway-rig.ts';
import { REPOSITORY } from '../../test/support/programs.ts';
import { faultsOf, type Verdict } from '../../test/support/custody/verdict.ts';
import { isFaultless, runStory, type Ending, type Story } from './story.ts';
import { addToTotals, describeTotals } from './totals.ts';

const ROWS: readonly (readonly [Exclude<keyof Verdict, 'quarantinedBy' | 'suspects'>, string])[] = [
  ['sent', 'sent'],
  ['acknowledged', 'acknowledged'],
  ['delivered', 'delivered'],
  ['quarantined', 'quarantined'],
  ['doubled', 'doubled'],
  ['answerLost', '  of these: answer lost'],
  ['lost', 'lost'],
  ['damaged', 'damaged'],
  ['unanswered', 'delivered, its sender got no answer'],
  ['refusedYetDelivered', 'delivered, its sender was told a failure'],
  ['neverWhole', 'delivered, never sent whole'],
  ['unfinished', 'not at rest in the end'],
];

interface Options {
  readonly topologies: readonly Topology[];
  readonly runs: number;
  readonly totals: string | undefined;
  readonly keep: string | undefined;
  readonly story: Omit<Story, 'topology' | 'keep'>;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      topology: { type: 'string', default: 'both' },
      rounds: { type: 'string', default: '20' },
      outages: { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '60' },
      only: { type: 'string', default: '' },
      hold: { type: 'string' },
      built: { type: 'boolean', default: false },
      totals: { type: 'string' },
      keep: { type: 'string' },
      patience: { type: 'string', default: '1' },
    },
  });
  const number = (name: 'rounds' | 'outages' | 'seed' | 'runs' | 'minutes' | 'patience' | 'hold'): number => {
    const value = Number(values[name]);
    if (!(value >= 0)) throw new Error(`--${name} takes a number`);
    return value;
  };
  const { topology, totals, keep } = values;
  if (topology !== 'one' && topology !== 'roles' && topology !== 'both')
    throw new Error('--topology takes one, roles or both');
  const topologies: Topology[] = topology === 'both' ? ['one', 'roles'] : [topology];
  const runs = number('runs');
  return {
    ...{ topologies, runs, totals, keep },
    story: {
      rounds: number('rounds'),
      outages: number('outages'),
      seed: number('seed'),
      minutes: number('minutes') / topologies.length / Math.max(1, runs),
      patience: number('patience'),
      only: values.only,
      holdMs: values.hold === undefined ? undefined : number('hold') * 1000,
      program: values.built ? join(REPOSITORY, 'dist/main.js') : undefined,
      tell: (line) => {
        console.log(line);
      },
    },
  };
}

function print(seed: number, ending: Ending): void {
  const { verdict, hits, kills, outages, deaths, stalls } = ending;
  const width = Math.max(...ROWS.map(([, name]) => name.length));
  console.log(`\nseed ${seed}, kills ${JSON.stringify(kills)}, outages ${JSON.stringify(outages)}`);
  for (const [key, name] of ROWS) console.log(`${name.padEnd(width)}  ${String(verdict[key]).padStart(8)}`);
  console.log(`quarantined by reason: ${JSON.stringify(verdict.quarantinedBy)}`);
  console.log(`slowest restart to listening: ${Math.round(ending.slowestStartMs)} ms`);
  console.log(`looked for ${ending.terms} planted terms in ${ending.places}`);
  for (const { place, term } of hits) console.log(`PLANTED ${JSON.stringify(term)} in ${place}`);
  for (const death of deaths) console.log(`DIED BY ITSELF ${death}`);
  for (const stall of stalls) console.log(`STALLED ${stall}`);
  const counts = { ...faultsOf(verdict), ...othersOf(ending) };
  const wrong = Object.entries(counts).filter(([, count]) => count > 0);
  console.log(isFaultless(ending) ? 'RESULT no fault' : `RESULT ${wrong.map((pair) => pair.join(' ')).join(', ')}`);
}

function othersOf({ hits, deaths, stalls }: Ending): Record<string, number> {
  return { planted: hits.length, deaths: deaths.length, stalls: stalls.length };
}

/** False when something went wrong. */
async function run(topology: Topology, seed: number, { story, totals, keep }: Options): Promise<boolean> {
  console.log(`\n== ${topology === 'one' ? 'one process, everything embedded' : 'roles over Postgres and Redis'} ==`);
  try {
    const folder = keep === undefined ? undefined : join(keep, `${topology}-${seed}`);
    const ending = await runStory({ ...story, topology, seed, keep: folder });
    print(seed, ending);
    const { verdict, kills, outages, slowestStartMs } = ending;
    const others = othersOf(ending);
    if (totals !== undefined) addToTotals(totals, { topology, seed, kills, outages, verdict, others, slowestStartMs });
    return isFaultless(ending);
  } catch (error) {
    // The next run may tell more.
    const brokenOff = error instanceof Error ? error.message : String(error);
    console.log(`seed ${seed} was broken off, nothing was counted: ${brokenOff}`);
    if (totals !== undefined) addToTotals(totals, { topology, seed, brokenOff });
    return false;
  }
}

const options = readOptions();
let areFaultless = true;
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    stopping.abort();
  });
for (let index = 0; index < options.runs; index++)
  for (const topology of options.topologies)
    if (!stopping.signal.aborted)
      areFaultless = (await run(topology, options.story.seed + index, options)) && areFaultless;
if (options.totals !== undefined)
  for (const topology of options.topologies) {
    console.log(`\n== all runs in ${options.totals}, ${topology} ==`);
    for (const line of describeTotals(options.totals, topology)) console.log(line);
  }
process.exitCode = areFaultless ? 0 : 1;
