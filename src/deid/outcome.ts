// What de-identifying one instance gives back, and the receipt that states what was done to it.
import type { RegionCause } from '../core/picture.ts';
import type { OutputDataSet } from '../dicom/element.ts';

import type { Identifiers } from './identifiers.ts';

/** What was done to one attribute, or to all of its kind in the items of a sequence: `(0040,A730)[*].(0040,A160)`; no values. */
export interface ReceiptAction {
  readonly path: string;
  readonly action: 'remove' | 'zero' | 'dummy' | 'replace' | 'uid' | 'clean' | 'hash' | 'date' | 'add';
  /** `E.1-1` or `E.3.10-1` for a row of the table, `file:line` for a rule of the profile, or the built-in rule's name. */
  readonly rule: string;
  /** How many elements share this action, path and rule; sequences of many items are told by one row. */
  readonly count: number;
}

/** An encapsulated document that was cleaned; no values. */
export interface ReceiptDocument {
  readonly kind: string;
  readonly findings: readonly { readonly kind: string; readonly count: number; readonly page?: number }[];
}

/** What was seen and done in pixels. No text that was read. */
export interface PixelReceipt {
  /** The profile's policy on text in pixels. */
  readonly policy: string;
  readonly risk: { readonly level: string; readonly reasons: readonly string[] };
  /**
   * How sure looking was: what was found and could not be read was blanked when its look made text this likely, 0 to 1. Text that was read is
   * judged by what it says, however likely it was. Absent when no frame was looked at.
   */
  readonly leastLikelihood?: number;
  readonly framesLookedAt: number;
  /** How blanked frames were written; `none` when nothing was blanked. */
  readonly method: string;
  /** Names of the device templates that held. */
  readonly templates: readonly string[];
  /**
   * Frames count from 1; a region that holds in several that follow each other tells the last one, too. `overlay`: group of the plane that it
   * is in. `cause` says why it was blanked or kept; `kinds`, of text that was read as harmless, what it is.
   */
  readonly regions: readonly {
    readonly frame: number;
    readonly lastFrame?: number;
    readonly overlay?: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly cause: RegionCause;
    readonly confidence: number;
    readonly isBlanked: boolean;
    readonly kinds?: readonly string[];
  }[];
  /** Bits, as a mask, that no sample has and that were cleared. */
  readonly clearedBits: number;
  /** Bytes beside the pictures of compressed frames that became zeros: comments that may identify, previews, application data. */
  readonly clearedBytes?: number;
  /** A person looked at every frame, and vouches for what is not blanked: the finder had no say. */
  readonly isReviewed?: boolean;
}

/** States what was done to this instance. Holds no original value. */
export interface Receipt {
  readonly profile: { readonly name: string; readonly version: number; readonly digest: string };
  readonly engine: string;
  /** Replacement UIDs. */
  readonly sopInstanceUid: string;
  readonly actions: readonly ReceiptAction[];
  /** Absent where no document was cleaned. */
  readonly documents?: readonly ReceiptDocument[];
  /** Codes of CID 7050 for what did act, as written to (0012,0064). */
  readonly methods: readonly string[];
  /** Options of the profile that changed nothing in this instance, so that their code was not written. */
  readonly withoutEffect: readonly string[];
  /** Absent when the instance has no pixels, or the profile does not want them looked at. */
  readonly pixels?: PixelReceipt;
}

export interface DeidOutcome {
  readonly output: OutputDataSet;
  readonly sopClassUid: string;
  /** Replacement UIDs. */
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly receipt: Receipt;
  /** What the original told about the patient and must not be found in the output. Original values: never logged. */
  readonly identifiers: Identifiers;
  readonly uids: readonly { readonly original: string; readonly replacement: string }[];
  readonly accessions: readonly { readonly original: string; readonly replacement: string }[];
  readonly studies: readonly { readonly original: string; readonly replacement: string }[];
}
