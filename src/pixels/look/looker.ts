// Looks for text off the event loop: what stands still over a loop, and every frame of an image.
import { availableParallelism } from 'node:os';

import type { GrayPicture } from '../../core/picture.ts';
import type { FrameSource } from '../frames/frame-source.ts';
import { ThreadPool } from '../threads/thread-pool.ts';
import { LEAST_FRAMES } from '../find/still-content.ts';
import type { FoundStrip, FrameJob, KnownText, Look, LookJob, Sensitivity } from './look-job.ts';
import { TextGroups } from './text-groups.ts';
import type { TextGroup } from './text-groups.ts';

export interface LookerOptions {
  /** Threads at most; default the number of processors, but no more than 4. */
  readonly maxThreads?: number;
  /** Longest time for one frame, the start of the thread aside; 30 s by default. */
  readonly frameTimeoutMs?: number;
  /** A thread without work ends after this long; 30 s by default. */
  readonly idleMs?: number;
}

export interface LookRequest {
  /** Which frames; all by default. */
  readonly indices?: readonly number[];
  readonly sensitivity: Sensitivity;
  /** Digests of frames that were looked at before: those are passed over, and the digests of all others join them. Several frames only. */
  readonly seen?: Set<string>;
  /** Text of a loop that was read in `lookForStill` and may stay: it is not looked for where a frame shows the same. */
  readonly known?: KnownText | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What stands still over the frames of a loop. */
export interface StillLook {
  /** The mean of the frames. */
  readonly picture: GrayPicture;
  readonly strips: readonly FoundStrip[];
}

export interface Looked {
  /** Texts of single frames, those that look alike as one. */
  readonly groups: readonly TextGroup[];
  readonly framesLookedAt: number;
  /** Bits that are set although no sample has them, by frame; frames without any are left out. */
  readonly strayBits: ReadonlyMap<number, number>;
}

const START_MS = 20_000;
/** Speckle and anatomy fade over so many frames, taken from all of a loop; more would cost as much as looking at each. */
const MEAN_FRAMES = 16;

export class Looker {
  readonly #pool: ThreadPool<LookJob, Look>;
  readonly #timeoutMs: number;

  constructor(options: LookerOptions = {}) {
    const { maxThreads = Math.min(4, availableParallelism()), frameTimeoutMs = 30_000, idleMs = 30_000 } = options;
    this.#timeoutMs = frameTimeoutMs + START_MS;
    this.#pool = new ThreadPool({
      file: 'look-worker',
      from: import.meta.url,
      work: 'look for text',
      maxThreads,
      idleMs,
      worker: { resourceLimits: { maxOldGenerationSizeMb: 512 } },
    });
  }

  /**
   * What stands still over the frames of a loop, also where a single frame does not show it well. Undefined when there are too few frames to tell.
   * Rejects as `lookAtFrames`.
   */
  lookForStill(frames: FrameSource, { sensitivity, signal }: LookRequest): Promise<StillLook | undefined> {
    const count = Math.min(MEAN_FRAMES, frames.frameCount);
    if (count < LEAST_FRAMES) return Promise.resolve(undefined);
    return this.#pool.lease(async (thread) => {
      await thread.run({ kind: 'begin', seen: [], known: undefined }, [], this.#timeoutMs);
      for (let at = 0; at < count; at++) {
        signal?.throwIfAborted();
        const job = await frameJob(frames, Math.floor((at * frames.frameCount) / count));
        await thread.run({ kind: 'gather', ...job }, [job.bytes.buffer], this.#timeoutMs);
      }
      const look = await thread.run({ kind: 'still', sensitivity }, [], this.#timeoutMs);
      return look.kind === 'still' ? look : undefined;
    });
  }

  /** Rejects with InstanceError `burned-in-unresolved` when it took too long, and as `FrameSource.frame` does. */
  lookAtFrames(frames: FrameSource, request: LookRequest): Promise<Looked> {
    const { indices, sensitivity, seen, known, signal } = request;
    const wanted = indices ?? Array.from({ length: frames.frameCount }, (_, index) => index);
    return this.#pool.lease(async (thread) => {
      const groups = new TextGroups();
      const strayBits = new Map<number, number>();
      const isLoop = wanted.length > 1 || seen !== undefined;
      if (isLoop) await thread.run({ kind: 'begin', seen: [...(seen ?? [])], known }, [], this.#timeoutMs);
      for (const index of wanted) {
        signal?.throwIfAborted();
        const job = await frameJob(frames, index);
        const look = await thread.run(
          { kind: 'frame', ...job, sensitivity, isLoop },
          [job.bytes.buffer],
          this.#timeoutMs,
        );
        if (look.kind === 'still') continue;
        if (look.strayBits !== undefined && look.strayBits !== 0) strayBits.set(index, look.strayBits);
        if (look.kind === 'same') groups.repeat(index, look.as);
        if (look.kind !== 'found') continue;
        if (look.digest !== undefined) seen?.add(look.digest);
        for (const strip of look.strips) groups.add(index, strip);
      }
      return { groups: groups.all, framesLookedAt: wanted.length, strayBits };
    });
  }

  async lookAtPicture(picture: GrayPicture, sensitivity: Sensitivity): Promise<readonly FoundStrip[]> {
    const job: LookJob = { kind: 'picture', picture, sensitivity };
    const look = await this.#pool.lease((thread) => thread.run(job, [], this.#timeoutMs));
    return look.kind === 'found' ? look.strips : [];
  }

  /** Ends the threads that wait for work. */
  close(): Promise<void> {
    return this.#pool.closeIdle();
  }
}

/** A copy that is handed over: the bytes may be a view of the received instance. */
async function frameJob(
  frames: FrameSource,
  index: number,
): Promise<FrameJob & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  const { layout, bytes } = await frames.frame(index);
  return { index, layout, bytes: new Uint8Array(bytes), palette: frames.attributes.palette };
}
