// A frame before and after, side by side as a PNG, each region drawn with its cause and confidence.
import sharp from 'sharp';

import { InstanceError } from '../../core/errors.ts';
import type { GrayPicture, RegionCause } from '../../core/picture.ts';
import type { DataSet, OutputDataSet } from '../../dicom/element.ts';
import type { TransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { openFrames } from '../frames/frame-source.ts';
import { grayPicturesOf } from '../frames/gray.ts';
import type { RecordedRegion } from '../stage/pixel-record.ts';
import { readableOutput } from '../stage/readable-output.ts';

export interface PreviewJob {
  readonly dataSet: DataSet;
  readonly transferSyntax: TransferSyntax;
  readonly output: OutputDataSet;
  readonly outputTransferSyntax: TransferSyntax;
  /** From 0. */
  readonly frame: number;
  /** Those of the frame. */
  readonly regions: readonly RecordedRegion[];
}

const COLOURS: Readonly<Record<RegionCause, string>> = {
  identifying: '#ff3b30',
  unread: '#ff9500',
  text: '#ffcc00',
  harmless: '#34c759',
  template: '#af52de',
  'outside-ultrasound-region': '#5ac8fa',
  reviewer: '#007aff',
};
const GAP = 8;
const LABEL_HEIGHT = 11;

/** Rejects with InstanceError `codec-failed` when the frame is not there or cannot be decoded, `unsupported-transfer-syntax`. */
export async function drawPreview(job: PreviewJob): Promise<Buffer> {
  const before = await pictureOf(job.dataSet, job.transferSyntax, job.frame);
  const after = await pictureOf(readableOutput(job.output), job.outputTransferSyntax, job.frame);
  const width = before.width + GAP + after.width;
  const height = Math.max(before.height, after.height);
  const left = before.width + GAP;
  return sharp({ create: { width, height, channels: 3, background: '#404040' } })
    .composite([
      { input: Buffer.from(before.data), raw: rawOf(before), left: 0, top: 0 },
      { input: Buffer.from(after.data), raw: rawOf(after), left, top: 0 },
      { input: Buffer.from(drawing(job.regions, width, height, left)), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}

function rawOf({ width, height }: GrayPicture): { width: number; height: number; channels: 1 } {
  return { width, height, channels: 1 };
}

async function pictureOf(dataSet: DataSet, transferSyntax: TransferSyntax, index: number): Promise<GrayPicture> {
  const frames = await openFrames(dataSet, transferSyntax);
  if (frames === undefined || index >= frames.frameCount)
    throw new InstanceError('codec-failed', 'The instance has no such frame.');
  try {
    const { columns: width, rows: height } = frames.layout;
    const picture = grayPicturesOf(await frames.frame(index), frames.attributes).at(0);
    // One gray level everywhere shows nothing.
    return picture ?? { width, height, data: new Uint8Array(width * height) };
  } finally {
    await frames.close();
  }
}

/** Outlines on both pictures; labels on the second, where nothing that identifies is left under them. */
function drawing(regions: readonly RecordedRegion[], width: number, height: number, left: number): string {
  const shapes = regions.map(({ x, y, width: wide, height: high, cause, confidence, isBlanked }) => {
    const colour = COLOURS[cause];
    const dash = isBlanked ? '' : ' stroke-dasharray="4 3"';
    const box = (at: number): string =>
      `<rect x="${at + x + 0.5}" y="${y + 0.5}" width="${Math.max(1, wide - 1)}" height="${Math.max(1, high - 1)}" fill="none" stroke="${colour}"${dash}/>`;
    const label = `<text x="${left + x + 2}" y="${Math.max(LABEL_HEIGHT, y + LABEL_HEIGHT)}" font-size="${LABEL_HEIGHT}" font-family="sans-serif" fill="${colour}">${cause} ${confidence.toFixed(2)}</text>`;
    return box(0) + box(left) + label;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('')}</svg>`;
}
