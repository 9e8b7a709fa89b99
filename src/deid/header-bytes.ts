// Values of elements as views or as Latin-1, which keeps every byte. Bulk data is not in memory and gives undefined.
import type { ByteSource } from '../core/bytes.ts';
import type { Element } from '../dicom/element.ts';
import { trimPadding } from '../dicom/values.ts';

export class HeaderBytes {
  readonly #source: ByteSource;
  /** The source as one buffer when it is in memory: a string is then made without a view in between. */
  readonly #whole: Buffer | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#whole = source.view(0, source.size);
  }

  view({ valueStart, valueLength }: Element): Buffer | undefined {
    return this.#source.view(valueStart, valueLength);
  }

  latin1({ valueStart, valueLength }: Element): string | undefined {
    if (this.#whole !== undefined) return this.#whole.toString('latin1', valueStart, valueStart + valueLength);
    return this.#source.view(valueStart, valueLength)?.toString('latin1');
  }

  /** Without the padding at its end. */
  trimmed(element: Element): Buffer | undefined {
    const bytes = this.view(element);
    return bytes === undefined ? undefined : trimPadding(bytes);
  }
}
