// The demo: a research PACS, a gateway in front of it, a clinic that sends; then what became of one image.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/config.ts';
import { LetheError } from '../../core/errors.ts';
import { startReceiver, type Receiver } from '../../dimse/receiver.ts';
import { createLog } from '../../log/log.ts';
import type { Log } from '../../pipeline/ports.ts';
import type { SyntheticInstance } from '../../synthetic/clinic.ts';
import type { FindParams } from '../database-handlers.ts';
import { askDatabase } from '../open-store.ts';
import { printLine, printTable } from '../output.ts';
import { requireAeTitle } from '../peer-address.ts';
import type { FoundRow } from '../pseudonyms/find.ts';
import type { RunningGateway, Services } from '../services.ts';
import { modalitiesOf, openClinic, sendClinicFrom } from './clinic.ts';
import { compareFiles, readSopInstanceUid } from './compare.ts';

/** Resolves with whether every instance of the clinic reached the research PACS. */
export async function runDemo(services: Services, isKept: boolean): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-demo-'));
  const log = createLog({ level: 'error' });
  try {
    const clinic = await openClinic(join(folder, 'clinic'));
    const pacs = await startReceiver({ folder: join(folder, 'research'), host: '127.0.0.1', port: 0 }, log);
    try {
      return await runStory({ folder, clinic, pacs, services, log, isKept });
    } finally {
      await pacs.close();
    }
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}

interface Story {
  readonly folder: string;
  readonly clinic: readonly SyntheticInstance[];
  readonly pacs: Receiver;
  readonly services: Services;
  readonly log: Log;
  readonly isKept: boolean;
}

async function runStory({ folder, clinic, pacs, services, log, isKept }: Story): Promise<boolean> {
  const config = await writeConfig(folder, pacs.port);
  printLine(`1  A research PACS listens on port ${pacs.port}.`);
  const gateway = await services.startGateway(config, log, 'all');
  try {
    printLine(`2  Lethe listens on port ${gateway.port} and sends what is clean to the research PACS.`);
    await sendClinic(join(folder, 'clinic'), clinic, gateway);
    await gateway.idle();
    const status = await gateway.status();
    printLine(
      `4  Lethe received ${status.received}, delivered ${status.delivered}, quarantined ${status.quarantined}; the research PACS has ${pacs.count}.`,
    );
    await showOne(folder, clinic, config);
    printLine();
    if (isKept) printWhereToLook(folder);
    return status.delivered === clinic.length && pacs.count === clinic.length;
  } finally {
    await gateway.stop();
  }
}

async function writeConfig(folder: string, port: number): Promise<Config> {
  const file = join(folder, 'lethe.yaml');
  await writeFile(
    file,
    [
      'aeTitle: LETHE',
      'dicom: { host: 127.0.0.1, port: 0 }   # 0: a free port',
      'data: ./data',
      'destinations:',
      `  research: { aeTitle: RESEARCH, host: 127.0.0.1, port: ${port} }`,
      'routes:',
      '  - { calledAeTitle: LETHE, project: demo, profile: basic, destinations: [research] }',
      'http: off',
      'limits: { diskReserve: 100MiB }',
      '',
    ].join('\n'),
  );
  return loadConfig({ file, environment: {} });
}

async function sendClinic(
  folder: string,
  clinic: readonly SyntheticInstance[],
  gateway: RunningGateway,
): Promise<void> {
  const { sent } = await sendClinicFrom(folder, {
    aeTitle: requireAeTitle('LETHE'),
    host: '127.0.0.1',
    port: gateway.port ?? 0,
  });
  printLine(`3  The clinic sent ${sent} instances of made-up patients (${modalitiesOf(clinic)}).`);
}

/** The first CT image as the clinic has it and as the research PACS got it. */
async function showOne(folder: string, clinic: readonly SyntheticInstance[], config: Config): Promise<void> {
  const original = clinic.find(({ modality }) => modality === 'CT') ?? clinic[0];
  const replacement = await lookUp(config, original.sopInstanceUid);
  const research = join(folder, 'research');
  for (const name of await readdir(research)) {
    const bytes = await readFile(join(research, name));
    if ((await readSopInstanceUid(bytes)) !== replacement) continue;
    printLine();
    printLine(`   One of them before and after: clinic/${original.fileName} → research/${name}`);
    printLine();
    printTable(['attribute', 'clinic', 'research PACS'], await compareFiles(original.bytes, bytes));
    return;
  }
  throw new LetheError('status-refused', 'the research PACS does not have the image that was looked for');
}

/** What replaced a UID, from the pseudonym table, as `lethe pseudonyms find --uid` has it. */
async function lookUp(config: Config, uid: string): Promise<string | undefined> {
  const params: FindParams = { criterion: { uid }, reason: 'demo' };
  let replacement: string | undefined;
  await askDatabase(config, 'pseudonyms.find', params, (row) => {
    replacement = (row as FoundRow).replacement;
  });
  return replacement;
}

function printWhereToLook(folder: string): void {
  printLine(`Everything is in ${folder}:`);
  printLine('  clinic/     what was sent            research/   what arrived');
  printLine('  lethe.yaml  the configuration        data/       keys, database, spool');
  printLine('Ask who became whom:');
  printLine(
    `  lethe pseudonyms export --config ${join(folder, 'lethe.yaml')} --project demo --out ${join(folder, 'tables')}`,
  );
}
