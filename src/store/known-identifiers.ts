// What earlier instances told of a patient, so that it is looked for in later ones: names, ids and accession numbers.
import { asUid } from '../core/brands.ts';
import type { Identifiers, IdentifyingValue } from '../deid/identifiers.ts';
import type { Subject } from '../deid/subject.ts';
import type { KnownIdentifiers } from '../pipeline/ports.ts';
import type { Database, Row } from './database.ts';
import { Lru } from './lru.ts';

/** Subjects remembered per process. */
const REMEMBERED = 10_000;
/** Values remembered per subject, the oldest forgotten first: each is searched in every text. */
const MAX_VALUES = 100;

const FIND = `
  select 'name' as kind, subject.patient_name as text
  from subject join project on project.number = subject.project_number
  where project.name = $1 and subject.subject_id = $2
  union all
  select 'id', subject.patient_id
  from subject join project on project.number = subject.project_number
  where project.name = $1 and subject.subject_id = $2
  union all
  select 'id', text
  from (
    select accession_mapping.original_accession as text
    from subject
    join project on project.number = subject.project_number
    join accession_mapping
      on accession_mapping.project_number = subject.project_number and accession_mapping.subject_number = subject.number
    where project.name = $1 and subject.subject_id = $2
    limit 50
  ) as accession`;

interface ValueRow extends Row {
  readonly kind: 'name' | 'id';
  readonly text: string;
}

interface Known {
  values: readonly IdentifyingValue[];
  /** The identifiers that were noted last: a series tells the same again and again. */
  lastKey: string;
}

/** Asks for the values of a subject once; from then on it is told by `note`. Without a database it knows what this process saw. */
export class RememberedIdentifiers implements KnownIdentifiers {
  readonly #database: Database | undefined;
  readonly #known = new Lru<string, Known | Promise<Known>>(REMEMBERED);

  constructor(database?: Database) {
    this.#database = database;
  }

  /** Rejects with `database-unavailable`. */
  of(project: string, subject: Subject): readonly IdentifyingValue[] | Promise<readonly IdentifyingValue[]> {
    const key = keyOf(project, subject);
    const known = this.#known.get(key);
    if (known instanceof Promise) return known.then(({ values }) => values);
    if (known !== undefined) return known.values;
    if (this.#database === undefined) return [];
    const asking = this.#ask(this.#database, project, subject).then(
      (found) => {
        this.#known.set(key, found);
        return found;
      },
      (error: unknown) => {
        this.#known.delete(key);
        throw error;
      },
    );
    this.#known.set(key, asking);
    return asking.then(({ values }) => values);
  }

  note(project: string, subject: Subject, identifiers: Identifiers): void {
    const key = keyOf(project, subject);
    const known = this.#known.get(key);
    // Its values are on the way; the next instance notes the same.
    if (known instanceof Promise) return;
    const lastKey = identifiers.key();
    if (known?.lastKey === lastKey) return;
    const values = merge(known?.values ?? [], identifiers.values());
    if (known === undefined) this.#known.set(key, { values, lastKey });
    else {
      known.values = values;
      known.lastKey = lastKey;
    }
  }

  async #ask(database: Database, project: string, { subjectId }: Subject): Promise<Known> {
    const rows = await database.query<ValueRow>(FIND, [project, subjectId]);
    return { values: merge([], rows), lastKey: '' };
  }
}

function keyOf(project: string, { subjectId }: Subject): string {
  return `${project}\n${subjectId}`;
}

/** The same list when nothing is new. Days and places belong to a study, not to a person. */
function merge(known: readonly IdentifyingValue[], found: readonly IdentifyingValue[]): readonly IdentifyingValue[] {
  const seen = new Set(known.map(({ kind, text }) => `${kind} ${text}`));
  const fresh = found.filter(
    ({ kind, text }) =>
      (kind === 'name' || (kind === 'id' && !isUid(text))) && text !== '' && !seen.has(`${kind} ${text}`),
  );
  if (fresh.length === 0) return known;
  return [...known, ...fresh.map(({ kind, text }) => ({ kind, text }))].slice(-MAX_VALUES);
}

/** Stands for the patient where an instance names none; the instance itself is searched for its UIDs. */
function isUid(text: string): boolean {
  return text.includes('.') && asUid(text) !== undefined;
}
