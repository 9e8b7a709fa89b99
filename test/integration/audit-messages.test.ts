// The audit trail of a whole gateway (RELIABILITY figure G15): every receive, send and refusal reaches the repository, valid, with no
// identifying value; also what happened while it was away.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BufferSource } from '../../src/core/bytes.ts';
import { readIdentity } from '../../src/deid/identity.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import type { CleanInstance, Log } from '../../src/pipeline/ports.ts';
import { newRecordId } from '../../src/core/brands.ts';
import { loadConfig } from '../../src/config/load.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
import { AuditRepository } from '../support/audit-repository.ts';
import { childrenOf, parseMessage, problemsOf } from '../support/audit-schema.ts';
import { Authority, hasOpenssl, type Certified } from '../support/certificates.ts';
import { startDeliveryRig, startPeer, type DeliveryRig, type Topology } from '../support/delivery-rig.ts';
import { freePort, makeTempDirectory, removeDirectory, until } from '../support/programs.ts';

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
const TOKEN = 'a-token-of-the-test-0123456789';
const SLICES = 3;
const directory = makeTempDirectory();
const cleanUp: (() => Promise<unknown>)[] = [];
let authority: Authority;
let server: Certified;

beforeAll(() => {
  if (!hasOpenssl) return;
  authority = new Authority(directory, 'authority');
  server = authority.certify('server');
});
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});
afterAll(() => {
  removeDirectory(directory);
});

/** What the tests compare: event, outcome, peer, own AE titles, ids of study and patient, instances. */
function summarize(xml: string) {
  const root = parseMessage(xml);
  const [event] = childrenOf(root, 'EventIdentification');
  const names = childrenOf(root, 'ActiveParticipant').map(
    (of) => of.getAttribute('AlternativeUserID') ?? of.getAttribute('UserID'),
  );
  const objects = childrenOf(root, 'ParticipantObjectIdentification').map((of) =>
    of.getAttribute('ParticipantObjectID'),
  );
  const instances = [...xml.matchAll(/NumberOfInstances="(\d+)"/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  return {
    event: childrenOf(event, 'EventID')[0].getAttribute('originalText'),
    outcome: event.getAttribute('EventOutcomeIndicator'),
    ...{ names, objects, instances },
  };
}

async function startRig(topology: Topology, port: number, received: string, peerPort: number): Promise<DeliveryRig> {
  const rig = await startDeliveryRig(
    topology,
    {
      research: `{ aeTitle: RESEARCH, host: 127.0.0.1, port: ${peerPort} }`,
      archive: `{ folder: ${directory}/out-${port} }`,
    },
    { LUNG: ['research', 'archive'] },
    [
      `auditRepository: { host: 127.0.0.1, port: ${port}, received: ${received}, sourceId: test-gateway, tls: { ca: ${authority.certificateFile} } }`,
    ],
    `http: { port: 0, token: ${TOKEN} }`,
  );
  cleanUp.push(() => rig.close());
  return rig;
}

/** An association that no route is for. */
async function knock(port: number): Promise<void> {
  const stranger = createDicomDestination(
    { name: 'x', aeTitle: 'NOBODY', callingAeTitle: 'STRANGER', host: '127.0.0.1', port },
    SILENT,
  );
  const nothing = Buffer.alloc(0);
  const instance: CleanInstance = {
    ...{ recordId: newRecordId(), sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3' },
    ...{
      seriesInstanceUid: '1.2',
      studyInstanceUid: '1',
      transferSyntaxUid: '1.2.840.10008.1.2',
      length: 0,
      alternatives: [],
    },
    encode: () => Promise.resolve({ source: new BufferSource(nothing), pieces: [], length: 0 }),
  };
  await stranger.deliver(instance);
  await stranger.close();
}

describe.skipIf(!hasOpenssl)('the audit trail', () => {
  it.each<[Topology, 'pseudonym' | 'original']>([
    ['one process', 'pseudonym'],
    ['a process per role', 'original'],
  ])(
    'of %s, with received instances named by %s, is whole and valid, though the repository came late',
    async (topology, naming) => {
      const [original] = buildCtSeries({ slices: 1, rows: 64, columns: 64, seed: 11 });
      const { dataSet } = await readFile10(new BufferSource(original.bytes));
      const { patientId, name } = readIdentity(dataSet);
      const peer = await startPeer();
      cleanUp.push(() => peer.close());
      const repositoryPort = await freePort();
      const rig = await startRig(topology, repositoryPort, naming, peer.port);
      const sent = await rig.send('LUNG', SLICES, 11);
      await knock(loadConfig({ file: rig.configFile, environment: {} }).dicom.port);
      const ask = async (token: string): Promise<number> => {
        const url = `http://127.0.0.1:${rig.gateway.httpPort ?? 0}/api/status`;
        return (await fetch(url, { headers: { Authorization: `Bearer ${token}` } })).status;
      };
      expect([await ask('wrong'), await ask(TOKEN), await ask(TOKEN)]).toEqual([401, 200, 200]);
      await rig.gateway.idle();

      const { key, certificate: cert } = server;
      const repository = new AuditRepository({ key, cert });
      await repository.listen(repositoryPort);
      cleanUp.push(() => repository.close());
      const texts = () => repository.messages.map(({ xml }) => xml);
      expect(await until(() => texts().some((xml) => xml.includes('Application Start')), 90_000)).toBe(true);
      await rig.stop();
      expect(await until(() => texts().some((xml) => xml.includes('Application Stop')))).toBe(true);

      expect(repository.faults).toEqual([]);
      expect(texts().flatMap(problemsOf)).toEqual([]);
      const told = texts().map(summarize);
      const count = (event: string, peerName: string): number =>
        told
          .filter((of) => of.event === event && of.outcome === '0' && of.names.includes(peerName))
          .reduce((sum, { instances }) => sum + instances, 0);
      expect(count('DICOM Instances Transferred', 'AETITLES=CT01')).toBe(SLICES);
      expect(count('Begin Transferring DICOM Instances', 'AETITLES=RESEARCH')).toBe(SLICES);
      expect(count('DICOM Instances Transferred', 'AETITLES=RESEARCH')).toBe(SLICES);
      expect(count('Export', 'archive')).toBe(SLICES);
      expect(told.find(({ event }) => event === 'Security Alert')).toMatchObject({
        names: expect.arrayContaining(['AETITLES=STRANGER']) as unknown,
      });
      expect(told[0].event).toBe('Application Activity');
      // The second time with the token is no login of its own.
      expect(told.filter(({ event }) => event === 'User Authentication').map(({ outcome }) => outcome)).toEqual([
        '4',
        '0',
      ]);

      // What came and what left are one study of one patient each; who may tell them together is a choice of the operator.
      const idsOf = (peerName: string) =>
        told.find(({ names, event }) => event === 'DICOM Instances Transferred' && names.includes(peerName))?.objects;
      const clean = idsOf('AETITLES=RESEARCH');
      expect(clean).toEqual([expect.stringMatching(/^2\.25\./), expect.not.stringContaining(patientId)]);
      if (naming === 'pseudonym') expect(idsOf('AETITLES=CT01')).toEqual(clean);
      else expect(idsOf('AETITLES=CT01')?.[1]).toBe(patientId);
      const everything = texts().join('\n');
      for (const value of [name.split('^')[0], ...sent, TOKEN, ...(naming === 'pseudonym' ? [patientId] : [])])
        expect(everything).not.toContain(value);
    },
    240_000,
  );
});
