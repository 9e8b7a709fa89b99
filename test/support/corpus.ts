// The shared corpus of real files, when it lies beside the repository: what each file is, and how to send it with storescu.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPUS, run, type Finished } from './programs.ts';

export interface CorpusFile {
  /** Path below the corpus, `general/001_….dcm`. */
  readonly file: string;
  readonly category: 'general' | 'burned-in' | 'malformed';
  readonly sopClassUID: string | null;
  readonly transferSyntaxUID: string | null;
  readonly readers: { readonly pydicom: string; readonly dcmdumpExit: number };
}

export const hasCorpus = existsSync(join(CORPUS, 'manifest.json'));

export function corpusFiles(category: CorpusFile['category']): readonly CorpusFile[] {
  const manifest = JSON.parse(readFileSync(join(CORPUS, 'manifest.json'), 'utf8')) as { files: CorpusFile[] };
  return manifest.files.filter((file) => file.category === category);
}

export function pathOf(file: CorpusFile): string {
  return join(CORPUS, file.file);
}

/**
 * Sends files of one transfer syntax with storescu, each in a presentation context of its own SOP class and just that syntax.
 * `scratch` takes the association configuration.
 */
export async function storescu(
  scratch: string,
  port: number,
  transferSyntaxUid: string,
  files: readonly { path: string; sopClassUid: string }[],
): Promise<Finished> {
  const classes = [...new Set(files.map((file) => file.sopClassUid))];
  const contexts = classes.map((uid, index) => `PresentationContext${index + 1} = ${uid}\\Only`);
  const configuration = join(scratch, `${transferSyntaxUid}.cfg`);
  writeFileSync(
    configuration,
    [
      '[[TransferSyntaxes]]',
      '[Only]',
      `TransferSyntax1 = ${transferSyntaxUid}`,
      '[[PresentationContexts]]',
      '[All]',
      ...contexts,
      '[[Profiles]]',
      '[Default]',
      'PresentationContexts = All',
      '',
    ].join('\n'),
  );
  const paths = files.map((file) => file.path);
  return run('storescu', [
    '-v',
    '-aec',
    'LETHE',
    '-xf',
    configuration,
    'Default',
    '-nh',
    '127.0.0.1',
    String(port),
    ...paths,
  ]);
}

/** All files below a folder. */
export function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
