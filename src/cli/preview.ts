// `lethe preview`: what a profile does to the pixels of an image or to a document, before and after.
import { InvalidArgumentError } from 'commander';

import type { PixelReceipt } from '../deid/outcome.ts';
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { WrittenDocument } from './preview/document.ts';
import { withReview, type ReviewOptions } from './review-options.ts';
import type { AddCommand } from './services.ts';

interface PreviewOptions extends ReviewOptions {
  readonly output: string;
  readonly profile: string;
  readonly frame: number;
  readonly config?: string;
  readonly json?: true;
}

const REGION_COLUMNS = ['frames', 'x', 'y', 'width', 'height', 'cause', 'confidence', 'becomes'];
const FINDING_COLUMNS = ['page', 'taken out', 'count'];

export const addPreview: AddCommand = (program, _services, finish) => {
  withReview(program.command('preview'))
    .description(
      'show an image or a document before and after, for eyes that may see the original; exit 1 when it is held back',
    )
    .argument('<file>', 'image or encapsulated document')
    .requiredOption(
      '-o, --output <path>',
      'where it goes, for your eyes only: a .png; of a document a .png, an .html or a folder',
    )
    .option('--profile <name>', 'profile: a name, or a YAML file', 'basic')
    .option('--frame <n>', 'frame of an image, or page of a PDF, counted from 1', parseFrame, 1)
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--json', 'print what was found as JSON')
    .action(async (file: string, options: PreviewOptions) => {
      const { runPreview } = await import('./preview/run.ts');
      const seen = await runPreview(file, options);
      if (seen.kind === 'quarantined') {
        if (options.json === true) printJson({ quarantined: seen.reason, message: seen.message });
        else printLine(`held back: ${seen.reason}. ${seen.message}`);
        finish(EXIT.failed);
        return;
      }
      const { value } = seen;
      if (options.json === true) printJson(value.kind === 'pixels' ? value.pixels : value.document);
      else if (value.kind === 'pixels') printPixels(value.pixels, options);
      else printDocument(value.document);
      finish(EXIT.done);
    });
};

function parseFrame(text: string): number {
  const frame = Number(text);
  if (!Number.isInteger(frame) || frame < 1) throw new InvalidArgumentError('Frames count from 1.');
  return frame;
}

function printPixels({ regions, framesLookedAt }: PixelReceipt, { frame, output }: PreviewOptions): void {
  const rows = regions.map((region) => [
    region.lastFrame === undefined ? String(region.frame) : `${region.frame}-${region.lastFrame}`,
    ...[region.x, region.y, region.width, region.height].map(String),
    region.overlay === undefined ? region.cause : `${region.cause} (overlay ${region.overlay})`,
    region.confidence.toFixed(2),
    region.isBlanked ? 'blank' : 'kept',
  ]);
  printTable(REGION_COLUMNS, rows);
  printLine(`${framesLookedAt} frames looked at; frame ${frame} in ${output}`);
}

function printDocument({ kind, pages, findings, files }: WrittenDocument): void {
  const rows = findings.map(({ page, kind: what, count }) => [String(page ?? ''), what, String(count)]);
  printTable(FINDING_COLUMNS, rows);
  const length = pages === undefined ? '' : ` of ${pages} ${pages === 1 ? 'page' : 'pages'}`;
  printLine(`document (${kind})${length}; ${files.length === 1 ? files[0] : `${files.length} files from ${files[0]}`}`);
}
