// `lethe profile …`: work with profiles. One file per subcommand in profile/.
import { addCheck } from './profile/check.ts';
import { addCoverage } from './profile/coverage.ts';
import { addDiff } from './profile/diff.ts';
import { addExplain } from './profile/explain.ts';
import { addImport } from './profile/import.ts';
import { addList } from './profile/list.ts';
import { addSchema } from './profile/schema.ts';
import type { AddCommand } from './services.ts';

/** In the order in which `lethe profile --help` lists them. */
const SUBCOMMANDS: readonly AddCommand[] = [addList, addCheck, addExplain, addDiff, addCoverage, addImport, addSchema];

export const addProfile: AddCommand = (program, services, finish) => {
  const profile = program.command('profile').description('work with profiles');
  for (const add of SUBCOMMANDS) add(profile, services, finish);
};
