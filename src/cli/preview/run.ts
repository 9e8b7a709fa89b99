// De-identifies one file for a look at its pixels or its document. Nothing but the preview is written.
import { randomBytes } from 'node:crypto';

import { loadConfig } from '../../config/load.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import { ProjectKeys } from '../../deid/keys.ts';
import type { PixelReceipt } from '../../deid/outcome.ts';
import { findElement } from '../../dicom/values.ts';
import { openFileSource } from '../../dicom/file-source.ts';
import { readFile10 } from '../../dicom/part10.ts';
import { hasDocument } from '../../documents/stage.ts';
import type { PreparedInstance } from '../../pipeline/deidentify-instance.ts';
import { closePixelThreads } from '../../pipeline/pixel-content.ts';
import { drawPreview } from '../../pixels/preview/draw-preview.ts';
import type { RecordedRegion } from '../../pixels/stage/pixel-record.ts';
import { loadProfile } from '../../profile/load.ts';
import { TAG } from '../../standard/tags.ts';
import { findTransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { reviewOf, type ReviewOptions } from '../review-options.ts';
import { preview } from '../profile/preview.ts';
import type { Preview } from '../profile/preview.ts';
import { writeDocumentPreview, type WrittenDocument } from './document.ts';
import { writePrivateFile } from '../private-file.ts';

/** What was written, without an original value. */
export type WrittenPreview =
  | { readonly kind: 'pixels'; readonly pixels: PixelReceipt }
  | { readonly kind: 'document'; readonly document: WrittenDocument };

export interface PreviewRun extends ReviewOptions {
  /** The picture, page or folder that is written, for its owner alone. */
  readonly output: string;
  readonly profile: string;
  /** The frame, or the page of a document, counted from 1. */
  readonly frame: number;
  readonly config?: string;
}

const PIXELS = [TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData];
const NOT_LOOKED_AT: PixelReceipt = {
  policy: 'off',
  risk: { level: 'usual', reasons: [] },
  framesLookedAt: 0,
  method: 'none',
  templates: [],
  regions: [],
  clearedBits: 0,
};

/** Rejects with `usage` when the file cannot be opened or shows nothing, or the preview cannot be written, `profile-unknown`, `profile-invalid`. */
export async function runPreview(file: string, options: PreviewRun): Promise<Preview<WrittenPreview>> {
  const config = loadConfig({ file: options.config });
  const profile = await loadProfile(options.profile, config.profileDirectories);
  try {
    // Keys that nobody will have again: no pseudonym is shown.
    return await preview(
      file,
      profile,
      new ProjectKeys(randomBytes(32)),
      (prepared) => write(file, options, prepared),
      {
        review: reviewOf(options),
      },
    );
  } catch (error: unknown) {
    if (systemCodeOf(error) === undefined || error instanceof LetheError) throw error;
    throw new LetheError('usage', `The file cannot be read (${systemCodeOf(error) ?? ''}).`, { cause: error });
  } finally {
    await closePixelThreads();
  }
}

async function write(file: string, { output, frame }: PreviewRun, prepared: PreparedInstance): Promise<WrittenPreview> {
  const { dataSet } = prepared;
  if (PIXELS.some((tag) => findElement(dataSet.elements, tag) !== undefined)) {
    const { png, pixels } = await draw(file, frame - 1, prepared);
    await writePrivateFile(output, png);
    return { kind: 'pixels', pixels };
  }
  if (!hasDocument(dataSet))
    throw new LetheError(
      'usage',
      'The instance has neither pixels nor a document: `lethe profile explain` shows what becomes of its attributes.',
    );
  return { kind: 'document', document: await writeDocumentPreview(prepared, output, frame) };
}

async function draw(
  file: string,
  frame: number,
  { outcome, instance }: PreparedInstance,
): Promise<{ readonly png: Buffer; readonly pixels: PixelReceipt }> {
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
