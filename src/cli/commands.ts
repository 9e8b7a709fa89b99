// The commands in the order in which `lethe --help` lists them. Each is loaded only when the command line may be about it.
import type { AddCommand } from './services.ts';

const COMMANDS: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ['start', async () => (await import('./start.ts')).addStart],
  ['deid', async () => (await import('./deid.ts')).addDeid],
  ['send', async () => (await import('./send.ts')).addSend],
  ['echo', async () => (await import('./echo.ts')).addEcho],
  ['status', async () => (await import('./status.ts')).addStatus],
  ['preview', async () => (await import('./preview.ts')).addPreview],
  ['deliveries', async () => (await import('./deliveries.ts')).addDeliveries],
  ['quarantine', async () => (await import('./quarantine.ts')).addQuarantine],
  ['pseudonyms', async () => (await import('./pseudonyms.ts')).addPseudonyms],
  ['audit', async () => (await import('./audit.ts')).addAudit],
  ['profile', async () => (await import('./profile.ts')).addProfile],
  ['config', async () => (await import('./config.ts')).addConfig],
  ['doctor', async () => (await import('./doctor.ts')).addDoctor],
  ['migrate', async () => (await import('./migrate.ts')).addMigrate],
  ['demo', async () => (await import('./demo.ts')).addDemo],
]);

/** The command that a command line begins with; all of them when it begins with anything else, as for help and suggestions. */
export async function commandsFor(argv: readonly string[]): Promise<readonly AddCommand[]> {
  const load = COMMANDS.get(argv.at(0) ?? '');
  return load === undefined ? Promise.all(Array.from(COMMANDS.values(), (one) => one())) : [await load()];
}
