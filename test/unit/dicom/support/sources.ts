// Byte sources as files are: nothing can be viewed, everything must be read.
import { createHash } from 'node:crypto';
import type { ByteSource } from '../../../../src/core/bytes.ts';
import { findTransferSyntax, type TransferSyntax } from '../../../../src/standard/transfer-syntaxes.ts';
import type { DataSetParser } from '../../../../src/dicom/parser.ts';

/** Counts what is read of it. */
export class FileLikeSource implements ByteSource {
  readonly size: number;
  readonly reads: { offset: number; length: number }[] = [];
  readonly #fetch: (offset: number, length: number) => Buffer;

  constructor(bytes: Buffer | { size: number; fetch: (offset: number, length: number) => Buffer }) {
    this.size = Buffer.isBuffer(bytes) ? bytes.length : bytes.size;
    this.#fetch = Buffer.isBuffer(bytes)
      ? (offset, length) => Buffer.from(bytes.subarray(offset, offset + length))
      : bytes.fetch;
  }

  view(): undefined {
    return undefined;
  }

  read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.size) return Promise.reject(new RangeError('range outside the source'));
    this.reads.push({ offset, length });
    return Promise.resolve(this.#fetch(offset, length));
  }

  get bytesRead(): number {
    return this.reads.reduce((sum, { length }) => sum + length, 0);
  }
}

/** Runs a parser on windows that hold what it wants and `extra` bytes more. */
export function feed(parser: DataSetParser, bytes: Buffer, extra: number): void {
  while (!parser.run()) {
    const { wantedOffset, wantedLength } = parser;
    parser.supply(wantedOffset, bytes.subarray(wantedOffset, wantedOffset + wantedLength + extra));
  }
}

export function syntax(uid: string): TransferSyntax {
  const found = findTransferSyntax(uid);
  if (found === undefined) throw new Error('no such transfer syntax');
  return found;
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
