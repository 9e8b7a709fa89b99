// What passes between the looker and its thread: frames and pictures in, found text with the pixels around it out.
import type { GrayPicture } from '../../core/picture.ts';
import type { FindOptions, FoundText } from '../find/text-finder.ts';
import type { FrameLayout } from '../frames/frame.ts';
import type { Palette } from '../frames/palette.ts';

export type Sensitivity = NonNullable<FindOptions['sensitivity']>;

export type LookJob =
  /** A frame; `isLoop`: one of several, so that what stands still is gathered until `still` asks for it. */
  | {
      readonly kind: 'frame';
      readonly index: number;
      readonly layout: FrameLayout;
      readonly bytes: Uint8Array;
      readonly palette: Palette | undefined;
      readonly sensitivity: Sensitivity;
      readonly isLoop: boolean;
    }
  /** The frames of another loop follow. */
  | { readonly kind: 'begin' }
  /** What stood still in the frames since the loop began. */
  | { readonly kind: 'still'; readonly sensitivity: Sensitivity }
  | { readonly kind: 'picture'; readonly picture: GrayPicture; readonly sensitivity: Sensitivity };

/** Text that was found, with its pixels. */
export interface FoundStrip extends FoundText {
  /** Which of the frame's gray pictures shows it. */
  readonly picture: number;
  /** The picture inside `crop`, in a buffer of its own. */
  readonly pixels: GrayPicture;
  /** Where `pixels` lies in the picture: the box and a little around it. */
  readonly left: number;
  readonly top: number;
}

export type Look =
  /** `strayBits`: bits that are set although no sample has them (`strayBitsOf`). */
  | { readonly kind: 'found'; readonly strips: readonly FoundStrip[]; readonly strayBits?: number }
  /** The frame is pixel for pixel one that was looked at before. */
  | { readonly kind: 'same'; readonly as: number; readonly strayBits?: number };
