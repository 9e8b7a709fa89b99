// The small numbers that stand for names of projects and profiles in large tables, looked up once.
import type { Queryable } from './database.ts';
import type { Numbers } from './ledger-statements.ts';

const ADD_PROJECT = `
  with added as (insert into project (name) values ($1) on conflict (name) do nothing returning number)
  select number from added union all select number from project where name = $1 limit 1`;

const ADD_PROFILE = `
  with added as (
    insert into profile_version (name, digest) values ($1, $2) on conflict (name, digest) do nothing returning number
  )
  select number from added union all select number from profile_version where name = $1 and digest = $2 limit 1`;

/** A number is only remembered once it is committed: never learn one inside a transaction. */
export class KnownNumbers implements Numbers {
  readonly #database: Queryable;
  readonly #projects = new Map<string, number>();
  readonly #profiles = new Map<string, number>();

  constructor(database: Queryable) {
    this.#database = database;
  }

  hasProject(name: string): boolean {
    return this.#projects.has(name);
  }

  hasProfile(name: string, digest: string): boolean {
    return this.#profiles.has(profileKey(name, digest));
  }

  async learnProject(name: string): Promise<void> {
    this.#projects.set(name, await addProject(this.#database, name));
  }

  async learnProfile(name: string, digest: string): Promise<void> {
    this.#profiles.set(profileKey(name, digest), await askNumber(this.#database, ADD_PROFILE, [name, digest]));
  }

  project(name: string): number {
    return known(this.#projects, name);
  }

  profile(name: string, digest: string): number {
    return known(this.#profiles, profileKey(name, digest));
  }
}

/** The number of a project, which is added when it is not there. */
export function addProject(database: Queryable, name: string): Promise<number> {
  return askNumber(database, ADD_PROJECT, [name]);
}

async function askNumber(database: Queryable, statement: string, names: readonly string[]): Promise<number> {
  // Another writer may commit the same name between the two halves of the statement: then it is there for the second try.
  for (;;) {
    const rows = await database.query<{ number: number }>(statement, names);
    if (rows.length > 0) return rows[0].number;
  }
}

function profileKey(name: string, digest: string): string {
  return `${digest} ${name}`;
}

function known(map: ReadonlyMap<string, number>, key: string): number {
  const number = map.get(key);
  if (number === undefined) throw new TypeError('a number is learnt before it is used');
  return number;
}
