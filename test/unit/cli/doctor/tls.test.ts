import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkTls } from '../../../../src/cli/doctor/tls.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { Authority, hasOpenssl } from '../../../support/certificates.ts';

const DAY_MS = 86_400_000;

describe.skipIf(!hasOpenssl)('TLS files', () => {
  const setUp = () => {
    const directory = mkdtempSync(join(tmpdir(), 'lethe-doctor-tls-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const authority = new Authority(directory, 'authority');
    const own = authority.certify('gateway');
    const configOf = (key: string) => {
      const file = join(directory, 'lethe.yaml');
      const tls = `tls: { port: 2762, key: ${key}, certificate: ${own.certificateFile}, clientCa: ${authority.certificateFile} }`;
      writeFileSync(file, tls);
      return loadConfig({ file, environment: {} });
    };
    return { directory, authority, own, configOf };
  };

  it('that end soon are told, and those that have ended or do not hold yet fail', async () => {
    const { own, configOf } = setUp();
    chmodSync(own.keyFile, 0o600);
    const config = configOf(own.keyFile);
    const results = async (now: number) => (await checkTls(config, now)).map(({ result }) => result);
    expect(await results(Date.now())).toEqual(['warn', 'warn', 'ok']);
    expect(await results(Date.now() + 400 * DAY_MS)).toEqual(['fail', 'fail', 'ok']);
    expect(await results(Date.now() - 400 * DAY_MS)).toEqual(['fail', 'fail', 'ok']);
  });

  it('fail when others may read the key, when it belongs to another certificate, and when it is none', async () => {
    const { directory, authority, own, configOf } = setUp();
    const keyFinding = async (key: string) => (await checkTls(configOf(key))).at(-1);
    chmodSync(own.keyFile, 0o644);
    expect(await keyFinding(own.keyFile)).toMatchObject({
      result: 'fail',
      message: expect.stringContaining('chmod') as string,
    });
    const other = authority.certify('other');
    expect(await keyFinding(other.keyFile)).toMatchObject({
      result: 'fail',
      message: expect.stringContaining('does not belong') as string,
    });
    writeFileSync(join(directory, 'none.key'), 'nothing');
    expect(await keyFinding(join(directory, 'none.key'))).toMatchObject({ result: 'fail' });
  });
});
