// OUT/<study>/<series>/<instance>.dcm, whole or not at all: written under a name of our own, then renamed.
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { readPlan, viewPlan } from '../../dicom/plan-io.ts';
import type { SplicePlan } from '../../dicom/element.ts';

/** Most buffers that one writev takes (IOV_MAX on Linux). */
const MAX_BUFFERS = 1024;

export class CleanFileWriter {
  readonly #root: string;
  readonly #isSynced: boolean;
  readonly #folders = new Set<string>();

  /** @param isSynced whether each file is on the disk before it gets its name */
  constructor(root: string, isSynced: boolean) {
    this.#root = root;
    this.#isSynced = isSynced;
  }

  /**
   * Writes `header` and the data set to `path`, which is relative to the root; resolves with the bytes of the file.
   * Rejects with the error of the file system; nothing remains at `path` then that was not there before.
   */
  async write(path: readonly [string, string, string], header: Buffer, plan: SplicePlan): Promise<number> {
    const folder = this.#folderOf(path[0], path[1]);
    const temporary = join(folder, `.${randomUUID()}.part`);
    try {
      await this.#writeNew(temporary, header, plan);
      renameSync(temporary, join(folder, path[2]));
      return header.length + plan.length;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  async #writeNew(path: string, header: Buffer, plan: SplicePlan): Promise<void> {
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      const views = viewPlan(plan);
      if (views !== undefined) writeAll(descriptor, [header, ...views]);
      else {
        writeAll(descriptor, [header]);
        for await (const chunk of readPlan(plan)) writeAll(descriptor, [chunk]);
      }
      if (this.#isSynced) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  #folderOf(study: string, series: string): string {
    const folder = join(this.#root, study, series);
    if (!this.#folders.has(folder)) {
      mkdirSync(folder, { recursive: true });
      this.#folders.add(folder);
    }
    return folder;
  }
}

function writeAll(descriptor: number, buffers: readonly Buffer[]): void {
  let rest = buffers;
  while (rest.length > 0) rest = dropFirst(rest, writevSync(descriptor, rest.slice(0, MAX_BUFFERS)));
}

/** What is left of `buffers` after their first `bytes` bytes. */
function dropFirst(buffers: readonly Buffer[], bytes: number): Buffer[] {
  let skipped = 0;
  let left = bytes;
  while (skipped < buffers.length && left >= buffers[skipped].length) left -= buffers[skipped++].length;
  const rest = buffers.slice(skipped);
  if (left > 0) rest[0] = rest[0].subarray(left);
  return rest;
}
