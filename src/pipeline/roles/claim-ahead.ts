// How many are claimed beyond those that have a place: what is quick comes in numbers, with one statement for all; of what takes long nobody
// holds more than it works on, since others may be idle.

/** Claimed ahead is what gets done in this time. */
const AHEAD_MS = 100;
const MAX_AHEAD = 64;
/** A shorter time tells nothing of the pace. */
const MIN_MEASURED_MS = 20;

export class ClaimAhead {
  #done = 0;
  #since = performance.now();
  #ahead = 0;

  /** One that was claimed is done. */
  done(): void {
    this.#done++;
  }

  /** Call at each claim. */
  count(): number {
    const now = performance.now();
    const elapsedMs = now - this.#since;
    if (elapsedMs < MIN_MEASURED_MS) return this.#ahead;
    this.#ahead = Math.min(MAX_AHEAD, Math.floor((this.#done / elapsedMs) * AHEAD_MS));
    this.#done = 0;
    this.#since = now;
    return this.#ahead;
  }
}
