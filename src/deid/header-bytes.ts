// Values of elements as views or as Latin-1, which keeps every byte. Bulk data is not in memory and gives undefined.
import type { ByteSource } from '../core/bytes.ts';
import type { Element } from '../dicom/element.ts';
import { trimPadding } from '../dicom/values.ts';
import type { BytePatterns } from './byte-patterns.ts';

const SPACE = 0x20;
const NUL = 0x00;

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

  /** As `latin1`, without the padding at its end. */
  text({ valueStart, valueLength }: Element): string | undefined {
    const whole = this.#whole;
    if (whole === undefined) {
      const bytes = this.#source.view(valueStart, valueLength);
      return bytes === undefined ? undefined : trimPadding(bytes).toString('latin1');
    }
    let end = valueStart + valueLength;
    while (end > valueStart && (whole[end - 1] === SPACE || whole[end - 1] === NUL)) end--;
    return whole.toString('latin1', valueStart, end);
  }

  /** Whether one of the patterns stands in the value; undefined when the value is not in memory. */
  find({ valueStart, valueLength }: Element, patterns: BytePatterns): boolean | undefined {
    if (this.#whole !== undefined) return patterns.search(this.#whole, valueStart, valueStart + valueLength) !== -1;
    const bytes = this.#source.view(valueStart, valueLength);
    return bytes === undefined ? undefined : patterns.isInValue(bytes, 0, bytes.length);
  }

  /** True when the value is in memory and has no byte outside the default repertoire, no escape sequence either. */
  isAscii({ valueStart, valueLength }: Element): boolean {
    if (this.#whole !== undefined) return isAscii(this.#whole, valueStart, valueStart + valueLength);
    const bytes = this.#source.view(valueStart, valueLength);
    return bytes !== undefined && isAscii(bytes, 0, bytes.length);
  }

  /** Without the padding at its end. */
  trimmed(element: Element): Buffer | undefined {
    const bytes = this.view(element);
    return bytes === undefined ? undefined : trimPadding(bytes);
  }
}

function isAscii(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] >= 0x80 || bytes[at] === 0x1b) return false;
  return true;
}
