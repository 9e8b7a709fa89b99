import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PatientIdentity } from '../../../src/deid/subject.ts';
import type { SubjectPolicy } from '../../../src/pipeline/ports.ts';
import type { Database } from '../../../src/store/database.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openProjectKeys } from '../../../src/store/project-keys.ts';
import { PostgresSubjects } from '../../../src/store/subjects.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';
import { cleanFacts, spoolRecord } from '../../support/ledger-events.ts';

const SEQUENCE: SubjectPolicy = { idTemplate: 'LUNG-{sequence:4}', nameTemplate: 'Subject {id}', maxShiftDays: 365 };

let patients = 0;
function patient(changes: Partial<PatientIdentity> = {}): PatientIdentity {
  return { patientId: `MRN${++patients}`, issuer: 'HOSP', name: 'Doe^Jane', birthDate: '19600101', ...changes };
}

describe.each(ADAPTERS)('subjects in $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('', () => {
    let databases: TestDatabases;
    let database: Database;
    let directory: string;
    let projects = 0;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'lethe-keys-'));
      databases = await start();
      database = await databases.open();
      await migrate(database);
    });
    afterAll(async () => {
      await databases.close();
      await rm(directory, { recursive: true, force: true });
    });

    /** As another process would see it: nothing in memory. */
    const fresh = (): PostgresSubjects => new PostgresSubjects(database, openProjectKeys(join(directory, 'keys')));
    const newProject = (): string => `project ${++projects}`;

    it('numbers the patients of a project from 1 and answers a known one at once', async () => {
      const [project, subjects, first] = [newProject(), fresh(), patient()];
      const subject = await subjects.resolve(project, first, SEQUENCE);
      expect(subject).toMatchObject({ subjectId: 'LUNG-0001', subjectName: 'Subject LUNG-0001' });
      expect(subject.shiftDays).toBeGreaterThanOrEqual(-365);
      expect(subject.shiftDays).toBeLessThan(0);
      expect(subjects.resolve(project, first, SEQUENCE)).toEqual(subject);
      expect(subjects.resolve(project, first, SEQUENCE)).not.toBeInstanceOf(Promise);
      expect(await subjects.resolve(project, patient(), SEQUENCE)).toMatchObject({ subjectId: 'LUNG-0002' });
    });

    it('gives the same subject after a restart, also when the policy changed', async () => {
      const [project, someone] = [newProject(), patient()];
      const subject = await fresh().resolve(project, someone, SEQUENCE);
      expect(
        await fresh().resolve(project, someone, { ...SEQUENCE, idTemplate: 'X-{hash:8}', maxShiftDays: 10 }),
      ).toEqual(subject);
    });

    it('gives one subject to twenty first instances at once, from two processes', async () => {
      const [project, someone] = [newProject(), patient()];
      const [one, two] = [fresh(), fresh()];
      const subjects = await Promise.all(
        Array.from({ length: 20 }, async (_, i) => (i % 2 === 0 ? one : two).resolve(project, someone, SEQUENCE)),
      );
      expect(new Set(subjects.map((subject) => subject.subjectId))).toEqual(new Set(['LUNG-0001']));
    });

    it('leaves no gap and no double when many patients come at once from many processes', async () => {
      const project = newProject();
      const processes = [fresh(), fresh(), fresh(), fresh()];
      const everyone = Array.from({ length: 40 }, () => patient());
      const subjects = await Promise.all(
        everyone.flatMap((each) => processes.map(async (process) => process.resolve(project, each, SEQUENCE))),
      );
      const ids = [...new Set(subjects.map((subject) => subject.subjectId))].sort();
      expect(ids).toEqual(Array.from({ length: 40 }, (_, i) => `LUNG-${String(i + 1).padStart(4, '0')}`));
    });

    it('knows a patient by id and issuer, whatever the name, and keeps the first name', async () => {
      const [project, someone] = [newProject(), patient()];
      const subject = await fresh().resolve(project, someone, SEQUENCE);
      expect(await fresh().resolve(project, { ...someone, name: 'Roe^Jane', birthDate: '' }, SEQUENCE)).toEqual(
        subject,
      );
      expect(await fresh().resolve(project, { ...someone, patientId: ` ${someone.patientId} ` }, SEQUENCE)).toEqual(
        subject,
      );
      expect(await fresh().resolve(project, { ...someone, issuer: 'OTHER' }, SEQUENCE)).not.toEqual(subject);
      const rows = await database.query('select patient_name from pseudonym where project = $1 and issuer = $2', [
        project,
        'HOSP',
      ]);
      expect(rows).toEqual([{ patient_name: 'Doe^Jane' }]);
    });

    it('knows a patient without id by name and birth date', async () => {
      const project = newProject();
      const nameless = patient({ patientId: '', name: 'Doe^Jane^^' });
      const subject = await fresh().resolve(project, nameless, SEQUENCE);
      expect(await fresh().resolve(project, { ...nameless, name: 'DOE^jane' }, SEQUENCE)).toEqual(subject);
      expect(await fresh().resolve(project, { ...nameless, birthDate: '19610101' }, SEQUENCE)).not.toEqual(subject);
    });

    it('has nothing in common between two projects', async () => {
      const someone = patient();
      const policy = { ...SEQUENCE, idTemplate: '{hash:12}', maxShiftDays: 100_000 };
      const [one, two] = [
        await fresh().resolve(newProject(), someone, policy),
        await fresh().resolve(newProject(), someone, policy),
      ];
      expect(one.subjectId).not.toBe(two.subjectId);
      expect(one.shiftDays).not.toBe(two.shiftDays);
    });

    it('never gives a hash to two patients: the second gets a longer one', async () => {
      const project = newProject();
      const policy = { ...SEQUENCE, idTemplate: 'H{hash:1}' };
      const ids = new Set<string>();
      for (let i = 0; i < 60; i++) ids.add((await fresh().resolve(project, patient(), policy)).subjectId);
      expect(ids.size).toBe(60);
      expect([...ids].some((id) => id.length === 2)).toBe(true);
      expect([...ids].some((id) => id.length > 2)).toBe(true);
    });

    it('passes over a number that is taken', async () => {
      const project = newProject();
      await fresh().resolve(project, patient(), { ...SEQUENCE, idTemplate: 'LUNG-{sequence:4}' });
      await database.query(
        "update subject set subject_id = 'LUNG-0002' where subject_id = 'LUNG-0001' and project_number = (select number from project where name = $1)",
        [project],
      );
      expect(await fresh().resolve(project, patient(), SEQUENCE)).toMatchObject({ subjectId: 'LUNG-0003' });
    });

    it('quarantines a patient whom the list does not name', async () => {
      const project = newProject();
      const assigned = { ...SEQUENCE, idTemplate: '{assigned}' };
      await expect(fresh().resolve(project, patient(), assigned)).rejects.toMatchObject({
        code: 'no-assigned-subject',
      });
      const known = patient();
      const subject = await fresh().resolve(project, known, SEQUENCE);
      expect(await fresh().resolve(project, known, assigned)).toEqual(subject);
    });

    it('refuses a template that gives every patient the same id', async () => {
      await expect(fresh().resolve(newProject(), patient(), { ...SEQUENCE, idTemplate: 'ANON' })).rejects.toMatchObject(
        {
          code: 'profile-invalid',
        },
      );
    });

    it('refuses a key that the pseudonyms of the project were not made with', async () => {
      const [project, someone] = [newProject(), patient()];
      await fresh().resolve(project, someone, SEQUENCE);
      const other = new PostgresSubjects(database, openProjectKeys(join(directory, 'other-keys')));
      await expect(other.resolve(project, someone, SEQUENCE)).rejects.toMatchObject({ code: 'key-mismatch' });
    });

    it('tries again after a failure', async () => {
      const project = newProject();
      const keys = openProjectKeys(join(directory, 'keys'));
      let isAway = true;
      const subjects = new PostgresSubjects(database, {
        keysFor: (name) => {
          if (isAway) throw new Error('away');
          return keys.keysFor(name);
        },
      });
      const someone = patient();
      await expect(subjects.resolve(project, someone, SEQUENCE)).rejects.toThrow('away');
      isAway = false;
      expect(await subjects.resolve(project, someone, SEQUENCE)).toMatchObject({ subjectId: 'LUNG-0001' });
    });

    it('notes when a subject was seen last, and counts its studies', async () => {
      const [project, someone] = [newProject(), patient()];
      const subject = await fresh().resolve(project, someone, SEQUENCE);
      await database.query(
        "update subject set first_seen = now() - interval '1 day', last_seen = now() - interval '1 day' where patient_id = $1",
        [someone.patientId],
      );
      const ledger = new PostgresLedger(database);
      const record = spoolRecord();
      ledger.received(record, project, []);
      const studies = [
        { original: '1.8.1', replacement: '2.25.81' },
        { original: '1.8.2', replacement: '2.25.82' },
      ];
      ledger.clean(record.recordId, cleanFacts({ project, subject, mappings: { uids: [], accessions: [], studies } }));
      await ledger.flush();
      const [row] = await database.query<{ studies: number; first_seen: Date; last_seen: Date }>(
        'select studies, first_seen, last_seen from pseudonym where patient_id = $1',
        [someone.patientId],
      );
      expect(row.studies).toBe(2);
      expect(row.last_seen.getTime() - row.first_seen.getTime()).toBeGreaterThan(86_000_000);
      await ledger.close();
    });
  });
});
