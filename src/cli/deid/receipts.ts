// OUT/receipts.jsonl: one line per input, in the order they were finished, chained so that `lethe audit verify` finds what was changed.
// Inputs are named by ordinal, size and digest: a file name may hold a name.
import { randomUUID } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { QuarantineReason } from '../../core/errors.ts';
import type { Receipt } from '../../deid/outcome.ts';
import type { BulkDigest, DataSetDigest } from '../../pipeline/data-set-digest.ts';
import { ReceiptChain, type Sign } from '../../receipts/chain.ts';

/** Which input a line is about; `ordinal` counts from 1 in the order of the folder. */
export interface InputFacts {
  readonly ordinal: number;
  readonly bytes: number;
}

/** An input of which nothing was made, with the SHA-256 of the whole file. */
export interface HeldInput extends InputFacts {
  readonly sha256: string;
}

export type ReceiptLine =
  | {
      readonly input: InputFacts;
      readonly outcome: 'clean';
      /** `study/series/instance.dcm` by replacement UIDs. */
      readonly output: string;
      /** Of the file. */
      readonly bytes: number;
      readonly subject: string;
      /** Replacement UID. */
      readonly studyInstanceUid: string;
      /** Of the data sets, as in the receipts of the gateway: `lethe audit digest` computes them of the files. */
      readonly before: DataSetDigest;
      readonly after: DataSetDigest;
      readonly unchanged: readonly BulkDigest[];
      readonly receipt: Receipt;
    }
  | {
      readonly input: HeldInput;
      readonly outcome: 'quarantined';
      readonly quarantined: { readonly reason: QuarantineReason; readonly message: string; readonly offset?: number };
    }
  /** The same data set as that of an earlier input. */
  | { readonly input: InputFacts; readonly outcome: 'duplicate'; readonly before: DataSetDigest }
  | { readonly input: HeldInput; readonly outcome: 'skipped'; readonly skipped: SkipReason }
  | { readonly input: Pick<InputFacts, 'ordinal'>; readonly outcome: 'unreadable'; readonly code: string };

export const SKIP_REASONS = {
  'not-dicom': 'not a DICOM file',
  dicomdir: 'a DICOMDIR: it lists files and patients, and would fit none of the clean files',
  empty: 'an empty file',
} as const;
export type SkipReason = keyof typeof SKIP_REASONS;

/** What each line says beside its own: a run has a line for each of its inputs, so that a cut end shows. */
export interface RunFacts {
  readonly project: string;
  readonly inputs: number;
}

const FLUSH_BYTES = 256 * 1024;

/** The file of receipts, written in large pieces. */
export class ReceiptWriter {
  readonly #file: FileHandle;
  readonly #run: RunFacts;
  readonly #chain: ReceiptChain;
  #lines: string[] = [];
  #length = 0;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle, run: RunFacts, chain: ReceiptChain) {
    this.#file = file;
    this.#run = run;
    this.#chain = chain;
  }

  /** Begins the file anew, readable by its owner only. */
  static async create(path: string, { project, inputs }: RunFacts, sign: Sign): Promise<ReceiptWriter> {
    const chain = new ReceiptChain(`deid/${randomUUID()}`, sign);
    return new ReceiptWriter(await open(path, 'w', 0o600), { project, inputs }, chain);
  }

  /** A promise asks the caller to wait before the next line. */
  add(line: ReceiptLine): Promise<unknown> | undefined {
    const text = `${this.#chain.append({ ...this.#run, at: new Date().toISOString(), ...line })}\n`;
    this.#lines.push(text);
    this.#length += text.length;
    return this.#length < FLUSH_BYTES ? undefined : this.#flush();
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
    }
  }

  #flush(): Promise<unknown> {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#length = 0;
    this.#writing = this.#writing.then(() => this.#file.appendFile(text));
    return this.#writing;
  }
}
