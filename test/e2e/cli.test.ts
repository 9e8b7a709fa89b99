// The commands as a person runs them: exit codes, messages, and what they leave behind.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClinic } from '../../src/synthetic/clinic.ts';
import { filesBelow } from '../support/corpus.ts';
import {
  LETHE,
  freePort,
  makeTempDirectory,
  REPOSITORY,
  removeDirectory,
  run,
  runLethe,
  ServerProcess,
} from '../support/programs.ts';

const scratch = makeTempDirectory();
afterAll(() => {
  removeDirectory(scratch);
});

function writeConfig(name: string, lines: readonly string[]): string {
  const file = join(scratch, name);
  writeFileSync(file, lines.join('\n'));
  return file;
}

/** The first patient of the synthetic clinic as files with telling names. */
function writeClinic(folder: string): ReturnType<typeof buildClinic> {
  const clinic = buildClinic({ patients: 1 });
  mkdirSync(folder, { recursive: true });
  for (const { fileName, bytes } of clinic) writeFileSync(join(folder, `MUSTER_ERIKA_${fileName}`), bytes);
  return clinic;
}

describe('wrong usage and wrong configuration end with 2 and say what to write', () => {
  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['deid', '/tmp'], "missing required argument 'out'"],
    [['send', 'x'], "required option '--to <peer>'"],
    [['send', 'x', '--to', 'nobody'], 'write the peer as AET@HOST:PORT'],
    [['pseudonyms', 'find', '--mrn', '1'], "required option '--reason <text>'"],
    [['pseudonyms', 'find', '--mrn', '1', '--uid', '1', '--reason', 'x'], 'cannot be used with'],
    [['start', '--role', 'worker'], 'needs servers'],
    [['config', 'check', '--config', '/nowhere/lethe.yaml'], 'cannot read the configuration file'],
  ])('lethe %j', async (args, message) => {
    const { code, stderr, stdout } = await runLethe(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('reports every mistake of a configuration at once, from config check and from start alike', async () => {
    const file = writeConfig('three.yaml', [
      'aeTitel: X',
      'dicom: { port: 99999 }',
      'routes: [{ calledAeTitle: A, profile: basik }]',
    ]);
    for (const args of [['config', 'check'], ['start']]) {
      const { code, stderr } = await runLethe([...args, '--config', file]);
      const lines = stderr.trim().split('\n');
      expect(code).toBe(2);
      expect(lines.map((line) => /three\.yaml:(\d+:\d+): /.exec(line)?.[1])).toEqual(['1:1', '2:16', '3:39']);
      expect(lines[0]).toContain('did you mean aeTitle?');
      expect(lines[2]).toContain('did you mean basic?');
    }
  });
});

it('a peer that nobody reaches is one sentence and 2, however many files were meant for it', async () => {
  const input = join(scratch, 'nobody-takes');
  const files = writeClinic(input).length;
  const peer = `PACS@127.0.0.1:${await freePort()}`;
  expect(await runLethe(['echo', peer])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^lethe: PACS at 127\.0\.0\.1 port \d+: .*\(ECONNREFUSED\)\n$/) as string,
  });
  expect(await runLethe(['send', input, '--to', peer])).toMatchObject({
    code: 2,
    stdout: `0 sent, ${files} failed\n`,
    stderr: expect.stringMatching(/^lethe: PACS at 127\.0\.0\.1 port \d+ took none of the files: .*\n$/) as string,
  });
}, 60_000);

describe('lethe start refuses with one sentence', () => {
  const startWith = (lines: readonly string[]) => runLethe(['start', '--config', writeConfig('start.yaml', lines)]);

  it('a port that another program has', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await startWith([
      `dicom: { host: 127.0.0.1, port: ${port} }`,
      `data: ${join(scratch, 'taken')}`,
    ]);
    server.close();
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(String(port))]);
    expect(code).toBe(2);
  }, 60_000);

  it('a data directory that cannot be written', async () => {
    const file = join(scratch, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await startWith([`data: ${file}`]);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('cannot be used')]);
    expect(code).toBe(2);
  });

  it('a profile with a mistake', async () => {
    writeFileSync(join(scratch, 'own.yaml'), 'name: own\nversion: 1\nrules: [{ tag: PatientNam, action: keep }]\n');
    const { code, stderr } = await startWith(['routes: [{ calledAeTitle: A, profile: own.yaml }]']);
    expect(stderr).toMatch(/own\.yaml:3:\d+: /);
    expect(code).toBe(2);
  });
});

describe('lethe deid', () => {
  const input = join(scratch, 'in');
  const data = join(scratch, 'deid-data');
  let clinic: ReturnType<typeof buildClinic> = [];

  const deid = (out: string, ...more: string[]) =>
    runLethe(['deid', input, join(scratch, out), '--data', data, ...more]);

  beforeAll(() => {
    clinic = writeClinic(input);
    writeFileSync(join(input, 'notes MUSTER.txt'), 'not an instance');
    writeFileSync(join(input, 'empty'), '');
  });

  it('writes every instance by replacement UIDs and a receipt for every file, none of which names the patient', async () => {
    const { code, stdout } = await deid('out', '--json');
    expect(JSON.parse(stdout)).toEqual({
      inputs: clinic.length + 2,
      clean: clinic.length,
      duplicates: 0,
      unreadable: 0,
      quarantined: {},
      skipped: { 'not-dicom': 1, empty: 1 },
    });
    expect(code).toBe(0);
    const files = filesBelow(join(scratch, 'out'));
    expect(files).toHaveLength(clinic.length + 1);
    expect(files.join()).not.toContain('MUSTER');
    const receipts = readFileSync(join(scratch, 'out', 'receipts.jsonl'), 'utf8');
    expect(receipts).not.toMatch(/MUSTER|P8680431/);
    expect(receipts.trim().split('\n')).toHaveLength(clinic.length + 2);
  }, 60_000);

  it('makes the same of the same files again, and nothing in common in another project', async () => {
    const namesIn = (out: string): string[] =>
      filesBelow(join(scratch, out))
        .map((path) => path.slice(join(scratch, out).length))
        .filter((path) => path.endsWith('.dcm'))
        .sort();
    await deid('again');
    await deid('other', '--project', 'other');
    expect(namesIn('again')).toEqual(namesIn('out'));
    const names = new Set(
      namesIn('out')
        .flatMap((path) => path.split('/'))
        .filter((name) => name !== ''),
    );
    expect(
      namesIn('other')
        .flatMap((path) => path.split('/'))
        .filter((name) => names.has(name)),
    ).toEqual([]);
  }, 90_000);

  it('ends with 1 when something is held back, and tells where the fault is', async () => {
    const broken = join(scratch, 'broken');
    mkdirSync(broken);
    const whole = clinic[0].bytes;
    writeFileSync(join(broken, 'a.dcm'), whole.subarray(0, whole.length - 1000));
    const { code, stdout } = await runLethe(['deid', broken, join(scratch, 'broken-out'), '--data', data]);
    expect(stdout).toMatch(/quarantined\s+unparsable\s+1/);
    expect(code).toBe(1);
    const receipt = JSON.parse(readFileSync(join(scratch, 'broken-out', 'receipts.jsonl'), 'utf8')) as object;
    expect(receipt).toMatchObject({
      outcome: 'quarantined',
      quarantined: { reason: 'unparsable', offset: expect.any(Number) as number },
    });
  }, 60_000);

  it('refuses to write into its own input', async () => {
    const { code, stderr } = await runLethe(['deid', input, join(input, 'out'), '--data', data]);
    expect(stderr).toContain('OUT and IN must lie apart');
    expect(code).toBe(2);
  });
});

describe('a running gateway', () => {
  const input = join(scratch, 'gateway-in');
  const data = join(scratch, 'gateway-data');
  let config = '';
  let port = 0;
  let gateway: ServerProcess | undefined;
  let clinic: ReturnType<typeof buildClinic> = [];

  const start = async (): Promise<void> => {
    gateway = await ServerProcess.start(port, process.execPath, [...LETHE, 'start', '--config', config]);
  };
  const lethe = (...args: string[]) => runLethe([...args, '--config', config]);

  beforeAll(async () => {
    clinic = writeClinic(input);
    port = await freePort();
    config = writeConfig('gateway.yaml', [
      `dicom: { host: 127.0.0.1, port: ${port} }`,
      `data: ${data}`,
      'limits: { diskReserve: 1MiB }',
      `destinations: { archive: { folder: ${join(data, 'outbox')} }, away: { aeTitle: AWAY, host: 127.0.0.1, port: 1 } }`,
      'routes: [{ calledAeTitle: LETHE, project: lung, destinations: [archive] }]',
    ]);
    await start();
  }, 90_000);

  afterAll(async () => {
    await gateway?.stop();
  }, 60_000);

  it('says in one line where it listens, for whom, and where the instances go', async () => {
    const linesOf = (): string[] =>
      (gateway?.output ?? '').split('\n').filter((text) => text.startsWith('Lethe listens'));
    await expect.poll(linesOf, { timeout: 20_000 }).toHaveLength(1);
    expect(linesOf()[0]).toContain(`port ${port}`);
    expect(linesOf()[0]).toContain('from this machine only');
    expect(linesOf()[0]).toContain(`LETHE → project lung, profile basic → archive (${join(data, 'outbox')})`);
  });

  it('answers echo, and is refused under another AE title', async () => {
    expect((await runLethe(['echo', `LETHE@127.0.0.1:${port}`])).code).toBe(0);
    const wrong = await runLethe(['echo', `OTHER@127.0.0.1:${port}`]);
    expect(wrong.stderr).toMatch(/called AE title/i);
    expect(wrong.code).toBe(1);
  });

  it('delivers what is sent, and status tells so', async () => {
    const sent = await runLethe(['send', input, '--to', `LETHE@127.0.0.1:${port}`]);
    expect(sent).toMatchObject({ code: 0, stdout: `${clinic.length} sent, 0 failed\n` });
    await expect
      .poll(async () => JSON.parse((await lethe('status', '--json')).stdout) as object, { timeout: 30_000 })
      .toMatchObject({ received: clinic.length, waiting: 0, delivered: clinic.length, quarantined: 0 });
    expect(filesBelow(join(data, 'outbox'))).toHaveLength(clinic.length);
  }, 60_000);

  it('tells who became whom, to who gives a reason', async () => {
    const found = await lethe('pseudonyms', 'find', '--uid', clinic[0].sopInstanceUid, '--reason', 'a test', '--json');
    const rows = JSON.parse(found.stdout) as { patientId: string; subjectId: string; replacement: string }[];
    expect(rows).toHaveLength(1);
    expect(rows[0].replacement).toMatch(/^2\.25\.\d+$/);
    const byPatient = await lethe('pseudonyms', 'find', '--mrn', rows[0].patientId, '--reason', 'a test');
    expect(byPatient.stdout).toContain(rows[0].subjectId);
    expect((await lethe('pseudonyms', 'find', '--mrn', 'nobody', '--reason', 'a test')).code).toBe(3);
  }, 60_000);

  it('exports tables that only their owner may read', async () => {
    const out = join(scratch, 'tables');
    expect((await lethe('pseudonyms', 'export', '--project', 'lung', '--out', out)).code).toBe(0);
    const lines = (name: string): string[] => readFileSync(join(out, name), 'utf8').trim().split('\r\n');
    expect(lines('patients.csv')[0]).toBe('id_old,id_new');
    expect(lines('uids.csv')[0]).toBe('id_old,id_new');
    expect(lines('uids.csv').some((line) => line.startsWith(`${clinic[0].sopInstanceUid},2.25.`))).toBe(true);
    expect(lines('subjects.csv')).toHaveLength(2);
    for (const name of ['patients.csv', 'uids.csv', 'subjects.csv'])
      expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
  }, 60_000);

  it('lends its database to lethe deid, which makes the same of the same files', async () => {
    const out = join(scratch, 'beside');
    const { code } = await lethe('deid', input, out, '--project', 'lung');
    expect(code).toBe(0);
    const names = (folder: string): string[] =>
      filesBelow(folder)
        .filter((path) => path.endsWith('.dcm'))
        .map((path) => path.slice(folder.length))
        .sort();
    expect(names(out)).toEqual(names(join(data, 'outbox')));
  }, 60_000);

  it('lets nobody else have its data directory', async () => {
    const { code, stderr } = await lethe('start');
    expect(stderr).toMatch(/in use by another lethe/);
    expect(code).toBe(3);
  }, 60_000);

  it('is found healthy by doctor, which warns of the destination that does not answer', async () => {
    const { code, stdout } = await lethe('doctor');
    expect(stdout).toMatch(/ok\s+gateway\s+runs and answers/);
    expect(stdout).toMatch(/warn\s+destination away/);
    expect(stdout).not.toMatch(/^fail/m);
    expect(code).toBe(0);
  }, 60_000);

  it('stops when it is asked to, and knows everything again afterwards', async () => {
    expect(await gateway?.stop()).toBe(0);
    // What destinations are doing only a gateway that runs knows.
    const counts = async (): Promise<object> => {
      const status = JSON.parse((await lethe('status', '--json')).stdout) as { destinations: object[] };
      const destinations = status.destinations.map((row) => ({ ...row, condition: undefined, why: undefined }));
      return { ...status, destinations };
    };
    const offline = await counts();
    expect(offline).toMatchObject({ received: clinic.length, delivered: clinic.length });
    await start();
    expect(await counts()).toEqual(offline);
  }, 90_000);

  it('has logged no name, id or original UID', () => {
    const output = gateway?.output ?? '';
    for (const { sopInstanceUid } of clinic) expect(output).not.toContain(sopInstanceUid);
    expect(output).not.toMatch(/MUSTER|Lindqvist|P8680431/);
  });
});

describe('lethe demo', () => {
  it('tells the whole story and cleans up', async () => {
    const { code, stdout } = await runLethe(['demo', '--no-keep']);
    expect(stdout).toMatch(/Lethe received 30, delivered 30, quarantined 0; the research PACS has 30/);
    expect(stdout).toMatch(/Patient Identity Removed +— +YES/);
    expect(code).toBe(0);
  }, 90_000);
});

const built = join(REPOSITORY, 'dist/main.js');
describe.skipIf(!existsSync(built))('the built program', () => {
  it('shows its help in half a second', async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const startedAt = performance.now();
      const { code, stdout } = await run(process.execPath, [built, '--help']);
      times.push(performance.now() - startedAt);
      expect([code, stdout.startsWith('Usage: lethe')]).toEqual([0, true]);
    }
    expect(Math.min(...times)).toBeLessThan(500);
  });
});
