// Spools in temporary directories, and instances of chosen bytes for them.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AeTitle, RecordId } from '../../../src/core/brands.ts';
import type { ReceptionFacts, ReplayedRecord, Spool, SpoolRecord } from '../../../src/pipeline/ports.ts';
import { openSpool } from '../../../src/spool/spool.ts';
import type { SpoolOptions } from '../../../src/spool/spool.ts';

export const FACTS: ReceptionFacts = {
  callingAeTitle: 'CT01' as AeTitle,
  calledAeTitle: 'LETHE' as AeTitle,
  peerAddress: '127.0.0.1',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '1.2.3.4',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
};

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lethe-spool-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A spool that is closed at the end of the test. Small sizes, so that segments fill up and large instances are cheap. */
export async function openTestSpool(directory: string, options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool({
    directory,
    segmentBytes: 256 << 10,
    largeInstanceBytes: 48 << 10,
    synced: false,
    diskReserveBytes: 0,
    ...options,
  });
  let isClosed = false;
  const close = spool.close.bind(spool);
  spool.close = async () => {
    if (isClosed) return;
    isClosed = true;
    await close();
  };
  onTestFinished(() => spool.close());
  return spool;
}

/** Bytes that differ from page to page and from seed to seed. */
export function bytesOf(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = (seed * 2_654_435_761) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Stores an instance in chunks, as the network would hand it over. */
export async function store(spool: Spool, bytes: Buffer, chunkBytes = 16 << 10): Promise<SpoolRecord> {
  const writer = spool.begin(FACTS, Date.now());
  for (let at = 0; at < bytes.length; at += chunkBytes) await writer.write(bytes.subarray(at, at + chunkBytes));
  return writer.commit();
}

export async function replayAll(spool: Spool): Promise<ReplayedRecord[]> {
  const all: ReplayedRecord[] = [];
  for await (const replayed of spool.replay()) all.push(replayed);
  return all;
}

export async function readBack(spool: Spool, recordId: RecordId): Promise<Buffer> {
  const source = await spool.open(recordId);
  try {
    return Buffer.from(await source.read(0, source.size));
  } finally {
    await source.close();
  }
}

/** Bytes of all files in a directory. */
export async function sizeOf(directory: string): Promise<number> {
  let total = 0;
  for (const name of await readdir(directory)) total += (await stat(join(directory, name))).size;
  return total;
}
