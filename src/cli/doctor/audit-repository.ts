// Whether the audit repository can be reached.
import { SyslogConnection } from '../../audit-messages/connection.ts';
import type { Config } from '../../config/config.ts';
import { LetheError } from '../../core/errors.ts';
import { openTransport } from '../../dimse/transport.ts';
import { ok, warn, type Finding } from './finding.ts';
import { readStowTls } from './stow-tls.ts';

const TIMING = { connectMs: 5_000, silenceMs: 5_000 };

/** Nothing when none is configured. One that is away is a warning: what is for it waits in the data directory. */
export async function checkAuditRepository({ auditRepository: settings }: Config): Promise<Finding[]> {
  if (settings === undefined) return [];
  const { host, port, transport } = settings;
  const check = 'audit repository';
  const where = `${host}:${port}`;
  try {
    const tls = transport === 'tls' ? await readStowTls(settings.tls ?? {}) : undefined;
    const connection = await SyslogConnection.open((onOpen) => openTransport(host, port, tls, onOpen), TIMING);
    // Without a message: it must close after us, or no message will ever count as taken.
    await connection.finish();
    return [ok(check, `${where} can be reached over ${transport === 'tls' ? 'TLS' : 'TCP'}`)];
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    return [warn(check, `${where}: ${error.message} Look at address, port and certificates on both sides`)];
  }
}
