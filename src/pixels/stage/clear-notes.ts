// What compressed frames carry beside their pictures becomes zeros where it may tell who the patient is; the pictures stay bit for bit.
import type { TextJudge } from '../../core/text-judge.ts';
import type { OutputDataSet } from '../../dicom/element.ts';
import type { Patch } from '../blank/patches.ts';
import { PatchedSource } from '../blank/patched-source.ts';
import type { FrameNote } from '../frames/frame-notes.ts';
import type { FrameSource } from '../frames/frame-source.ts';

/** Encoders name themselves in fewer bytes: what is longer, nobody vouches for. */
const LONGEST_COMMENT = 64;
/** Application data of so few bytes hold no Exif and no preview; they are judged as comments are. */
const LONGEST_MARK = 16;
/** Bytes behind the end of a frame that are no text: padding. */
const PADDING_BYTES = 3;
const ZERO = Buffer.alloc(1);

export interface ClearedNotes {
  /** The very output that was given when nothing was cleared. */
  readonly output: OutputDataSet;
  readonly clearedBytes: number;
}

/** Rejects as `FrameSource.notes` does. */
export async function clearNotes(output: OutputDataSet, frames: FrameSource, judge: TextJudge): Promise<ClearedNotes> {
  const notes = await notesToClear(frames, judge);
  if (notes.length === 0) return { output, clearedBytes: 0 };
  const patches = notes.flatMap(({ places }) =>
    places.map(({ offset: start, length: runBytes }): Patch => ({
      start,
      runBytes,
      strideBytes: runBytes,
      runs: 1,
      pattern: ZERO,
    })),
  );
  const clearedBytes = notes.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { output: { ...output, source: new PatchedSource(output.source, patches) }, clearedBytes };
}

/** The notes that may tell who the patient is, in all frames. */
export async function notesToClear(frames: FrameSource, judge: TextJudge): Promise<readonly FrameNote[]> {
  const found: FrameNote[] = [];
  for (let index = 0; index < frames.frameCount; index++)
    for (const note of await frames.notes(index)) if (mayIdentify(note, judge)) found.push(note);
  return found;
}

function mayIdentify({ kind, bytes }: FrameNote, judge: TextJudge): boolean {
  switch (kind) {
    case 'preview':
      return true;
    case 'behind':
      return bytes.length > PADDING_BYTES && bytes.some((byte) => byte !== bytes[0]);
    case 'application':
      return bytes.length > LONGEST_MARK || identifies(bytes, judge);
    case 'comment':
      return bytes.length > LONGEST_COMMENT || identifies(bytes, judge);
  }
}

function identifies(bytes: Buffer, judge: TextJudge): boolean {
  const text = bytes
    .toString('latin1')
    .replace(/[^\x20-\x7e\xa0-\xff]+/g, ' ')
    .trim();
  return text !== '' && judge.find(text).length > 0;
}
