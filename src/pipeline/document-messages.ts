// What the main thread and the thread that cleans documents tell each other.
import type { MessagePort } from 'node:worker_threads';

import type { TextKnowledge } from '../deid/text-judge.ts';
import type { CleanDocument, DocumentLimits } from '../documents/document.ts';
import type { DocumentKind } from '../documents/kinds.ts';

/** A document, and what its judge is made of. */
export interface CleanRequest {
  readonly kind: 'clean';
  readonly documentKind: DocumentKind;
  readonly mimeType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly limits: DocumentLimits;
  readonly keepsCharacteristics: boolean;
  readonly knowledge: TextKnowledge;
  /** Where replacements of UIDs are asked for, one at a time; undefined when UIDs are taken out. */
  readonly uids: UidLine | undefined;
}

/** The thread posts a UID and sleeps on `bell` until its replacement is there. */
export interface UidLine {
  readonly port: MessagePort;
  readonly bell: Int32Array<SharedArrayBuffer>;
}

export type ThreadRequest =
  | CleanRequest
  /** The PDF inside the document, cleaned by the main thread; undefined when it cannot be. */
  | { readonly kind: 'inner'; readonly clean: CleanDocument | undefined };

export type ThreadAnswer =
  | { readonly kind: 'done'; readonly clean: CleanDocument }
  /** `message` is a sentence of ours; undefined when the document broke its cleaner. */
  | { readonly kind: 'failed'; readonly message: string | undefined }
  | { readonly kind: 'inner'; readonly bytes: Uint8Array };
