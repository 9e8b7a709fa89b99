import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;
/** Many processes of ours, killed and starved: beside other tests they would only wait for a core. They run last, one file after another. */
const ALONE = [
  'test/integration/roles.test.ts',
  'test/integration/custody.test.ts',
  'test/integration/delivery.test.ts',
];
const shared = { root, testTimeout: 30_000, hookTimeout: 60_000, pool: 'forks' as const };

export default defineConfig({
  test: {
    root,
    maxWorkers: 2,
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
