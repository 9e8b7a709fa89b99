// Runs instances made in code through reading, de-identifying and splicing at start, so that the first real ones meet compiled code.
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BufferSource } from '../core/bytes.ts';
import { ProjectKeys } from '../deid/keys.ts';
import { collectPlan } from '../dicom/plan-io.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import { createDeidentifier } from './deidentify-instance.ts';

export interface WarmUpOptions {
  /** Part 10 files; small ones are enough. */
  readonly samples: readonly Buffer[];
  readonly profile: CompiledProfile;
  /** Ends after this time; default 400 ms. */
  readonly budgetMs?: number;
  /** Ends after so many instances; default 1,500, which is what the compiler was seen to need. */
  readonly instances?: number;
}

/** Uses keys that are thrown away and a subject of its own: nothing reaches the database or a project. Rejects on a bug only. */
export async function warmUp({ samples, profile, budgetMs = 400, instances = 1_500 }: WarmUpOptions): Promise<void> {
  if (samples.length === 0) return;
  const keys = new ProjectKeys(randomBytes(32));
  const subject = { subjectId: 'WARM-UP', subjectName: 'WARM-UP', shiftDays: profile.maxShiftDays === 0 ? 0 : -1 };
  const deidentifier = createDeidentifier({
    subjects: { resolve: () => subject },
    keysFor: () => keys,
    profileOf: () => profile,
  });
  const end = performance.now() + budgetMs;
  for (let i = 0; i < instances && performance.now() < end; i++) {
    const source = new BufferSource(samples[i % samples.length]);
    const prepared = await deidentifier.prepare(source, { file: true }, 'warm-up', profile.name);
    await collectPlan(prepared.plan);
    await prepared.close();
    if (i % 16 === 15) await nextTurn();
  }
}
