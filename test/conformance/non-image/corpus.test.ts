// Every file of the shared corpus that is no image, one expectation each with its reason: what leaves tells nothing of the patient and is no worse by
// dciodvfy, what is held back is held back for what is wrong with it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { BufferSource } from '../../../src/core/bytes.ts';
import { InstanceError } from '../../../src/core/errors.ts';
import { skipReasonOf } from '../../../src/cli/deid/kinds.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { buildFileHeader } from '../../../src/dicom/part10.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { loadProfile } from '../../../src/profile/load.ts';
import { corpusFiles, hasCorpus, pathOf, type CorpusFile } from '../../support/corpus.ts';
import { isInstalled, makeTempDirectory, removeDirectory, REPOSITORY, run } from '../../support/programs.ts';

const CATEGORIES = ['general', 'burned-in', 'malformed'] as const;
/** Shorter values are found by chance. */
const LEAST_CHARS = 5;
const KEYS = new ProjectKeys(Buffer.alloc(32, 9));

interface Entry extends CorpusFile {
  readonly rows: number | null;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly readers: CorpusFile['readers'] & { readonly dciodvfyErrors: number | null };
}

type Outcomes = string | { readonly research: string; readonly basic: string };

/** By number of the file: what becomes of it, and why that is right. */
const EXPECTED: Readonly<Record<string, readonly [outcome: Outcomes, why: string]>> = {
  '003': ['uid-mismatch', 'a fragment: the MR series of a test, without SOP instance UID'],
  '006': ['clean', 'annotations of a slide: points stay, labels and descriptions are cleaned'],
  '014': ['clean', 'a 3D report: its tree stays whole'],
  '015': ['clean', 'a 3D report of several groups of measurements'],
  '017': ['clean', 'a PDF with pictures: its pages are made anew'],
  '019': ['clean', 'maps of values: slopes and units stay'],
  '023': ['clean', 'a deflated waveform: its samples stay'],
  '030': ['clean', 'a report of measurements'],
  '038': [
    { research: 'unknown-sop-class', basic: 'clean' },
    'a private class of a maker: what free text it holds is not known, so that only a profile that keeps none takes it',
  ],
  '040': [{ research: 'unknown-sop-class', basic: 'clean' }, 'a class that its writer made up, as 038'],
  '054': ['uid-mismatch', 'an entry of a work list, which is no instance'],
  '055': ['uid-mismatch', 'an entry of a work list, which is no instance'],
  '057': ['clean', 'a report with private protocol data, which go'],
  '058': ['dicomdir', 'a DICOMDIR lists patients and is never passed on'],
  '068': ['clean', 'a presentation state with an overlay, which is looked at'],
  '069': ['clean', 'a hanging protocol: it is about no patient'],
  '079': ['clean', 'a presentation state'],
  '080': ['clean', 'a report with an empty document beside its tree, which stays empty'],
  '081': [
    { research: 'document-unreadable', basic: 'clean' },
    'a model without a byte: nothing to clean, and no model; a profile that takes documents out puts an empty one there',
  ],
  '087': ['clean', 'a PDF of text'],
  '088': ['clean', 'a PDF of text'],
  '096': ['uid-mismatch', 'a fragment: a test of character sets, without SOP instance UID'],
  '097': ['clean', 'a colour palette: it is about no patient'],
  '098': ['clean', 'a colour palette: it is about no patient'],
  '102': ['dicomdir', 'a DICOMDIR lists patients and is never passed on'],
  '103': ['uid-mismatch', 'a fragment: a test of meta information, without SOP instance UID'],
  '104': ['clean', 'a report with empty numbers'],
  '107': ['clean', 'a plan: labels are cleaned, beams stay'],
  '108': ['clean', 'a report'],
  '119': ['clean', 'structures with private elements, which go'],
  '120': ['clean', 'structures'],
  '122': ['clean', 'a dose report'],
  '127': ['clean', 'a dose report'],
  '128': ['clean', 'a report without a dose'],
  '132': ['clean', 'a dose report of mammography'],
  '134': ['clean', 'a dose report of a radiopharmaceutical'],
  '135': ['clean', 'a dose report with many faults of its own'],
  '136': ['clean', 'a dose report with private elements, which go'],
  '156': ['unparsable', 'a sequence whose VR says CS: where its items end is not known'],
  '157': ['unparsable', 'no data set behind its meta information'],
  '158': ['clean', 'meta information without its length can be read; the image has no pixels'],
  '160': ['clean', 'an image whose length is undefined, which can be read'],
  '166': ['clean', 'an image without pixels'],
  '177': ['unparsable', 'a deflated data set that is cut'],
  '181': ['clean', 'a wrong length of the meta information: where the data set begins is clear'],
  '188': ['unparsable', 'no DICOM, by its name alone'],
  '189': ['clean', 'a plan without meta information'],
  '193': ['uid-mismatch', 'names no SOP class and no instance'],
  '194': ['unparsable', 'no DICOM: its first element announces more than there is'],
  '195': ['unparsable', 'a plan that is cut'],
  '196': ['clean', 'structures without meta information'],
};
/** What other tools wrote in place of a name. */
const NO_IDENTIFIERS = new Set(['REMOVED']);

const hasDciodvfy = isInstalled('dciodvfy');

const FILES = hasCorpus
  ? CATEGORIES.flatMap((category) => corpusFiles(category) as readonly Entry[]).filter(({ rows }) => rows === null)
  : [];

function numberOf({ file }: CorpusFile): string {
  return /\/(\d+)_/.exec(file)?.[1] ?? file;
}

describe.skipIf(!hasCorpus)('the corpus without its images', { timeout: 120_000 }, () => {
  const scratch = makeTempDirectory();
  afterAll(async () => {
    removeDirectory(scratch);
    await closePixelThreads();
  });

  /** The outcome, and where the clean file is. */
  async function clean(
    file: Entry,
    profileName: string,
  ): Promise<{ readonly outcome: string; readonly path?: string }> {
    const source = new BufferSource(readFileSync(pathOf(file)));
    const skipped = await skipReasonOf(source);
    if (skipped !== undefined) return { outcome: skipped };
    const profile = await loadProfile(profileName, [join(REPOSITORY, 'profiles')]);
    const deidentifier = createDeidentifier({
      subjects: { resolve: () => ({ subjectId: 'S-1', subjectName: 'S-1', shiftDays: -10 }) },
      keysFor: () => KEYS,
      profileOf: () => profile,
    });
    try {
      const prepared = await deidentifier.prepare(source, { file: true }, 'p', profileName);
      const { instance } = prepared;
      const plan = await collectPlan(await instance.encode(instance.transferSyntaxUid));
      const path = join(scratch, `${numberOf(file)}-${profileName}.dcm`);
      writeFileSync(path, Buffer.concat([buildFileHeader(instance), plan]));
      await prepared.close();
      return { outcome: 'clean', path };
    } catch (error) {
      if (!(error instanceof InstanceError)) throw error;
      return { outcome: error.reason };
    }
  }

  const errorsOf = async (path: string): Promise<number> =>
    (await run('dciodvfy', [path])).stderr.split('\n').filter((line) => line.startsWith('Error')).length;

  it('has an expectation for each', () => {
    expect(FILES.map(numberOf).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(FILES.map((file) => [file.file, file] as const))('%s', async (_, file) => {
    const [expected, why] = EXPECTED[numberOf(file)];
    // What leaves under basic leaves empty of texts and documents: corpus-folder.test.ts has those.
    const outcomes = typeof expected === 'string' ? { research: expected } : expected;
    for (const [profile, wanted] of Object.entries(outcomes)) {
      const { outcome, path } = await clean(file, profile);
      expect(outcome, `${profile}: ${why}`).toBe(wanted);
      if (path === undefined) continue;
      const text = readFileSync(path, 'latin1');
      const left = Object.entries(file.identifiers).filter(
        ([, value]) => value.length >= LEAST_CHARS && !NO_IDENTIFIERS.has(value) && text.includes(value),
      );
      expect(left.map(([keyword]) => keyword)).toEqual([]);
      if (!hasDciodvfy) continue;
      const before = file.readers.dciodvfyErrors ?? (await errorsOf(pathOf(file)));
      expect(await errorsOf(path)).toBeLessThanOrEqual(before);
    }
  });
});
