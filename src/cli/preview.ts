// `lethe preview`: what a profile does to the pixels of an image, before and after side by side.
import { writeFile } from 'node:fs/promises';

import { InvalidArgumentError } from 'commander';

import { LetheError, systemCodeOf } from '../core/errors.ts';
import { EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { AddCommand } from './services.ts';

interface PreviewOptions {
  readonly output: string;
  readonly profile: string;
  readonly frame: number;
  readonly config?: string;
  readonly json?: true;
}

const COLUMNS = ['frames', 'x', 'y', 'width', 'height', 'cause', 'confidence', 'becomes'];

export const addPreview: AddCommand = (program, _services, finish) => {
  program
    .command('preview')
    .description(
      'draw a frame before and after, with each region, its cause and confidence; exit 1 when it is held back',
    )
    .argument('<file>', 'image')
    .requiredOption('-o, --output <png>', 'where the picture goes')
    .option('--profile <name>', 'profile: a name, or a YAML file', 'basic')
    .option('--frame <n>', 'frame, counted from 1', parseFrame, 1)
    .option('--config <file>', 'configuration file (default: lethe.yaml when it exists)')
    .option('--json', 'print the regions as JSON')
    .action(async (file: string, options: PreviewOptions) => {
      const { previewPixels } = await import('./preview/run.ts');
      const seen = await previewPixels(file, options);
      if (seen.kind === 'quarantined') {
        if (options.json === true) printJson({ quarantined: seen.reason, message: seen.message });
        else printLine(`held back: ${seen.reason}. ${seen.message}`);
        finish(EXIT.failed);
        return;
      }
      const { png, pixels } = seen.value;
      await write(options.output, png);
      if (options.json === true) printJson(pixels);
      else {
        const rows = pixels.regions.map((region) => [
          region.lastFrame === undefined ? String(region.frame) : `${region.frame}-${region.lastFrame}`,
          ...[region.x, region.y, region.width, region.height].map(String),
          region.overlay === undefined ? region.cause : `${region.cause} (overlay ${region.overlay})`,
          region.confidence.toFixed(2),
          region.isBlanked ? 'blank' : 'kept',
        ]);
        printTable(COLUMNS, rows);
        printLine(`${pixels.framesLookedAt} frames looked at; frame ${options.frame} in ${options.output}`);
      }
      finish(EXIT.done);
    });
};

function parseFrame(text: string): number {
  const frame = Number(text);
  if (!Number.isInteger(frame) || frame < 1) throw new InvalidArgumentError('Frames count from 1.');
  return frame;
}

async function write(file: string, png: Buffer): Promise<void> {
  try {
    await writeFile(file, png);
  } catch (error: unknown) {
    const code = systemCodeOf(error) ?? 'unknown error';
    throw new LetheError('usage', `The picture cannot be written (${code}).`, { cause: error });
  }
}
