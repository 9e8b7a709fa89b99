// The files of the shared corpus under a profile, and what dciodvfy says of each before and after.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BufferSource } from '../../src/core/bytes.ts';
import { LetheError } from '../../src/core/errors.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import { buildFileHeader } from '../../src/dicom/part10.ts';
import { collectPlan } from '../../src/dicom/plan-io.ts';
import { createDeidentifier } from '../../src/pipeline/deidentify-instance.ts';
import { loadProfile } from '../../src/profile/load.ts';

const PROFILES = new URL('../../profiles', import.meta.url).pathname;
/** dciodvfy runs at once. */
const CONCURRENCY = 2;

export interface CorpusVerdict {
  readonly profile: string;
  readonly clean: number;
  /** Files that were held back, by reason. */
  readonly heldBack: ReadonlyMap<string, number>;
  /** `file: error` for each error that the original did not have. */
  readonly newErrors: readonly string[];
}

/** What dciodvfy said of originals, kept between profiles. */
export class CorpusJudge {
  readonly #folder: string;
  readonly #before = new Map<string, Promise<readonly string[]>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Without `pixels`, images leave as they came: half of the time, for what does not depend on them. */
  async judge(profileName: string, { pixels = true } = {}): Promise<CorpusVerdict> {
    const shipped = await loadProfile(profileName, [PROFILES]);
    const profile = pixels ? shipped : { ...shipped, pixels: { ...shipped.pixels, text: 'off' as const } };
    const keys = new ProjectKeys(Buffer.alloc(32, 5));
    const deidentifier = createDeidentifier({
      subjects: {
        resolve: (_, { patientId, name }) => {
          const subjectId = keys.hash('subject', `${patientId} ${name}`, 12);
          return { subjectId, subjectName: subjectId, shiftDays: keys.shiftDays(patientId, profile.maxShiftDays) };
        },
      },
      keysFor: () => keys,
      profileOf: () => profile,
    });
    const heldBack = new Map<string, number>();
    const newErrors: string[] = [];
    let clean = 0;
    const scratch = await mkdtemp(join(tmpdir(), 'lethe-corpus-'));
    const judgeFile = async (name: string): Promise<void> => {
      const original = join(this.#folder, name);
      const output = join(scratch, name);
      try {
        const source = new BufferSource(await readFile(original));
        const prepared = await deidentifier.prepare(source, { file: true }, 'corpus', profileName);
        const { instance } = prepared;
        const plan = await instance.encode(instance.transferSyntaxUid);
        await writeFile(output, Buffer.concat([buildFileHeader(instance), await collectPlan(plan)]));
        await prepared.close();
      } catch (error) {
        if (!(error instanceof LetheError)) throw error;
        heldBack.set(error.code, (heldBack.get(error.code) ?? 0) + 1);
        return;
      }
      clean++;
      for (const error of freshErrors(await this.#errorsBefore(original), await errorsOf(output)))
        newErrors.push(`${name}: ${error}`);
      await rm(output);
    };
    try {
      const names = (await readdir(this.#folder)).sort();
      const workers = Array.from({ length: CONCURRENCY }, async () => {
        for (let name = names.shift(); name !== undefined; name = names.shift()) await judgeFile(name);
      });
      await Promise.all(workers);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return { profile: profileName, clean, heldBack, newErrors };
  }

  #errorsBefore(path: string): Promise<readonly string[]> {
    let errors = this.#before.get(path);
    if (errors === undefined) {
      errors = errorsOf(path);
      this.#before.set(path, errors);
    }
    return errors;
  }
}

async function errorsOf(path: string): Promise<readonly string[]> {
  const child = spawn('dciodvfy', [path], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('latin1').on('data', (part: string) => (text += part));
  await once(child, 'close');
  return text.split('\n').filter((line) => line.startsWith('Error'));
}

/** Each line of `after` that `before` has not, or has less often. */
function freshErrors(before: readonly string[], after: readonly string[]): readonly string[] {
  // dciodvfy gave up before it judged: it takes deflated bytes for elements, too.
  if (before.some((line) => /Tags out of order|Dicom dataset read failed/.test(line))) return [];
  const known = new Map<string, number>();
  for (const line of before.map(withoutValues)) known.set(line, (known.get(line) ?? 0) + 1);
  return after.filter((line) => {
    const key = withoutValues(line);
    const left = known.get(key) ?? 0;
    known.set(key, left - 1);
    return left <= 0;
  });
}

/** Values and their places differ, the fault is the same. */
function withoutValues(line: string): string {
  return line.replace(/<[^>]*>/g, '<>').replace(/(?<=UID ?)[\d.]*/g, '');
}
