// The clean instance as the sender of another process has it: the parts of its copy one after another. It is not parsed, unless a destination asks
// for another encoding.
import type { ByteSource } from '../../core/bytes.ts';
import { BufferSource } from '../../core/bytes.ts';
import type { RecordId } from '../../core/brands.ts';
import { InstanceError } from '../../core/errors.ts';
import type { SplicePlan } from '../../dicom/element.ts';
import { readReceived } from '../../dicom/received.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { CleanRecord } from '../clean-record.ts';
import type { CleanInstance, Spool, SpooledInstance } from '../ports.ts';
import type { PreparedRecord } from '../prepared-record.ts';
import { PartsSource } from './parts-source.ts';
import type { CleanCopies, CleanCopyFacts, OpenCleanCopy } from './ports.ts';

export interface OpenCleanInstance {
  readonly instance: CleanInstance;
  /** What is noted of it. */
  readonly copy: Pick<OpenCleanCopy, 'sentTo' | 'noteSent'>;
  close(): Promise<void>;
}

/** What stands in the copy of an instance. */
function copyFactsOf(instance: CleanInstance): CleanCopyFacts {
  const { sopClassUid, sopInstanceUid, seriesInstanceUid, studyInstanceUid, transferSyntaxUid, alternatives } =
    instance;
  const { patientId = '' } = instance;
  return {
    ...{ sopClassUid, sopInstanceUid, seriesInstanceUid, studyInstanceUid },
    ...{ patientId, transferSyntaxUid, alternatives },
  };
}

/** Writes the copy of a clean instance. */
export function writeCleanCopy(copies: CleanCopies, { record, prepared }: PreparedRecord): Promise<void> {
  const { instance, plan, dataSet } = prepared;
  // What was inflated, or has other pixels, lies elsewhere.
  const isOfRecord =
    plan.source === dataSet.source && findTransferSyntax(record.transferSyntaxUid)?.isDeflated === false;
  return copies.write(instance.recordId, copyFactsOf(instance), plan, isOfRecord);
}

/** Undefined when the copy is not whole, or the record that it names ranges of: the instance has to be made again. */
export async function openCleanInstance(
  copies: CleanCopies,
  spool: Pick<Spool, 'open'>,
  recordId: RecordId,
  scratchDirectory: string,
): Promise<OpenCleanInstance | undefined> {
  const copy = await copies.open(recordId);
  if (copy === undefined) return undefined;
  let record: SpooledInstance | undefined;
  try {
    if (copy.parts.some(({ kind }) => kind === 'of-record')) record = await openIfWhole(spool, recordId);
    const source = joinParts(copy, record);
    if (source === undefined) {
      await copy.close();
      return undefined;
    }
    const instance = new CopiedInstance(recordId, copy.facts, source, scratchDirectory);
    return {
      instance,
      copy,
      async close() {
        await instance.close();
        await record?.close();
        await copy.close();
      },
    };
  } catch (error) {
    await record?.close();
    await copy.close();
    throw error;
  }
}

async function openIfWhole(spool: Pick<Spool, 'open'>, recordId: RecordId): Promise<SpooledInstance | undefined> {
  try {
    return await spool.open(recordId);
  } catch (error) {
    if (error instanceof InstanceError) return undefined;
    throw error;
  }
}

/** Undefined when a part is not there. */
function joinParts({ parts }: OpenCleanCopy, record: ByteSource | undefined): PartsSource | undefined {
  const joined = [];
  for (const part of parts) {
    if (part.kind === 'own')
      joined.push({ source: new BufferSource(part.bytes), offset: 0, length: part.bytes.length });
    else if (part.kind === 'own-on-disk') joined.push({ source: part.source, offset: 0, length: part.source.size });
    else if (record === undefined || part.offset + part.length > record.size) return undefined;
    else joined.push({ source: record, offset: part.offset, length: part.length });
  }
  return new PartsSource(joined);
}

class CopiedInstance implements CleanInstance {
  readonly recordId: RecordId;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly transferSyntaxUid: string;
  readonly alternatives: readonly string[];
  readonly #facts: CleanCopyFacts;
  readonly #source: PartsSource;
  readonly #transferSyntax: TransferSyntax;
  readonly #scratchDirectory: string;
  #parsed: Promise<CleanRecord> | undefined;

  constructor(recordId: RecordId, facts: CleanCopyFacts, source: PartsSource, scratchDirectory: string) {
    const transferSyntax = findTransferSyntax(facts.transferSyntaxUid);
    if (transferSyntax === undefined) throw new TypeError('a clean copy is in no transfer syntax that is known');
    this.recordId = recordId;
    this.sopClassUid = facts.sopClassUid;
    this.sopInstanceUid = facts.sopInstanceUid;
    this.seriesInstanceUid = facts.seriesInstanceUid;
    this.studyInstanceUid = facts.studyInstanceUid;
    this.patientId = facts.patientId;
    this.transferSyntaxUid = facts.transferSyntaxUid;
    this.alternatives = facts.alternatives;
    this.#facts = facts;
    this.#source = source;
    this.#transferSyntax = transferSyntax;
    this.#scratchDirectory = scratchDirectory;
  }

  get length(): number {
    return this.#source.size;
  }

  async encode(transferSyntaxUid: string): Promise<SplicePlan> {
    if (transferSyntaxUid === this.transferSyntaxUid && !this.#transferSyntax.isDeflated) return this.#source.plan;
    this.#parsed ??= this.#parse();
    return (await this.#parsed).encode(transferSyntaxUid);
  }

  /** No plan can be read afterwards. */
  async close(): Promise<void> {
    const parsed = this.#parsed;
    this.#parsed = undefined;
    const record = await parsed?.catch(() => undefined); // a failure was told to who asked
    await record?.close();
  }

  /** Every element is kept. */
  async #parse(): Promise<CleanRecord> {
    const transferSyntax = this.#transferSyntax;
    const readAs = transferSyntax.isDeflated ? EXPLICIT_VR_LITTLE_ENDIAN : transferSyntax.uid;
    const dataSet = await readReceived(this.#source, readAs);
    const { source, encoding, elements } = dataSet;
    const output = { source, encoding, elements: elements.map((element) => ({ kind: 'kept', element }) as const) };
    return new CleanRecord({
      recordId: this.recordId,
      outcome: { ...this.#facts, output },
      patientId: this.patientId,
      dataSet,
      transferSyntax,
      scratchDirectory: this.#scratchDirectory,
    });
  }
}
