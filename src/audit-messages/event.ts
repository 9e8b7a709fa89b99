// What is told to the audit repository, as it happens. Events are what the buffer holds; messages are made of them when they leave.

/** `original`: values as they were received. `pseudonym`: what replaced them. `none`: nobody could tell. */
export type Naming = 'original' | 'pseudonym' | 'none';

/** EventOutcomeIndicator of PS3.15 table A.5.2-1: done, failed and tried again, failed for good. */
export type Outcome = 0 | 4 | 8;

/** An application entity, a service or a folder at the other end. Our own configuration, or escaped. */
export interface Party {
  /** Name in the configuration, or the AE title that it gave itself. */
  readonly name: string;
  readonly aeTitle?: string | undefined;
  /** Host name, numeric address or URI. */
  readonly place?: string | undefined;
}

/** One instance that went from one party to another. */
export interface TransferEvent {
  readonly kind: 'received' | 'sending' | 'sent' | 'exported';
  readonly peer: Party;
  /** The AE title that we had in it. */
  readonly ownAeTitle: string;
  readonly outcome: Outcome;
  /** In our own words, of what did not succeed. */
  readonly text?: string | undefined;
  readonly sopClassUid: string;
  readonly naming: Naming;
  /** Empty with the naming `none`. */
  readonly studyInstanceUid: string;
  readonly patientId: string;
}

export type AuditEvent =
  | { readonly kind: 'started' | 'stopped'; readonly role: string }
  | TransferEvent
  /** Somebody was turned away at the door, with or without TLS. Texts are escaped. */
  | { readonly kind: 'refused'; readonly peer: Party; readonly calledAeTitle: string; readonly reason: string }
  /** Somebody showed a token to the API, or none. */
  | { readonly kind: 'authenticated'; readonly address: string; readonly isAllowed: boolean }
  /** Somebody read who had looked up whom (`lethe audit list`). */
  | { readonly kind: 'look-ups-listed' }
  /** Events that found no place in the buffer. */
  | { readonly kind: 'unrecorded'; readonly count: number };

/** An event with what it needs to be told later, by another process. */
export type RecordedEvent = AuditEvent & {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Process id of who saw it. */
  readonly process: number;
};
