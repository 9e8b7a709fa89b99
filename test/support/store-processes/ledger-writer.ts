// A process that writes instances to the PGlite cluster of argv[2] and prints the ids of each batch once it is flushed, until it is killed.
import { migrate } from '../../../src/store/migrate.ts';
import { openPglite } from '../../../src/store/pglite.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { cleanFacts, spoolRecord } from '../ledger-events.ts';

const database = await openPglite(process.argv[2], { upkeepMs: 0 });
await migrate(database);
const ledger = new PostgresLedger(database);
for (;;) {
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) {
    const record = spoolRecord();
    ledger.received(record, 'lung', ['research']);
    ledger.clean(record.recordId, cleanFacts());
    ledger.delivery(record.recordId, 'research', { kind: 'sent', status: 0 });
    ledger.delivered(record.recordId);
    ids.push(record.recordId);
  }
  await ledger.flush();
  process.stdout.write(`${ids.join('\n')}\n`);
}
