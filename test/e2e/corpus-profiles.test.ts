// The general corpus under every shipped profile: dciodvfy finds no error that the original did not have, and no false alarm of
// our own checks holds anything back.
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { CorpusJudge } from '../../scripts/check-corpus/judge.ts';
import { hasCorpus } from '../support/corpus.ts';
import { CORPUS, isInstalled } from '../support/programs.ts';

/** Files that leave clean; fewer where the profile holds back private SOP classes, or keeps documents that cannot be read. */
const CLEAN = { basic: 126, research: 121, tcia: 121, strict: 120, 'keep-dates': 126, ultrasound: 121 };

describe.skipIf(!hasCorpus || !isInstalled('dciodvfy'))('the general corpus under each shipped profile', () => {
  const judge = new CorpusJudge(join(CORPUS, 'general'));

  it.each(Object.entries(CLEAN))(
    '%s',
    async (profile, clean) => {
      const verdict = await judge.judge(profile);
      expect(verdict.newErrors).toEqual([]);
      for (const ours of ['residual-identifier', 'iod-broken', 'action-failed'])
        expect([...verdict.heldBack.keys()]).not.toContain(ours);
      expect(verdict.clean).toBe(clean);
    },
    120_000,
  );
});
