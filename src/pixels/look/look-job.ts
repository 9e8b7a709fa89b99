// What passes between the looker and its thread: frames and pictures in, found text with the pixels around it out.
import type { GrayPicture, Rectangle } from '../../core/picture.ts';
import type { FindOptions, FoundText } from '../find/text-finder.ts';
import type { FrameLayout } from '../frames/frame.ts';
import type { Palette } from '../frames/palette.ts';

export type Sensitivity = NonNullable<FindOptions['sensitivity']>;

export interface FrameJob {
  readonly index: number;
  readonly layout: FrameLayout;
  readonly bytes: Uint8Array;
  readonly palette: Palette | undefined;
}

/** Text of a loop that was read where it stands still, and may stay. */
export interface KnownText {
  /** The mean of the frames. */
  readonly still: GrayPicture;
  readonly boxes: readonly Rectangle[];
}

export type LookJob =
  /** The frames of an instance follow. `seen`: digests of frames that were looked at before, in the very form that they have. */
  | { readonly kind: 'begin'; readonly seen: readonly string[]; readonly known: KnownText | undefined }
  /** A frame to look at; `isLoop`: one of several, of which some may be equal. */
  | ({ readonly kind: 'frame'; readonly sensitivity: Sensitivity; readonly isLoop: boolean } & FrameJob)
  /** A frame of a loop, for `still`. */
  | ({ readonly kind: 'gather' } & FrameJob)
  /** What stood still in the frames that were gathered. */
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

/** `strayBits`: bits that are set although no sample has them (`strayBitsOf`). */
export type Look =
  /** `digest` of a frame of a loop. */
  | {
      readonly kind: 'found';
      readonly strips: readonly FoundStrip[];
      readonly strayBits?: number;
      readonly digest?: string;
    }
  /** The frame is byte for byte one that was looked at since the beginning. */
  | { readonly kind: 'same'; readonly as: number; readonly strayBits?: number }
  /** … or one that was looked at before. */
  | { readonly kind: 'seen'; readonly strayBits?: number }
  | { readonly kind: 'still'; readonly picture: GrayPicture; readonly strips: readonly FoundStrip[] };
