// The general corpus under every shipped profile: dciodvfy finds no error that the original did not have, and no false alarm of
// our own checks holds anything back.
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { CorpusJudge } from '../../scripts/check-corpus/judge.ts';
import { hasCorpus } from '../support/corpus.ts';
import { CORPUS, isInstalled } from '../support/programs.ts';

/**
 * Files that leave clean; fewer where the profile holds back private SOP classes, or keeps documents that cannot be read. Looking at pixels is the
 * same in all, and takes most of the time: two are judged with it here (one or two files more are held back), all by scripts/check-corpus.ts.
 */
const CLEAN = { basic: 128, research: 121, tcia: 122, strict: 121, 'keep-dates': 128, ultrasound: 121 };
const LOOKS_AT_PIXELS: readonly string[] = ['research', 'ultrasound'];

describe.skipIf(!hasCorpus || !isInstalled('dciodvfy'))('the general corpus under each shipped profile', () => {
  const judge = new CorpusJudge(join(CORPUS, 'general'));

  it.each(Object.entries(CLEAN))(
    '%s',
    async (profile, clean) => {
      const verdict = await judge.judge(profile, { pixels: LOOKS_AT_PIXELS.includes(profile) });
      expect(verdict.newErrors).toEqual([]);
      for (const ours of ['residual-identifier', 'iod-broken', 'action-failed'])
        expect([...verdict.heldBack.keys()]).not.toContain(ours);
      expect(verdict.clean).toBe(clean);
    },
    300_000,
  );
});
