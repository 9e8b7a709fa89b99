// Whether what is to receive the clean instances can.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DestinationPlace } from '../../config/destinations.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import { echo } from '../../dimse/echo.ts';
import { probe } from '../../dimse/probe.ts';
import { StowClient } from '../../stow/client.ts';
import { readStowTls } from './stow-tls.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const ECHO_TIMEOUT_MS = 5_000;

/** A DICOM node is asked for a C-ECHO. One that does not answer is a warning: what is for it waits in the spool. */
export async function checkDestination(
  name: string,
  destination: DestinationPlace,
  callingAeTitle: string,
): Promise<Finding> {
  const check = `destination ${name}`;
  if (destination.kind === 'folder') return checkFolder(check, destination.folder);
  if (destination.kind === 'stow') return checkStow(check, destination);
  const { aeTitle, host, port } = destination;
  const where = `${aeTitle}@${host}:${port}`;
  try {
    if (destination.tls !== undefined) {
      const tls = await readStowTls(destination.tls);
      await probe({ aeTitle, host, port, callingAeTitle, timeoutMs: ECHO_TIMEOUT_MS, tls });
      return ok(check, `${where} accepts an association over TLS`);
    }
    const { durationMs } = await echo({ aeTitle, host, port, callingAeTitle, timeoutMs: ECHO_TIMEOUT_MS });
    return ok(check, `${where} answers, ${durationMs.toFixed(0)} ms`);
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    return warn(check, `${where}: ${error.message}; look at address, port and AE titles on both sides`);
  }
}

/** Any answer shows that somebody is there; who may not store is told so. */
async function checkStow(check: string, place: Extract<DestinationPlace, { kind: 'stow' }>): Promise<Finding> {
  const { url, token, user, password, tls } = place;
  try {
    const files = tls === undefined ? {} : { tls: await readStowTls(tls) };
    const client = new StowClient({
      url,
      token,
      user,
      password,
      ...files,
      connections: 1,
      connectMs: ECHO_TIMEOUT_MS,
      responseMs: ECHO_TIMEOUT_MS,
    });
    const { status } = await client.ask().finally(() => {
      client.close();
    });
    if (status === 401 || status === 403)
      return warn(check, `${url} answers ${status}; look at token, user and password`);
    return ok(check, `${url} answers`);
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    return warn(check, `${url}: ${error.message}; look at address and certificates on both sides`);
  }
}

/** The folder, or the nearest one above it that is there, must be writable. */
async function checkFolder(check: string, folder: string): Promise<Finding> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK | constants.X_OK);
      return ok(check, `${folder} ${path === folder ? 'is writable' : 'can be made'}`);
    } catch (error) {
      const code = systemCodeOf(error);
      if (code === undefined) throw error;
      if (code === 'ENOENT' && dirname(path) !== path) continue;
      return fail(check, `${folder} cannot be written (${code}); change its owner or name another folder`);
    }
  }
}
