// One instance from received bytes to a clean instance. Shared by `lethe deid` and the network node, so that both do the same.
import { tmpdir } from 'node:os';
import type { ByteSource } from '../core/bytes.ts';
import { newRecordId } from '../core/brands.ts';
import type { RecordId } from '../core/brands.ts';
import { InstanceError, LetheError } from '../core/errors.ts';
import type { PixelReview } from '../core/pixel-review.ts';
import { deidentify } from '../deid/deidentify.ts';
import type { IdentifyingValue } from '../deid/identifiers.ts';
import { readIdentity } from '../deid/identity.ts';
import { checkIod } from '../deid/iod-check.ts';
import type { ProjectKeys } from '../deid/keys.ts';
import type { DeidOutcome } from '../deid/outcome.ts';
import { checkResidue } from '../deid/residue-check.ts';
import type { PatientIdentity, Subject } from '../deid/subject.ts';
import type { DataSet, SplicePlan } from '../dicom/element.ts';
import { readFile10 } from '../dicom/part10.ts';
import type { ReadLimits } from '../dicom/read-limits.ts';
import { readReceived } from '../dicom/received.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import { findTransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import { CleanRecord } from './clean-record.ts';
import { treatContent } from './content-stages.ts';
import type { ContentStage, TreatedContent } from './content-stages.ts';
import { DEFAULT_STAGES } from './default-stages.ts';
import type { CleanInstance, KnownIdentifiers, Subjects } from './ports.ts';

export interface DeidentifierOptions {
  readonly subjects: Subjects;
  /** The keys of a project. May throw a transient error. */
  readonly keysFor: (project: string) => ProjectKeys;
  readonly profileOf: (name: string) => CompiledProfile;
  /** Without it only an instance's own identifiers are looked for in it. */
  readonly known?: KnownIdentifiers;
  readonly readLimits?: ReadLimits;
  /** Where large deflated data sets are inflated and pixel data are decompressed to, in files without a name; default the system's. */
  readonly scratchDirectory?: string;
  /** What a person decided on the pixels of a record; default nothing. */
  readonly reviewOf?: (recordId: RecordId) => PixelReview | undefined;
  /** What is done to pixels and documents; by default all that there is. */
  readonly stages?: readonly ContentStage[];
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
  /** The one that `outcome` was made of. */
  readonly dataSet: DataSet;
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

export function createDeidentifier(options: DeidentifierOptions): Deidentifier {
  const { scratchDirectory = tmpdir(), stages = DEFAULT_STAGES } = options;
  const readOptions = {
    ...(options.readLimits === undefined ? {} : { limits: options.readLimits }),
    inflate: { temporaryDirectory: scratchDirectory },
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
      let treated: TreatedContent | undefined;
      try {
        const parsed = await read(source, form);
        dataSet = parsed.dataSet;
        const profile = options.profileOf(profileName);
        const { idTemplate, nameTemplate } = profile.subject;
        const policy = { idTemplate, nameTemplate, maxShiftDays: profile.maxShiftDays };
        const identity = readIdentity(dataSet);
        const found = options.subjects.resolve(project, identity, policy);
        const subject = found instanceof Promise ? await found : found;
        const earlier = options.known?.of(project, subject) ?? [];
        const known = [...ownValues(identity), ...(earlier instanceof Promise ? await earlier : earlier)];
        const keys = options.keysFor(project);
        const made = deidentify({
          dataSet,
          transferSyntaxUid: parsed.transferSyntax.uid,
          ...(announced === undefined ? {} : { announced }),
          profile,
          subject,
          keys,
          known,
        });
        options.known?.note(project, subject, made.identifiers);
        const content = {
          dataSet,
          outcome: made,
          transferSyntax: parsed.transferSyntax,
          profile,
          subject,
          keys,
          scratchDirectory,
          review: options.reviewOf?.(recordId),
        };
        const treating = treatContent(stages, content);
        treated = treating === undefined ? content : await treating;
        const { outcome, transferSyntax } = treated;
        checkIod(dataSet, outcome.output, outcome.sopClassUid);
        const clean = new CleanRecord({
          ...{ recordId, outcome, dataSet, transferSyntax, scratchDirectory },
          patientId: subject.subjectId,
        });
        const checking = checkResidue({
          plan: clean.plan,
          output: outcome.output,
          dataSet,
          identifiers: outcome.identifiers,
          subject,
          areDatesMoved: profile.options.has('retain-longitudinal-modified-dates'),
        });
        if (checking !== undefined) await checking;
        const close = async (): Promise<void> => {
          await clean.close();
          await treated?.close?.();
        };
        return { outcome, dataSet, plan: clean.plan, subject, instance: clean, close };
      } catch (error) {
        await treated?.close?.();
        await dataSet?.close?.();
        throw failClosed(error);
      }
    },
  };
}

/** Looked for whatever the engine takes for identifying. */
function ownValues({ name, patientId }: PatientIdentity): readonly IdentifyingValue[] {
  const own: IdentifyingValue[] = [];
  if (name !== '') own.push({ kind: 'name', text: name });
  // A UID that stands for a missing id is looked for as a UID.
  if (patientId !== '' && !patientId.includes('.')) own.push({ kind: 'id', text: patientId });
  return own;
}

/** What nobody foresaw is a reason to hold the instance back, never one to let it pass. */
function failClosed(error: unknown): LetheError {
  if (error instanceof LetheError && error.kind !== 'peer') return error;
  return new InstanceError('action-failed', 'De-identification ended in an unexpected error.', { cause: error });
}
