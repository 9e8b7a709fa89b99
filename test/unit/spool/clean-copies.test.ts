// Clean copies between processes: what is removed when nobody will send it, and what is left alone.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import type { RecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { InstanceState } from '../../../src/pipeline/ports.ts';
import { removeLeftCopies } from '../../../src/pipeline/roles/left-copies.ts';
import type { CleanCopies } from '../../../src/pipeline/roles/ports.ts';
import { openCleanCopies } from '../../../src/spool/clean-copies.ts';

const FACTS = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '2.25.1',
  seriesInstanceUid: '2.25.2',
  studyInstanceUid: '2.25.3',
  patientId: 'S-1',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  alternatives: ['1.2.840.10008.1.2'],
};
const NEVER = new AbortController().signal;

describe('clean copies that nobody will send', () => {
  let directory: string;
  let copies: CleanCopies;
  /** What the ledger has at rest, and what it never heard of. */
  let atRest: Map<RecordId, InstanceState>;
  let unknown: Set<RecordId>;
  /** Comes between the question to the ledger and its answer. */
  let meanwhile: () => Promise<void>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lethe-clean-'));
    copies = await openCleanCopies(directory);
    atRest = new Map();
    unknown = new Set();
    meanwhile = () => Promise.resolve();
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function write(recordId: RecordId, text = 'clean'): Promise<RecordId> {
    const bytes = Buffer.from(text);
    await copies.write(
      recordId,
      FACTS,
      { source: new BufferSource(bytes), pieces: [bytes], length: bytes.length },
      false,
    );
    return recordId;
  }

  /** What a writer leaves that is killed. */
  function leaveDraft(recordId: RecordId): Promise<void> {
    return writeFile(join(directory, recordId.slice(0, 2), `${recordId}.${newRecordId()}`), 'half');
  }

  async function left(): Promise<string[]> {
    const names = await readdir(directory, { recursive: true });
    return names.filter((name) => name.includes('/')).map((name) => name.slice(3));
  }

  function remove(signal = NEVER): Promise<number> {
    const ledger = {
      findAtRest: async (ids: readonly RecordId[]) => {
        await meanwhile();
        return new Map([...atRest].filter(([id]) => ids.includes(id)));
      },
    };
    const claims = { findUnknown: (ids: readonly RecordId[]) => Promise.resolve(ids.filter((id) => unknown.has(id))) };
    return removeLeftCopies({ copies, claims, ledger }, signal);
  }

  it('go, with what dead writers left of them, and all others stay', async () => {
    const [delivered, quarantined, strange, waiting] = Array.from({ length: 4 }, () => newRecordId());
    for (const id of [delivered, quarantined, strange, waiting]) {
      await write(id);
      await leaveDraft(id);
    }
    atRest.set(delivered, 'delivered').set(quarantined, 'quarantined');
    unknown.add(strange);
    expect(await remove()).toBe(6);
    expect((await left()).map((name) => name.slice(0, 36))).toEqual([waiting, waiting]);
    expect(await remove()).toBe(0);
  });

  it('stay when they were written anew while the ledger was asked', async () => {
    const released = await write(newRecordId());
    atRest.set(released, 'quarantined');
    meanwhile = async () => {
      await write(released, 'clean again');
    };
    await remove();
    expect(await left()).toEqual([released]);
  });

  it('are many at once: the ledger is asked about a thousand of a folder', async () => {
    const ids = Array.from({ length: 1_100 }, () => `00${newRecordId().slice(2)}` as RecordId);
    for (const id of ids) {
      await leaveDraft(id);
      atRest.set(id, 'delivered');
    }
    expect(await remove()).toBe(1_100);
    expect(await left()).toEqual([]);
  });

  it('wait when the process is stopping', async () => {
    atRest.set(await write(newRecordId()), 'delivered');
    expect(await remove(AbortSignal.abort())).toBe(0);
    expect(await left()).toHaveLength(1);
  });
});
