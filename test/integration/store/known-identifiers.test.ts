import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Identifiers } from '../../../src/deid/identifiers.ts';
import type { Subject } from '../../../src/deid/subject.ts';
import type { Database } from '../../../src/store/database.ts';
import { RememberedIdentifiers } from '../../../src/store/known-identifiers.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';

const SUBJECT: Subject = { subjectId: 'S1', subjectName: 'S1', shiftDays: 0 };

function told(...values: readonly (readonly ['name' | 'id' | 'date', string])[]): Identifiers {
  return new Identifiers(values.map(([kind, text]) => ({ kind, text })));
}

describe('what this process saw of a patient', () => {
  it('is nothing at first, and then its names and ids, each once', () => {
    const known = new RememberedIdentifiers();
    expect(known.of('lung', SUBJECT)).toEqual([]);
    known.note('lung', SUBJECT, told(['name', 'Quimby^A'], ['id', 'M1'], ['date', '20040826']));
    known.note('lung', SUBJECT, told(['name', 'Quimby^A'], ['id', 'ACC-2']));
    expect(known.of('lung', SUBJECT)).toEqual([
      { kind: 'name', text: 'Quimby^A' },
      { kind: 'id', text: 'M1' },
      { kind: 'id', text: 'ACC-2' },
    ]);
    expect(known.of('heart', SUBJECT)).toEqual([]);
  });

  it('stays the same list while nothing new comes', () => {
    const known = new RememberedIdentifiers();
    known.note('lung', SUBJECT, told(['id', 'M1']));
    const first = known.of('lung', SUBJECT);
    known.note('lung', SUBJECT, told(['id', 'M1'], ['date', '20040826']));
    expect(known.of('lung', SUBJECT)).toBe(first);
  });

  it('is bounded', () => {
    const known = new RememberedIdentifiers();
    for (let i = 0; i < 300; i++) known.note('lung', SUBJECT, told(['id', `ACC-${i}`]));
    const values = known.of('lung', SUBJECT);
    expect(values).toHaveLength(100);
    expect(values).toContainEqual({ kind: 'id', text: 'ACC-299' });
  });
});

describe.each(ADAPTERS.filter(({ isInstalled }) => isInstalled))(
  'what the database holds of a patient, $name',
  ({ start }) => {
    let databases: TestDatabases;
    let database: Database;

    beforeAll(async () => {
      databases = await start();
      database = await databases.open();
      await migrate(database);
      await database.script(`
      insert into project (name) values ('lung'), ('heart');
      insert into subject (project_number, patient_key, patient_id, issuer, patient_name, birth_date, subject_id, subject_name, shift_days)
      values (1, 'k1', 'M1', '', 'Quimby^A', '', 'S1', 'S1', 0), (2, 'k1', 'M2', '', '', '', 'S1', 'S1', 0);
      insert into accession_mapping values (1, 1, 'ACC-1', 'x'), (2, 2, 'ACC-2', 'y');
    `);
    });
    afterAll(() => databases.close());

    it('is asked for once, and told at once from then on', async () => {
      const known = new RememberedIdentifiers(database);
      const asked = known.of('lung', SUBJECT);
      expect(asked).toBeInstanceOf(Promise);
      expect(await known.of('lung', SUBJECT)).toEqual(await asked);
      const values = known.of('lung', SUBJECT);
      expect(values).toEqual(
        expect.arrayContaining([
          { kind: 'name', text: 'Quimby^A' },
          { kind: 'id', text: 'M1' },
          { kind: 'id', text: 'ACC-1' },
        ]),
      );
      expect(values).toHaveLength(3);
    });

    it('is nothing for a subject that it does not know', async () => {
      const known = new RememberedIdentifiers(database);
      expect(await known.of('lung', { ...SUBJECT, subjectId: 'S9' })).toEqual([]);
      expect(await known.of('heart', SUBJECT)).toEqual([
        { kind: 'id', text: 'M2' },
        { kind: 'id', text: 'ACC-2' },
      ]);
    });
  },
);
