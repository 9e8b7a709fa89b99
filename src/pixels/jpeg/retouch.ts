// placeholder
export function retouchJpeg(
  _bytes: Buffer,
  _rectangles: readonly (readonly [number, number, number, number])[],
  _fill: readonly number[],
): Buffer | undefined {
  return undefined;
}
