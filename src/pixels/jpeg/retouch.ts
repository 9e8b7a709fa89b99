// x
export interface Retouch {
  readonly rectangles: readonly (readonly [number, number, number, number])[];
  readonly fill: 'black' | 'white';
  readonly isRgb: boolean;
}
export function retouchJpeg(_bytes: Buffer, _job: Retouch): Buffer | undefined {
  return undefined;
}
