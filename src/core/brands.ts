// Branded primitives: a string that was checked once carries the proof in its type.

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A UID of PS3.5 section 9: 1 to 64 characters, digits and dots, no empty component. */
export type Uid = Brand<string, 'Uid'>;

/** An application entity title of PS3.8: 1 to 16 characters of the default repertoire, no backslash, no control character. */
export type AeTitle = Brand<string, 'AeTitle'>;

/** Our own name for a received instance: a random UUID, never derived from the wire. */
export type RecordId = Brand<string, 'RecordId'>;

const UID = /^\d+(?:\.\d+)*$/;
const AE_TITLE = /^[\x20-\x5B\x5D-\x7E]{1,16}$/;

/** The value as a Uid when it is shaped like one. Leading zeros in a component are tolerated, as real senders write them. */
export function asUid(value: string): Uid | undefined {
  return value.length <= 64 && UID.test(value) ? (value as Uid) : undefined;
}

/** The value, without the padding of PS3.8, as an AeTitle when it is shaped like one. */
export function asAeTitle(value: string): AeTitle | undefined {
  const trimmed = value.trim();
  return AE_TITLE.test(trimmed) ? (trimmed as AeTitle) : undefined;
}

export function newRecordId(): RecordId {
  return globalThis.crypto.randomUUID() as RecordId;
}
