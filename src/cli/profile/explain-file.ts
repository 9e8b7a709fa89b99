// One file explained: the rows and what they are headed by.
import { loadConfig } from '../../config/load.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import type { PreparedInstance } from '../../pipeline/deidentify-instance.ts';
import { loadProfile } from '../../profile/load.ts';
import { formatTag, TAG } from '../../standard/tags.ts';
import { requireProjectName } from '../project-name.ts';
import type { ExplainOptions } from './explain.ts';
import { explainRows, isChanged, type ExplainRow } from './explain-rows.ts';
import { PixelLook } from './pixel-look.ts';
import { preview, previewKeys, type Preview } from './preview.ts';

export interface Explained {
  readonly profile: string;
  readonly version: number;
  readonly digest: string;
  readonly engine: string;
  readonly methods: readonly string[];
  readonly withoutEffect: readonly string[];
  /** Frames that were not looked at, but would be before the instance leaves; 0 when all were, or the profile leaves pixels alone. */
  readonly framesNotLookedAt: number;
  readonly rows: readonly ExplainRow[];
}

const PIXEL_DATA: ReadonlySet<string> = new Set(
  [TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData].map(formatTag),
);
const NOT_LOOKED_AT = 'not looked at';
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
  const look = new PixelLook(options.pixels === true);
  const explain = ({ dataSet, outcome }: PreparedInstance): Explained => {
    const rows = explainRows(dataSet, outcome, profile, options.showPhi === true);
    const { framesLeft } = look;
    const { methods, withoutEffect, engine } = outcome.receipt;
    const { name, version, digest } = outcome.receipt.profile;
    return {
      ...{ profile: name, version, digest, engine, methods, withoutEffect, framesNotLookedAt: framesLeft },
      rows: withPixels(options.onlyChanged === true ? rows.filter(isChanged) : rows, framesLeft),
    };
  };
  const explained = await preview(file, profile, keys, explain, { stages: look.stages }).catch((error: unknown) => {
    const code = systemCodeOf(error);
    if (error instanceof LetheError || code === undefined) throw error;
    throw new LetheError('usage', `cannot read the file (${code})`, { cause: error });
  });
  const notice = isOfProject ? NOTICES.project : NOTICES.preview;
  return { explained, notice: look.framesLeft === 0 ? notice : `${notice} ${pixelNotice(look.framesLeft)}` };
}

function pixelNotice(frames: number): string {
  return (
    `Its ${frames} frames were not looked at (--pixels does it): before the file leaves they are. Text that is found in them is blanked, ` +
    'or holds the file back, and (0012,0064) and (0028,0301) say that they were.'
  );
}

/** Pixel data that nobody looked at may leave as they are, or not. */
function withPixels(rows: readonly ExplainRow[], framesLeft: number): readonly ExplainRow[] {
  if (framesLeft === 0) return rows;
  return rows.map((row) =>
    PIXEL_DATA.has(row.path) && row.action === 'keep' ? { ...row, after: NOT_LOOKED_AT } : row,
  );
}
