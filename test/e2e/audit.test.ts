// Receipts as a person checks them: of a folder and of a gateway, tampered with in every way.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClinic } from '../../src/synthetic/clinic.ts';
import { filesBelow } from '../support/corpus.ts';
import {
  freePort,
  LETHE,
  makeTempDirectory,
  removeDirectory,
  runLethe,
  ServerProcess,
  until,
} from '../support/programs.ts';

const scratch = makeTempDirectory();
const input = join(scratch, 'in');
const clinic = buildClinic({ patients: 1 });
afterAll(() => {
  removeDirectory(scratch);
});
beforeAll(() => {
  mkdirSync(input);
  for (const { fileName, bytes } of clinic) writeFileSync(join(input, fileName), bytes);
});

interface Verified {
  readonly receipts: number;
  readonly isEndKnown: boolean;
  readonly broken?: { readonly kind: string; readonly line: number };
}

async function verify(...args: string[]): Promise<{ readonly code: number | null; readonly chains: Verified[] }> {
  const { code, stdout, stderr } = await runLethe(['audit', 'verify', '--json', ...args]);
  expect(stderr).not.toMatch(/^\s+at /m);
  return { code, chains: stdout === '' ? [] : (JSON.parse(stdout) as Verified[]) };
}

const linesOf = (file: string): string[] => readFileSync(file, 'latin1').trimEnd().split('\n');

describe('receipts of lethe deid', () => {
  const data = join(scratch, 'deid-data');
  const file = join(scratch, 'out', 'receipts.jsonl');
  const copy = join(scratch, 'copy.jsonl');
  const tampered = async (change: (lines: string[]) => string[]): ReturnType<typeof verify> => {
    writeFileSync(copy, `${change(linesOf(file)).join('\n')}\n`);
    return verify('--file', copy, '--data', data);
  };

  beforeAll(async () => {
    const { code } = await runLethe(['deid', input, join(scratch, 'out'), '--data', data]);
    expect(code).toBe(0);
  }, 60_000);

  it('verify as they are, with the key file alone too', async () => {
    const whole = { receipts: clinic.length, isEndKnown: true };
    expect(await verify('--file', file, '--data', data)).toMatchObject({ code: 0, chains: [whole] });
    const key = join(scratch, 'kept.key');
    cpSync(join(data, 'keys', 'default.key'), key);
    const elsewhere = ['--data', join(scratch, 'nothing'), '--key', key];
    expect(await verify('--file', file, ...elsewhere)).toMatchObject({ code: 0, chains: [whole] });
  }, 60_000);

  it.each([
    ['an edited byte', 'changed', 3, (lines: string[]) => lines.with(2, lines[2].replace('"clean"', '"cleam"'))],
    ['a deleted line', 'missing', 3, (lines: string[]) => lines.toSpliced(2, 1)],
    ['two swapped lines', 'reordered', 2, (lines: string[]) => lines.with(1, lines[2]).with(2, lines[1])],
    ['a cut tail', 'unfinished', 3, (lines: string[]) => lines.slice(0, 3)],
  ])(
    'show %s as %s',
    async (_, kind, line, change) => {
      expect(await tampered(change)).toMatchObject({ code: 1, chains: [{ broken: { kind, line } }] });
    },
    30_000,
  );

  it('do not fit another key', async () => {
    const key = join(scratch, 'other.key');
    writeFileSync(key, Buffer.alloc(32, 9), { mode: 0o600 });
    const { code, chains } = await verify('--file', file, '--key', key, '--data', data);
    expect([code, chains[0].broken?.kind]).toEqual([1, 'wrong-key']);
  }, 30_000);

  it('are added up by study', async () => {
    const studyOf = (line: string): string => (JSON.parse(line) as { studyInstanceUid: string }).studyInstanceUid;
    const [first, ...rest] = linesOf(file);
    const study = studyOf(first);
    const { code, stdout } = await runLethe([
      ...['audit', 'study', '--study', study, '--file', file, '--data', data, '--json'],
    ]);
    const { isWhole, studies } = JSON.parse(stdout) as { isWhole: boolean; studies: { instances: unknown[] }[] };
    expect([code, isWhole]).toEqual([0, true]);
    const expected = [first, ...rest].filter((line) => studyOf(line) === study).length;
    expect(studies.map(({ instances }) => instances.length)).toEqual([expected]);
    expect(stdout).not.toMatch(new RegExp(clinic.map(({ sopInstanceUid }) => sopInstanceUid).join('|')));
  }, 30_000);

  it('end with 3 when there are none', async () => {
    const empty = join(scratch, 'empty.jsonl');
    writeFileSync(empty, '');
    expect(await verify('--file', empty, '--project', 'default', '--data', data)).toMatchObject({ code: 3 });
    expect(await verify('--data', data)).toMatchObject({ code: 3, chains: [] });
  }, 30_000);
});

describe('receipts of a gateway', () => {
  const data = join(scratch, 'data');
  const config = join(scratch, 'lethe.yaml');
  let port: number;

  /** A life of the gateway in which the clinic is sent once. */
  async function live(signal: NodeJS.Signals): Promise<void> {
    const server = await ServerProcess.start(port, process.execPath, [...LETHE, 'start', '--config', config]);
    try {
      const sent = await runLethe(['send', input, '--to', `LETHE@127.0.0.1:${port}`]);
      expect(sent.code).toBe(0);
      if (signal === 'SIGTERM')
        expect(
          await until(async () => {
            const { stdout } = await runLethe(['status', '--json', '--config', config]);
            return (JSON.parse(stdout) as { waiting: number }).waiting === 0;
          }),
        ).toBe(true);
    } finally {
      await server.stop(signal);
    }
  }

  const fileOf = (): string => {
    const folder = join(data, 'receipts', 'lung');
    return join(folder, readdirSync(folder)[0]);
  };

  beforeAll(async () => {
    port = await freePort();
    writeFileSync(
      config,
      [
        `dicom: { host: 127.0.0.1, port: ${port} }`,
        `data: ${data}`,
        'limits: { diskReserve: 1MiB }',
        `destinations: { archive: { folder: ${join(data, 'outbox')} } }`,
        'routes: [{ calledAeTitle: LETHE, project: lung, destinations: [archive], repeats: send }]',
      ].join('\n'),
    );
    await live('SIGKILL');
    await live('SIGTERM');
  }, 180_000);

  it('are whole after the process was killed, and tell of each instance that was received', async () => {
    const { code, chains } = await verify('--config', config);
    expect(chains).toMatchObject([{ isEndKnown: true }]);
    expect(code).toBe(0);
    const records = linesOf(fileOf()).map((line) => (JSON.parse(line) as { record: string }).record);
    expect(new Set(records).size).toBe(2 * clinic.length);
  }, 60_000);

  it('state the digest of each file that was delivered', async () => {
    const [delivered] = filesBelow(join(data, 'outbox')).filter((path) => path.endsWith('.dcm'));
    const { code, stdout } = await runLethe(['audit', 'digest', delivered, '--json']);
    expect(code).toBe(0);
    const { sha256 } = JSON.parse(stdout) as { sha256: string };
    expect(readFileSync(fileOf(), 'latin1')).toContain(
      `"after":{"bytes":${(JSON.parse(stdout) as { bytes: number }).bytes},"sha256":"${sha256}"}`,
    );
  }, 30_000);

  it('show a cut tail and a lost file by what the database knows', async () => {
    const file = fileOf();
    const lines = linesOf(file);
    writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
    expect(await verify('--config', config)).toMatchObject({
      code: 1,
      chains: [{ broken: { kind: 'cut-off', line: lines.length - 1 } }],
    });
    rmSync(file);
    expect(await verify('--config', config)).toMatchObject({ code: 1, chains: [{ broken: { kind: 'cut-off' } }] });
  }, 60_000);

  it('stand beside the look-ups', async () => {
    expect((await runLethe(['audit', 'list', '--config', config])).code).toBe(3);
    await runLethe(['pseudonyms', 'find', '--mrn', 'nobody', '--reason', 'trial recall', '--config', config]);
    const { code, stdout } = await runLethe(['audit', 'list', '--config', config, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ action: 'find', criterion: 'mrn', asked: 1, reason: 'trial recall' }]);
    expect(stdout).not.toContain('nobody');
  }, 60_000);
});
