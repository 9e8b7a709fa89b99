// One encapsulated document by its kind. PDF goes to a worker thread; the others are cleaned where they are.
import { cleanCda } from './cda/clean-cda.ts';
import type { ContextualJob } from './context.ts';
import type { CleanDocument } from './document.ts';
import { cleanHtml } from './html/clean-html.ts';
import { withKeptLabels } from './kept-labels.ts';
import type { DocumentKind } from './kinds.ts';
import { kindOf, readMimeType } from './mime.ts';
import { cleanMtl } from './models/clean-mtl.ts';
import { cleanObj } from './models/clean-obj.ts';
import { cleanStl } from './models/clean-stl.ts';
import { cleanPdf } from './pdf/clean-pdf.ts';
import { cleanRtf } from './rtf/clean-rtf.ts';
import { cleanPlainText } from './text/clean-plain-text.ts';
import { unreadable } from './unreadable.ts';

/**
 * The document without what identifies, of the same kind.
 * Rejects with InstanceError `document-unreadable` when it cannot be vouched for.
 */
export async function cleanDocument(
  kind: DocumentKind,
  mimeType: string,
  { judge, ...rest }: ContextualJob,
): Promise<CleanDocument> {
  const job = { ...rest, judge: withKeptLabels(judge) };
  if (job.bytes.length > job.limits.maxBytes) throw unreadable('The document is larger than the limit.');
  const { charset } = readMimeType(mimeType);
  switch (kind) {
    case 'pdf':
      return job.cleanPdf === undefined ? cleanPdf(job) : job.cleanPdf(job.bytes);
    case 'cda':
      return cleanCda(job, (bytes, innerType) => cleanInner(bytes, innerType, job));
    case 'html':
      return cleanHtml(job, charset);
    case 'rtf':
      return cleanRtf(job);
    case 'text':
      return cleanPlainText(job, charset);
    case 'stl':
      return cleanStl(job);
    case 'obj':
      return cleanObj(job);
    case 'mtl':
      return cleanMtl(job);
  }
}

/** A document inside a CDA document; none of them holds another. */
function cleanInner(bytes: Buffer, mimeType: string, job: ContextualJob): Promise<CleanDocument> {
  const kind = kindOf(bytes, mimeType, undefined);
  if (kind === 'cda') throw unreadable('The clinical document holds another one.');
  return cleanDocument(kind, mimeType, { ...job, bytes });
}
