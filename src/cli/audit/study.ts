// What was done to the instances of a study, added up from their receipts: the receipt of the study.
import { LetheError } from '../../core/errors.ts';
import type { Receipt } from '../../deid/outcome.ts';
import { readBody } from '../../receipts/chain.ts';
import { verifyReceipts, type ReceiptQuestion } from './chains.ts';

export interface StudyQuestion extends ReceiptQuestion {
  readonly study?: string;
  readonly subject?: string;
}

export interface ActionSum {
  readonly action: string;
  readonly rule: string;
  readonly path: string;
  /** Elements in all instances. */
  readonly count: number;
  readonly instances: number;
}

export interface StudySummary {
  readonly project: string;
  /** Replacement UID. */
  readonly study: string;
  readonly subjects: readonly string[];
  readonly profiles: readonly {
    readonly name: string;
    readonly version: number;
    readonly digest: string;
    readonly engine: string;
    readonly instances: number;
  }[];
  /** CID 7050 codes of what did act, and in how many instances. */
  readonly methods: readonly { readonly code: string; readonly instances: number }[];
  readonly actions: readonly ActionSum[];
  /** By replacement UID, with the digests of the data sets. */
  readonly instances: readonly { readonly sopInstanceUid: string; readonly before: string; readonly after: string }[];
}

/** The fields of a receipt that are added up. */
interface ReceiptFields {
  readonly project: string;
  readonly studyInstanceUid: string;
  readonly subject: string;
  readonly receipt: Receipt;
  readonly before?: { readonly sha256: string };
  readonly after?: { readonly sha256: string };
}

/** Sums by study; `isWhole` is false when the receipts that they come from are not. */
export async function summariseStudies(
  question: StudyQuestion,
): Promise<{ readonly isWhole: boolean; readonly studies: readonly StudySummary[] }> {
  const { study, subject } = question;
  if (study === undefined && subject === undefined) throw new LetheError('usage', 'write --study or --subject');
  const sums = new Map<string, StudySum>();
  // Most lines are about others and need not be parsed; what a line escapes cannot be found this way.
  const asked = study ?? subject ?? '';
  const needle = /^[\w.-]+$/.test(asked) ? asked : '';
  const chains = await verifyReceipts(question, ({ text }) => {
    if (!text.includes(needle)) return;
    const fields = readBody(text) as Partial<ReceiptFields> | undefined;
    if (fields?.receipt === undefined || fields.studyInstanceUid === undefined || fields.project === undefined) return;
    if ((study ?? fields.studyInstanceUid) !== fields.studyInstanceUid) return;
    if ((subject ?? fields.subject) !== fields.subject) return;
    const key = `${fields.project} ${fields.studyInstanceUid}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = new StudySum(fields.project, fields.studyInstanceUid);
      sums.set(key, sum);
    }
    sum.add(fields as ReceiptFields);
  });
  return {
    isWhole: chains.every(({ broken }) => broken === undefined),
    studies: [...sums.values()].map((sum) => sum.summary()),
  };
}

class StudySum {
  readonly #project: string;
  readonly #study: string;
  readonly #subjects = new Set<string>();
  readonly #profiles = new Map<string, { profile: Receipt['profile']; engine: string; instances: number }>();
  readonly #methods = new Map<string, number>();
  readonly #actions = new Map<
    string,
    { action: string; rule: string; path: string; count: number; instances: number }
  >();
  /** By what left: an instance that was worked on again after a crash counts once. */
  readonly #instances = new Map<string, StudySummary['instances'][number]>();

  constructor(project: string, study: string) {
    this.#project = project;
    this.#study = study;
  }

  add({ subject, receipt, before, after }: ReceiptFields): void {
    const { sopInstanceUid, profile, engine } = receipt;
    const digests = { before: before?.sha256 ?? '', after: after?.sha256 ?? '' };
    const key = `${sopInstanceUid} ${digests.after}`;
    if (this.#instances.has(key)) return;
    this.#instances.set(key, { sopInstanceUid, ...digests });
    this.#subjects.add(subject);
    const version = `${profile.digest} ${profile.name} ${profile.version} ${engine}`;
    const used = this.#profiles.get(version) ?? { profile, engine, instances: 0 };
    used.instances++;
    this.#profiles.set(version, used);
    for (const code of receipt.methods) this.#methods.set(code, (this.#methods.get(code) ?? 0) + 1);
    for (const { action, rule, path, count } of receipt.actions) {
      const what = `${action} ${rule} ${path}`;
      const sum = this.#actions.get(what) ?? { action, rule, path, count: 0, instances: 0 };
      sum.count += count;
      sum.instances++;
      this.#actions.set(what, sum);
    }
  }

  summary(): StudySummary {
    return {
      project: this.#project,
      study: this.#study,
      subjects: [...this.#subjects].sort(),
      profiles: [...this.#profiles.values()].map(({ profile, engine, instances }) => ({
        ...{ name: profile.name, version: profile.version, digest: profile.digest, engine, instances },
      })),
      methods: [...this.#methods].sort().map(([code, instances]) => ({ code, instances })),
      actions: [...this.#actions.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
      instances: [...this.#instances.values()],
    };
  }
}
