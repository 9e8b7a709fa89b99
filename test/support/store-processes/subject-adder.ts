// A process that adds three subjects to the PGlite cluster of argv[2], with a line on its output after each.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../../../src/store/migrate.ts';
import { openPglite } from '../../../src/store/pglite.ts';
import { openProjectKeys } from '../../../src/store/project-keys.ts';
import { PostgresSubjects } from '../../../src/store/subjects.ts';

const database = await openPglite(process.argv[2], { upkeepMs: 0 });
await migrate(database);
const subjects = new PostgresSubjects(database, openProjectKeys(join(process.argv[2], '../keys')));
const policy = { idTemplate: '{sequence:4}', nameTemplate: '{id}', maxShiftDays: 9 };
for (const patientId of ['a', 'b', 'c']) {
  writeSync(1, `asked\n`);
  await subjects.resolve('lung', { patientId, issuer: '', name: '', birthDate: '' }, policy);
  writeSync(1, `answered\n`);
}
await database.close();
