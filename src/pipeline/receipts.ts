// What is kept about each instance that leaves: the receipt of what was done to it, with the digests of the data set before and after.
import type { RecordId } from '../core/brands.ts';
import type { Receipt } from '../deid/outcome.ts';
import { digestInstance } from './data-set-digest.ts';
import type { BulkDigest, ContentDigests, DataSetDigest } from './data-set-digest.ts';
import type { PreparedInstance } from './deidentify-instance.ts';

/** One line of the receipts of a project. Holds no original value and no original UID. */
export interface InstanceReceipt {
  readonly record: RecordId;
  /** ISO 8601, UTC: when it left. */
  readonly at: string;
  readonly project: string;
  readonly subject: string;
  readonly sopClassUid: string;
  /** Replacement UIDs. */
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** In which it came; the digests are of this encoding, also when a destination asked for another one. */
  readonly transferSyntaxUid: string;
  readonly before: DataSetDigest;
  readonly after: DataSetDigest;
  /** Large values that left as they came. */
  readonly unchanged: readonly BulkDigest[];
  readonly receipt: Receipt;
  /** From 2 on: what came was not what came before under the same original UID. */
  readonly revision?: number;
}

/** What the ledger keeps of it. */
export function digestsOf({ before, after }: InstanceReceipt): ContentDigests {
  return { received: before.sha256, clean: after.sha256 };
}

/** Append-only and durable. */
export interface ReceiptLog {
  /**
   * Resolves when the receipt is on the disk. One that was written already, for the same record and the same clean bytes, is
   * not written again. Waits while the disk is full; rejects only when the log is closed before it could write.
   */
  add(receipt: InstanceReceipt): Promise<void>;
  /** Writes at once what waits. */
  flush(): Promise<void>;
}

/** Reads the instance once more, large values in slices: keep its source open until then. */
export async function receiptFor(
  record: RecordId,
  project: string,
  prepared: PreparedInstance,
  at: number,
  revision = 1,
): Promise<InstanceReceipt> {
  const { outcome, dataSet, plan, subject, instance } = prepared;
  const { before, after, unchanged } = await digestInstance(dataSet, outcome.output, plan);
  return {
    record,
    at: new Date(at).toISOString(),
    project,
    subject: subject.subjectId,
    sopClassUid: outcome.sopClassUid,
    studyInstanceUid: outcome.studyInstanceUid,
    seriesInstanceUid: outcome.seriesInstanceUid,
    sopInstanceUid: outcome.sopInstanceUid,
    transferSyntaxUid: instance.transferSyntaxUid,
    before,
    after,
    unchanged,
    receipt: outcome.receipt,
    ...(revision > 1 ? { revision } : {}),
  };
}
