// The chains of receipts that a question is about, each checked with the key of its project.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/config.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import { readBody, type Sign } from '../../receipts/chain.ts';
import { listProjects, listReceiptFiles, readLines } from '../../receipts/receipt-files.ts';
import { folderOf, placeOf, projectOf } from '../../receipts/receipt-log.ts';
import { verifyChain, type ChainReport, type PlacedLine } from '../../receipts/verify.ts';
import { openProjectKeys, readProjectKeys, hasKey } from '../../store/project-keys.ts';
import type { ReceiptHeadRow } from '../../store/receipt-heads.ts';
import { askDatabase } from '../open-store.ts';

export interface ReceiptQuestion {
  readonly project?: string;
  readonly file?: string;
  readonly key?: string;
  readonly config?: string;
  readonly data?: string;
}

export interface VerifiedChain extends ChainReport {
  readonly project: string;
  /** True when it is known where the chain must end, so that a cut end would have shown. */
  readonly isEndKnown: boolean;
}

/** Is shown each line on its way to being verified. */
export type LineObserver = (line: PlacedLine) => void;

/** No chain when there are no receipts. @throws LetheError `usage`, `key-unreadable` */
export async function verifyReceipts(
  question: ReceiptQuestion,
  observe: LineObserver = () => undefined,
): Promise<VerifiedChain[]> {
  const config = loadConfig({ file: question.config, data: question.data });
  if (question.file !== undefined) return verifyFile(question, question.file, config, observe);
  const directory = join(config.data, 'receipts');
  const heads = await headsOf(config);
  const chains: VerifiedChain[] = [];
  for (const folder of await listProjects(directory)) {
    const project = projectOf(folder);
    if (project === undefined || (question.project ?? project) !== project) continue;
    const at = folderOf(directory, project);
    const paths = (await listReceiptFiles(at)).map((name) => join(at, name));
    const chain = (await firstBody(paths))?.chain;
    const head = heads.find((row) => row.chain === chain);
    const sign = await signerOf(project, question, config);
    const report = await verifyChain(observed(paths, observe), sign, { head });
    if (report.receipts > 0 || report.broken !== undefined)
      chains.push({ project, ...report, isEndKnown: head !== undefined });
  }
  return [...chains, ...lostChains(heads, chains, directory, question.project)];
}

/** Chains that were written here, as the database knows, and of which no file is left. */
function lostChains(
  heads: readonly ReceiptHeadRow[],
  found: readonly VerifiedChain[],
  directory: string,
  wanted: string | undefined,
): VerifiedChain[] {
  return heads
    .filter(({ place, project }) => place === placeOf(directory) && (wanted ?? project) === project)
    .filter(
      ({ chain, project }) =>
        !found.some((one) => one.chain === chain || (one.project === project && one.chain === undefined)),
    )
    .map(({ chain, project }) => ({
      ...{ project, chain, receipts: 0, first: 0, last: { sequence: 0, hmac: '' }, isEndKnown: true },
      broken: { kind: 'cut-off', file: folderOf(directory, project), line: 0, sequence: 1 },
    }));
}

async function verifyFile(
  question: ReceiptQuestion,
  file: string,
  config: Config,
  observe: LineObserver,
): Promise<VerifiedChain[]> {
  const path = resolve(file);
  await requireFile(path);
  const body = await firstBody([path]);
  const named = question.project ?? body?.project;
  if (typeof named !== 'string') {
    if ((await stat(path)).size === 0) return [];
    throw new LetheError('usage', 'the file does not tell its project: name it with --project');
  }
  const sign = await signerOf(named, question, config);
  // One month of a chain may be kept apart from the others.
  const report = await verifyChain(observed([path], observe), sign, { isFromStart: false });
  if (report.receipts === 0 && report.broken === undefined) return [];
  return [{ project: named, ...report, isEndKnown: typeof body?.inputs === 'number' }];
}

async function requireFile(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    throw new LetheError('usage', `cannot read the file of --file (${systemCodeOf(error) ?? 'unknown'})`, {
      cause: error,
    });
  }
  throw new LetheError('usage', 'the path of --file is no file');
}

async function* observed(paths: readonly string[], observe: LineObserver): AsyncGenerator<PlacedLine> {
  for await (const line of readLines(paths)) {
    observe(line);
    yield line;
  }
}

/** The first line that can be read at all; it is verified later. */
async function firstBody(paths: readonly string[]): Promise<Readonly<Record<string, unknown>> | undefined> {
  for await (const { text } of readLines(paths)) {
    const body = readBody(text);
    if (body !== undefined) return body;
  }
  return undefined;
}

async function signerOf(project: string, { key }: ReceiptQuestion, config: Config): Promise<Sign> {
  const directory = join(config.data, 'keys');
  if (key === undefined && !(await hasKey(directory, project)))
    throw new LetheError(
      'key-unreadable',
      `There is no key of project ${project} in ${directory}: name it with --key.`,
    );
  const keys = key === undefined ? await openProjectKeys(directory).keysFor(project) : await readProjectKeys(key);
  return (text) => keys.signReceipt(text);
}

/** None when there is no database: verifying must not make one. */
async function headsOf(config: Config): Promise<readonly ReceiptHeadRow[]> {
  if (config.database === 'embedded' && !(await isThere(join(config.data, 'postgres')))) return [];
  return (await askDatabase(config, 'receipts.heads', null)) as ReceiptHeadRow[];
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
