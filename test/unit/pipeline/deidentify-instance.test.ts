import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { ByteSource } from '../../../src/core/bytes.ts';
import { LetheError } from '../../../src/core/errors.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { DEFAULT_CHARACTER_SET } from '../../../src/dicom/character-set.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { readReceived } from '../../../src/dicom/received.ts';
import { stringsOf } from '../../../src/dicom/values.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import type { Deidentifier, DeidentifierOptions } from '../../../src/pipeline/deidentify-instance.ts';
import { basicProfile } from '../../../src/profile/compiled.ts';
import { buildCtSeries } from '../../../src/synthetic/clinic.ts';
import { ctSlices } from './fixtures.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const IMPLICIT = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';

const SUBJECT = { subjectId: 'S-1', subjectName: 'S-1', shiftDays: 0 };

function deidentifier(changes: Partial<DeidentifierOptions> = {}): Deidentifier {
  const keys = new ProjectKeys(randomBytes(32));
  const profile = basicProfile();
  return createDeidentifier({
    subjects: { resolve: () => SUBJECT },
    keysFor: () => keys,
    profileOf: () => profile,
    ...changes,
  });
}

/** The same bytes, but never at hand: as if they lay on a disk. */
function onDisk(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    view: () => undefined,
    read: (offset, length) => Promise.resolve(Buffer.from(bytes.subarray(offset, offset + length))),
  };
}

describe('preparing an instance', () => {
  it('turns whatever is thrown inside into a reason for quarantine, with its cause', async () => {
    const [slice] = await ctSlices(1);
    const bug = new TypeError('a bug');
    const failing: Partial<DeidentifierOptions>[] = [
      { subjects: { resolve: () => Promise.reject(bug) } },
      {
        keysFor: () => {
          throw bug;
        },
      },
      {
        profileOf: () => {
          throw bug;
        },
      },
    ];
    for (const changes of failing) {
      const prepared = deidentifier(changes).prepare(new BufferSource(slice.bytes), slice.facts, 'p', 'basic');
      await expect(prepared).rejects.toMatchObject({ kind: 'instance', reason: 'action-failed', cause: bug });
    }
    const noisy: ByteSource = { size: 10, view: () => undefined, read: () => Promise.reject(bug) };
    await expect(deidentifier().prepare(noisy, slice.facts, 'p', 'basic')).rejects.toMatchObject({
      code: 'action-failed',
    });
  });

  it('lets transient errors pass, so that the caller tries again', async () => {
    const [slice] = await ctSlices(1);
    const away = new LetheError('database-unavailable', 'away');
    const subjects = { resolve: () => Promise.reject(away) };
    const prepared = deidentifier({ subjects }).prepare(new BufferSource(slice.bytes), slice.facts, 'p', 'basic');
    await expect(prepared).rejects.toBe(away);
  });

  it('refuses an unknown transfer syntax and what the sender announced otherwise', async () => {
    const [slice] = await ctSlices(1);
    const source = new BufferSource(slice.bytes);
    const unknown = deidentifier().prepare(source, { transferSyntaxUid: '1.2.3' }, 'p', 'basic');
    await expect(unknown).rejects.toMatchObject({ code: 'unsupported-transfer-syntax' });
    const announced = { ...slice.facts, sopInstanceUid: '1.2.3' };
    const other = deidentifier().prepare(source, slice.facts, 'p', 'basic', announced);
    await expect(other).rejects.toMatchObject({ code: 'uid-mismatch' });
  });

  it('gives the same bytes from memory, from the disk and from a file, again and again', async () => {
    const [instance] = buildCtSeries({ slices: 1, rows: 64, columns: 64 });
    const [slice] = await ctSlices(1);
    const { dataSetStart } = await readFile10(new BufferSource(instance.bytes));
    const dataSet = instance.bytes.subarray(dataSetStart);
    const same = deidentifier();
    const outputs: Buffer[] = [];
    for (let i = 0; i < 2; i++) {
      for (const source of [new BufferSource(dataSet), onDisk(dataSet)])
        outputs.push(await collectPlan((await same.prepare(source, slice.facts, 'p', 'basic')).plan));
      outputs.push(
        await collectPlan((await same.prepare(new BufferSource(instance.bytes), { file: true }, 'p', 'basic')).plan),
      );
    }
    for (const output of outputs) expect(output.equals(outputs[0])).toBe(true);
  });

  it('waits for nothing when the bytes are in memory and the subject is known', async () => {
    const [slice] = await ctSlices(1);
    const events: string[] = [];
    setImmediate(() => events.push('next turn'));
    await deidentifier().prepare(new BufferSource(slice.bytes), slice.facts, 'p', 'basic');
    events.push('prepared');
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['prepared', 'next turn']);
  });
});

describe('the encodings of a clean instance', () => {
  it('offers the native ones among each other, with the same content', async () => {
    const [slice] = await ctSlices(1);
    const { instance } = await deidentifier().prepare(new BufferSource(slice.bytes), slice.facts, 'p', 'basic');
    expect(instance.transferSyntaxUid).toBe(EXPLICIT);
    expect(instance.alternatives).toEqual([IMPLICIT, BIG_ENDIAN]);
    for (const uid of [EXPLICIT, ...instance.alternatives]) {
      const bytes = await collectPlan(await instance.encode(uid));
      const dataSet = await readReceived(new BufferSource(bytes), uid);
      const name = dataSet.elements.find(({ tag }) => tag === 0x00100020);
      expect(name === undefined ? undefined : stringsOf(dataSet, name, DEFAULT_CHARACTER_SET)).toEqual(['S-1']);
    }
    await expect(instance.encode('1.2.840.10008.1.2.4.70')).rejects.toMatchObject({
      code: 'unsupported-transfer-syntax',
    });
    await expect(instance.encode('1.2.3')).rejects.toMatchObject({ code: 'unsupported-transfer-syntax' });
  });

  it('deflates again what came deflated', async () => {
    const [slice] = await ctSlices(1);
    const deflated = deflateRawSync(slice.bytes);
    const even = deflated.length % 2 === 0 ? deflated : Buffer.concat([deflated, Buffer.alloc(1)]);
    const prepared = await deidentifier().prepare(
      new BufferSource(even),
      { transferSyntaxUid: DEFLATED },
      'p',
      'basic',
    );
    const { instance, plan } = prepared;
    expect(instance.transferSyntaxUid).toBe(DEFLATED);
    expect(instance.alternatives).toEqual([EXPLICIT, IMPLICIT, BIG_ENDIAN]);
    const again = await collectPlan(await instance.encode(DEFLATED));
    const inflated = await readReceived(new BufferSource(again), DEFLATED);
    expect(inflated.source.size).toBe(plan.length);
    expect((await collectPlan(await instance.encode(EXPLICIT))).length).toBe(plan.length);
    await prepared.close();
  });
});
