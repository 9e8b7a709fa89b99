import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mappings } from '../../../src/pipeline/ports.ts';
import { findPseudonyms } from '../../../src/store/look-ups.ts';
import { importJournals, journalDirectoryOf, MappingJournal } from '../../../src/store/mapping-journal.ts';
import { migrate } from '../../../src/store/migrate.ts';
import type { Database } from '../../../src/store/database.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';

const mappings = (suffix: string): Mappings => ({
  uids: [
    { original: `1.2.${suffix}`, replacement: `2.25.${suffix}` },
    { original: '1.2.3', replacement: '2.25.3' },
  ],
  accessions: [{ original: `A${suffix}`, replacement: `R${suffix}` }],
  studies: [{ original: '1.2.3', replacement: '2.25.3' }],
});

describe.skipIf(!ADAPTERS[0].isInstalled)('mappings that wait for the database', () => {
  let databases: TestDatabases;
  let database: Database;
  const data = mkdtempSync(join(tmpdir(), 'lethe-journal-'));
  const journals = (): string[] => readdirSync(journalDirectoryOf(data));

  beforeAll(async () => {
    databases = await ADAPTERS[0].start();
    database = await databases.open();
    await migrate(database);
  });
  afterAll(async () => {
    await databases.close();
    rmSync(data, { recursive: true });
  });

  async function find(uid: string): Promise<unknown[]> {
    const rows: unknown[] = [];
    for await (const batch of findPseudonyms(database, { uid }, { reason: 'test' })) rows.push(...batch);
    return rows;
  }

  it('come in whole with the next opening, and their file goes', async () => {
    const journal = new MappingJournal(data);
    journal.add('lung', 'S1', mappings('11'));
    journal.add('lung', 'S1', mappings('12'));
    await journal.close();
    expect(statSync(join(journalDirectoryOf(data), journals()[0])).mode & 0o777).toBe(0o600);
    expect(await find('1.2.11')).toEqual([]);
    await importJournals(database, data);
    for (const uid of ['1.2.11', '1.2.12', '1.2.3', '2.25.12']) expect(await find(uid)).toHaveLength(1);
    expect(journals()).toEqual([]);
  });

  it('are noted once a run', async () => {
    const journal = new MappingJournal(data);
    for (let i = 0; i < 3; i++) journal.add('lung', 'S1', mappings('20'));
    await journal.close();
    const text = readFileSync(join(journalDirectoryOf(data), journals()[0]), 'utf8');
    expect(text.split('"1.2.20"')).toHaveLength(2);
    await importJournals(database, data);
  });

  it('come in as far as they are whole when a run was killed, and twice change nothing', async () => {
    const journal = new MappingJournal(data);
    journal.add('lung', 'S1', mappings('11'));
    journal.add('lung', 'S1', mappings('31'));
    await journal.close();
    appendFileSync(join(journalDirectoryOf(data), journals()[0]), '{"project":"lung","subjectId":"S1","mapp');
    await importJournals(database, data);
    expect(await find('1.2.31')).toHaveLength(1);
    expect(await find('1.2.11')).toHaveLength(1);
    expect(journals()).toEqual([]);
  });

  it('are nothing where there is no journal', async () => {
    await expect(importJournals(database, join(data, 'nowhere'))).resolves.toBeUndefined();
  });
});
