// Worker thread: looks for text in frames and pictures. Nothing of it reads: what text says is not known here.
import { parentPort } from 'node:worker_threads';

import type { GrayPicture } from '../../core/picture.ts';
import { digestOf, StillContent } from '../find/still-content.ts';
import { TextFinder } from '../find/text-finder.ts';
import { grayPicturesOf, strayBitsOf } from '../frames/gray.ts';
import type { ThreadAnswer } from '../threads/thread-pool.ts';
import { cutStrip } from './cut-strip.ts';
import type { FoundStrip, Look, LookJob, Sensitivity } from './look-job.ts';

const finder = TextFinder.load();

/** The loop that is being looked at. */
let still: StillContent | undefined;
const seen = new Map<string, number>();

async function look(job: LookJob): Promise<Look> {
  const found = await finder;
  switch (job.kind) {
    case 'frame':
      return lookAtFrame(found, job);
    case 'begin':
      still = undefined;
      seen.clear();
      return { kind: 'found', strips: [] };
    case 'still': {
      const picture = still?.isReady === true ? still.picture() : undefined;
      return { kind: 'found', strips: picture === undefined ? [] : stripsOf(found, [picture], job.sensitivity) };
    }
    case 'picture':
      return { kind: 'found', strips: stripsOf(found, [job.picture], job.sensitivity) };
  }
}

function lookAtFrame(finds: TextFinder, job: LookJob & { readonly kind: 'frame' }): Look {
  const { index, layout, palette, sensitivity, isLoop } = job;
  const bytes = Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength);
  const frame = { index, layout, bytes, isComplete: true };
  const strayBits = strayBitsOf(frame);
  const pictures = grayPicturesOf(frame, { palette });
  const first = pictures.at(0);
  if (isLoop && first !== undefined) {
    const digest = digestOf(first);
    const as = seen.get(digest);
    if (as !== undefined) return { kind: 'same', as, strayBits };
    seen.set(digest, index);
    still ??= new StillContent(first.width, first.height);
    still.add(first);
  }
  return { kind: 'found', strips: stripsOf(finds, pictures, sensitivity), strayBits };
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
