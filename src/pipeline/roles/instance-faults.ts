// Passing failures that are the instance's own: the peer answers for this one only, again and again, and takes others meanwhile.
import type { RecordId } from '../../core/brands.ts';

/** An instance that the peer answered so often with a passing failure, while it took others, is refused. */
const FAILURES_OF_AN_INSTANCE = 5;
const MAX_REMEMBERED = 10_000;

export class InstanceFaults {
  /** Instances that the peer took in this process. */
  #taken = 0;
  readonly #takenAtFirstFailure = new Map<RecordId, number>();

  taken(recordId: RecordId): void {
    this.#taken++;
    this.forget(recordId);
  }

  forget(recordId: RecordId): void {
    this.#takenAtFirstFailure.delete(recordId);
  }

  /** Call for each passing failure that the peer answered. */
  isOfInstance(recordId: RecordId, attempts: number): boolean {
    const takenBefore = this.#takenAtFirstFailure.get(recordId);
    if (takenBefore === undefined) {
      if (this.#takenAtFirstFailure.size > MAX_REMEMBERED) this.#takenAtFirstFailure.clear();
      this.#takenAtFirstFailure.set(recordId, this.#taken);
      return false;
    }
    return attempts >= FAILURES_OF_AN_INSTANCE && this.#taken > takenBefore;
  }
}
