// Fuzzes everything that reads a received instance: parser, character sets, de-identification, residue check, writer.
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { BufferSource } from '../../src/core/bytes.ts';
import { InstanceError } from '../../src/core/errors.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import { readPlan } from '../../src/dicom/plan-io.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { readReceived } from '../../src/dicom/received.ts';
import { createDeidentifier, type Deidentifier } from '../../src/pipeline/deidentify-instance.ts';
import { basicProfile } from '../../src/profile/compiled.ts';
import { buildClinic } from '../../src/synthetic/clinic.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { mutate } from './mutate.ts';

export interface DataSetFuzzResult {
  instances: number;
  /** Refused with a reason for quarantine. */
  quarantined: number;
  /** De-identified. */
  clean: number;
  /** Took longer than 2 s of CPU. */
  slow: number;
  /** Threw something else than a reason, or `action-failed` for a bug. */
  crashes: number;
  /** Clean instances that cannot be read again. */
  unreadable: number;
  slowestMs: number;
  readonly seeds: number[];
}

const SLOW_MS = 2_000;
const DEFLATED = '1.2.840.10008.1.2.1.99';

interface Base {
  readonly bytes: Buffer;
  readonly headerBytes: number;
  readonly transferSyntaxUid: string;
}

export class DataSetFuzzer {
  readonly result: DataSetFuzzResult = {
    ...{ instances: 0, quarantined: 0, clean: 0, slow: 0, crashes: 0, unreadable: 0, slowestMs: 0 },
    seeds: [],
  };
  readonly #bases: readonly Base[];
  readonly #deidentifier: Deidentifier;

  private constructor(bases: readonly Base[]) {
    this.#bases = bases;
    const keys = new ProjectKeys(randomBytes(32));
    const profile = basicProfile();
    this.#deidentifier = createDeidentifier({
      subjects: { resolve: () => ({ subjectId: 'S-1', subjectName: 'S-1', shiftDays: -3 }) },
      keysFor: () => keys,
      profileOf: () => profile,
    });
  }

  static async prepare(): Promise<DataSetFuzzer> {
    const bases: Base[] = [];
    for (const { bytes } of buildClinic({ patients: 3 })) {
      const { dataSet, dataSetStart, transferSyntax } = await readFile10(new BufferSource(bytes));
      const pixels = dataSet.elements.find(({ tag }) => tag === 0x7fe00010);
      // The head of the pixel data is damaged too, its pixels are not.
      const headerBytes = (pixels?.valueStart ?? bytes.length) - dataSetStart;
      bases.push({ bytes: bytes.subarray(dataSetStart), headerBytes, transferSyntaxUid: transferSyntax.uid });
    }
    return new DataSetFuzzer(bases);
  }

  async run(seed: number): Promise<void> {
    const { result } = this;
    const random = createRandom(seed);
    const base = random.pick(this.#bases);
    let bytes = mutate(base.bytes, random, base.headerBytes, random.next() < 0.6);
    let { transferSyntaxUid } = base;
    const isDeflated = random.next() < 0.05;
    if (isDeflated) {
      bytes = deflateRawSync(bytes);
      if (random.next() < 0.5) bytes = mutate(bytes, random);
      transferSyntaxUid = DEFLATED;
    }
    result.instances++;
    const before = process.cpuUsage();
    try {
      await this.#prepare(bytes, transferSyntaxUid);
    } catch (error) {
      const isReason =
        error instanceof InstanceError && (error.reason !== 'action-failed' || error.cause === undefined);
      if (isReason) result.quarantined++;
      else {
        result.crashes++;
        result.seeds.push(seed);
      }
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    result.slowestMs = Math.max(result.slowestMs, Math.round(ms));
    if (ms > SLOW_MS) {
      result.slow++;
      result.seeds.push(seed);
    }
  }

  async #prepare(bytes: Buffer, transferSyntaxUid: string): Promise<void> {
    const prepared = await this.#deidentifier.prepare(new BufferSource(bytes), { transferSyntaxUid }, 'p', 'basic');
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of readPlan(prepared.plan)) chunks.push(Buffer.from(chunk));
      this.result.clean++;
      const syntax = transferSyntaxUid === DEFLATED ? '1.2.840.10008.1.2.1' : transferSyntaxUid;
      try {
        const again = await readReceived(new BufferSource(Buffer.concat(chunks)), syntax);
        await again.close?.();
      } catch {
        this.result.unreadable++;
      }
    } finally {
      await prepared.close();
    }
  }
}
