// One file explained: the rows and what they are headed by.
import { loadConfig } from '../../config/load.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import { loadProfile } from '../../profile/load.ts';
import { requireProjectName } from '../project-name.ts';
import type { ExplainOptions } from './explain.ts';
import { explainRows, isChanged, type ExplainRow } from './explain-rows.ts';
import { preview, previewKeys, type Preview } from './preview.ts';

export interface Explained {
  readonly profile: string;
  readonly version: number;
  readonly digest: string;
  readonly engine: string;
  readonly methods: readonly string[];
  readonly withoutEffect: readonly string[];
  readonly rows: readonly ExplainRow[];
}

const NOTICES = {
  project: 'Pseudonyms are those of the project; a numbered subject gets its number when the first instance comes.',
  preview: 'Pseudonyms were made with a key for this preview only: the real ones will be others.',
} as const;

/** @throws LetheError `usage` when the file cannot be read, `profile-unknown`, `profile-invalid` */
export async function explainFile(
  file: string,
  options: ExplainOptions,
): Promise<{ readonly explained: Preview<Explained>; readonly notice: string }> {
  const config = loadConfig({ file: options.config, data: options.data });
  const profile = await loadProfile(options.profile, config.profileDirectories);
  const isAsked = options.data !== undefined || options.config !== undefined;
  const { keys, isOfProject } = await previewKeys(config, requireProjectName(options.project), isAsked);
  const explained = await preview(file, profile, keys, ({ dataSet, outcome }): Explained => {
    const rows = explainRows(dataSet, outcome, profile, options.showPhi === true);
    const { methods, withoutEffect, engine } = outcome.receipt;
    const { name, version, digest } = outcome.receipt.profile;
    return {
      ...{ profile: name, version, digest, engine, methods, withoutEffect },
      rows: options.onlyChanged === true ? rows.filter(isChanged) : rows,
    };
  }).catch((error: unknown) => {
    const code = systemCodeOf(error);
    if (error instanceof LetheError || code === undefined) throw error;
    throw new LetheError('usage', `cannot read the file (${code})`, { cause: error });
  });
  return { explained, notice: isOfProject ? NOTICES.project : NOTICES.preview };
}
