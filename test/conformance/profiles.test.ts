// The profiles that are shipped: each compiles, says in its own words what it promises, and keeps it on every file of the corpus.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { BufferSource } from '../../src/core/bytes.ts';
import { InstanceError } from '../../src/core/errors.ts';
import { deidentify } from '../../src/deid/deidentify.ts';
import { readIdentity } from '../../src/deid/identity.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { listProfiles, loadProfile } from '../../src/profile/load.ts';
import { TABLE_EDITION } from '../../src/standard/table-e1-1.ts';
import type { profileOf } from '../unit/deid/support/instances.ts';
import { ctSlice, run, parse, SUBJECT } from '../unit/deid/support/instances.ts';
import { corpusFiles, hasCorpus, pathOf } from '../support/corpus.ts';

const PROFILES = new URL('../../profiles', import.meta.url).pathname;
const KEYS = new ProjectKeys(Buffer.alloc(32, 9));
const NAMES = await listProfiles([PROFILES]);

function textOf(name: string): string {
  return readFileSync(`${PROFILES}/${name}.yaml`, 'utf8');
}

describe('the shipped profiles', () => {
  it('are these', () => {
    expect(NAMES).toEqual(['basic', 'keep-dates', 'research', 'strict', 'tcia', 'ultrasound']);
  });

  it.each(NAMES)('%s compiles, is named as its file, and states its edition', async (name) => {
    const profile = await loadProfile(name, [PROFILES]);
    expect(profile.name).toBe(name);
    expect(profile.edition).toBe(TABLE_EDITION);
    expect(textOf(name)).toContain(`standard: ${TABLE_EDITION}`);
  });

  it.each(NAMES)('%s explains each of its options, what it does not do, and what it claims', async (name) => {
    const { options } = await loadProfile(name, [PROFILES]);
    const prose = textOf(name)
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('')
      .replace(/[# ]+/g, ' ');
    const inherited = /^extends: (\S+)/m.exec(textOf(name))?.[1];
    for (const option of options) {
      const isExplained = prose.includes(option) || (inherited !== undefined && textOf(inherited).includes(option));
      expect(isExplained, option).toBe(true);
    }
    expect(prose).toMatch(/looked at/);
    expect(prose).toMatch(/claims|Code 113101/);
  });

  it('differ in what they do', async () => {
    const digests = await Promise.all(NAMES.map(async (name) => (await loadProfile(name, [PROFILES])).digest));
    expect(new Set(digests).size).toBe(NAMES.length);
  });
});

describe('burned-in text', () => {
  const us = () =>
    ctSlice().putAll({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.6.1', Modality: 'US', Rows: 16, Columns: 16 });
  const outcomeOf = async (name: string, instance: ReturnType<typeof us>): Promise<string> => {
    const profile = await loadProfile(name, [PROFILES]);
    const subject = { ...SUBJECT, shiftDays: profile.maxShiftDays > 0 ? -10 : 0 };
    try {
      run(parse(instance.toBytes()), { profile, subject });
      return 'clean';
    } catch (error: unknown) {
      if (error instanceof InstanceError) return error.reason;
      throw error;
    }
  };

  it.each([
    ['basic', 'clean', 'clean', 'clean'],
    ['keep-dates', 'clean', 'clean', 'clean'],
    ['strict', 'clean', 'clean', 'profile-quarantine'],
    ['research', 'clean', 'clean', 'clean'],
    ['tcia', 'clean', 'clean', 'clean'],
    ['ultrasound', 'clean', 'clean', 'clean'],
  ])('in an ultrasound image under %s: said NO %s, said nothing %s, said YES %s', async (name, no, nothing, yes) => {
    expect(await outcomeOf(name, us().putAll({ BurnedInAnnotation: 'NO' }))).toBe(no);
    expect(await outcomeOf(name, us())).toBe(nothing);
    expect(await outcomeOf(name, us().putAll({ BurnedInAnnotation: 'YES' }))).toBe(yes);
  });

  it('is no matter of a CT slice, under any profile', async () => {
    for (const name of NAMES) expect(await outcomeOf(name, ctSlice()), name).toBe('clean');
  });
});

/** Reasons for which a shipped profile may hold back a file of the corpus. */
const ALLOWED = new Set([
  'uid-mismatch',
  'unknown-sop-class',
  'no-patient-id',
  'burned-in-unresolved',
  'profile-quarantine',
  'mixed-patients',
]);

describe.skipIf(!hasCorpus)('every file of the corpus', () => {
  it.each(NAMES)(
    'is made clean under %s, or held back for a reason that the profile states',
    async (name) => {
      const profile = await loadProfile(name, [PROFILES]);
      const reasons = new Map<string, number>();
      for (const entry of corpusFiles('general')) {
        const reason = await outcomeOf(pathOf(entry), profile);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      for (const reason of reasons.keys()) if (reason !== 'clean') expect([...ALLOWED], reason).toContain(reason);
      if (['basic', 'keep-dates', 'research', 'tcia'].includes(name))
        expect(reasons.get('clean') ?? 0).toBeGreaterThan(120);
    },
    60_000,
  );

  async function outcomeOf(path: string, profile: ReturnType<typeof profileOf>): Promise<string> {
    try {
      const { dataSet, transferSyntax } = await readFile10(new BufferSource(readFileSync(path)));
      const { patientId } = readIdentity(dataSet);
      const shiftDays = KEYS.shiftDays(patientId, profile.maxShiftDays);
      const subject = { subjectId: 'S-1', subjectName: 'S-1', shiftDays };
      deidentify({ dataSet, transferSyntaxUid: transferSyntax.uid, profile, subject, keys: KEYS });
      return 'clean';
    } catch (error: unknown) {
      if (error instanceof InstanceError) return error.reason;
      throw error;
    }
  }
});
