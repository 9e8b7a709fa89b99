// Prints what becomes of the shared corpus under each profile: node --import tsx scripts/check-corpus.ts [FOLDER] [PROFILE...]
// Takes about half a minute a profile. Needs dciodvfy (dicom3tools).
import { CorpusJudge } from './check-corpus/judge.ts';

const SHIPPED = ['basic', 'research', 'tcia', 'strict', 'keep-dates', 'ultrasound'];

const [folder = new URL('../../shared/corpus/general', import.meta.url).pathname, ...names] = process.argv.slice(2);
const judge = new CorpusJudge(folder);
let isWorse = false;
for (const name of names.length === 0 ? SHIPPED : names) {
  const startedAt = performance.now();
  const { clean, heldBack, newErrors } = await judge.judge(name);
  const reasons = Array.from(heldBack, ([reason, count]) => `${reason} ${count}`).join(', ');
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(
    `${name.padEnd(12)} clean ${clean}, held back (${reasons}), new errors ${newErrors.length}, ${seconds} s\n`,
  );
  for (const error of newErrors) process.stdout.write(`    ${error}\n`);
  isWorse ||= newErrors.length > 0 || heldBack.has('residual-identifier') || heldBack.has('iod-broken');
}
process.exitCode = isWorse ? 1 : 0;
