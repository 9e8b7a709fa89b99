// The encapsulated document of an instance as a stage: how the data set treats what it holds, what the receipt says.
import type { PictureReader } from '../core/picture.ts';
import type { ProjectKeys } from '../deid/keys.ts';
import { textKnowledgeOf, textShiftOf } from '../deid/text-judge.ts';
import type { DocumentLimits } from '../documents/document.ts';
import { InstanceError } from '../core/errors.ts';
import type { DeidOutcome } from '../deid/outcome.ts';
import { isDocumentSopClass } from '../documents/mime.ts';
import { findElement } from '../dicom/values.ts';
import { cleanDocuments } from '../documents/stage.ts';
import { encodeJpeg } from '../pixels/encode-jpeg.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import { formatTag, TAG } from '../standard/tags.ts';
import { judgeOf } from './content-stages.ts';
import { cleanInThread } from './document-thread.ts';
import type { Content, TreatedContent } from './content-stages.ts';

export interface DocumentContentOptions {
  /** Who reads the pictures of one document by the policy of its profile. Without it a document that shows pictures is held back. */
  readonly picturesFor?: (profile: CompiledProfile) => PictureReader;
  readonly limits?: DocumentLimits;
}

/** What an instance is about that is no document: a picture, a report, a curve. */
const OTHER_CONTENT = [TAG.PixelData, TAG.ContentSequence, TAG.WaveformSequence];
const DOCUMENT_PATH = formatTag(TAG.EncapsulatedDocument);

/**
 * Puts the clean document in its place. In an image or a report a document has none: what cannot be read there stays the empty one that took its
 * place. Rejects with InstanceError `document-unreadable`.
 */
export async function treatDocument(content: Content, options: DocumentContentOptions = {}): Promise<TreatedContent> {
  try {
    return await clean(content, options);
  } catch (error) {
    if (!(error instanceof InstanceError) || error.reason !== 'document-unreadable' || !isStray(content)) throw error;
    return { outcome: withEmptyDocument(content.outcome), transferSyntax: content.transferSyntax };
  }
}

async function clean(content: Content, { picturesFor, limits }: DocumentContentOptions): Promise<TreatedContent> {
  const { dataSet, outcome, transferSyntax, profile, subject, keys } = content;
  const knowledge = textKnowledgeOf(outcome.identifiers, textShiftOf(profile, subject));
  const treated = await cleanDocuments({
    dataSet,
    output: outcome.output,
    sopClassUid: outcome.sopClassUid,
    judge: judgeOf(content),
    pictures: picturesFor?.(profile),
    replaceUid: replacerOf(keys, profile.options.has('retain-uids')),
    keepsCharacteristics: profile.options.has('retain-patient-characteristics'),
    encodeJpeg,
    clean: (kind, mimeType, job) => cleanInThread(kind, mimeType, job, knowledge),
    ...(limits === undefined ? {} : { limits }),
  });
  if (treated === undefined) return { outcome, transferSyntax };
  const { output, kind, findings } = treated;
  const receipt = { ...outcome.receipt, documents: [{ kind, findings }] };
  return { outcome: { ...outcome, output, receipt }, transferSyntax };
}

/** True where the document is not what the instance is about. */
function isStray({ dataSet, outcome }: Content): boolean {
  if (isDocumentSopClass(outcome.sopClassUid)) return false;
  return OTHER_CONTENT.some((tag) => findElement(dataSet.elements, tag) !== undefined);
}

/** The receipt says what became of it. */
function withEmptyDocument(outcome: DeidOutcome): DeidOutcome {
  const actions = outcome.receipt.actions.map((row) =>
    row.path === DOCUMENT_PATH && row.action === 'clean' ? { ...row, action: 'dummy' as const } : row,
  );
  return { ...outcome, receipt: { ...outcome.receipt, actions } };
}

/** An identifier of two parts is no UID: it is replaced even where UIDs stay. */
function replacerOf(keys: ProjectKeys, areUidsKept: boolean): (uid: string) => string {
  return (uid) => (areUidsKept && !uid.includes('^') ? uid : keys.replaceUid(uid));
}
