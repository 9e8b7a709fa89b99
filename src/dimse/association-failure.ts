// Why an association that we asked for came to nothing, as an error for whoever wanted it.
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { AssociationEnd } from './upper-layer.ts';

/** @param wasOpen the transport connection was there */
export function failureOf(end: AssociationEnd, wasOpen: boolean): LetheError {
  switch (end.kind) {
    case 'rejected':
      return new LetheError('association-rejected', `the peer rejected the association: ${end.rejection.text}`);
    case 'aborted-by-peer':
      return new LetheError('association-aborted', 'the peer aborted the association');
    case 'aborted':
      return new LetheError('pdu-invalid', `the association was aborted: ${end.text}`);
    case 'released':
      return new LetheError('connection-lost', 'the peer released the association without an answer');
    case 'connection-lost': {
      const suffix = systemCodeOf(end.cause) ?? 'closed';
      return wasOpen
        ? new LetheError('connection-lost', `the peer closed the connection (${suffix})`, { cause: end.cause })
        : new LetheError('peer-unreachable', `the connection could not be opened (${suffix})`, { cause: end.cause });
    }
  }
}
