// Worker thread: looks for text in frames and pictures. Nothing of it reads: what text says is not known here.
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

import type { GrayPicture } from '../../core/picture.ts';
import { StillContent, withoutStill } from '../find/still-content.ts';
import { TextFinder } from '../find/text-finder.ts';
import type { Frame } from '../frames/frame.ts';
import { grayPicturesOf, strayBitsOf } from '../frames/gray.ts';
import type { ThreadAnswer } from '../threads/thread-pool.ts';
import { cutStrip } from './cut-strip.ts';
import type { FoundStrip, FrameJob, KnownText, Look, LookJob, Sensitivity } from './look-job.ts';

const finder = TextFinder.load();

/** The instance that is being looked at. */
let still: StillContent | undefined;
let known: KnownText | undefined;
let seen = new Set<string>();
const indices = new Map<string, number>();

const NOTHING: Look = { kind: 'found', strips: [] };

async function look(job: LookJob): Promise<Look> {
  const finds = await finder;
  switch (job.kind) {
    case 'frame':
      return lookAtFrame(finds, job);
    case 'begin':
      still = undefined;
      ({ known } = job);
      seen = new Set(job.seen);
      indices.clear();
      return NOTHING;
    case 'gather':
      gather(job);
      return NOTHING;
    case 'still': {
      if (still?.isReady !== true) return NOTHING;
      const picture = still.picture();
      return { kind: 'still', picture, strips: stripsOf(finds, [picture], job.sensitivity) };
    }
    case 'picture':
      return { kind: 'found', strips: stripsOf(finds, [job.picture], job.sensitivity) };
  }
}

function gather(job: FrameJob): void {
  const first = grayPicturesOf(frameOf(job), job).at(0);
  if (first === undefined) return;
  still ??= new StillContent(first.width, first.height);
  still.add(first);
}

function lookAtFrame(finds: TextFinder, job: LookJob & { readonly kind: 'frame' }): Look {
  const { index, sensitivity, isLoop } = job;
  const frame = frameOf(job);
  const strayBits = strayBitsOf(frame);
  const digest = isLoop ? digestOf(frame) : undefined;
  if (digest !== undefined) {
    if (seen.has(digest)) return { kind: 'seen', strayBits };
    const as = indices.get(digest);
    if (as !== undefined) return { kind: 'same', as, strayBits };
    indices.set(digest, index);
  }
  const pictures = grayPicturesOf(frame, job).map((picture, at) =>
    known === undefined || at > 0 ? picture : withoutStill(known.still, picture, known.boxes),
  );
  const strips = stripsOf(finds, pictures, sensitivity);
  return { kind: 'found', strips, strayBits, ...(digest === undefined ? {} : { digest }) };
}

function frameOf({ index, layout, bytes }: FrameJob): Frame {
  return { index, layout, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), isComplete: true };
}

/** Equal for frames only that every window shows equally: of their bytes, as a picture of 8 bits shows but a part of them. */
function digestOf({ layout, bytes }: Frame): string {
  return createHash('sha256').update(JSON.stringify(layout)).update(bytes).digest('base64');
}

function stripsOf(finds: TextFinder, pictures: readonly GrayPicture[], sensitivity: Sensitivity): FoundStrip[] {
  return pictures.flatMap((picture, index) =>
    finds.find(picture, { sensitivity }).map((text) => cutStrip(picture, index, text)),
  );
}

async function answer(job: LookJob): Promise<void> {
  let reply: ThreadAnswer<Look>;
  try {
    reply = { kind: 'done', answer: await look(job) };
  } catch {
    // What went wrong may speak of the pixels: the answer is that it did.
    reply = { kind: 'failed' };
  }
  parentPort?.postMessage(reply);
}

parentPort?.on('message', (job: LookJob) => void answer(job));
