// A list of subjects in both adapters: taken over whole or not at all, and what the first instance adds.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubjectPolicy } from '../../../src/pipeline/ports.ts';
import { assignSubjects, type Assignment, type AssignmentReport } from '../../../src/store/assigned-subjects.ts';
import { listLookUps } from '../../../src/store/audit.ts';
import type { Database } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openProjectKeys, type ProjectKeyFiles } from '../../../src/store/project-keys.ts';
import { PostgresSubjects } from '../../../src/store/subjects.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';

const ASSIGNED: SubjectPolicy = { idTemplate: '{assigned}', nameTemplate: 'Subject {id}', maxShiftDays: 365 };
const REASON = { reason: 'list of the trial office' };
const HELD_BACK = { code: 'no-assigned-subject' };

const entry = (patientId: string, subjectId: string, issuer = ''): Assignment => ({ patientId, issuer, subjectId });
const patient = (patientId: string, issuer = '') => ({ patientId, issuer, name: 'Doe^Jane', birthDate: '19600101' });

describe.each(ADAPTERS)('assigned subjects in $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('', () => {
    let databases: TestDatabases;
    let database: Database;
    let directory: string;
    let keys: ProjectKeyFiles;
    let projects = 0;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'lethe-keys-'));
      keys = openProjectKeys(join(directory, 'keys'));
      databases = await start();
      database = await databases.open();
      await migrate(database);
    });
    afterAll(async () => {
      await databases.close();
      await rm(directory, { recursive: true, force: true });
    });

    const newProject = (): string => `project ${++projects}`;
    const fresh = (): PostgresSubjects => new PostgresSubjects(database, keys);
    const assign = (project: string, assignments: readonly Assignment[], isTrial = false): Promise<AssignmentReport> =>
      assignSubjects(database, keys, { project, assignments, policy: ASSIGNED, isTrial }, REASON);

    it('gives a patient of the list its subject, and holds back everybody else', async () => {
      const [project, running] = [newProject(), fresh()];
      await expect(running.resolve(project, patient('1'), ASSIGNED)).rejects.toMatchObject(HELD_BACK);
      expect(await assign(project, [entry('1', 'TRIAL-A'), entry('2', 'TRIAL-B', 'HOSP')])).toEqual({
        added: 2,
        known: 0,
        conflicts: [],
      });
      expect(await running.resolve(project, patient(' 1 '), ASSIGNED)).toMatchObject({
        subjectId: 'TRIAL-A',
        subjectName: 'Subject TRIAL-A',
      });
      expect((await running.resolve(project, patient('2', 'HOSP'), ASSIGNED)).subjectId).toBe('TRIAL-B');
      await expect(running.resolve(project, patient('2'), ASSIGNED)).rejects.toMatchObject(HELD_BACK);
    });

    it('moves dates by the shift that the patient would have had anyway', async () => {
      const project = newProject();
      await assign(project, [entry('1', 'A', 'HOSP')]);
      const listed = await fresh().resolve(project, patient('1', 'HOSP'), ASSIGNED);
      const other = await fresh().resolve(project, patient('1'), { ...ASSIGNED, idTemplate: '{hash:8}' });
      expect(listed.shiftDays).toBeLessThan(0);
      expect(other.shiftDays).toBe(listed.shiftDays);
    });

    it('learns name and birth date from the first instance, and keeps them', async () => {
      const project = newProject();
      await assign(project, [entry('1', 'A')]);
      const rows = () => database.query('select patient_name, birth_date from pseudonym where project = $1', [project]);
      expect(await rows()).toEqual([{ patient_name: '', birth_date: '' }]);
      await fresh().resolve(project, patient('1'), ASSIGNED);
      await fresh().resolve(project, { ...patient('1'), name: 'Other^Name' }, ASSIGNED);
      expect(await rows()).toEqual([{ patient_name: 'Doe^Jane', birth_date: '19600101' }]);
    });

    it.each([
      ['is seen first when the first instance comes, not when the list did', false, false],
      ['stays first seen when the first study came, though its name comes later', true, true],
    ])('%s', async (_, hasStudy, isKept) => {
      const project = newProject();
      await assign(project, [entry('1', 'A')]);
      const number = '(select number from project where name = $1)';
      const long = "timestamptz '2020-02-20'";
      await database.query(`update subject set first_seen = ${long} where project_number = ${number}`, [project]);
      if (hasStudy)
        await database.query(
          `insert into study select project_number, number, '1.2.3', '2.25.3' from subject where project_number = ${number}`,
          [project],
        );
      await fresh().resolve(project, patient('1'), ASSIGNED);
      const rows = await database.query(
        `select patient_name, first_seen = ${long} as "isKept" from pseudonym where project = $1`,
        [project],
      );
      expect(rows).toEqual([{ patient_name: 'Doe^Jane', isKept }]);
    });

    it('changes nothing that was given out: with one entry of another mind none is taken', async () => {
      const project = newProject();
      await assign(project, [entry('1', 'A'), entry('2', 'B')]);
      expect(await assign(project, [entry('1', 'A'), entry('3', 'C'), entry('2', 'Z'), entry('4', 'A')])).toEqual({
        added: 0,
        known: 1,
        conflicts: [
          { index: 2, conflict: 'patient-has-other-subject' },
          { index: 3, conflict: 'subject-of-other-patient' },
        ],
      });
      await expect(fresh().resolve(project, patient('3'), ASSIGNED)).rejects.toMatchObject(HELD_BACK);
      expect(await assign(project, [entry('1', 'A'), entry('3', 'C')])).toEqual({ added: 1, known: 1, conflicts: [] });
    });

    it('is noted in the audit with its reason; a trial keeps and notes nothing', async () => {
      const project = newProject();
      const notes = async () => (await listLookUps(database, 1_000)).filter((note) => note.project === project);
      expect((await assign(project, [entry('1', 'A')], true)).added).toBe(1);
      expect(await notes()).toEqual([]);
      await expect(fresh().resolve(project, patient('1'), ASSIGNED)).rejects.toMatchObject(HELD_BACK);
      await assign(project, [entry('1', 'A')]);
      expect(await notes()).toMatchObject([{ action: 'import', asked: 1, reason: REASON.reason }]);
    });
  });
});
