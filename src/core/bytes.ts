// Random-access bytes: an instance in memory, in the spool or in a file looks the same to the reader and the writer.

/** A fixed run of bytes that can be read at any offset. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /** Bytes [offset, offset + length) as a view when they are in memory, else undefined. Never copies, never waits. */
  view(offset: number, length: number): Buffer | undefined;
  /** Bytes [offset, offset + length); rejects when the range is not wholly inside the source. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** A source that holds a resource. */
export interface OpenByteSource extends ByteSource {
  close(): Promise<void>;
}

/** The bytes of one Buffer as a source. */
export class BufferSource implements OpenByteSource {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  view(offset: number, length: number): Buffer {
    if (offset < 0 || offset + length > this.#bytes.length) throw new RangeError('range outside the source');
    return this.#bytes.subarray(offset, offset + length);
  }

  read(offset: number, length: number): Promise<Buffer> {
    return Promise.resolve(this.view(offset, length));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
