// How the configuration names a client certificate: by its SHA-256 fingerprint, or by attributes of its subject.

export interface CertificateFacts {
  /** SHA-256, 64 hexadecimal digits in lower case. */
  readonly fingerprint: string;
  /** Attributes of the subject by short name in capitals. */
  readonly subject: Readonly<Record<string, readonly string[]>>;
}

export interface CertificatePattern {
  fits(certificate: CertificateFacts): boolean;
}

const FINGERPRINT = /^(?:sha-?256:)?\s*([0-9a-f]{64})$/i;
const ATTRIBUTE = /^\s*([A-Za-z][A-Za-z0-9.]*)\s*=\s*(.*?)\s*$/;

/**
 * Reads `SHA256:AB:CD:…`, 64 hexadecimal digits with or without colons, or `CN=CT01, O=Hospital`: every attribute that is written
 * must stand in the subject as it is, others may stand there too. A comma in a value is written `\,`. Undefined for anything else.
 */
export function parseCertificatePattern(text: string): CertificatePattern | undefined {
  const digits = FINGERPRINT.exec(
    text
      .trim()
      .replace(/^sha-?256:/i, '')
      .replaceAll(':', ''),
  )?.[1].toLowerCase();
  if (digits !== undefined) return { fits: ({ fingerprint }) => fingerprint === digits };
  const wanted: { name: string; value: string }[] = [];
  for (const part of text.split(/(?<!\\),/)) {
    const attribute = ATTRIBUTE.exec(part.replaceAll('\\,', ','));
    if (attribute === null || attribute[2] === '') return undefined;
    wanted.push({ name: attribute[1].toUpperCase(), value: attribute[2] });
  }
  return {
    fits: ({ subject }) =>
      wanted.every(({ name, value }) => Object.hasOwn(subject, name) && subject[name].includes(value)),
  };
}
