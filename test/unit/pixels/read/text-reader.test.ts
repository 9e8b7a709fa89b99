import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

describe('the thread that reads', () => {
  it('does not keep a process alive that has nothing to do', () => {
    const script = fileURLToPath(new URL('reading-process.ts', import.meta.url));
    const ended = spawnSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8', timeout: 120_000 });
    expect(ended).toMatchObject({ status: 0, signal: null, stdout: 'read\n' });
  }, 150_000);
});
