// A folder as a destination: Part 10 files by replacement UIDs, each whole and durable before it has its name.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InstanceError, systemCodeOf } from '../core/errors.ts';
import { buildFileHeader } from '../dicom/part10.ts';
import { readPlan } from '../dicom/plan-io.ts';
import { filePlaceOf } from '../pipeline/file-place.ts';
import type { CleanInstance, DeliveryOutcome, Destination } from '../pipeline/ports.ts';
import { syncDirectory } from './file-io.ts';

export interface FolderDestinationOptions {
  readonly name: string;
  /** Created when it is not there. */
  readonly directory: string;
  /** False: files are left to the kernel to write. Default true. */
  readonly synced?: boolean;
}

const CONCURRENCY = 4;
/** PS3.4 B.2.3 */
const SUCCESS = 0x0000;

/** Writes DIRECTORY/<study>/<series>/<instance>.dcm. The same instance again replaces its own file. */
export function createFolderDestination(options: FolderDestinationOptions): Destination {
  return new FolderDestination(options);
}

class FolderDestination implements Destination {
  readonly name: string;
  readonly concurrency = CONCURRENCY;
  readonly #directory: string;
  readonly #synced: boolean;
  /** Folders that are known to be there, with their names durable. */
  readonly #madeFolders = new Set<string>();

  constructor({ name, directory, synced = true }: FolderDestinationOptions) {
    this.name = name;
    this.#directory = directory;
    this.#synced = synced;
  }

  async deliver(instance: CleanInstance): Promise<DeliveryOutcome> {
    try {
      await this.#write(instance);
      return { kind: 'sent', status: SUCCESS };
    } catch (error) {
      if (error instanceof InstanceError) return { kind: 'refused', status: undefined, text: error.message };
      this.#madeFolders.clear(); // somebody may have taken them away
      return {
        kind: 'unavailable',
        text: `The folder cannot be written (${systemCodeOf(error) ?? 'unexpected error'}).`,
      };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #write(instance: CleanInstance): Promise<void> {
    const { sopClassUid, sopInstanceUid, transferSyntaxUid } = instance;
    const place = filePlaceOf(instance);
    const folder = await this.#folderFor(place.study, place.series);
    const temporary = join(folder, `.${randomUUID()}.tmp`);
    const file = await open(temporary, 'wx', 0o640);
    try {
      try {
        await file.writev([buildFileHeader({ sopClassUid, sopInstanceUid, transferSyntaxUid })]);
        for await (const chunk of readPlan(await instance.encode(transferSyntaxUid))) await file.writeFile(chunk);
        if (this.#synced) await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, join(folder, `${place.instance}.dcm`));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    if (this.#synced) await syncDirectory(folder);
  }

  async #folderFor(studyName: string, seriesName: string): Promise<string> {
    const study = join(this.#directory, studyName);
    const series = join(study, seriesName);
    if (this.#madeFolders.has(series)) return series;
    await mkdir(series, { recursive: true, mode: 0o750 });
    if (this.#synced) {
      await syncDirectory(study);
      await syncDirectory(this.#directory);
    }
    if (this.#madeFolders.size > 10_000) this.#madeFolders.clear();
    this.#madeFolders.add(series);
    return series;
  }
}
