// The frames of an image as they look when regions of them are blanked, before anything is written.
import type { Rectangle } from '../../core/picture.ts';
import type { FrameNote } from '../frames/frame-notes.ts';
import type { FrameSource, ImageAttributes } from '../frames/frame-source.ts';
import type { Frame, FrameLayout } from '../frames/frame.ts';
import { framePatches } from './frame-patches.ts';
import { applyPatch } from './patches.ts';

/** Those without a region are the frames of `base`. What blanking writes without loss decodes to the very same bytes. */
export class BlankedFrames implements FrameSource {
  readonly #base: FrameSource;
  readonly #regions: ReadonlyMap<number, readonly Rectangle[]>;
  readonly frameCount: number;
  readonly attributes: ImageAttributes;
  readonly layout: FrameLayout;
  readonly canDecode: boolean;
  readonly tag: number;

  /** @param regions rectangles by frame, from 0 */
  constructor(base: FrameSource, regions: ReadonlyMap<number, readonly Rectangle[]>) {
    this.#base = base;
    this.#regions = regions;
    ({ frameCount: this.frameCount, attributes: this.attributes, layout: this.layout } = base);
    ({ canDecode: this.canDecode, tag: this.tag } = base);
  }

  async frame(index: number): Promise<Frame> {
    const frame = await this.#base.frame(index);
    const change = { regions: this.#regions, bitRegions: NONE, keptBits: 0, attributes: this.attributes };
    const patches = framePatches(change, frame);
    if (patches.length === 0) return frame;
    const bytes = Buffer.from(frame.bytes);
    for (const patch of patches) applyPatch(bytes, 0, patch);
    return { ...frame, bytes };
  }

  notes(index: number): Promise<readonly FrameNote[]> {
    return this.#base.notes(index);
  }

  close(): Promise<void> {
    return this.#base.close();
  }
}

const NONE = new Map<number, never>();
