// `lethe profile import`: a profile of Karnak or a script of the RSNA Clinical Trial Processor (CTP) as a Lethe profile,
// a script of CTP's DicomPixelAnonymizer as device templates.
import { readFile, writeFile } from 'node:fs/promises';

import { Option } from 'commander';

import { LetheError, systemCodeOf } from '../../core/errors.ts';
import type { ImportForm } from '../../profile/import/import-profile.ts';
import { EXIT } from '../exit-codes.ts';
import { printLine, printNotice } from '../output.ts';
import type { AddCommand } from '../services.ts';

interface ImportOptions {
  readonly from?: ImportForm;
  readonly output?: string;
  readonly name?: string;
}

const FORMS: readonly ImportForm[] = ['karnak', 'ctp', 'ctp-pixels'];
/** Larger files are none of them. */
const MAX_FILE_BYTES = 8 << 20;

export const addImport: AddCommand = (profile, _services, finish) => {
  profile
    .command('import')
    .description(
      'translate a Karnak profile, a CTP DicomAnonymizer script, or a CTP DicomPixelAnonymizer script into device templates; exit 1 when something had to be left out',
    )
    .argument('<file>', 'Karnak YAML profile, or a script of CTP')
    .addOption(new Option('--from <system>', 'what it is (default: told by its content)').choices(FORMS))
    .option('-o, --output <file>', 'where the profile goes; never over a file that exists (default: standard output)')
    .option('--name <name>', 'name of the profile (default: made of its name there)')
    .action(async (file: string, options: ImportOptions) => {
      const { importProfile } = await import('../../profile/import/import-profile.ts');
      const { text, changes } = importProfile(await read(file), { file, from: options.from, name: options.name });
      if (options.output === undefined) printLine(text.trimEnd());
      else await write(options.output, text);
      const lost = changes.filter(({ kind }) => kind === 'left-out');
      for (const { where, what, instead } of changes) printNotice(`${where}: ${what} → ${instead}`);
      printNotice(
        `Left out: ${lost.length}; done in another way: ${changes.length - lost.length}. Read it before you use it.`,
      );
      finish(lost.length === 0 ? EXIT.done : EXIT.failed);
    });
};

async function read(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= MAX_FILE_BYTES) return bytes.toString('utf8');
  } catch (error: unknown) {
    throw new LetheError('usage', `${file} cannot be read (${systemCodeOf(error) ?? 'unknown error'}).`, {
      cause: error,
    });
  }
  throw new LetheError(
    'usage',
    `${file} is larger than ${MAX_FILE_BYTES >> 20} MiB; this is neither a profile nor a script.`,
  );
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error: unknown) {
    const isThere = systemCodeOf(error) === 'EEXIST';
    throw new LetheError(
      'usage',
      isThere
        ? `${file} exists; choose another name.`
        : `${file} cannot be written (${systemCodeOf(error) ?? 'unknown error'}).`,
      { cause: error },
    );
  }
}
