// What people decided on the pixels of instances that were held back, for the process that de-identifies them again.
import type { RecordId } from '../core/brands.ts';
import type { PixelReview } from '../core/pixel-review.ts';
import type { Database, Row } from './database.ts';

const LOAD = `
  select record_id as "recordId", review from instance
  where review is not null and state not in ('delivered', 'discarded')`;

/** In memory: few instances are reviewed, and every instance is asked for. */
export class Reviews {
  readonly #byRecord = new Map<RecordId, PixelReview>();

  /** Takes up what was decided before. */
  async load(database: Database): Promise<void> {
    const rows = await database.query<{ recordId: RecordId; review: PixelReview } & Row>(LOAD);
    for (const { recordId, review } of rows) this.#byRecord.set(recordId, review);
  }

  /** @param review undefined: released as it is; what was decided before is void */
  set(recordIds: readonly RecordId[], review: PixelReview | undefined): void {
    for (const recordId of recordIds) {
      if (review === undefined) this.#byRecord.delete(recordId);
      else this.#byRecord.set(recordId, review);
    }
  }

  readonly of = (recordId: RecordId): PixelReview | undefined => this.#byRecord.get(recordId);
}
