// Makes the tables of profiles/standard. Usage: npx tsx scripts/generate-standard.ts [FOLDER of shared/standard]
import { resolve } from 'node:path';

import { writeDictionaryCorrections } from './generate-standard/dictionary.ts';
import { writeCid7050, writeProfileTable, writeSafePrivate, writeUids } from './generate-standard/tables.ts';

const folder = resolve(process.argv[2] ?? '../shared/standard');

writeProfileTable(folder);
writeSafePrivate(folder);
writeCid7050(folder);
writeUids(folder);
writeDictionaryCorrections(folder);
