// De-identifies one file for a look at its pixels. Nothing but the picture is written.
import { randomBytes } from 'node:crypto';

import { loadConfig } from '../../config/load.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import { ProjectKeys } from '../../deid/keys.ts';
import type { PixelReceipt } from '../../deid/outcome.ts';
import { openFileSource } from '../../dicom/file-source.ts';
import { readFile10 } from '../../dicom/part10.ts';
import type { PreparedInstance } from '../../pipeline/deidentify-instance.ts';
import { closePixelThreads } from '../../pipeline/pixel-content.ts';
import { drawPreview } from '../../pixels/preview/draw-preview.ts';
import type { RecordedRegion } from '../../pixels/stage/pixel-record.ts';
import { loadProfile } from '../../profile/load.ts';
import { findTransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { preview } from '../profile/preview.ts';
import type { Preview } from '../profile/preview.ts';

export interface PixelPreview {
  readonly png: Buffer;
  readonly pixels: PixelReceipt;
}

const NOT_LOOKED_AT: PixelReceipt = {
  policy: 'off',
  risk: { level: 'usual', reasons: [] },
  framesLookedAt: 0,
  method: 'none',
  templates: [],
  regions: [],
  clearedBits: 0,
};

/** Rejects with `usage` when the file cannot be opened, `profile-unknown`, `profile-invalid`. */
export async function previewPixels(
  file: string,
  options: { readonly profile: string; readonly frame: number; readonly config?: string },
): Promise<Preview<PixelPreview>> {
  const config = loadConfig({ file: options.config });
  const profile = await loadProfile(options.profile, config.profileDirectories);
  try {
    // Keys that nobody will have again: no pseudonym is shown.
    return await preview(file, profile, new ProjectKeys(randomBytes(32)), (prepared) =>
      draw(file, options.frame - 1, prepared),
    );
  } catch (error: unknown) {
    if (systemCodeOf(error) === undefined || error instanceof LetheError) throw error;
    throw new LetheError('usage', `The file cannot be read (${systemCodeOf(error) ?? ''}).`, { cause: error });
  } finally {
    await closePixelThreads();
  }
}

async function draw(file: string, frame: number, { outcome, instance }: PreparedInstance): Promise<PixelPreview> {
  const pixels = outcome.receipt.pixels ?? NOT_LOOKED_AT;
  const source = await openFileSource(file);
  try {
    const { dataSet, transferSyntax } = await readFile10(source);
    const regions = pixels.regions.filter(
      (region) =>
        region.overlay === undefined && region.frame <= frame + 1 && (region.lastFrame ?? region.frame) > frame,
    ) as readonly RecordedRegion[];
    const outputTransferSyntax = findTransferSyntax(instance.transferSyntaxUid) ?? transferSyntax;
    const png = await drawPreview({
      dataSet,
      transferSyntax,
      output: outcome.output,
      outputTransferSyntax,
      frame,
      regions,
    });
    await dataSet.close?.();
    return { png, pixels };
  } finally {
    await source.close();
  }
}
