// A patient before and a subject after. The two never share a type or a name.

/** What identifies the patient in an instance, decoded, as it came. Original values: never logged. */
export interface PatientIdentity {
  /** (0010,0020); empty when absent. */
  readonly patientId: string;
  /** (0010,0021) Issuer of Patient ID; empty when absent. */
  readonly issuer: string;
  /** (0010,0010), all component groups; empty when absent. */
  readonly name: string;
  /** (0010,0030) as `YYYYMMDD`; empty when absent. */
  readonly birthDate: string;
}

/** The same patient in a project. */
export interface Subject {
  readonly subjectId: string;
  /** Value for (0010,0010). */
  readonly subjectName: string;
  /** Days that are added to every date; negative or 0. The same for all instances of the subject in a project. */
  readonly shiftDays: number;
}
