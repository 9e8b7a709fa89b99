import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/store/database.ts';
import { exportPseudonyms } from '../../../src/store/exports.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { findPseudonyms, type Criterion, type PseudonymRow } from '../../../src/store/look-ups.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openProjectKeys } from '../../../src/store/project-keys.ts';
import { countQuarantine, listQuarantine } from '../../../src/store/quarantine.ts';
import { PostgresSubjects } from '../../../src/store/subjects.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';
import { cleanFacts, spoolRecord } from '../../support/ledger-events.ts';

const UIDS_PER_PATIENT = 1_500;
const ASKER = { actor: 'ana', reason: 'recall of a finding' };

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

describe.each(ADAPTERS)('look-ups in $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('', () => {
    let databases: TestDatabases;
    let database: Database;
    let directory: string;
    let ledger: PostgresLedger;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'lethe-keys-'));
      databases = await start();
      database = await databases.open();
      await migrate(database);
      const subjects = new PostgresSubjects(database, openProjectKeys(join(directory, 'keys')));
      ledger = new PostgresLedger(database);
      for (const project of ['lung', 'heart']) {
        for (const n of [1, 2]) {
          const identity = { patientId: `MRN-${n}`, issuer: 'HOSP', name: `Doe^${n}`, birthDate: '19600101' };
          const policy = {
            idTemplate: `${project.toUpperCase()}-{sequence:4}`,
            nameTemplate: '{id}',
            maxShiftDays: 30,
          };
          const subject = await subjects.resolve(project, identity, policy);
          const record = spoolRecord({ sopInstanceUid: `1.${n}.0` });
          ledger.received(record, project, []);
          const replace = (kind: string, i: number): { original: string; replacement: string } => ({
            original: `1.${n}.${kind}.${i}`,
            replacement: `2.25.${project.length}${n}${kind}${i}`,
          });
          ledger.clean(
            record.recordId,
            cleanFacts({
              project,
              subject,
              mappings: {
                uids: Array.from({ length: UIDS_PER_PATIENT }, (_, i) => replace('5', i)),
                studies: [replace('6', 0)],
                accessions: [{ original: `ACC${n}`, replacement: `${project}-${n}` }],
              },
            }),
          );
        }
      }
      await ledger.flush();
    });
    afterAll(async () => {
      await ledger.close();
      await databases.close();
      await rm(directory, { recursive: true, force: true });
    });

    const find = (criterion: Criterion): Promise<PseudonymRow[]> => all(findPseudonyms(database, criterion, ASKER));

    it('finds a patient by its original id, in every project or in one', async () => {
      const rows = await find({ mrn: ' MRN-1 ' });
      expect(rows.map((row) => [row.project, row.subjectId])).toEqual([
        ['heart', 'HEART-0001'],
        ['lung', 'LUNG-0001'],
      ]);
      expect(rows[0]).toMatchObject({ patientId: 'MRN-1', issuer: 'HOSP', patientName: 'Doe^1', studies: 1 });
      expect(await find({ mrn: 'MRN-1', project: 'lung' })).toHaveLength(1);
      expect(await find({ mrn: 'mrn-1' })).toEqual([]);
      expect(await find({ mrn: 'MRN-1', project: 'unknown' })).toEqual([]);
    });

    it('finds by subject, and by many at once', async () => {
      expect((await find({ subject: 'LUNG-0002' }))[0]).toMatchObject({ patientId: 'MRN-2', original: undefined });
      const many = Array.from({ length: 1_200 }, (_, i) => `LUNG-${String(i).padStart(4, '0')}`);
      expect(await find({ subject: many })).toHaveLength(2);
    });

    it('finds a UID and an accession number by original and by replacement', async () => {
      const byOriginal = await find({ uid: '1.2.5.7', project: 'lung' });
      expect(byOriginal).toHaveLength(1);
      expect(byOriginal[0]).toMatchObject({ subjectId: 'LUNG-0002', original: '1.2.5.7', replacement: '2.25.4257' });
      expect(await find({ uid: '2.25.4257' })).toEqual(byOriginal);
      expect(await find({ uid: '1.2.6.0' })).toHaveLength(2);
      expect((await find({ accession: 'heart-1' }))[0]).toMatchObject({ original: 'ACC1', patientId: 'MRN-1' });
      expect(await find({ accession: ['ACC1', 'ACC2'], project: 'heart' })).toHaveLength(2);
    });

    it('finds nothing for what would end a statement', async () => {
      for (const evil of [`'; drop table subject; --`, '{}', '"', '\\', '%', 'NULL', ''])
        expect(await find({ mrn: evil })).toEqual([]);
    });

    it('uses an index for each kind of look-up', async () => {
      await database.script('analyze; set enable_seqscan = off');
      for (const [table, column] of [
        ['subject', 'patient_id'],
        ['subject', 'subject_id'],
        ['uid_mapping', 'original_uid'],
        ['uid_mapping', 'replacement_uid'],
        ['accession_mapping', 'original_accession'],
        ['accession_mapping', 'replacement_accession'],
      ]) {
        const plan = await database.query(
          `explain select 1 from ${table} where ${column} = any ('{a,b}'::text[]) and project_number = any ('{1,2}'::int[])`,
        );
        expect(JSON.stringify(plan)).toMatch(/Index|Bitmap/);
      }
    });

    it('notes each look-up with its reason, and never the value', async () => {
      await database.query('select 1');
      await find({ mrn: ['MRN-1', 'MRN-2'], project: 'lung' });
      await exportPseudonyms(database, 'lung', { reason: 'hand-over' });
      const rows = await database.query(
        'select actor, action, criterion, asked, project, reason from audit order by number desc limit 2',
      );
      expect(rows).toEqual([
        {
          actor: userInfo().username,
          action: 'export',
          criterion: null,
          asked: 0,
          project: 'lung',
          reason: 'hand-over',
        },
        { ...ASKER, action: 'find', criterion: 'mrn', asked: 2, project: 'lung' },
      ]);
      expect(JSON.stringify(await database.query('select * from audit'))).not.toContain('MRN-');
    });

    it('gives nothing out without a reason', async () => {
      await expect(all(findPseudonyms(database, { mrn: 'MRN-1' }, { reason: ' ' }))).rejects.toMatchObject({
        code: 'usage',
      });
      await expect(exportPseudonyms(database, 'lung', { reason: '' })).rejects.toMatchObject({ code: 'usage' });
    });

    it('asks for exactly one criterion and a known project', async () => {
      await expect(find({})).rejects.toMatchObject({ code: 'usage' });
      await expect(find({ mrn: '1', uid: '2' })).rejects.toMatchObject({ code: 'usage' });
      await expect(exportPseudonyms(database, 'unknown', ASKER)).rejects.toMatchObject({ code: 'usage' });
    });

    it('lets nobody change or remove a row of the audit', async () => {
      for (const statement of ["update audit set reason = 'x'", 'delete from audit', 'truncate audit'])
        await expect(database.query(statement)).rejects.toMatchObject({ code: 'database-refused' });
    });

    it('exports a project whole and in pages', async () => {
      const parts = await exportPseudonyms(database, 'lung', ASKER);
      expect(await all(parts.patients)).toEqual([
        { idOld: 'MRN-1', idNew: 'LUNG-0001' },
        { idOld: 'MRN-2', idNew: 'LUNG-0002' },
      ]);
      let pages = 0;
      const uids = new Map<string, string>();
      for await (const page of parts.uids) {
        pages++;
        for (const { idOld, idNew } of page) uids.set(idOld, idNew);
      }
      expect(pages).toBe(2);
      expect(uids.size).toBe(2 * (UIDS_PER_PATIENT + 1));
      expect(uids.get('1.2.5.7')).toBe('2.25.4257');
      expect(await all(parts.accessions)).toContainEqual({ idOld: 'ACC2', idNew: 'lung-2' });
      const subjects = await all(parts.subjects);
      expect(subjects[1]).toMatchObject({ subjectId: 'LUNG-0002', patientName: 'Doe^2', studies: 1 });
      expect(subjects[1].firstSeen).toBeInstanceOf(Date);
    });

    it('lists the quarantine newest first, page by page', async () => {
      const records = [1, 2, 3].map((n) => spoolRecord({ receivedAt: Date.UTC(2026, 0, n, 1, 2, 3, 456) }));
      for (const record of records) {
        ledger.received(record, 'lung', ['research']);
        ledger.quarantined(record.recordId, 'unparsable', 'broken at byte 12');
      }
      await ledger.flush();
      const first = await listQuarantine(database, { limit: 2, project: 'lung' });
      expect(first.map((row) => row.recordId)).toEqual([records[2].recordId, records[1].recordId]);
      expect(first[0]).toMatchObject({ reason: 'unparsable', message: 'broken at byte 12', length: 530_000 });
      const rest = await listQuarantine(database, { limit: 2, after: first[1] });
      expect(rest.map((row) => row.recordId)).toEqual([records[0].recordId]);
      expect(await listQuarantine(database, { reason: 'codec-failed' })).toEqual([]);
      expect(await countQuarantine(database)).toEqual([{ reason: 'unparsable', count: 3 }]);
    });

    it('shows each transfer with both UIDs', async () => {
      const rows = await database.query(
        "select * from transfer where project = 'lung' and state = 'clean' order by subject_id",
      );
      expect(rows).toHaveLength(2);
      expect(rows[0]).toMatchObject({ subject_id: 'LUNG-0001', profile: 'basic', original_sop_instance_uid: '1.1.0' });
    });
  });
});
