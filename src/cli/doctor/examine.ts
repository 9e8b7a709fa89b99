// Every check of `lethe doctor`, in the order in which an operator would look.
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig, type LoadOptions } from '../../config/load.ts';
import { callControl, NOT_RUNNING } from '../../control/client.ts';
import { controlSocketOf } from '../../control/socket-path.ts';
import { LetheError } from '../../core/errors.ts';
import { loadProfile } from '../../profile/load.ts';
import { openStore, type OpenStore } from '../open-store.ts';
import { checkAuditRepository } from './audit-repository.ts';
import { checkDestination } from './destinations.ts';
import { checkDataDirectory, checkKeys } from './directories.ts';
import { fail, ok, type Finding } from './finding.ts';
import { checkLeftOver } from './left-over.ts';
import { checkClock, checkNode, checkPort } from './machine.ts';
import { checkDatabaseFacts, checkRedis } from './servers.ts';
import { checkTls } from './tls.ts';

/** Never rejects for what it can name: a configuration with mistakes is a finding and ends the examination. */
export async function examine(options: LoadOptions): Promise<Finding[]> {
  const findings = [checkNode(), checkClock()];
  let config: Config;
  try {
    config = loadConfig(options);
  } catch (error) {
    return [...findings, fail('configuration', sentenceOf(error))];
  }
  findings.push(ok('configuration', config.file ?? 'none, defaults'));
  findings.push(...(await checkProfiles(config)));
  const directory = await checkDataDirectory(config.data, config.limits.diskReserve);
  findings.push(...directory, await checkKeys(join(config.data, 'keys')));
  const isUsable = directory[0].result === 'ok';
  const isRunning = isUsable && (await askGateway(config)) !== NOT_RUNNING;
  if (isUsable) findings.push(...(isRunning ? [ok('gateway', 'runs and answers')] : await checkDatabase(config)));
  findings.push(...(await checkRedis(config)), ...(await checkPorts(config, isRunning)), ...(await checkTls(config)));
  for (const [name, destination] of Object.entries(config.destinations))
    findings.push(await checkDestination(name, destination, config.aeTitle));
  findings.push(...(await checkAuditRepository(config)));
  return findings;
}

async function checkProfiles(config: Config): Promise<Finding[]> {
  const names = [...new Set(config.routes.map(({ profile }) => profile))];
  return Promise.all(
    names.map(async (name) => {
      try {
        const { version } = await loadProfile(name, config.profileDirectories);
        return ok(`profile ${name}`, `version ${version}`);
      } catch (error) {
        return fail(`profile ${name}`, sentenceOf(error));
      }
    }),
  );
}

async function askGateway(config: Config): Promise<unknown> {
  try {
    return await callControl(controlSocketOf(config.data), 'ping');
  } catch (error) {
    if (error instanceof LetheError) return NOT_RUNNING;
    throw error;
  }
}

/** Opens the database as `start` would, and brings its schema up to date as that would. */
async function checkDatabase(config: Config): Promise<Finding[]> {
  try {
    const store = await openStore(config);
    try {
      return [await checkDatabaseFacts(config, store.database), await checkLeftOverOf(config, store)];
    } finally {
      await store.close();
    }
  } catch (error) {
    return [fail('database', sentenceOf(error))];
  }
}

async function checkLeftOverOf(config: Config, store: OpenStore): Promise<Finding> {
  try {
    return await checkLeftOver(config, store.database);
  } catch (error) {
    return fail('left over', sentenceOf(error));
  }
}

/** Roles do not tell this command that they run: a port that is taken may be theirs. */
async function checkPorts(config: Config, isRunning: boolean): Promise<Finding[]> {
  const { dicom, tls, http, queue } = config;
  const wanted = [
    { host: dicom.host, port: dicom.port, key: 'dicom.port' },
    ...(tls === undefined ? [] : [{ host: dicom.host, port: tls.port, key: 'tls.port' }]),
    ...(http === undefined ? [] : [{ host: http.host, port: http.port, key: 'http.port' }]),
  ];
  const findings: Finding[] = [];
  for (const { host, port, key } of wanted) {
    const finding = await checkPort(host, port, isRunning, key);
    const isTolerated = queue !== 'embedded' || (key === 'http.port' && http?.isDefault === true);
    findings.push(finding.result === 'fail' && isTolerated ? { ...finding, result: 'warn' } : finding);
  }
  return findings;
}

function sentenceOf(error: unknown): string {
  if (error instanceof LetheError) return error.message.replaceAll('\n', '; ');
  throw error;
}
