// Digests of a data set before and after. The large values, which nearly always leave as they came, are hashed once for both.
//
// The digest of a data set is SHA-256 over its bytes, without file meta information and inflated when it is deflated, in
// which the value of each element of the top level that is no sequence and longer than 65,536 bytes is replaced by the
// 32 bytes of its own SHA-256. `lethe audit digest FILE` computes it of a file.
import { createHash, webcrypto } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { ByteSource } from '../core/bytes.ts';
import type { DataSet, OutputDataSet, OutputElement, SplicePlan } from '../dicom/element.ts';
import { readExactly } from '../dicom/reader.ts';
import { formatTag } from '../standard/tags.ts';
import { Places } from './places.ts';

const MAX_INLINE_BYTES = 65_536;
/** Hashed on the event loop at a time, below a millisecond. */
const SLICE_BYTES = 512 << 10;
/** A value up to this length that is in memory is hashed in the thread pool, which takes a copy of it. */
const MAX_POOLED_BYTES = 8 << 20;
/** One at a time: what is made durable in the pool must not stand behind a row of them. */
const inPool = new Places(1);

export interface DataSetDigest {
  readonly bytes: number;
  /** Lower-case hex; see above for what it covers. */
  readonly sha256: string;
}

/** The digests of a data set and of its clean twin, in lower-case hex. */
export interface ContentDigests {
  readonly received: string;
  readonly clean: string;
}

/** A large value. */
export interface BulkDigest {
  /** `(7FE0,0010)` */
  readonly tag: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface InstanceDigests {
  readonly before: DataSetDigest;
  readonly after: DataSetDigest;
  /** Large values that are the same before and after. */
  readonly unchanged: readonly BulkDigest[];
}

interface Bulk {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  readonly digest: Buffer;
}

/** The digest of a data set that is not changed. @param start where it begins in its source */
export async function digestDataSet(dataSet: DataSet, start = 0): Promise<DataSetDigest> {
  return digestSource(dataSet.source, await bulksOf(dataSet), start);
}

/**
 * @param plan of `output`, in the encoding that it came in
 * @param start where the data set begins in its source
 */
export async function digestInstance(
  dataSet: DataSet,
  output: OutputDataSet,
  plan: SplicePlan,
  start = 0,
): Promise<InstanceDigests> {
  const bulks = await bulksOf(dataSet);
  const before = await digestSource(dataSet.source, bulks, start);
  const kept = await bulksLeaving(dataSet, output, bulks);
  const hash = createHash('sha256');
  const unchanged: BulkDigest[] = [];
  const written = longWrittenValues(output.elements);
  for (const piece of plan.pieces) {
    if (Buffer.isBuffer(piece)) updateWithPiece(hash, piece, written);
    else {
      if (piece.swapBytes !== undefined)
        throw new TypeError('the plan is not in the encoding that the data set came in');
      const end = piece.offset + piece.length;
      const inside = kept.filter((bulk) => bulk.start >= piece.offset && bulk.end <= end);
      await updateWithRange(hash, plan.source, piece.offset, end, inside);
      for (const bulk of inside) if (isAmong(bulks, bulk)) unchanged.push(describeBulk(bulk));
    }
  }
  return { before, after: { bytes: plan.length, sha256: hash.digest('hex') }, unchanged };
}

async function digestSource(source: ByteSource, bulks: readonly Bulk[], start = 0): Promise<DataSetDigest> {
  const hash = createHash('sha256');
  await updateWithRange(hash, source, start, source.size, bulks);
  return { bytes: source.size - start, sha256: hash.digest('hex') };
}

/** The large values that leave as ranges of the output's source. Pixels that were blanked lie in a source of their own, at the same offsets. */
async function bulksLeaving(
  { source }: DataSet,
  output: OutputDataSet,
  bulks: readonly Bulk[],
): Promise<readonly Bulk[]> {
  if (output.source === source) return bulks;
  const elements = output.elements.flatMap((element) => (element.kind === 'kept' ? [element.element] : []));
  return bulksOf({ elements, source: output.source });
}

function isAmong(bulks: readonly Bulk[], { tag, digest }: Bulk): boolean {
  return bulks.some((bulk) => bulk.tag === tag && bulk.digest.equals(digest));
}

function describeBulk({ tag, start, end, digest }: Bulk): BulkDigest {
  return { tag: formatTag(tag), bytes: end - start, sha256: digest.toString('hex') };
}

/** By ascending offset. */
async function bulksOf({ elements, source }: Pick<DataSet, 'elements' | 'source'>): Promise<readonly Bulk[]> {
  const bulks: Bulk[] = [];
  for (const { tag, items, valueStart, valueLength } of elements) {
    if (items !== undefined || valueLength <= MAX_INLINE_BYTES) continue;
    const digest = await digestRange(source, valueStart, valueLength);
    bulks.push({ tag, start: valueStart, end: valueStart + valueLength, digest });
  }
  return bulks.sort((a, b) => a.start - b.start);
}

async function digestRange(source: ByteSource, start: number, length: number): Promise<Buffer> {
  const inMemory = length <= MAX_POOLED_BYTES ? source.view(start, length) : undefined;
  if (inMemory !== undefined) return digestInPool(inMemory);
  const hash = createHash('sha256');
  await updateInSlices(hash, source, start, start + length);
  return hash.digest();
}

async function digestInPool(bytes: Buffer): Promise<Buffer> {
  await inPool.take();
  try {
    return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes));
  } finally {
    inPool.giveBack();
  }
}

/** The bytes [start, end) with the digest of each bulk value in its place. */
async function updateWithRange(
  hash: Hash,
  source: ByteSource,
  start: number,
  end: number,
  bulks: readonly Bulk[],
): Promise<void> {
  let at = start;
  for (const bulk of bulks) {
    await updateInSlices(hash, source, at, bulk.start);
    hash.update(bulk.digest);
    at = bulk.end;
  }
  await updateInSlices(hash, source, at, end);
}

async function updateInSlices(hash: Hash, source: ByteSource, start: number, end: number): Promise<void> {
  for (let at = start; at < end; at += SLICE_BYTES) {
    const length = Math.min(SLICE_BYTES, end - at);
    hash.update(source.view(at, length) ?? (await readExactly(source, at, length)));
    if (length === SLICE_BYTES) await yieldToEvents();
  }
}

/** Long values that we wrote, in the order of the output: those of the top level stand as their digests too. */
function longWrittenValues(elements: readonly OutputElement[], isTop = true): { value: Buffer; isTop: boolean }[] {
  return elements.flatMap((element) => {
    if (element.kind === 'written')
      return element.value.length > MAX_INLINE_BYTES ? [{ value: element.value, isTop }] : [];
    if (element.kind === 'kept') return [];
    return element.items.flatMap((item) => longWrittenValues(item.elements, false));
  });
}

/** A piece that holds the next long value ends with it: headers and values leave as one piece. */
function updateWithPiece(hash: Hash, piece: Buffer, written: { value: Buffer; isTop: boolean }[]): void {
  const next = written.at(0);
  if (next === undefined || piece.length <= next.value.length) {
    hash.update(piece);
    return;
  }
  written.shift();
  const headerBytes = piece.length - next.value.length;
  if (!next.isTop) hash.update(piece);
  else
    hash
      .update(piece.subarray(0, headerBytes))
      .update(createHash('sha256').update(piece.subarray(headerBytes)).digest());
}
