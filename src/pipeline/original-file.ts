// An instance as it was received, as a Part 10 file: for a person who reviews the quarantine, after it was noted who asks.
import type { RecordId } from '../core/brands.ts';
import { buildFileHeader } from '../dicom/part10.ts';
import type { Spool } from './ports.ts';

const CHUNK_BYTES = 1 << 20;

/** Its bytes in order, at most 1 MiB at a time. Rejects as `Spool.open` does. */
export async function* readOriginalFile(spool: Pick<Spool, 'open'>, recordId: RecordId): AsyncGenerator<Buffer> {
  const source = await spool.open(recordId);
  try {
    yield buildFileHeader(source.record);
    for (let offset = 0; offset < source.size; offset += CHUNK_BYTES)
      yield await source.read(offset, Math.min(CHUNK_BYTES, source.size - offset));
  } finally {
    await source.close();
  }
}
