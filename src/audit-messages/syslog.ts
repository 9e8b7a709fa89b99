// Syslog as PS3.15 A.6 and ITI-20 want it: RFC 5424 messages in the frames of RFC 5425.

/** Facility 10, "security/authorization messages"; severity 5, "normal but significant" (RFC 5424 6.2.1). */
const PRIORITY = 10 * 8 + 5;
/** PS3.15 A.6. */
const MESSAGE_ID = 'DICOM+RFC3881';

export interface SyslogHead {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly host: string;
  readonly processId: number;
}

/** One message with its length before it: `MSG-LEN SP SYSLOG-MSG` (RFC 5425 4.3). */
export function frameMessage({ at, host, processId }: SyslogHead, text: string): Buffer {
  const head = `<${PRIORITY}>1 ${new Date(at).toISOString()} ${headerField(host, 255)} lethe ${processId} ${MESSAGE_ID} - `;
  // A message in UTF-8 begins with the byte order mark (RFC 5424 6.4).
  const message = Buffer.from(`${head}\uFEFF${text}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** PRINTUSASCII, or the nil value. */
function headerField(text: string, max: number): string {
  const kept = text.replace(/[^\x21-\x7E]/g, '').slice(0, max);
  return kept === '' ? '-' : kept;
}
