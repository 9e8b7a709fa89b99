// Reads a data set into an element tree: from memory at once, from a file by windows that skip bulk data.
import { BufferSource, type ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import { TAG } from '../standard/tags.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { DataSet, Element, Encoding } from './element.ts';
import { encodingOf } from './encodings.ts';
import { LoadedSource } from './loaded-source.ts';
import { DataSetParser } from './parser.ts';
import { DEFAULT_READ_LIMITS, type ReadLimits } from './read-limits.ts';

export { DEFAULT_READ_LIMITS, type ReadLimits };

export interface ParseOptions {
  readonly transferSyntax: TransferSyntax;
  /** Offset of the first element; 0 by default. */
  readonly start?: number;
  /** Offset of the byte after the data set; the end of the source by default. */
  readonly end?: number;
  readonly limits?: ReadLimits;
}

/** A run of elements with the offset of the byte that follows them. */
export interface ParsedRun {
  readonly source: ByteSource;
  readonly elements: readonly Element[];
  readonly end: number;
}

const FIRST_WINDOW = 64 * 1024;
/** After a jump over bulk data: what follows is mostly little. Doubles while reading goes straight on. */
const SMALLEST_WINDOW = 4 * 1024;
const LARGEST_WINDOW = 256 * 1024;

/**
 * Reads a data set that is not deflated (`readReceived` and `readFile10` inflate). Bulk data stays where it is; `source`
 * of the result views every other byte. Throws `unparsable` with the offset of the fault, or `header-too-large`.
 */
export async function parseDataSet(source: ByteSource, options: ParseOptions): Promise<DataSet> {
  const encoding = encodingOf(options.transferSyntax);
  const run = await parseRun(source, encoding, rangeOf(source, options), options.limits);
  checkPixelData(run.elements, options.transferSyntax);
  return { source: run.source, encoding, elements: run.elements };
}

/** As `parseDataSet`, for bytes in memory. Nothing is copied. */
export function parseDataSetSync(bytes: Buffer, options: ParseOptions): DataSet {
  const source = new BufferSource(bytes);
  const encoding = encodingOf(options.transferSyntax);
  const { start, end } = rangeOf(source, options);
  const parser = new DataSetParser(start, end, encoding, options.limits ?? DEFAULT_READ_LIMITS);
  parseInMemory(parser, start, bytes.subarray(start, end));
  checkPixelData(parser.elements, options.transferSyntax);
  return { source, encoding, elements: parser.elements };
}

/** Reads elements in [start, end), of one group only when `onlyGroup` is given. */
export async function parseRun(
  source: ByteSource,
  encoding: Encoding,
  { start, end }: { readonly start: number; readonly end: number },
  limits: ReadLimits = DEFAULT_READ_LIMITS,
  onlyGroup?: number,
): Promise<ParsedRun> {
  const parser = new DataSetParser(start, end, encoding, limits, onlyGroup);
  const bytes = source.view(start, end - start);
  if (bytes !== undefined) {
    parseInMemory(parser, start, bytes);
    return { source, elements: parser.elements, end: parser.position };
  }
  const loaded = await parseByWindows(parser, source, end, limits);
  return { source: loaded, elements: parser.elements, end: parser.position };
}

/**
 * Pixel Data is encapsulated in the transfer syntaxes that say so and in no other (PS3.5 A.4); inside sequences (icons) it may be either. DCMTK
 * takes fragments in a native transfer syntax; here nothing would tell how to decode them, so that nobody could look for text in them.
 */
function checkPixelData(elements: readonly Element[], { isEncapsulated }: TransferSyntax): void {
  for (const element of elements) {
    if (element.tag !== TAG.PixelData || (element.fragments !== undefined) === isEncapsulated) continue;
    const problem = isEncapsulated
      ? 'Pixel Data is not encapsulated, the transfer syntax is'
      : 'Pixel Data is encapsulated, the transfer syntax is native';
    throw new InstanceError('unparsable', problem, { offset: element.start });
  }
}

function rangeOf(source: ByteSource, { start = 0, end = source.size }: ParseOptions): { start: number; end: number } {
  if (!(start >= 0 && start <= end && end <= source.size)) throw new RangeError('range outside the source');
  return { start, end };
}

function parseInMemory(parser: DataSetParser, start: number, bytes: Buffer): void {
  parser.supply(start, bytes);
  if (!parser.run()) throw new RangeError('the parser wants bytes outside the data set');
}

/** Feeds the parser from a source that is not in memory, and keeps what was loaded, up to `maxHeaderBytes` and a window. */
async function parseByWindows(
  parser: DataSetParser,
  source: ByteSource,
  end: number,
  limits: ReadLimits,
): Promise<LoadedSource> {
  const loaded = new LoadedSource(source);
  let windowBytes = FIRST_WINDOW;
  let window: Buffer | undefined;
  let windowStart = 0;
  let keptBytes = 0;
  while (!parser.run()) {
    const { wantedOffset: offset, wantedLength, isPassing } = parser;
    if (window !== undefined) {
      const kept = trim(window, parser.neededEnd - windowStart);
      loaded.keep(windowStart, kept);
      keptBytes += kept.length;
      const isNext = offset <= windowStart + window.length;
      windowBytes = isNext ? Math.min(windowBytes * 2, LARGEST_WINDOW) : SMALLEST_WINDOW;
    }
    if (keptBytes > limits.maxHeaderBytes * 2) {
      const message = `more than ${limits.maxHeaderBytes} bytes outside bulk data`;
      throw new InstanceError('header-too-large', message, { offset });
    }
    if (isPassing) windowBytes = SMALLEST_WINDOW;
    const bytes = await readExactly(source, offset, Math.min(Math.max(windowBytes, wantedLength), end - offset));
    parser.supply(offset, bytes);
    window = isPassing ? undefined : bytes;
    windowStart = offset;
  }
  if (window !== undefined) loaded.keep(windowStart, trim(window, parser.neededEnd - windowStart));
  return loaded;
}

/** The first `used` bytes; in a buffer of their own when that saves at least half. */
function trim(bytes: Buffer, used: number): Buffer {
  return used <= bytes.length / 2 ? Buffer.from(bytes.subarray(0, used)) : bytes.subarray(0, used);
}

/** Exactly the bytes asked for: a source that gives fewer has lost some. */
export async function readExactly(source: ByteSource, offset: number, length: number): Promise<Buffer> {
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) {
    throw new InstanceError('spool-damaged', `the source gave ${bytes.length} of ${length} bytes`, { offset });
  }
  return bytes;
}
