// npm run chaos -- [--topology one|roles|both] [--rounds N] [--outages N] [--seed N] [--minutes N] [--only TEXT] [--built]
//
// Scanners send without end while processes of the gateway are killed at random moments (a round each) and everything around it fails in turn (an
// outage each); then it is given time to drain, and what became of everything is counted. Exit code 1 when something acknowledged was lost or
// damaged, arrived twice without a lost answer, arrived though it must not, or when a planted name stands where none may. `--minutes` ends the
// rounds early, drain not included. `--only` takes the outages whose name holds the text. `--built` runs dist instead of the sources.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Topology } from '../../test/support/custody/gateway-rig.ts';
import { REPOSITORY } from '../../test/support/programs.ts';
import { faultsOf, type Verdict } from '../../test/support/custody/verdict.ts';
import { runStory, type Story } from './story.ts';

const ROWS: readonly (readonly [Exclude<keyof Verdict, 'quarantinedBy'>, string])[] = [
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

function readOptions(): { readonly topologies: readonly Topology[]; readonly story: Omit<Story, 'topology'> } {
  const { values } = parseArgs({
    options: {
      topology: { type: 'string', default: 'both' },
      rounds: { type: 'string', default: '20' },
      outages: { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '60' },
      only: { type: 'string', default: '' },
      built: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'rounds' | 'outages' | 'seed' | 'minutes'): number => {
    const value = Number(values[name]);
    if (!(value >= 0)) throw new Error(`--${name} takes a number`);
    return value;
  };
  const { topology } = values;
  if (topology !== 'one' && topology !== 'roles' && topology !== 'both')
    throw new Error('--topology takes one, roles or both');
  const topologies: Topology[] = topology === 'both' ? ['one', 'roles'] : [topology];
  return {
    topologies,
    story: {
      rounds: number('rounds'),
      outages: number('outages'),
      seed: number('seed'),
      minutes: number('minutes') / topologies.length,
      only: values.only,
      program: values.built ? [join(REPOSITORY, 'dist/main.js')] : undefined,
      tell: (line) => {
        console.log(line);
      },
    },
  };
}

const { topologies, story } = readOptions();
let isFaultless = true;
for (const topology of topologies) {
  console.log(`\n== ${topology === 'one' ? 'one process, everything embedded' : 'roles over Postgres and Redis'} ==`);
  const end = await runStory({ ...story, topology });
  const { verdict, hits } = end;
  const width = Math.max(...ROWS.map(([, name]) => name.length));
  console.log(`\nkills ${end.kills}, outages ${end.outages}, seed ${story.seed}`);
  for (const [key, name] of ROWS) console.log(`${name.padEnd(width)}  ${String(verdict[key]).padStart(8)}`);
  console.log(`quarantined by reason: ${JSON.stringify(verdict.quarantinedBy)}`);
  console.log(`slowest restart to listening: ${Math.round(end.slowestStartMs)} ms`);
  console.log(`looked for ${end.terms} planted terms in ${end.places}`);
  for (const { place, term } of hits) console.log(`PLANTED ${JSON.stringify(term)} in ${place}`);
  for (const death of end.deaths) console.log(`DIED BY ITSELF ${death}`);
  for (const stall of end.stalls) console.log(`STALLED ${stall}`);
  const faults = faultsOf(verdict);
  const counts = { ...faults, planted: hits.length, deaths: end.deaths.length, stalls: end.stalls.length };
  const wrong = Object.entries(counts).filter(([, count]) => count > 0);
  if (wrong.length > 0) isFaultless = false;
  console.log(wrong.length === 0 ? 'RESULT no fault' : `RESULT ${wrong.map((pair) => pair.join(' ')).join(', ')}`);
}
process.exitCode = isFaultless ? 0 : 1;
