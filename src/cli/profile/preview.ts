// An instance as a profile would treat it: the pipeline's own code, with a subject and keys for the preview. Nothing is written anywhere.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { InstanceError, type QuarantineReason } from '../../core/errors.ts';
import type { PixelReview } from '../../core/pixel-review.ts';
import { openFileSource } from '../../dicom/file-source.ts';
import { ProjectKeys } from '../../deid/keys.ts';
import type { ContentStage } from '../../pipeline/content-stages.ts';
import { DEFAULT_STAGES } from '../../pipeline/default-stages.ts';
import { createDeidentifier, type PreparedInstance } from '../../pipeline/deidentify-instance.ts';
import type { Subjects } from '../../pipeline/ports.ts';
import type { CompiledProfile } from '../../profile/compiled.ts';
import { normalisePatient, patientKeyOf, shiftKeyOf } from '../../store/patient-key.ts';
import { hasKey, openProjectKeys } from '../../store/project-keys.ts';
import { isMeantAsDicom } from '../deid/kinds.ts';
import { parseSubjectTemplate, subjectNameOf } from '../../store/subject-template.ts';

export interface PreviewKeys {
  readonly keys: ProjectKeys;
  /** True when the pseudonyms are those that the project gives; subjects that are numbered one after another aside. */
  readonly isOfProject: boolean;
}

/** The keys of the project where it has some already, else keys that nobody will have again. */
export async function previewKeys(config: Config, project: string, isAsked: boolean): Promise<PreviewKeys> {
  const directory = join(config.data, 'keys');
  if (isAsked && (await hasKey(directory, project)))
    return { keys: await openProjectKeys(directory).keysFor(project), isOfProject: true };
  return { keys: new ProjectKeys(randomBytes(32)), isOfProject: false };
}

export type Preview<T> =
  | { readonly kind: 'clean'; readonly value: T }
  | {
      readonly kind: 'quarantined';
      readonly reason: QuarantineReason;
      readonly message: string;
      readonly isMeantAsDicom: boolean;
    };

/** Whether the file was left alone because it cannot be read as DICOM at all. */
export function isNoDicom(result: Preview<unknown>): boolean {
  return result.kind === 'quarantined' && result.reason === 'unparsable' && !result.isMeantAsDicom;
}

export interface PreviewSettings {
  /** What is done to pixels and documents; by default all that there is. */
  readonly stages?: readonly ContentStage[];
  /** What a person decided on the pixels. */
  readonly review?: PixelReview | undefined;
}

/**
 * De-identifies the file and hands the result to `use` while it is open.
 * Rejects with the error of the file system when the file cannot be opened.
 */
export async function preview<T>(
  path: string,
  profile: CompiledProfile,
  keys: ProjectKeys,
  use: (prepared: PreparedInstance) => T | Promise<T>,
  { stages = DEFAULT_STAGES, review }: PreviewSettings = {},
): Promise<Preview<T>> {
  const deidentifier = createDeidentifier({
    subjects: previewSubjects(keys),
    keysFor: () => keys,
    profileOf: () => profile,
    stages,
    reviewOf: () => review,
  });
  const source = await openFileSource(path);
  try {
    const prepared = await deidentifier.prepare(source, { file: true }, '', profile.name);
    try {
      return { kind: 'clean', value: await use(prepared) };
    } finally {
      await prepared.close();
    }
  } catch (error) {
    if (!(error instanceof InstanceError)) throw error;
    const { reason, message } = error;
    return { kind: 'quarantined', reason, message, isMeantAsDicom: await isMeantAsDicom(source, path) };
  } finally {
    await source.close();
  }
}

/** Numbers that are given out one after another are 0 here: which one a patient gets is decided when it first comes. */
function previewSubjects(keys: ProjectKeys): Subjects {
  return {
    resolve(_project, identity, { idTemplate, nameTemplate, maxShiftDays }) {
      const patientKey = patientKeyOf(keys, normalisePatient(identity));
      const template = parseSubjectTemplate(idTemplate);
      const subjectId =
        template.kind === 'hash'
          ? template.idOf(keys.hash('subject', patientKey, template.chars))
          : template.kind === 'sequence'
            ? template.idOf(0)
            : 'ASSIGNED';
      const subjectName = subjectNameOf(nameTemplate, subjectId);
      return { subjectId, subjectName, shiftDays: keys.shiftDays(shiftKeyOf(keys, identity), maxShiftDays) };
    },
  };
}
