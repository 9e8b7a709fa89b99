import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import type { PatientIdentity, Subject } from '../../../src/deid/subject.ts';
import { RememberedSubjects } from '../../../src/store/remembered-subjects.ts';

const keys = new ProjectKeys(Buffer.alloc(32, 7));
const policy = { idTemplate: '{hash:8}', nameTemplate: '{id}', maxShiftDays: 10 };
const erika: PatientIdentity = { patientId: 'PID-4711', issuer: '', name: 'MUSTER^ERIKA', birthDate: '19600101' };
const max: PatientIdentity = { ...erika, patientId: 'PID-4712', name: 'MUSTER^MAX' };

let data = '';
let asked: string[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'lethe-remembered-'));
  asked = [];
  makeDatabase('1-cluster');
});
afterEach(() => {
  rmSync(data, { recursive: true });
});

function makeDatabase(identifier: string): void {
  mkdirSync(join(data, 'postgres', 'global'), { recursive: true });
  writeFileSync(join(data, 'postgres', 'global', 'pg_control'), identifier);
}

function open(): Promise<RememberedSubjects> {
  return RememberedSubjects.open({
    dataDirectory: data,
    project: 'lung',
    keys,
    openSubjects: () =>
      Promise.resolve({
        resolve: (_project: string, { patientId }: PatientIdentity): Promise<Subject> => {
          asked.push(patientId);
          return Promise.resolve({ subjectId: `S-${patientId}`, subjectName: 'N', shiftDays: -3 });
        },
      }),
  });
}

const file = (): string => join(data, 'remembered', 'lung.jsonl');

describe('RememberedSubjects', () => {
  it('asks the database once for a patient, then never again, not in the next run either', async () => {
    const first = await open();
    expect(await first.resolve('lung', erika, policy)).toEqual({
      subjectId: 'S-PID-4711',
      subjectName: 'N',
      shiftDays: -3,
    });
    await first.resolve('lung', { ...erika, patientId: ' PID-4711 ' }, policy);
    await first.save();
    const second = await open();
    expect(second.resolve('lung', erika, policy)).toEqual({ subjectId: 'S-PID-4711', subjectName: 'N', shiftDays: -3 });
    await second.resolve('lung', max, policy);
    await second.save();
    const third = await open();
    await third.resolve('lung', erika, policy);
    await third.resolve('lung', max, policy);
    expect(asked).toEqual(['PID-4711', 'PID-4712']);
  });

  it('keeps no original value, in a file that only its owner may read', async () => {
    const subjects = await open();
    await subjects.resolve('lung', { ...erika, patientId: 'SECRET' }, policy);
    await subjects.save();
    expect(readFileSync(file(), 'utf8').replaceAll('S-SECRET', '')).not.toMatch(/SECRET|MUSTER|1960/);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('forgets all when the database is another one', async () => {
    const first = await open();
    await first.resolve('lung', erika, policy);
    await first.save();
    makeDatabase('2-cluster');
    const second = await open();
    await second.resolve('lung', erika, policy);
    await second.save();
    expect(asked).toHaveLength(2);
    expect((await open()).resolve('lung', erika, policy)).not.toBeInstanceOf(Promise);
  });

  it('passes over a line that a killed run left torn', async () => {
    const first = await open();
    await first.resolve('lung', erika, policy);
    await first.save();
    appendFileSync(file(), '{"key":"X","subj');
    const second = await open();
    await second.resolve('lung', max, policy);
    await second.save();
    const third = await open();
    await third.resolve('lung', erika, policy);
    await third.resolve('lung', max, policy);
    expect(asked).toHaveLength(2);
  });

  it('remembers nothing that the database did not give', async () => {
    const subjects = await RememberedSubjects.open({
      dataDirectory: data,
      project: 'lung',
      keys,
      openSubjects: () => Promise.reject(new Error('away')),
    });
    await expect(subjects.resolve('lung', erika, policy)).rejects.toThrow('away');
    await subjects.save();
    expect(() => statSync(file())).toThrow();
  });
});
