// Keys and certificates toward a DICOMweb service, read once.
import type { PeerTls } from '../../config/destinations.ts';
import { readTlsFiles } from '../../dimse/tls-files.ts';
import type { StowTls } from '../../stow/client.ts';

/** Rejects with `config-unreadable`. */
export async function readStowTls({ serverName, ...files }: PeerTls): Promise<StowTls> {
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...(await readTlsFiles(Object.fromEntries(named))), ...(serverName === undefined ? {} : { serverName }) };
}
