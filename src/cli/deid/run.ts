// Opens what `lethe deid` needs, runs it, closes it.
import { join, resolve } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { createDeidentifier } from '../../pipeline/deidentify-instance.ts';
import { loadProfile } from '../../profile/load.ts';
import { RememberedIdentifiers } from '../../store/known-identifiers.ts';
import { openProjectKeys } from '../../store/project-keys.ts';
import { filesOfDirectory, isDirectoryFile, type ListedFiles } from '../directory-files.ts';
import { requireProjectName } from '../project-name.ts';
import { printable, printNotice } from '../output.ts';
import { startProgress } from '../progress.ts';
import { walkFiles } from '../walk-files.ts';
import { deidentifyFolder, requireApart, type FolderReport } from './deidentify-folder.ts';
import { openPseudonymStore } from './pseudonym-store.ts';

export interface DeidRunOptions {
  readonly profile: string;
  readonly project: string;
  readonly config?: string;
  readonly data?: string;
  readonly workers: number;
  readonly sync?: true;
}

/** Troubles that are listed; the receipts have all. */
const LISTED_TROUBLES = 50;

export async function runDeid(input: string, out: string, options: DeidRunOptions): Promise<FolderReport> {
  const project = requireProjectName(options.project);
  const config = loadConfig({ file: options.config, data: options.data });
  const profile = await loadProfile(options.profile, config.profileDirectories);
  await requireApart(input, out);
  const { files, strays } = await listInput(input);

  const keyFiles = openProjectKeys(join(config.data, 'keys'));
  const store = await openPseudonymStore(config, project, keyFiles);
  try {
    const keys = await keyFiles.keysFor(project);
    const deidentifier = createDeidentifier({
      subjects: store.subjects,
      keysFor: () => keys,
      profileOf: () => profile,
      // What the database holds is not asked for: it is not opened for patients that are known.
      known: new RememberedIdentifiers(),
    });
    const progress = await startProgress('files');
    progress.setTotal(files.length);
    const troubles: string[] = [];
    try {
      return await deidentifyFolder({
        files,
        strays,
        out: resolve(out),
        project,
        profile: options.profile,
        deidentifier,
        sign: (text) => keys.signReceipt(text),
        store,
        workers: options.workers,
        isSynced: options.sync === true,
        progress,
        onTrouble: (path, why) => {
          if (troubles.length <= LISTED_TROUBLES) troubles.push(`${printable(path)}: ${why}`);
        },
      });
    } finally {
      progress.stop();
      listTroubles(troubles);
    }
  } finally {
    await store.close();
  }
}

/** The file that is named, or what lies in the folder; a DICOMDIR that is named is followed. */
async function listInput(input: string): Promise<ListedFiles> {
  const files: string[] = [];
  for await (const path of walkFiles([input])) files.push(path);
  const isNamed = files.length === 1 && files[0] === resolve(input);
  return isNamed && (await isDirectoryFile(files[0])) ? filesOfDirectory(files[0]) : { files, strays: 0 };
}

/** On a terminal only: a path may hold a name, and what is not a terminal may be kept as a log. */
function listTroubles(troubles: readonly string[]): void {
  if (!process.stderr.isTTY) return;
  for (const trouble of troubles.slice(0, LISTED_TROUBLES)) printNotice(trouble);
  if (troubles.length > LISTED_TROUBLES) printNotice('… and more; receipts.jsonl tells of all');
}
