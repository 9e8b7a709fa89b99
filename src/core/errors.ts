// The one error class and its catalogue. Four kinds tell every caller what to do; anything else that is thrown is our bug.

/** What went wrong, as a stable code. Messages never hold an element's value, an original UID or unescaped peer text. */
export type ErrorKind = 'config' | 'peer' | 'instance' | 'transient';

/**
 * Why an instance was held back. A closed list: each has a help text for the person who reviews the quarantine.
 * The reason is also the `code` of an `instance` error.
 */
export const QUARANTINE_REASONS = {
  unparsable: 'The data set breaks the encoding rules of PS3.5 in a way that leaves its content in doubt.',
  'unsupported-transfer-syntax':
    'The transfer syntax is unknown, or no destination accepts it and no codec here decodes it.',
  'unknown-sop-class': 'The SOP class is not a storage SOP class of PS3.6 that the profile may pass.',
  'uid-mismatch':
    'SOP class or instance in the data set is missing, invalid, or differs from what the sender announced.',
  'no-assigned-subject': 'The project assigns subjects from an imported list, and this patient is not on it.',
  'no-patient-id': 'Neither patient id nor patient name is present, so that no pseudonym can be chosen.',
  'mixed-patients': 'The instance names more than one patient.',
  'unknown-character-set': 'Specific Character Set names a term that PS3.3 C.12.1.1.2 does not define.',
  'header-too-large': 'The elements outside bulk data exceed the configured limit.',
  'burned-in-unresolved': 'Pixels still look as if they showed identifying text.',
  'document-unreadable': 'An encapsulated document could not be read, so that it cannot be cleaned.',
  'residual-identifier': 'An identifier of the original was found again in the cleaned instance.',
  'codec-failed': 'The pixel data could not be decoded or encoded.',
  'iod-broken': 'An attribute that the IOD requires could not be kept valid.',
  'action-failed': 'A rule of the profile could not be carried out on this instance.',
  'profile-quarantine': 'A rule of the profile sends instances like this one to quarantine.',
  'delivery-refused': 'A destination refused the clean instance for good.',
  'spool-damaged': 'The stored copy no longer matches its checksum.',
} as const;

export type QuarantineReason = keyof typeof QUARANTINE_REASONS;

/** Codes of the kinds other than `instance`. */
export const ERROR_CODES = {
  'config-invalid': 'config',
  'config-unreadable': 'config',
  'profile-invalid': 'config',
  'profile-unknown': 'config',
  'port-taken': 'config',
  'data-directory-unusable': 'config',
  'data-directory-locked': 'config',
  'migration-edited': 'config',
  'schema-newer': 'config',
  'database-refused': 'config',
  'key-unreadable': 'config',
  'key-mismatch': 'config',
  usage: 'config',
  'pdu-invalid': 'peer',
  'pdu-unexpected': 'peer',
  'association-rejected': 'peer',
  'association-aborted': 'peer',
  'context-not-accepted': 'peer',
  'command-invalid': 'peer',
  'status-refused': 'peer',
  'peer-timeout': 'transient',
  'peer-unreachable': 'transient',
  'connection-lost': 'transient',
  'database-unavailable': 'transient',
  'disk-full': 'transient',
  'disk-failed': 'transient',
  'shutting-down': 'transient',
} as const satisfies Record<string, Exclude<ErrorKind, 'instance'>>;

export type ErrorCode = keyof typeof ERROR_CODES | QuarantineReason;

function kindOf(code: ErrorCode): ErrorKind {
  return code in QUARANTINE_REASONS ? 'instance' : ERROR_CODES[code as keyof typeof ERROR_CODES];
}

/** An error that the program expects and knows how to answer. */
export class LetheError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;

  /** @param message one sentence for a person, free of identifying values */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LetheError';
    this.code = code;
    this.kind = kindOf(code);
  }
}

/** An instance that cannot be de-identified safely: it is quarantined with this reason, never forwarded. */
export class InstanceError extends LetheError {
  readonly reason: QuarantineReason;
  /** Byte at which the fault was found, counted from the start of the received data set or file; undefined when it has no place. */
  readonly offset: number | undefined;

  constructor(reason: QuarantineReason, message: string, options?: { offset?: number; cause?: unknown }) {
    super(reason, options?.offset === undefined ? message : `${message} (at byte ${options.offset})`, options);
    this.name = 'InstanceError';
    this.reason = reason;
    this.offset = options?.offset;
  }
}

/** The Node or POSIX code of a caught value (`ENOSPC`, `ECONNREFUSED`), or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
