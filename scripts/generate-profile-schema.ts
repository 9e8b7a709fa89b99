// Writes profiles/profile.schema.json, the JSON Schema that editors use for profiles, from the code that reads them.
//   npx tsx scripts/generate-profile-schema.ts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { format, resolveConfig } from 'prettier';

import { schemaText } from '../src/profile/grammar.ts';

const file = fileURLToPath(new URL('../profiles/profile.schema.json', import.meta.url));
const style = await resolveConfig(file);
writeFileSync(file, await format(schemaText(), { ...style, filepath: file }));
process.stdout.write(`${file}\n`);
