// Two byte sources as one: the received instance, and behind it what was decoded.
import type { ByteSource } from '../core/bytes.ts';

export class JoinedSource implements ByteSource {
  readonly #first: ByteSource;
  readonly #second: ByteSource;

  /** Offsets below `first.size` are those of `first`; the bytes of `second` follow. */
  constructor(first: ByteSource, second: ByteSource) {
    this.#first = first;
    this.#second = second;
  }

  get size(): number {
    return this.#first.size + this.#second.size;
  }

  view(offset: number, length: number): Buffer | undefined {
    const border = this.#first.size;
    if (offset + length <= border) return this.#first.view(offset, length);
    return offset >= border ? this.#second.view(offset - border, length) : undefined;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const border = this.#first.size;
    if (offset + length <= border) return this.#first.read(offset, length);
    if (offset >= border) return this.#second.read(offset - border, length);
    const head = await this.#first.read(offset, border - offset);
    return Buffer.concat([head, await this.#second.read(0, offset + length - border)]);
  }
}
