// The WebAssembly functions of kernels.as, with a memory of their own for each net that uses them.
import { KERNELS } from './kernels.ts';

/** The functions of kernels.as; all numbers but floors and biases are addresses and counts. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  halve(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    width: number,
    height: number,
  ): void;
  noise(plane: number, stride: number, bw: number, bh: number, height: number, raw: number, out: number): void;
  features(
    plane: number,
    stride: number,
    cw: number,
    ch: number,
    noise: number,
    bw: number,
    floor: number,
    out: number,
    active: number,
  ): void;
  widen(from: number, to: number, cw: number, ch: number, reach: number): void;
  firstLayer(
    source: number,
    target: number,
    weights: number,
    bias: number,
    outside: number,
    cw: number,
    ch: number,
    need: number,
  ): void;
  deepLayer(
    source: number,
    target: number,
    taps: number,
    weights: number,
    bias: number,
    cw: number,
    ch: number,
    reach: number,
    need: number,
  ): void;
  probability(source: number, weights: number, bias: number, cells: number, active: number, out: number): void;
  convolve(
    source: number,
    target: number,
    taps: number,
    bias: number,
    inputs: number,
    outputs: number,
    stride: number,
    width: number,
    height: number,
  ): void;
}

/** The part of the WebAssembly API that is used; the project's `lib` has no DOM, which declares it. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: unknown }>;
}

export const PAGE_BYTES = 65_536;

let compiled: Promise<object> | undefined;

/** Compiled once a thread; each call gives a new memory. */
export async function loadKernels(): Promise<Kernels> {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
  compiled ??= WebAssembly.compile(Buffer.from(KERNELS, 'base64'));
  const { exports } = await WebAssembly.instantiate(await compiled, {});
  return exports as Kernels;
}

/** Lets the memory have this many bytes at least. When it grows, all views of it become empty. */
export function reserve({ memory }: Kernels, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
