// npx tsx scripts/fuzz/main.ts [--pdus 100000] [--data-sets 20000] [--seed N]: the long run of the fuzzer of which the test suite has a short one.
// A session or instance can be repeated alone: its seed is printed; --pdus 1 --seed <it>.
import { parseArgs } from 'node:util';
import { DataSetFuzzer } from './data-sets.ts';
import { memoryInUse } from './memory.ts';
import { PduFuzzer } from './pdus.ts';

const { values } = parseArgs({
  options: {
    pdus: { type: 'string', default: '100000' },
    'data-sets': { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});
const first = Number(values.seed);
const unhandled: string[] = [];
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    console.error(unhandled.at(-1));
    process.exitCode = 1;
  });

/** Runs `count` cases; the first tenth warms up, so that what is compared is the memory of two running states. */
async function runAll(name: string, count: number, one: (seed: number) => Promise<void>): Promise<object> {
  const startedAt = process.cpuUsage();
  const warm = Math.ceil(count / 10);
  for (let i = 0; i < warm; i++) await one(first + i);
  const before = await memoryInUse();
  for (let i = warm; i < count; i++) {
    await one(first + i);
    if (i % 10_000 === 0) console.error(`${name}: ${i} of ${count}`);
  }
  const { user, system } = process.cpuUsage(startedAt);
  return { memoryBefore: before, memoryAfter: await memoryInUse(), cpuSeconds: Math.round((user + system) / 1e6) };
}

const pdus = new PduFuzzer();
const pduMemory = await runAll('pdus', Number(values.pdus), (seed) => pdus.run(seed));
await pdus.close();
console.log(JSON.stringify({ pdus: { ...pdus.result, ...pduMemory } }, null, 2));
const dataSets = await DataSetFuzzer.prepare();
const dataSetMemory = await runAll('data sets', Number(values['data-sets']), (seed) => dataSets.run(seed));
console.log(JSON.stringify({ dataSets: { ...dataSets.result, ...dataSetMemory }, unhandled }, null, 2));
const { hangs, falseSuccesses, leaks, badNames, unserved } = pdus.result;
const faults = hangs + falseSuccesses + leaks + badNames + unserved + dataSets.result.crashes + dataSets.result.slow;
process.exitCode = faults + dataSets.result.unreadable + unhandled.length === 0 ? 0 : 1;
