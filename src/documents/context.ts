// What a document is cleaned with beside what every one is given: how the data set around it treats UIDs and characteristics, and who
// cleans a document inside it.
import type { CleanDocument, DocumentJob } from './document.ts';

export interface DocumentContext {
  /** The replacement of a UID, as in the data set; undefined when UIDs are taken out. */
  readonly replaceUid?: (uid: string) => string;
  /** Sex, race and ethnic group of the patient may stay. */
  readonly keepsCharacteristics: boolean;
}

export interface ContextualJob extends DocumentJob, DocumentContext {
  /** Who cleans a PDF, also one inside another document: without it a worker thread that is started here. */
  readonly cleanPdf?: (bytes: Buffer) => Promise<CleanDocument>;
}

/** Cleans a document that stands inside another one. Rejects with `document-unreadable`, also for what is of no known kind. */
export type CleanInner = (bytes: Buffer, mimeType: string) => Promise<CleanDocument>;
