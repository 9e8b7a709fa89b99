// Runs invented instances through the hot path before the first real one comes, so that it meets compiled code:
// the first 1,500 instances of a fresh process cost 1.6 times as much (LESSONS.md).
import { BufferSource } from './core/bytes.ts';
import { readPlan } from './dicom/plan-io.ts';
import type { Deidentifier } from './pipeline/deidentify-instance.ts';
import type { Subjects } from './pipeline/ports.ts';
import { buildClinic } from './synthetic/clinic.ts';

/** Enough for the optimising compiler, short enough not to be noticed at start. */
const WARM_UP_MS = 300;

/** A subject that is in no database. */
const NOBODY: Subjects = {
  resolve: () => ({ subjectId: 'WARM-UP', subjectName: 'WARM-UP', shiftDays: -1 }),
};

/** Nothing of this is stored or sent. An instance that the profile quarantines warms as well as another. */
export async function warmUp(
  deidentifierFor: (subjects: Subjects) => Deidentifier,
  route: { readonly project: string; readonly profile: string },
): Promise<void> {
  const deidentifier = deidentifierFor(NOBODY);
  const instances = buildClinic({ patients: 1 });
  const until = performance.now() + WARM_UP_MS;
  while (performance.now() < until) {
    for (const { bytes } of instances) {
      const prepared = await deidentifier
        .prepare(new BufferSource(bytes), { file: true }, route.project, route.profile)
        .catch(() => undefined);
      if (prepared === undefined) continue;
      for await (const chunk of readPlan(prepared.plan)) if (chunk.length === 0) break;
      await prepared.close();
    }
  }
}
