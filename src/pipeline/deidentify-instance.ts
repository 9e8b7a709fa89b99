// One instance from received bytes to a clean instance. Shared by `lethe deid` and the network node, so that both do the same.
import type { ByteSource } from '../core/bytes.ts';
import { BufferSource } from '../core/bytes.ts';
import { newRecordId } from '../core/brands.ts';
import type { RecordId } from '../core/brands.ts';
import { InstanceError, LetheError } from '../core/errors.ts';
import { deidentify } from '../deid/deidentify.ts';
import { readIdentity } from '../deid/identity.ts';
import type { ProjectKeys } from '../deid/keys.ts';
import type { DeidOutcome } from '../deid/outcome.ts';
import type { Subject } from '../deid/subject.ts';
import { convertEncoding } from '../dicom/convert.ts';
import { deflatePlan } from '../dicom/deflate.ts';
import type { DataSet, SplicePlan } from '../dicom/element.ts';
import { readFile10 } from '../dicom/part10.ts';
import type { ReadLimits } from '../dicom/read-limits.ts';
import { readReceived } from '../dicom/received.ts';
import { splice } from '../dicom/writer.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import {
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  findTransferSyntax,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { CleanInstance, Subjects } from './ports.ts';

export interface DeidentifierOptions {
  readonly subjects: Subjects;
  /** The keys of a project. May throw a transient error. */
  readonly keysFor: (project: string) => ProjectKeys;
  readonly profileOf: (name: string) => CompiledProfile;
  readonly readLimits?: ReadLimits;
  /** Where large deflated data sets are inflated to. */
  readonly scratchDirectory?: string;
}

/** A bare data set in a transfer syntax, or a Part 10 file. */
export type SourceForm = { readonly transferSyntaxUid: string } | { readonly file: true };

/** What the sender said about the instance. */
export interface Announced {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

export interface PreparedInstance {
  readonly outcome: DeidOutcome;
  readonly subject: Subject;
  /** The clean data set in the encoding that it came in (a deflated one: inflated). Ranges of the source: keep that open. */
  readonly plan: SplicePlan;
  readonly instance: CleanInstance;
  /** Gives back what preparing took, for example a scratch file. The source is the caller's. */
  close(): Promise<void>;
}

export interface Deidentifier {
  /**
   * Reads and de-identifies. Rejects with an InstanceError when the instance must be quarantined (whatever goes wrong
   * unexpectedly is `action-failed`), with a transient error when it should be tried again.
   * For bytes in memory and a known subject nothing is waited for.
   * @param recordId name of the record in the spool; one is made up without
   */
  prepare(
    source: ByteSource,
    form: SourceForm,
    project: string,
    profile: string,
    announced?: Announced,
    recordId?: RecordId,
  ): Promise<PreparedInstance>;
}

/** Native encodings among each other, best first. */
const NATIVE = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN];
/** A longer data set is not deflated again, because that is done in memory: it leaves as explicit VR little endian. */
const MAX_DEFLATED_BYTES = 64 << 20;

export function createDeidentifier(options: DeidentifierOptions): Deidentifier {
  const readOptions = {
    ...(options.readLimits === undefined ? {} : { limits: options.readLimits }),
    ...(options.scratchDirectory === undefined ? {} : { inflate: { temporaryDirectory: options.scratchDirectory } }),
  };

  async function read(
    source: ByteSource,
    form: SourceForm,
  ): Promise<{ dataSet: DataSet; transferSyntax: TransferSyntax }> {
    if ('file' in form) return readFile10(source, readOptions);
    const transferSyntax = findTransferSyntax(form.transferSyntaxUid);
    if (transferSyntax === undefined)
      throw new InstanceError('unsupported-transfer-syntax', 'The transfer syntax is not one of PS3.6.');
    return { dataSet: await readReceived(source, form.transferSyntaxUid, readOptions), transferSyntax };
  }

  return {
    async prepare(source, form, project, profileName, announced, recordId = newRecordId()) {
      let dataSet: DataSet | undefined;
      try {
        const parsed = await read(source, form);
        dataSet = parsed.dataSet;
        const { transferSyntax } = parsed;
        const profile = options.profileOf(profileName);
        const { idTemplate, nameTemplate } = profile.subject;
        const policy = { idTemplate, nameTemplate, maxShiftDays: profile.maxShiftDays };
        const found = options.subjects.resolve(project, readIdentity(dataSet), policy);
        const subject = found instanceof Promise ? await found : found;
        const outcome = deidentify({
          dataSet,
          transferSyntaxUid: transferSyntax.uid,
          ...(announced === undefined ? {} : { announced }),
          profile,
          subject,
          keys: options.keysFor(project),
        });
        const plan = splice(outcome.output);
        return {
          outcome,
          plan,
          subject,
          instance: cleanInstance(recordId, outcome, plan, transferSyntax),
          close: closerOf(dataSet),
        };
      } catch (error) {
        if (dataSet !== undefined) await closerOf(dataSet)();
        throw failClosed(error);
      }
    },
  };
}

function cleanInstance(
  recordId: RecordId,
  outcome: DeidOutcome,
  plan: SplicePlan,
  received: TransferSyntax,
): CleanInstance {
  const isTooLongToDeflate = received.isDeflated && plan.length > MAX_DEFLATED_BYTES;
  const transferSyntaxUid = isTooLongToDeflate ? EXPLICIT_VR_LITTLE_ENDIAN : received.uid;
  const alternatives = received.isEncapsulated ? [] : NATIVE.filter((uid) => uid !== transferSyntaxUid);
  return {
    recordId,
    sopClassUid: outcome.sopClassUid,
    sopInstanceUid: outcome.sopInstanceUid,
    seriesInstanceUid: outcome.seriesInstanceUid,
    studyInstanceUid: outcome.studyInstanceUid,
    transferSyntaxUid,
    length: plan.length,
    alternatives,
    async encode(uid) {
      const wanted = findTransferSyntax(uid);
      if (wanted === undefined || (uid !== transferSyntaxUid && !alternatives.includes(uid)))
        throw new InstanceError('unsupported-transfer-syntax', 'The instance cannot be given in this transfer syntax.');
      if (wanted.isDeflated) return deflate(plan);
      return wanted.uid === received.uid ? plan : convertEncoding(outcome.output, received, wanted);
    },
  };
}

/** Deflating tells the length only at its end, and a plan has to state it. */
async function deflate(plan: SplicePlan): Promise<SplicePlan> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of deflatePlan(plan)) {
    pieces.push(chunk);
    length += chunk.length;
  }
  return { source: new BufferSource(Buffer.alloc(0)), pieces, length };
}

function closerOf(dataSet: DataSet): () => Promise<void> {
  return async () => {
    await dataSet.close?.();
  };
}

/** What nobody foresaw is a reason to hold the instance back, never one to let it pass. */
function failClosed(error: unknown): LetheError {
  if (error instanceof LetheError && error.kind !== 'peer') return error;
  return new InstanceError('action-failed', 'De-identification ended in an unexpected error.', { cause: error });
}
