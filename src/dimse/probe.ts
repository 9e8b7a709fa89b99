// Whether a peer accepts an association from us, over TLS too: opens one for verification and releases it.
import { VERIFICATION_SOP_CLASS } from '../standard/sop-classes.ts';
import { IMPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { RequestorAssociation } from './requestor.ts';
import type { RequestorTls } from './transport.ts';

export interface ProbeOptions {
  /** Of the peer. */
  readonly aeTitle: string;
  readonly callingAeTitle: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly tls?: RequestorTls | undefined;
}

/** Rejects as `RequestorAssociation.open` does. No connection is left open. */
export async function probe(options: ProbeOptions): Promise<void> {
  const { aeTitle, callingAeTitle, host, port, timeoutMs, tls } = options;
  const association = await RequestorAssociation.open(
    {
      ...{ host, port, tls, callingAeTitle, calledAeTitle: aeTitle },
      ...{ maxPduBytes: 16_384, connectMs: timeoutMs, responseMs: timeoutMs },
    },
    [{ id: 1, abstractSyntax: VERIFICATION_SOP_CLASS, transferSyntaxes: [IMPLICIT_VR_LITTLE_ENDIAN] }],
  );
  await association.release();
}
