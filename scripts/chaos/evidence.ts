// What is kept of a run in which something went wrong, to find out why: the logs of all processes, and what the ledger says of each suspect.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayRig } from '../../test/support/custody/gateway-rig.ts';
import type { Verdict } from '../../test/support/custody/verdict.ts';

export function keepLogs(rig: GatewayRig, directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(rig.directory))
    if (name.endsWith('.log')) copyFileSync(join(rig.directory, name), join(directory, name));
}

/** Call when no process of the rig runs any more. */
export async function keepSuspects(rig: GatewayRig, { suspects }: Verdict, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const ledger = await rig.ledger();
  const found = Object.entries(suspects).flatMap(([fault, numbers]) =>
    numbers.map((number) => ({ fault, number, rows: ledger.filter((row) => row.number === number) })),
  );
  writeFileSync(join(directory, 'suspects.json'), JSON.stringify(found, undefined, 1));
}
