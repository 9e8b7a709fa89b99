// Receipts of the gateway, written behind: collected for a moment, appended and synced together, then reported as written.
import { hostname } from 'node:os';
import { open, type FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LetheError } from '../core/errors.ts';
import type { InstanceReceipt, ReceiptLog } from '../pipeline/receipts.ts';
import { EMPTY_CHAIN, parseLine, readBody, ReceiptChain } from './chain.ts';
import type { ChainHead, Sign } from './chain.ts';
import { fileNameFor, listReceiptFiles, readTail } from './receipt-files.ts';

/** Where the last receipt of each chain is kept apart from the files, so that a cut end shows. */
export interface ReceiptHeads {
  /** Undefined when nothing is known of the chain. */
  find(chain: string): Promise<ChainHead | undefined>;
  /** Never goes back. */
  save(chain: string, project: string, place: string, head: ChainHead): Promise<void>;
}

export interface ReceiptLogOptions {
  /** `<data>/receipts`; each project has a folder in it. */
  readonly directory: string;
  /** The projects, each with the key that signs its receipts. */
  readonly projects: ReadonlyMap<string, Sign>;
  readonly heads: ReceiptHeads;
  /** Told of each failed attempt; the log tries again by itself. */
  readonly onError: (error: unknown) => void;
  /** Makes a folder that only its owner may read. */
  readonly makeDirectory: (path: string) => Promise<void>;
  /** Milliseconds that a first receipt waits for company; default 300: each batch is a commit of the file system, which the spool's writes wait for. */
  readonly flushMs?: number;
}

export interface OpenReceiptLog extends ReceiptLog {
  /** Writes what waits, without trying again, and closes. */
  close(): Promise<void>;
}

/** Receipts that are remembered, so that a record which is worked on again after a crash gets no second one. */
const REMEMBERED = 20_000;
/** The database hears of a chain at most this often while receipts come. */
const SAVE_EVERY_MS = 1_000;
const BACKOFF_MS = { first: 100, longest: 10_000 };

/** A name for the folder: no project's name is a path. */
export function folderOf(directory: string, project: string): string {
  return join(directory, encodeURIComponent(project).replaceAll('.', '%2E'));
}

/** The project whose folder has this name; undefined for a folder that is not ours. */
export function projectOf(folder: string): string | undefined {
  try {
    return decodeURIComponent(folder);
  } catch {
    return undefined; // no name that folderOf makes
  }
}

/** Which machine and directory writes a chain. */
export function placeOf(directory: string): string {
  return `${hostname()}:${directory}`;
}

/** Opens the chain of each project where it ended, whatever ended the process before. */
export async function openReceiptLog(options: ReceiptLogOptions): Promise<OpenReceiptLog> {
  const logs = new Map<string, ProjectLog>();
  for (const [project, sign] of options.projects) logs.set(project, await ProjectLog.open(project, sign, options));
  const each = async (work: (log: ProjectLog) => Promise<void>): Promise<void> => {
    await Promise.all(Array.from(logs.values(), work));
  };
  return {
    add(receipt) {
      const log = logs.get(receipt.project);
      return log?.add(receipt) ?? Promise.reject(new TypeError('a receipt of a project that is not open'));
    },
    flush: () => each((log) => log.flush()),
    close: () => each((log) => log.close()),
  };
}

interface Waiting {
  readonly receipt: InstanceReceipt;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class ProjectLog {
  readonly #project: string;
  readonly #folder: string;
  readonly #options: ReceiptLogOptions;
  readonly #chain: ReceiptChain;
  /** Record → digest of the clean data set. */
  readonly #written: Map<string, string>;
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  /** Signed, but not known to be on the disk. */
  #unwritten: { readonly name: string; readonly text: string } | undefined;
  #file: { readonly name: string; readonly handle: FileHandle; size: number } | undefined;
  #running: Promise<void> | undefined;
  #hurry = new AbortController();
  #saved = EMPTY_CHAIN;
  #savedAt = -Infinity;

  private constructor(
    project: string,
    folder: string,
    options: ReceiptLogOptions,
    chain: ReceiptChain,
    written: Map<string, string>,
  ) {
    this.#project = project;
    this.#folder = folder;
    this.#options = options;
    this.#chain = chain;
    this.#written = written;
  }

  static async open(project: string, sign: Sign, options: ReceiptLogOptions): Promise<ProjectLog> {
    const folder = folderOf(options.directory, project);
    await options.makeDirectory(folder);
    const newest = (await listReceiptFiles(folder)).at(-1);
    const written = new Map<string, string>();
    let last: { readonly chain: string; readonly head: ChainHead } | undefined;
    for (const text of newest === undefined ? [] : await readTail(join(folder, newest))) {
      const line = parseLine(text);
      if (line === undefined) continue;
      last = { chain: line.chain, head: { sequence: line.sequence, hmac: line.hmac } };
      remember(written, readBody(text));
    }
    const name = last?.chain ?? `${project}/${randomUUID()}`;
    // Where the files end before what the database saw of them, the gap stays: the next number tells that receipts are missing.
    const saved = await options.heads.find(name);
    const head = saved !== undefined && saved.sequence > (last?.head.sequence ?? 0) ? saved : last?.head;
    return new ProjectLog(project, folder, options, new ReceiptChain(name, sign, head), written);
  }

  add(receipt: InstanceReceipt): Promise<void> {
    if (this.#written.get(receipt.record) === receipt.after.sha256) return Promise.resolve();
    if (this.#closing.signal.aborted)
      return Promise.reject(new LetheError('shutting-down', 'The receipts are closed.'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ receipt, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async flush(): Promise<void> {
    while (this.#running !== undefined) {
      this.#hurry.abort();
      await this.#running;
    }
    await this.#save();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.flush();
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  async #run(): Promise<void> {
    await pause(this.#options.flushMs ?? 300, this.#hurry.signal);
    this.#hurry = new AbortController();
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      await this.#write(batch);
      for (const { receipt, resolve } of batch) {
        remember(this.#written, receipt);
        resolve();
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#running = this.#waiting.length > 0 ? this.#run() : undefined;
    if (performance.now() - this.#savedAt >= SAVE_EVERY_MS) void this.#save();
  }

  /** Tries until the disk takes it or the log closes. Rejects with the last error then. */
  async #write(batch: readonly Waiting[]): Promise<void> {
    const name = fileNameFor(Date.now());
    const lines = batch.map(({ receipt }) => `${this.#chain.append(receipt)}\n`);
    const unwritten = { name: this.#unwritten?.name ?? name, text: (this.#unwritten?.text ?? '') + lines.join('') };
    this.#unwritten = unwritten;
    for (let waitMs = BACKOFF_MS.first; ; waitMs = Math.min(2 * waitMs, BACKOFF_MS.longest)) {
      try {
        await this.#append(unwritten.name, unwritten.text);
        this.#unwritten = undefined;
        return;
      } catch (error) {
        this.#options.onError(error);
        if (this.#closing.signal.aborted) throw error;
        await pause(waitMs, this.#closing.signal);
      }
    }
  }

  /** All of the text or nothing: what a failed attempt left is cut off before the next one. */
  async #append(name: string, text: string): Promise<void> {
    if (this.#file?.name !== name) {
      await this.#file?.handle.close();
      this.#file = undefined;
      const handle = await open(join(this.#folder, name), 'a', 0o600);
      this.#file = { name, handle, size: (await handle.stat()).size };
    }
    const { handle, size } = this.#file;
    if ((await handle.stat()).size > size) await handle.truncate(size);
    await handle.appendFile(text, 'latin1');
    await handle.datasync();
    this.#file.size = size + text.length;
  }

  /** Tells the database how far the chain is on the disk. One that is away hears of it the next time. */
  async #save(): Promise<void> {
    if (this.#unwritten !== undefined) return;
    const { head, name } = this.#chain;
    if (head.sequence === this.#saved.sequence) return;
    this.#savedAt = performance.now();
    try {
      await this.#options.heads.save(name, this.#project, placeOf(this.#options.directory), head);
      this.#saved = head;
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

function remember(written: Map<string, string>, receipt: unknown): void {
  const { record, after } = (receipt ?? {}) as { record?: unknown; after?: { sha256?: unknown } };
  if (typeof record !== 'string' || typeof after?.sha256 !== 'string') return;
  written.set(record, after.sha256);
  if (written.size <= REMEMBERED) return;
  let surplus = REMEMBERED / 2;
  for (const old of written.keys()) {
    written.delete(old);
    if (--surplus === 0) break;
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await sleep(durationMs, undefined, { signal }).catch(() => undefined); // woken early: goes on
}
