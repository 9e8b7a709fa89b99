// Where `lethe deid` gets subjects from and keeps mappings: the database opened here, or the running gateway that has it.
import { callControl, NOT_RUNNING } from '../../control/client.ts';
import { controlSocketOf } from '../../control/socket-path.ts';
import type { Config } from '../../config/config.ts';
import { LetheError } from '../../core/errors.ts';
import type { Subject } from '../../deid/subject.ts';
import type { Mappings, SubjectPolicy, Subjects } from '../../pipeline/ports.ts';
import type { Database } from '../../store/database.ts';
import { lockDataDirectory, type DataDirectoryLock } from '../../store/lock.ts';
import { importJournals, MappingJournal } from '../../store/mapping-journal.ts';
import type { ProjectKeyFiles } from '../../store/project-keys.ts';
import { RememberedSubjects } from '../../store/remembered-subjects.ts';
import type { RecordParams, ResolveParams } from './offline-handlers.ts';

export interface PseudonymStore {
  readonly subjects: Subjects;
  /** Takes what de-identifying an instance replaced; a promise asks to wait until a batch of it is written. */
  record(project: string, subjectId: string, mappings: Mappings): Promise<void> | undefined;
  /** Writes what was taken. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * While a gateway runs it is asked. Otherwise an embedded database is only opened for patients that it has not seen: for the
 * others their subjects are remembered beside it, and mappings wait in a journal for whoever opens it next.
 * @throws LetheError `data-directory-locked` when another command has the data directory
 */
export async function openPseudonymStore(
  config: Config,
  project: string,
  keyFiles: ProjectKeyFiles,
): Promise<PseudonymStore> {
  if (config.database !== 'embedded') return openServerStore(config, keyFiles);
  const socket = controlSocketOf(config.data);
  if ((await callControl(socket, 'ping')) !== NOT_RUNNING) return new GatewayStore(socket);
  const lock = await lockDataDirectory(config.data);
  try {
    return await openEmbeddedStore(config.data, project, keyFiles, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openServerStore(config: Config, keyFiles: ProjectKeyFiles): Promise<PseudonymStore> {
  const [{ openStore }, { MappingRecorder }, { PostgresSubjects }] = await Promise.all([
    import('../open-store.ts'),
    import('../../store/mapping-recorder.ts'),
    import('../../store/subjects.ts'),
  ]);
  const store = await openStore(config);
  const recorder = new MappingRecorder(store.database);
  return {
    subjects: new PostgresSubjects(store.database, keyFiles),
    record: (project, subjectId, mappings) =>
      recorder.add(project, subjectId, mappings) ? recorder.write() : undefined,
    flush: () => recorder.write(),
    close: () => store.close(),
  };
}

async function openEmbeddedStore(
  data: string,
  project: string,
  keyFiles: ProjectKeyFiles,
  lock: DataDirectoryLock,
): Promise<PseudonymStore> {
  let database: Promise<Database> | undefined;
  const openSubjects = async (): Promise<Subjects> => {
    const [{ openDatabase }, { PostgresSubjects }] = await Promise.all([
      import('../../store/open.ts'),
      import('../../store/subjects.ts'),
    ]);
    database ??= openDatabase('embedded', data);
    return new PostgresSubjects(await database, keyFiles);
  };
  const keys = await keyFiles.keysFor(project);
  const subjects = await RememberedSubjects.open({ dataDirectory: data, project, keys, openSubjects });
  const journal = new MappingJournal(data);
  return {
    subjects,
    record: (name, subjectId, mappings) => (journal.add(name, subjectId, mappings) ? journal.write() : undefined),
    flush: () => journal.write(),
    async close() {
      try {
        await journal.close();
        await subjects.save();
        if (database !== undefined) await importJournals(await database, data);
      } finally {
        await closeIfOpen(database).finally(() => lock.release());
      }
    },
  };
}

/** One that could not be opened was told of when it was asked. */
async function closeIfOpen(database: Promise<Database> | undefined): Promise<void> {
  const opened = await database?.catch(() => undefined);
  await opened?.close();
}

/** Replacements that are sent to the gateway in one message; far below what it takes. */
const REPLACEMENTS_PER_MESSAGE = 4_000;

class GatewayStore implements PseudonymStore {
  readonly #socket: string;
  readonly #known = new Map<string, Promise<Subject>>();
  #entries: RecordParams['entries'][number][] = [];
  #replacements = 0;

  constructor(socket: string) {
    this.#socket = socket;
  }

  readonly subjects: Subjects = {
    resolve: (project, identity, policy) => {
      const { patientId, issuer, name, birthDate } = identity;
      const key = JSON.stringify([project, patientId, issuer, name, birthDate]);
      let subject = this.#known.get(key);
      if (subject === undefined) {
        subject = this.#resolve({ project, identity: { patientId, issuer, name, birthDate }, policy });
        this.#known.set(key, subject);
      }
      return subject;
    },
  };

  record(project: string, subjectId: string, mappings: Mappings): Promise<void> | undefined {
    this.#entries.push({ project, subjectId, mappings });
    this.#replacements += mappings.uids.length + mappings.accessions.length + mappings.studies.length;
    return this.#replacements < REPLACEMENTS_PER_MESSAGE ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    const entries = this.#entries;
    this.#entries = [];
    this.#replacements = 0;
    if (entries.length > 0) await this.#ask('mappings.record', { entries } satisfies RecordParams);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #resolve(params: ResolveParams & { readonly policy: SubjectPolicy }): Promise<Subject> {
    return (await this.#ask('subjects.resolve', params)) as Subject;
  }

  async #ask(method: string, params: unknown): Promise<unknown> {
    const answer = await callControl(this.#socket, method, params);
    if (answer === NOT_RUNNING)
      throw new LetheError('connection-lost', 'the gateway that has the database was stopped');
    return answer;
  }
}
