// The journal of the spool: marks on records and released places, one checksummed line each. Lines are handed to the kernel at
// once and not synced: they survive the death of the process. What a power cut takes away the ledger still knows.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordId } from '../core/brands.ts';
import { systemCodeOf } from '../core/errors.ts';
import type { SpoolMark } from '../pipeline/ports.ts';
import { asDiskError } from './file-io.ts';
import { formatLines, lineOfMark, parseLine } from './journal-lines.ts';
import type { Line } from './journal-lines.ts';

const NAME = /^journal-(\d{1,15})\.jsonl$/;
/** A journal below this size is never rewritten while the spool is open. */
const MIN_REWRITE_BYTES = 4 << 20;
/** Zeros written ahead of the lines: room for some 2,500 marks on a disk that became full. */
const ROOM_BYTES = 256 << 10;

/** What the journal knows: marks of unreleased records, and the released places of each stamp. */
export interface JournalState {
  readonly marks: ReadonlyMap<RecordId, readonly SpoolMark[]>;
  readonly released: ReadonlyMap<string, ReadonlySet<number>>;
  /** Of each stamp: the records below this index were acknowledged or given up. */
  readonly settled: ReadonlyMap<string, number>;
}

export class Journal {
  readonly #directory: string;
  readonly #marks = new Map<RecordId, SpoolMark[]>();
  readonly #released = new Map<string, Set<number>>();
  readonly #settled = new Map<string, number>();
  #number = 0;
  #fd = -1;
  /** Where the next line goes. */
  #bytes = 0;
  /** Where the room ahead ends, and the file with it. */
  #roomEnd = 0;
  #bytesWhenRewritten = 0;
  #unwritten = '';
  #pendingReleases = new Map<string, number[]>();
  #releaseTimer: NodeJS.Immediate | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reads every journal in the directory. Nothing is written before `rewrite`. */
  static async open(directory: string): Promise<Journal> {
    const journal = new Journal(directory);
    const numbers: number[] = [];
    for (const name of await readdir(directory)) {
      const match = NAME.exec(name);
      if (match !== null) numbers.push(Number(match[1]));
    }
    numbers.sort((a, b) => a - b);
    for (const number of numbers) {
      const text = await readFile(journal.#pathOf(number), 'utf8');
      for (const line of text.split('\n')) journal.#apply(parseLine(line));
      journal.#number = number;
    }
    journal.#number++;
    journal.#fd = openSync(journal.#pathOf(journal.#number), 'w', 0o600);
    journal.#makeRoom();
    return journal;
  }

  get state(): JournalState {
    return { marks: this.#marks, released: this.#released, settled: this.#settled };
  }

  marksOf(recordId: RecordId): readonly SpoolMark[] {
    return this.#marks.get(recordId) ?? [];
  }

  /** In the hands of the kernel when it returns. */
  mark(recordId: RecordId, mark: SpoolMark): void {
    const line = lineOfMark(recordId, mark);
    this.#write([line]);
    this.#apply(line);
  }

  /** The record is gone: its marks mean nothing any more. */
  forgetMarks(recordId: RecordId): void {
    this.#marks.delete(recordId);
  }

  /** Notes that all records of this stamp below `index` were acknowledged or given up. */
  settle(stamp: string, index: number): void {
    const line: Line = ['settled', stamp, index];
    this.#write([line]);
    this.#apply(line);
  }

  /**
   * Notes that nothing at this place is to be replayed. Written within this turn of the event loop: a release that is
   * lost is found again by asking the ledger.
   */
  giveUp(stamp: string, index: number): void {
    addTo(this.#released, stamp, index);
    const pending = this.#pendingReleases.get(stamp);
    if (pending === undefined) this.#pendingReleases.set(stamp, [index]);
    else pending.push(index);
    this.#releaseTimer ??= setImmediate(() => {
      this.#writeReleases();
    });
  }

  /** The places of this stamp mean nothing any more: its segment was begun anew. */
  forgetStamp(stamp: string): void {
    this.#released.delete(stamp);
    this.#settled.delete(stamp);
    this.#pendingReleases.delete(stamp);
  }

  /** Starts a new journal that holds only what still matters, then removes the older ones. */
  async rewrite(): Promise<void> {
    this.#writeReleases();
    const number = this.#number + 1;
    const temporary = join(this.#directory, `journal-${number}.tmp`);
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeWhole(fd, formatLines(this.#lines()), 0);
      renameSync(temporary, this.#pathOf(number)); // in the same turn: no mark may fall between the two files
    } catch (error) {
      closeSync(fd);
      throw asDiskError(error, 'rewrite its journal');
    }
    closeSync(this.#fd);
    this.#fd = fd;
    this.#number = number;
    this.#roomEnd = 0;
    this.#bytes = fstatSync(fd).size;
    this.#bytesWhenRewritten = this.#bytes;
    this.#unwritten = '';
    this.#makeRoom();
    for (const name of await readdir(this.#directory)) {
      const match = NAME.exec(name);
      if (match !== null && Number(match[1]) < number) await unlink(join(this.#directory, name));
    }
  }

  /** Drops the marks of records that are not there any more. */
  retainMarks(isKnown: (recordId: RecordId) => boolean): void {
    for (const recordId of this.#marks.keys()) if (!isKnown(recordId)) this.#marks.delete(recordId);
  }

  /** Whether most of the journal is about records that are gone. */
  get isWorthRewriting(): boolean {
    return this.#bytes > MIN_REWRITE_BYTES && this.#bytes > 2 * this.#bytesWhenRewritten;
  }

  close(): void {
    this.#writeReleases();
    closeSync(this.#fd);
  }

  *#lines(): Generator<Line> {
    for (const [recordId, marks] of this.#marks) for (const mark of marks) yield lineOfMark(recordId, mark);
    for (const [stamp, places] of this.#released) yield ['released', stamp, ...places];
    for (const [stamp, index] of this.#settled) yield ['settled', stamp, index];
  }

  #writeReleases(): void {
    if (this.#releaseTimer === undefined) return;
    clearImmediate(this.#releaseTimer);
    this.#releaseTimer = undefined;
    const pending = this.#pendingReleases;
    this.#pendingReleases = new Map();
    this.#write(Array.from(pending, ([stamp, places]): Line => ['released', stamp, ...places]));
  }

  /** On a full disk lines go into the room ahead, then wait in memory for the next call: a lost mark costs a second send, never an instance. */
  #write(lines: Iterable<Line>): void {
    const text = this.#unwritten + formatLines(lines);
    try {
      this.#bytes += writeWhole(this.#fd, text, this.#bytes);
      this.#unwritten = '';
      if (this.#roomEnd - this.#bytes < ROOM_BYTES / 2) this.#makeRoom();
    } catch {
      this.#unwritten = text.startsWith('\n') ? text : `\n${text}`; // ends the line that may be torn
    }
  }

  /** Without space there is none: what is written then needs space of its own. */
  #makeRoom(): void {
    const start = Math.max(this.#bytes, this.#roomEnd);
    const missing = this.#bytes + ROOM_BYTES - start;
    this.#roomEnd = start;
    try {
      this.#roomEnd += writeSync(this.#fd, Buffer.alloc(missing), 0, missing, start);
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
    }
  }

  #apply(line: Line | undefined): void {
    if (line === undefined) return;
    switch (line[0]) {
      case 'sent':
        this.#addMark(line[1], { kind: 'sent', destination: line[2], status: line[3] });
        break;
      case 'refused':
        this.#addMark(line[1], { kind: 'refused', destination: line[2], text: line[3] });
        break;
      case 'quarantined':
        this.#addMark(line[1], { kind: 'quarantined', reason: line[2], message: line[3] });
        break;
      case 'reopened':
        this.#reopen(line[1], line[2]);
        break;
      case 'settled':
        this.#settled.set(line[1], line[2]);
        break;
      case 'released': {
        const [, stamp, ...places] = line;
        for (const index of places) addTo(this.#released, stamp, index);
      }
    }
  }

  #addMark(recordId: RecordId, mark: SpoolMark): void {
    const marks = this.#marks.get(recordId);
    if (marks === undefined) this.#marks.set(recordId, [mark]);
    else if (!marks.some((known) => isSameMark(known, mark))) marks.push(mark);
  }

  /** What held it back counts no more; what was sent stays sent. */
  #reopen(recordId: RecordId, at: number): void {
    const sent = this.marksOf(recordId).filter((mark) => mark.kind === 'sent');
    this.#marks.set(recordId, [{ kind: 'reopened', at }, ...sent]);
  }

  #pathOf(number: number): string {
    return join(this.#directory, `journal-${number}.jsonl`);
  }
}

function writeWhole(fd: number, text: string, position: number): number {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
  return bytes.length;
}

function addTo(places: Map<string, Set<number>>, stamp: string, index: number): void {
  const known = places.get(stamp);
  if (known === undefined) places.set(stamp, new Set([index]));
  else known.add(index);
}

function isSameMark(a: SpoolMark, b: SpoolMark): boolean {
  if ('destination' in a && 'destination' in b) return a.kind === b.kind && a.destination === b.destination;
  return a.kind === b.kind;
}
