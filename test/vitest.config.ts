import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = new URL('..', import.meta.url).pathname;
/** Many processes of ours, killed and starved: beside other tests they would only wait for a core. They run last, one file after another. */
const ALONE = [
  'test/integration/roles.test.ts',
  'test/integration/custody.test.ts',
  'test/integration/delivery.test.ts',
];
/** They take longest: begun last, one of them would keep a core busy while the other waits. */
const LONGEST = [
  'e2e/corpus-profiles',
  'e2e/cli',
  'e2e/corpus-folder',
  'integration/store/pglite',
  'e2e/audit',
  'e2e/corpus-network',
  'unit/spool/spool-kill',
  'conformance/planted-set',
  'integration/pixels/preview',
  'unit/documents/pdf/pdf-traps',
  'integration/store/migrate',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const shared = { root, testTimeout: 30_000, hookTimeout: 60_000, pool: 'forks' as const };

export default defineConfig({
  test: {
    root,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          include: ALONE,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
