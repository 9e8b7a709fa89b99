// Kills the gateway N times while four associations send, then counts: npx tsx scripts/chaos-custody.ts [N]
import { runCustody } from '../test/integration/custody-rig.ts';

const rounds = Number(process.argv[2] ?? 200);
const result = await runCustody({
  rounds,
  longestLifeMs: 2_000,
  onRound: (round, acknowledged) => {
    if (round % 10 === 0) console.log(`${round} of ${rounds} kills, ${acknowledged} acknowledged`);
  },
});
console.log(JSON.stringify(result, null, 2));
process.exitCode = result.lost === 0 && result.damaged === 0 && result.duplicates <= rounds ? 0 : 1;
