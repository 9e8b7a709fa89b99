// `AET@HOST:PORT`, the way a DICOM peer is named on the command line.
import { asAeTitle, type AeTitle } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';

export interface PeerAddress {
  readonly aeTitle: AeTitle;
  readonly host: string;
  readonly port: number;
}

const PEER = /^(?<aeTitle>[^@]+)@(?<host>\[[0-9a-f:.]+\]|[^:@\s[\]]+):(?<port>\d{1,5})$/i;

/** @throws LetheError `usage` */
export function parsePeerAddress(text: string): PeerAddress {
  const groups = PEER.exec(text)?.groups;
  const aeTitle = groups === undefined ? undefined : asAeTitle(groups.aeTitle);
  const port = Number(groups?.port);
  if (groups === undefined || aeTitle === undefined || port < 1 || port > 65_535)
    throw new LetheError('usage', 'write the peer as AET@HOST:PORT, for example RESEARCH@pacs.example.org:104');
  return { aeTitle, host: groups.host.replace(/^\[|\]$/g, ''), port };
}

/** The peer in a sentence. */
export function describePeer({ aeTitle, host, port }: PeerAddress): string {
  return `${aeTitle} at ${host} port ${port}`;
}

/** @throws LetheError `usage` */
export function requireAeTitle(text: string): AeTitle {
  const aeTitle = asAeTitle(text);
  if (aeTitle === undefined)
    throw new LetheError('usage', 'an AE title has 1 to 16 printable ASCII characters without a backslash');
  return aeTitle;
}
