// `lethe deid`: every file of a folder through the pipeline that the network node runs too, into a folder by replacement UIDs.
import { mkdir, realpath } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { OpenByteSource } from '../../core/bytes.ts';
import { InstanceError, LetheError, systemCodeOf, type QuarantineReason } from '../../core/errors.ts';
import type { DataSet } from '../../dicom/element.ts';
import { buildFileHeader } from '../../dicom/part10.ts';
import { digestInstance } from '../../pipeline/data-set-digest.ts';
import type { Deidentifier, PreparedInstance } from '../../pipeline/deidentify-instance.ts';
import { filePlaceOf } from '../../pipeline/file-place.ts';
import type { Sign } from '../../receipts/chain.ts';
import type { Progress } from '../progress.ts';
import { CleanFileWriter } from './clean-file.ts';
import { digestOf, InputReader } from './input.ts';
import { isMeantAsDicom, skipReasonOf } from './kinds.ts';
import type { PseudonymStore } from './pseudonym-store.ts';
import { ReceiptWriter, type HeldInput, type InputFacts, type ReceiptLine, type SkipReason } from './receipts.ts';

export interface FolderJob {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Entries of a DICOMDIR that lead out of its folder: each counts as an input that cannot be read. */
  readonly strays: number;
  readonly out: string;
  readonly project: string;
  readonly profile: string;
  readonly deidentifier: Deidentifier;
  /** Signs the receipts with the project's key. */
  readonly sign: Sign;
  readonly store: PseudonymStore;
  /** Files that are open at once. */
  readonly workers: number;
  /** Whether each file is on the disk before it has its name. */
  readonly isSynced: boolean;
  readonly progress: Progress;
  /** Told of each file that is not clean, with its path: for the terminal only. */
  readonly onTrouble: (path: string, why: string) => void;
}

export interface FolderReport {
  readonly inputs: number;
  readonly clean: number;
  readonly duplicates: number;
  readonly quarantined: Readonly<Partial<Record<QuarantineReason, number>>>;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  readonly unreadable: number;
}

/**
 * Rejects with `usage` when OUT lies in IN, and with what stops the whole run: a full disk, a database that is away, a key
 * that cannot be read. The files written until then are whole, and `receipts.jsonl` tells of each.
 */
export async function deidentifyFolder(job: FolderJob): Promise<FolderReport> {
  await mkdir(job.out, { recursive: true });
  const receipts = await ReceiptWriter.create(
    join(job.out, 'receipts.jsonl'),
    { project: job.project, inputs: job.files.length + job.strays },
    job.sign,
  );
  const run = new FolderRun(job, receipts);
  try {
    await run.all();
    await run.refuseStrays();
    await job.store.flush();
    return run.report();
  } finally {
    await receipts.close();
  }
}

/** The loop gives timers and signals a turn after so long: most of the work waits for nothing. */
const TURN_MS = 50;

class FolderRun {
  readonly #job: FolderJob;
  readonly #receipts: ReceiptWriter;
  readonly #writer: CleanFileWriter;
  /** Output path → digest of the data set that it was made of. */
  readonly #written = new Map<string, string>();
  readonly #counts = { clean: 0, duplicates: 0, unreadable: 0 };
  readonly #quarantined: Partial<Record<QuarantineReason, number>> = {};
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  #next = 0;
  #troubles = 0;
  #turnEndsAt = 0;
  #isStopped = false;

  constructor(job: FolderJob, receipts: ReceiptWriter) {
    this.#job = job;
    this.#receipts = receipts;
    this.#writer = new CleanFileWriter(job.out, job.isSynced);
  }

  async all(): Promise<void> {
    const lanes = Array.from({ length: this.#job.workers }, () => this.#lane());
    const results = await Promise.allSettled(lanes);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Accounts for the entries that are not followed, behind the files. */
  async refuseStrays(): Promise<void> {
    const { files, strays } = this.#job;
    for (let ordinal = files.length + 1; ordinal <= files.length + strays; ordinal++) {
      this.#counts.unreadable++;
      await this.#receipts.add({ input: { ordinal }, outcome: 'unreadable', code: 'outside-folder' });
    }
    if (strays > 0) this.#trouble('DICOMDIR', `${strays} entries lead out of its folder`);
  }

  report(): FolderReport {
    return {
      inputs: this.#job.files.length + this.#job.strays,
      ...this.#counts,
      quarantined: this.#quarantined,
      skipped: this.#skipped,
    };
  }

  /** One file after another: the reader's buffer is used again, so nothing of a file may outlive its turn. */
  async #lane(): Promise<void> {
    const reader = new InputReader();
    while (this.#next < this.#job.files.length && !this.#isStopped) {
      const ordinal = ++this.#next;
      try {
        const line = await this.#one(ordinal, reader);
        if (line !== undefined) await this.#receipts.add(line);
      } catch (error) {
        this.#isStopped = true;
        throw error;
      }
      this.#job.progress.advance(this.#troubles);
      if (performance.now() < this.#turnEndsAt) continue;
      await yieldToEvents();
      this.#turnEndsAt = performance.now() + TURN_MS;
    }
  }

  async #one(ordinal: number, reader: InputReader): Promise<ReceiptLine | undefined> {
    const path = this.#job.files[ordinal - 1];
    let source: OpenByteSource;
    try {
      source = await reader.read(path);
    } catch (error) {
      return this.#unreadable(path, ordinal, error);
    }
    const input: InputFacts = { ordinal, bytes: source.size };
    try {
      const reason = await skipReasonOf(source);
      if (reason !== undefined) return this.#skip(await held(input, source), reason);
      const { deidentifier, project, profile } = this.#job;
      const prepared = await deidentifier.prepare(source, { file: true }, project, profile);
      try {
        return await this.#write(input, prepared);
      } finally {
        await prepared.close();
      }
    } catch (error) {
      if (!(error instanceof InstanceError)) throw error;
      const isMeant = await isMeantAsDicom(source, path);
      const heldInput = await held(input, source);
      return isMeant ? this.#quarantine(path, heldInput, error) : this.#skip(heldInput, 'not-dicom');
    } finally {
      await source.close();
    }
  }

  async #write(input: InputFacts, prepared: PreparedInstance): Promise<ReceiptLine> {
    const { instance, outcome, subject, dataSet } = prepared;
    const { receipt, uids, accessions, studies } = outcome;
    const digests = await digestInstance(dataSet, outcome.output, prepared.plan, startOf(dataSet));
    const path = this.#placeOf(digests.before.sha256, prepared);
    if (path === undefined) {
      this.#counts.duplicates++;
      return { input, outcome: 'duplicate', before: digests.before };
    }
    // The mappings first: an instance that is out can be looked up.
    await this.#job.store.record(this.#job.project, subject.subjectId, { uids, accessions, studies });
    const plan = await instance.encode(instance.transferSyntaxUid);
    const bytes = await this.#writer.write(path, buildFileHeader(instance), plan);
    this.#counts.clean++;
    const { studyInstanceUid } = outcome;
    const whose = { subject: subject.subjectId, studyInstanceUid };
    return { input, outcome: 'clean', output: path.join('/'), bytes, ...whose, ...digests, receipt };
  }

  /** Where the clean file goes. A second file with the same UIDs gets a name of its own; undefined when it is the same instance again. */
  #placeOf(digest: string, { instance }: PreparedInstance): [string, string, string] | undefined {
    const { study, series, instance: name } = filePlaceOf(instance);
    for (let copy = 1; ; copy++) {
      const file = copy === 1 ? `${name}.dcm` : `${name}.${copy}.dcm`;
      const key = `${study}/${series}/${file}`;
      const earlier = this.#written.get(key);
      if (earlier === undefined) {
        this.#written.set(key, digest);
        return [study, series, file];
      }
      if (earlier === digest) return undefined;
    }
  }

  #skip(input: HeldInput, reason: SkipReason): ReceiptLine {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    return { input, outcome: 'skipped', skipped: reason };
  }

  #quarantine(path: string, input: HeldInput, error: InstanceError): ReceiptLine {
    this.#quarantined[error.reason] = (this.#quarantined[error.reason] ?? 0) + 1;
    this.#trouble(path, `${error.reason}: ${error.message}`);
    const offset = error.offset === undefined ? {} : { offset: error.offset };
    return { input, outcome: 'quarantined', quarantined: { reason: error.reason, message: error.message, ...offset } };
  }

  #unreadable(path: string, ordinal: number, error: unknown): ReceiptLine {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    this.#counts.unreadable++;
    this.#trouble(path, `cannot be read (${code})`);
    return { input: { ordinal }, outcome: 'unreadable', code };
  }

  #trouble(path: string, why: string): void {
    this.#troubles++;
    this.#job.onTrouble(path, why);
  }
}

/** Where the data set begins in its source: behind the file meta information. */
function startOf({ elements }: DataSet): number {
  return elements.at(0)?.start ?? 0;
}

async function held(input: InputFacts, source: OpenByteSource): Promise<HeldInput> {
  return { ...input, sha256: await digestOf(source) };
}

/** @throws LetheError `usage` when the clean files would be among the next run's input, or the other way round */
export async function requireApart(input: string, out: string): Promise<void> {
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw new LetheError('usage', `cannot make the folder ${out} (${systemCodeOf(error) ?? 'unknown'})`, {
      cause: error,
    });
  });
  const from = await realpath(input).catch(() => resolve(input));
  const to = await realpath(out);
  if (isInside(to, from) || isInside(from, to))
    throw new LetheError('usage', 'OUT and IN must lie apart: one is inside the other');
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way.split('/')[0] !== '..' && !way.startsWith('/'));
}
