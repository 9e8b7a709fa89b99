// The colours of a printed page: sixteen levels of red, green and blue tell letters and lines as well as 256.

const MOST = 256;
/** Upper four bits. */
const LEVELS = 0xf0;

export class PrintColors {
  readonly #indices = new Map<number, number>();

  /**
   * One index a pixel; undefined when the page has more colours than a palette.
   * @param pixels BGRx, 4 bytes a pixel
   */
  indicesOf(pixels: Uint8Array): Uint8Array | undefined {
    const indices = new Uint8Array(pixels.length / 4);
    let last = -1;
    let index = 0;
    for (let at = 0, from = 0; at < indices.length; at++, from += 4) {
      const color = ((pixels[from + 2] & LEVELS) << 4) | (pixels[from + 1] & LEVELS) | (pixels[from] >> 4);
      if (color !== last) {
        const known = this.#indices.get(color);
        index = known ?? this.#indices.size;
        if (index >= MOST) return undefined;
        if (known === undefined) this.#indices.set(color, index);
        last = color;
      }
      indices[at] = index;
    }
    return indices;
  }

  /** Red, green, blue of each index. */
  palette(): Uint8Array<ArrayBuffer> {
    const palette = new Uint8Array(this.#indices.size * 3);
    for (const [color, index] of this.#indices)
      for (let channel = 0; channel < 3; channel++)
        // 15 is 255: white stays white.
        palette[index * 3 + channel] = ((color >> (8 - 4 * channel)) & 0x0f) * 17;
    return palette;
  }
}
