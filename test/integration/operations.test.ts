// The steps of docker/OPERATIONS.md, each as it is written there: backup, restore, upgrade, a new project key.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PatientIdentity, Subject } from '../../src/deid/subject.ts';
import type { SubjectPolicy } from '../../src/pipeline/ports.ts';
import type { Database } from '../../src/store/database.ts';
import { PostgresLedger } from '../../src/store/ledger.ts';
import { countInstances } from '../../src/store/ledger-queries.ts';
import { findPseudonyms } from '../../src/store/look-ups.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDatabase } from '../../src/store/open.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { keyFileName, openProjectKeys } from '../../src/store/project-keys.ts';
import { PostgresSubjects } from '../../src/store/subjects.ts';
import { ADAPTERS, copyCluster } from '../support/databases.ts';
import { cleanFacts, spoolRecord } from '../support/ledger-events.ts';
import { POSTGRES_PROGRAMS, startPostgres, type TestServer } from '../support/postgres.ts';
import { REPOSITORY } from '../support/programs.ts';

const POLICY: SubjectPolicy = { idTemplate: 'LUNG-{sequence:4}', nameTemplate: '{id}', maxShiftDays: 365 };
const PATIENTS = ['MRN1', 'MRN2', 'MRN3'].map((patientId): PatientIdentity => ({
  patientId,
  issuer: 'HOSP',
  name: 'Doe^Jane',
  birthDate: '19600101',
}));
/** Far more than is needed: the machine may be busy. */
const TIMEOUT_MS = 180_000;
const ORIGINAL_UID = '1.2.826.0.1.3680043.2.1143.1';

/** Everything that pseudonyms are: subjects by the database, UIDs and dates by the key. */
interface Pseudonyms {
  readonly subjects: readonly Subject[];
  readonly uid: string;
}

let scratch = '';
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lethe-operations-'));
  return () => rm(scratch, { recursive: true, force: true });
});

async function pseudonymsOf(database: Database, data: string, project: string): Promise<Pseudonyms> {
  const keys = openProjectKeys(join(data, 'keys'));
  const subjects = new PostgresSubjects(database, keys);
  const resolved: Subject[] = [];
  for (const patient of PATIENTS) resolved.push(await subjects.resolve(project, patient, POLICY));
  return { subjects: resolved, uid: (await keys.keysFor(project)).replaceUid(ORIGINAL_UID) };
}

async function foundBy(database: Database, mrn: string): Promise<readonly { project: string; subjectId: string }[]> {
  const found: { project: string; subjectId: string }[] = [];
  for await (const rows of findPseudonyms(database, { mrn }, { reason: 'rehearsal' }))
    found.push(...rows.map(({ project, subjectId }) => ({ project, subjectId })));
  return found;
}

/** A data directory with an embedded database that is made already, which is quicker. */
async function newData(name: string): Promise<string> {
  const data = join(scratch, name);
  await mkdir(data, { mode: 0o700 });
  const cluster = await copyCluster();
  await rename(cluster, join(data, 'postgres'));
  await rm(join(cluster, '..'), { recursive: true });
  return data;
}

describe('the embedded database', () => {
  it(
    'is backed up as a copy of the stopped data directory and gives the same pseudonyms on a fresh machine',
    async () => {
      const data = await newData('old');
      const database = await openDatabase('embedded', data);
      const before = await pseudonymsOf(database, data, 'lung');
      await database.close();

      const restored = join(scratch, 'fresh');
      await mkdir(restored, { mode: 0o700 });
      for (const folder of ['keys', 'postgres'])
        await cp(join(data, folder), join(restored, folder), { recursive: true });
      await rm(data, { recursive: true });

      const again = await openDatabase('embedded', restored);
      expect(await pseudonymsOf(again, restored, 'lung')).toEqual(before);
      expect(await foundBy(again, 'MRN2')).toEqual([{ project: 'lung', subjectId: before.subjects[1].subjectId }]);
      await again.close();
    },
    TIMEOUT_MS,
  );
});

describe.each(ADAPTERS)('an upgrade in $name', ({ isInstalled, start }) => {
  it.skipIf(!isInstalled)(
    'keeps every row of an older schema, and its counts',
    async () => {
      const older = join(scratch, 'sql');
      await mkdir(older);
      const names = (await readdir(join(REPOSITORY, 'sql'))).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort();
      const OLDER = 7;
      for (const name of names.slice(0, OLDER)) await cp(join(REPOSITORY, 'sql', name), join(older, name));
      const databases = await start();
      try {
        const database = await databases.open();
        expect((await migrate(database, older)).applied).toHaveLength(OLDER);
        const before = await pseudonymsOf(database, scratch, 'lung');
        const recordId = '0d0f8a5e-6c1f-4b8e-9a51-000000000001';
        await database.query(
          `insert into instance (record_id, project_number, state, calling_ae_title, called_ae_title, peer_address,
           sop_class_uid, sop_instance_uid, transfer_syntax_uid, length, checksum, received_at)
         values ($1, 1, 'clean', 'CT01', 'LUNG', '10.1.2.3', '1.2', '1.2.3', '1.2', 10, 20, now())`,
          [recordId],
        );
        await database.query(
          "insert into delivery (record_id, destination, state) values ($1, 'research', 'pending')",
          [recordId],
        );

        expect((await migrate(database)).applied).toEqual(names.slice(OLDER));
        expect((await migrate(database)).applied).toEqual([]);
        expect(await pseudonymsOf(database, scratch, 'lung')).toEqual(before);
        expect(await countInstances(database)).toEqual({ received: 1, waiting: 1, delivered: 0, quarantined: 0 });
        // What was under way goes on with the new program.
        const ledger = new PostgresLedger(database);
        ledger.delivery(recordId as never, 'research', { kind: 'sent', status: 0 });
        ledger.delivered(recordId as never);
        const record = spoolRecord();
        ledger.received(record, 'lung', ['research']);
        ledger.clean(record.recordId, cleanFacts({ project: 'lung', subject: before.subjects[0] }));
        await ledger.flush();
        await ledger.close();
        expect(await countInstances(database)).toEqual({ received: 2, waiting: 1, delivered: 1, quarantined: 0 });
      } finally {
        await databases.close();
      }
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(POSTGRES_PROGRAMS === undefined)('a PostgreSQL server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
    return () => server.stop();
  });

  it('is backed up by pg_dump with the keys, and gives the same pseudonyms on a fresh machine', async () => {
    const old = await server.createDatabase();
    const data = join(scratch, 'old');
    const database = await openPostgres(old);
    await migrate(database);
    const before = await pseudonymsOf(database, data, 'lung');
    const counts = await countInstances(database);

    const dump = join(scratch, 'lethe.dump');
    // The gateway runs on meanwhile: the dump is one moment of it.
    runProgram('pg_dump', ['--format=custom', '--no-owner', `--file=${dump}`, old]);
    await database.close();
    const fresh = await server.createDatabase();
    runProgram('pg_restore', ['--no-owner', '--exit-on-error', '--single-transaction', `--dbname=${fresh}`, dump]);
    const restored = join(scratch, 'fresh');
    await cp(join(data, 'keys'), join(restored, 'keys'), { recursive: true });

    const again = await openPostgres(fresh);
    expect((await migrate(again)).applied).toEqual([]);
    expect(await pseudonymsOf(again, restored, 'lung')).toEqual(before);
    expect(await countInstances(again)).toEqual(counts);
    // Rows of the audit came along, and still cannot be changed.
    await foundBy(again, 'MRN1');
    await expect(again.query('delete from audit')).rejects.toThrow();
    await again.close();
  });

  it('refuses work when the keys were not restored with it, and changes nothing', async () => {
    const data = join(scratch, 'data');
    const database = await openPostgres(await server.createDatabase());
    await migrate(database);
    const before = await pseudonymsOf(database, data, 'lung');
    await rm(join(data, 'keys'), { recursive: true });
    // A new key is made, as on a fresh machine: nothing may be pseudonymised with it.
    await expect(pseudonymsOf(database, data, 'lung')).rejects.toMatchObject({ code: 'key-mismatch' });
    expect(await foundBy(database, 'MRN1')).toEqual([{ project: 'lung', subjectId: before.subjects[0].subjectId }]);
    await database.close();
  });

  it('takes a new key as a new project: new pseudonyms without any in common, the old ones found as before, the old key refused to go', async () => {
    const data = join(scratch, 'data');
    const database = await openPostgres(await server.createDatabase());
    await migrate(database);
    const old = await pseudonymsOf(database, data, 'lung');
    const policy = { ...POLICY, idTemplate: 'LUNG27-{sequence:4}' };
    const keys = openProjectKeys(join(data, 'keys'));
    const renewed = await new PostgresSubjects(database, keys).resolve('lung-2027', PATIENTS[0], policy);
    expect(renewed.subjectId).toBe('LUNG27-0001');
    expect((await keys.keysFor('lung-2027')).replaceUid(ORIGINAL_UID)).not.toBe(old.uid);
    expect(await foundBy(database, 'MRN1')).toEqual([
      { project: 'lung', subjectId: old.subjects[0].subjectId },
      { project: 'lung-2027', subjectId: 'LUNG27-0001' },
    ]);
    // Copying the new key over the old one is the mistake that would mix both: it is refused.
    await cp(join(data, 'keys', keyFileName('lung-2027')), join(data, 'keys', keyFileName('lung')));
    await expect(pseudonymsOf(database, data, 'lung')).rejects.toMatchObject({ code: 'key-mismatch' });
    // Without the old key nobody can recompute old pseudonyms; the tables still tell them.
    await rm(join(data, 'keys', keyFileName('lung')));
    expect(await foundBy(database, 'MRN3')).toHaveLength(1);
    await database.close();
  });
});

describe('OPERATIONS.md', () => {
  it('names only commands, options and files that there are', async () => {
    const text = await readFile(join(REPOSITORY, 'docker', 'OPERATIONS.md'), 'utf8');
    const main = await readFile(join(REPOSITORY, 'src', 'cli', 'commands.ts'), 'utf8');
    for (const [, command] of text.matchAll(/^ {4}(?:sudo -u lethe )?lethe ([a-z]+)/gm))
      expect(main.toLowerCase()).toContain(command);
    for (const [, path] of text.matchAll(/\]\(([^)#:]+)\)/g))
      await expect(readFile(join(REPOSITORY, 'docker', path))).resolves.toBeDefined();
  });
});

function runProgram(name: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(join(POSTGRES_PROGRAMS ?? '', name), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
}
