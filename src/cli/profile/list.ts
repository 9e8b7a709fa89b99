// `lethe profile list`: the profiles that can be named, and where each of them is.
import { LetheError } from '../../core/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printTable } from '../output.ts';
import type { AddCommand } from '../services.ts';

interface ListOptions {
  readonly config?: string;
  readonly json?: true;
}

/** A profile with mistakes has a name and a place, and nothing else that could be trusted. */
interface ListedProfile {
  readonly name: string;
  readonly version?: number;
  readonly options?: readonly string[];
  readonly rules?: number;
  readonly digest?: string;
  readonly file: string | undefined;
  readonly mistakes?: number;
}

export const addList: AddCommand = (profile, _services, finish) => {
  profile
    .command('list')
    .description('the profiles that can be named: version, options of PS3.15 E.3, digest, file')
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--json', 'print JSON')
    .action(async (options: ListOptions) => {
      const { loadConfig } = await import('../../config/load.ts');
      const { listProfiles } = await import('../../profile/load.ts');
      const { profileDirectories } = loadConfig({ file: options.config });
      const rows: ListedProfile[] = [];
      for (const name of await listProfiles(profileDirectories)) rows.push(await describe(name, profileDirectories));
      if (options.json === true) printJson(rows);
      else printTable(['name', 'version', 'rules', 'digest', 'file', 'options'], rows.map(cellsOf));
      finish(rows.length > 0 ? EXIT.done : EXIT.notFound);
    });
};

async function describe(name: string, directories: readonly string[]): Promise<ListedProfile> {
  const { findProfileFile, loadProfile } = await import('../../profile/load.ts');
  const file = await findProfileFile(name, directories);
  try {
    const { version, digest, options, rules } = await loadProfile(name, directories);
    return { name, version, options: [...options].sort(), rules: rules.all.length, digest, file };
  } catch (error: unknown) {
    if (!(error instanceof LetheError) || error.code !== 'profile-invalid') throw error;
    return { name, file, mistakes: error.message.split('\n').length };
  }
}

function cellsOf({ name, version, options, rules, digest, file, mistakes }: ListedProfile): string[] {
  const said =
    mistakes === undefined ? (options ?? []).join(' ') : `mistakes (${mistakes}): lethe profile check ${name}`;
  return [name, String(version ?? ''), String(rules ?? ''), (digest ?? '').slice(0, 12), file ?? '', said];
}
