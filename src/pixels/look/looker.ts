// Looks for text off the event loop: every frame of an image, and what stands still over all of them.
import { availableParallelism } from 'node:os';

import type { GrayPicture } from '../../core/picture.ts';
import type { FrameSource } from '../frames/frame-source.ts';
import type { Frame } from '../frames/frame.ts';
import { ThreadPool } from '../threads/thread-pool.ts';
import type { Thread } from '../threads/thread-pool.ts';
import type { FoundStrip, Look, LookJob, Sensitivity } from './look-job.ts';
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
  readonly signal?: AbortSignal | undefined;
}

export interface Looked {
  /** Texts of single frames, those that look alike as one. */
  readonly groups: readonly TextGroup[];
  /** What stands still over all frames, also where a single frame does not show it well. */
  readonly still: readonly FoundStrip[];
  readonly framesLookedAt: number;
  /** Bits that are set although no sample has them, by frame; frames without any are left out. */
  readonly strayBits: ReadonlyMap<number, number>;
}

const START_MS = 20_000;

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

  /** Rejects with InstanceError `burned-in-unresolved` when it took too long, and as `FrameSource.frame` does. */
  lookAtFrames(frames: FrameSource, { indices, sensitivity, signal }: LookRequest): Promise<Looked> {
    const wanted = indices ?? Array.from({ length: frames.frameCount }, (_, index) => index);
    return this.#pool.lease(async (thread) => {
      const groups = new TextGroups();
      const strayBits = new Map<number, number>();
      const isLoop = wanted.length > 1;
      if (isLoop) await thread.run({ kind: 'begin' }, [], this.#timeoutMs);
      for (const index of wanted) {
        signal?.throwIfAborted();
        const frame = await frames.frame(index);
        const look = await this.#lookAt(thread, frame, { frames, sensitivity, isLoop });
        if (look.strayBits !== undefined && look.strayBits !== 0) strayBits.set(index, look.strayBits);
        if (look.kind === 'same') groups.repeat(index, look.as);
        else for (const strip of look.strips) groups.add(index, strip);
      }
      const still = isLoop ? await thread.run({ kind: 'still', sensitivity }, [], this.#timeoutMs) : undefined;
      return {
        groups: groups.all,
        still: still?.kind === 'found' ? still.strips : [],
        framesLookedAt: wanted.length,
        strayBits,
      };
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

  #lookAt(
    thread: Thread<LookJob, Look>,
    { index, layout, bytes }: Frame,
    { frames, sensitivity, isLoop }: { frames: FrameSource; sensitivity: Sensitivity; isLoop: boolean },
  ): Promise<Look> {
    const { palette } = frames.attributes;
    // A copy that is handed over: the bytes may be a view of the received instance.
    const own = new Uint8Array(bytes);
    const job: LookJob = { kind: 'frame', index, layout, bytes: own, palette, sensitivity, isLoop };
    return thread.run(job, [own.buffer], this.#timeoutMs);
  }
}
