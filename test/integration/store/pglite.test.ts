import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayLiteral } from '../../../src/store/array-literal.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { keepUp } from '../../../src/store/pglite-upkeep.ts';
import { openPglite } from '../../../src/store/pglite.ts';
import { copyCluster } from '../../support/databases.ts';
import { isInstalled, REPOSITORY, run } from '../../support/programs.ts';

const ROUNDS = 6;
const MIGRATIONS = readdirSync(join(REPOSITORY, 'sql')).length;

describe('the embedded database', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lethe-embedded-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it(
    'creates its cluster whole, for our user alone, over what a killed first start left behind',
    { timeout: 120_000 },
    async () => {
      const directory = join(root, 'new', 'postgres');
      await mkdir(`${directory}.new`, { recursive: true });
      await writeFile(join(`${directory}.new`, 'PG_VERSION'), '18');
      const database = await openPglite(directory);
      expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
      await database.close();
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
      expect(existsSync(`${directory}.new`)).toBe(false);
    },
  );

  it('tells that it cannot write its directory', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(openPglite(join(root, 'file', 'postgres'))).rejects.toMatchObject({ code: 'data-directory-unusable' });
  });

  it('keeps everything that was flushed before kill -9', { timeout: 120_000 }, async () => {
    const directory = await copyCluster();
    const flushed = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const writer = spawn(
        process.execPath,
        ['--import', 'tsx', join(REPOSITORY, 'test/support/store-processes/ledger-writer.ts'), directory],
        { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const gone = new Promise((resolve) => writer.once('exit', resolve));
      const lines = createInterface(writer.stdout);
      await new Promise((resolve) => lines.once('line', resolve).on('line', (line) => flushed.add(line)));
      await sleep(100 + round * 70);
      writer.kill('SIGKILL');
      await gone;
    }
    const database = await openPglite(directory);
    const rows = await database.query<{ count: number }>(
      `select count(*) as count from instance join delivery using (record_id)
       where record_id = any ($1::uuid[]) and instance.state = 'delivered' and delivery.state = 'sent'`,
      [arrayLiteral([...flushed].filter((line) => line.length === 36))],
    );
    console.log(`${ROUNDS} kills, ${flushed.size} instances flushed`);
    expect(flushed.size).toBeGreaterThan(ROUNDS * 20);
    expect(rows[0].count).toBe(flushed.size);
    await database.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  });

  it('leaves the main thread free while it works', async () => {
    const directory = await copyCluster();
    const database = await openPglite(directory);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const started = performance.now();
    await database.query('select count(*) from generate_series(1, 3000000)');
    const tookMs = performance.now() - started;
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(tookMs / 5 / 4);
    await database.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  });

  it('runs statements in turn, and keeps others out of a transaction', async () => {
    const directory = await copyCluster();
    const database = await openPglite(directory);
    await database.script('create table t (n integer)');
    const failed = database.transaction(async (transaction) => {
      await transaction.query('insert into t values (1)');
      await sleep(20);
      throw new TypeError('our own');
    });
    const inserted = database.query('insert into t values (2)');
    await expect(failed).rejects.toThrow(TypeError);
    await inserted;
    await database.transaction((transaction) => transaction.query('insert into t values (3)'));
    expect(await database.query('select n from t order by n')).toEqual([{ n: 2 }, { n: 3 }]);
    await expect(database.query('insert into t values ($1)', ['secret'])).rejects.not.toThrow('secret');
    await database.close();
    await expect(database.query('select 1')).rejects.toMatchObject({ code: 'shutting-down' });
    await rm(join(directory, '..'), { recursive: true, force: true });
  });

  it('starts again by itself when its worker dies, and fails what was under way as unavailable', async () => {
    const directory = await copyCluster();
    const database = await openPglite(directory);
    await database.script('create table t (n integer); insert into t values (1)');
    await database.query('select pg_switch_wal()');
    // Without its log Postgres panics, and the WASM module with it.
    await rename(join(directory, 'pg_wal'), join(directory, 'pg_wal.away'));
    const lost = await Promise.allSettled([
      database.query('insert into t values (2)'),
      database.transaction((transaction) => transaction.query('insert into t values (3)')),
    ]);
    await rename(join(directory, 'pg_wal.away'), join(directory, 'pg_wal'));
    for (const result of lost)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'database-unavailable', kind: 'transient' } });
    expect(await database.query('select n from t')).toEqual([{ n: 1 }]);
    await database.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  });

  it('recycles its log and removes dead rows, which PGlite does not do by itself', async () => {
    const directory = await copyCluster();
    const database = await openPglite(directory, { upkeepMs: 0 });
    await database.script('create table t (n integer, text text)');
    await database.query(`insert into t select n, repeat('x', 400) from generate_series(1, 200000) as n`);
    await database.query('delete from t where n > 1000');
    const redo = 'select redo_lsn::text as redo from pg_control_checkpoint()';
    const before = await database.query(redo);
    await keepUp(database, () => database.script('checkpoint'));
    expect(await database.query(redo)).not.toEqual(before);
    const size = await database.query<{ size: number }>("select pg_relation_size('t') as size");
    expect(size[0].size).toBeLessThan(10_000_000);
    await database.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  });

  it(
    'starts its worker from the built program and from source under tsx, wherever the process was started',
    { timeout: 120_000 },
    async () => {
      const built = join(root, 'built');
      await mkdir(built);
      for (const name of ['sql', 'package.json', 'node_modules'])
        await symlink(join(REPOSITORY, name), join(built, name));
      // Only this room and what it rests on: others' rooms may be under work.
      const config = {
        extends: join(REPOSITORY, 'tsconfig.json'),
        compilerOptions: {
          noEmit: false,
          noCheck: true,
          rootDir: join(REPOSITORY, 'src'),
          outDir: join(built, 'dist'),
        },
        include: [],
        files: ['open.ts', 'pglite-worker.ts'].map((name) => join(REPOSITORY, 'src/store', name)),
      };
      await writeFile(join(built, 'tsconfig.json'), JSON.stringify(config));
      const compiled = await run(join(REPOSITORY, 'node_modules/.bin/tsc'), ['-p', join(built, 'tsconfig.json')]);
      expect(compiled.stdout + compiled.stderr).toBe('');
      for (const [folder, extension, tsx] of [
        [join(built, 'dist'), 'js', []],
        [join(REPOSITORY, 'src'), 'ts', ['--import', import.meta.resolve('tsx')]],
      ] as const) {
        const cluster = await copyCluster();
        const code = `
        const { openDatabase } = await import(${JSON.stringify(join(folder, `store/open.${extension}`))});
        const database = await openDatabase('embedded', ${JSON.stringify(join(cluster, '..'))});
        console.log(JSON.stringify(await database.query('select count(*) as count from migration')));
        await database.close();`;
        const child = spawn(process.execPath, [...tsx, '--input-type=module', '-e', code], {
          cwd: tmpdir(),
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let output = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
        const status = await new Promise((resolve) => child.once('close', resolve));
        expect({ status, output }).toEqual({ status: 0, output: `[{"count":${MIGRATIONS}}]\n` });
        await rm(join(cluster, '..'), { recursive: true, force: true });
      }
    },
  );

  it.skipIf(!isInstalled('strace'))(
    'syncs its log before it answers with a new subject',
    { timeout: 120_000 },
    async () => {
      const directory = await copyCluster();
      const trace = join(root, 'trace');
      const adder = join(REPOSITORY, 'test/support/store-processes/subject-adder.ts');
      const options = ['-f', '-y', '-e', 'trace=fsync,fdatasync,write', '-o', trace];
      const traced = await run('strace', [...options, process.execPath, '--import', 'tsx', adder, directory]);
      expect(traced.code).toBe(0);
      const steps = (await readFile(trace, 'utf8'))
        .split('\n')
        .map((line) => /"(asked|answered)\\n"|(sync)\(\d+<[^>]*pg_wal\/[0-9A-F]{24}>\)\s+= 0/.exec(line))
        .flatMap((match) => (match === null ? [] : [match.slice(1).join('')]));
      expect(steps.join(' ')).toMatch(/^(asked (sync )+answered ?){3}$/);
      await rm(join(directory, '..'), { recursive: true, force: true });
    },
  );

  it('brings the schema up to date in a new cluster', async () => {
    const directory = await copyCluster();
    const database = await openPglite(directory);
    expect((await migrate(database)).applied.length).toBeGreaterThanOrEqual(5);
    await database.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  });
});
