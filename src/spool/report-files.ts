// Reports of storage commitment on their way between processes: who listens takes them, who asked picks them up. Small files in a directory that
// all of them share. What is lost here is asked for again; nothing is synced.
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asUid } from '../core/brands.ts';
import { systemCodeOf } from '../core/errors.ts';
import type { CommitmentReport } from '../pipeline/commitment-ports.ts';
import type { SharedReports } from '../pipeline/committing-destination.ts';

/** Left by processes that died: nobody waits for them any more. */
const FORGET_AFTER_MS = 15 * 24 * 3_600_000;
const SUCCESS = 0x0000;
/** Processing failure (PS3.7 C.4.2). */
const NOT_ASKED_FOR = 0x0110;

export class ReportFiles implements SharedReports {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes the directory, and removes what was forgotten in it. */
  static async open(directory: string, now = Date.now()): Promise<ReportFiles> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now })); // another process was first
      if (now - mtimeMs > FORGET_AFTER_MS) await rm(path, { force: true });
    }
    return new ReportFiles(directory);
  }

  async expect(transactionUid: string): Promise<void> {
    await writeFile(this.#pathOf(transactionUid, 'asked'), '', { mode: 0o600 });
  }

  /** Resolves with the status to answer: a failure for what nobody asked for, or has had the answer to long ago. */
  async take(report: CommitmentReport): Promise<number> {
    const uid = asUid(report.transactionUid);
    if (uid === undefined) return NOT_ASKED_FOR;
    try {
      await access(this.#pathOf(uid, 'asked'));
      const path = this.#pathOf(uid, 'reported');
      await writeFile(`${path}.new`, JSON.stringify(report), { mode: 0o600 });
      await rename(`${path}.new`, path);
      return SUCCESS;
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
      return NOT_ASKED_FOR; // the peer reports again, or is asked again
    }
  }

  async collect(transactionUid: string): Promise<CommitmentReport | undefined> {
    const path = this.#pathOf(transactionUid, 'reported');
    try {
      const report = JSON.parse(await readFile(path, 'utf8')) as CommitmentReport;
      await rm(path, { force: true });
      return report;
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
      return undefined;
    }
  }

  async forget(transactionUid: string): Promise<void> {
    for (const ending of ['asked', 'reported'] as const)
      await rm(this.#pathOf(transactionUid, ending), { force: true });
  }

  /** Digits and dots only: a UID of our own making, or checked. */
  #pathOf(transactionUid: string, ending: 'asked' | 'reported'): string {
    return join(this.#directory, `${transactionUid}.${ending}`);
  }
}
