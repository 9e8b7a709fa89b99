// What `lethe deid` asks of a running gateway, which alone may touch the database: subjects of patients, and to keep mappings.
import type { ControlHandlers } from '../../control/server.ts';
import type { PatientIdentity } from '../../deid/subject.ts';
import type { Mappings, SubjectPolicy, Subjects } from '../../pipeline/ports.ts';
import type { Database } from '../../store/database.ts';
import { MappingRecorder } from '../../store/mapping-recorder.ts';

/** Parameters of `subjects.resolve`. */
export interface ResolveParams {
  readonly project: string;
  readonly identity: PatientIdentity;
  readonly policy: SubjectPolicy;
}

/** Parameters of `mappings.record`. */
export interface RecordParams {
  readonly entries: readonly { readonly project: string; readonly subjectId: string; readonly mappings: Mappings }[];
}

export function offlineHandlers(database: Database, subjects: Subjects): ControlHandlers {
  return {
    ping: () => Promise.resolve('pong'),
    'subjects.resolve': async (params) => {
      const { project, identity, policy } = params as ResolveParams;
      return subjects.resolve(project, identity, policy);
    },
    'mappings.record': async (params) => {
      const recorder = new MappingRecorder(database);
      for (const { project, subjectId, mappings } of (params as RecordParams).entries)
        recorder.add(project, subjectId, mappings);
      await recorder.write();
    },
  };
}
