// Where receipts lie: `<data>/receipts/<project>/YYYY-MM.jsonl`, one chain per project over all its files.
import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { PlacedLine } from './verify.ts';

const FILE_NAME = /^\d{4}-\d{2}\.jsonl$/;
const TAIL_BYTES = 4 << 20;
const LINE_FEED = 0x0a;

/** `2026-11.jsonl` */
export function fileNameFor(time: number): string {
  return `${new Date(time).toISOString().slice(0, 7)}.jsonl`;
}

/** Files of one project, oldest first; none when there is no folder. */
export async function listReceiptFiles(directory: string): Promise<string[]> {
  const names = await listNames(directory);
  return names.filter((name) => FILE_NAME.test(name)).sort();
}

/** Projects that have receipts. */
export async function listProjects(directory: string): Promise<string[]> {
  const projects: string[] = [];
  for (const name of (await listNames(directory)).sort())
    if ((await listReceiptFiles(join(directory, name))).length > 0) projects.push(name);
  return projects;
}

async function listNames(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new LetheError('data-directory-unusable', `The receipts in ${directory} cannot be read (${code ?? '?'}).`, {
      cause: error,
    });
  }
}

/**
 * The lines of several files one after another; memory is bounded by the longest line. What follows the last line feed of a
 * file is no line: it is being written, or its writer was killed, and it was never reported as written.
 */
export async function* readLines(paths: readonly string[]): AsyncGenerator<PlacedLine> {
  for (const path of paths) {
    const file = path.slice(path.lastIndexOf('/') + 1);
    let line = 0;
    for await (const text of linesOf(path)) yield { file, line: ++line, text };
  }
}

/** Splits at line feeds only: a carriage return that somebody added is a change. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      rest.push(chunk.subarray(start, end));
      yield Buffer.concat(rest).toString('latin1');
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}

/**
 * The last lines of a file, up to 4 MiB of them. A torn last line, which a killed process leaves, is cut off first: it was
 * never reported as written, and its instance is still in the spool.
 */
export async function readTail(path: string): Promise<string[]> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    const tail = bytes.subarray(0, bytesRead);
    const end = tail.lastIndexOf(LINE_FEED) + 1;
    if (end < tail.length) {
      await file.truncate(start + end);
      await file.sync();
    }
    const from = start === 0 ? 0 : tail.indexOf(LINE_FEED) + 1;
    return tail
      .toString('latin1', from, Math.max(from, end - 1))
      .split('\n')
      .filter((text) => text !== '');
  } finally {
    await file.close();
  }
}
