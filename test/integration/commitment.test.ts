// Storage commitment (PS3.4 Annex J) from N-ACTION to N-EVENT-REPORT: a scripted strict peer on both kinds of association, Orthanc as a
// foreign one, requests that outlive the gateway (RELIABILITY figure G14).
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asAeTitle, newRecordId } from '../../src/core/brands.ts';
import { sendEventReport } from '../../src/dimse/event-report.ts';
import { Commitments, type CommitmentOptions } from '../../src/pipeline/commit.ts';
import type { CommitmentStore } from '../../src/pipeline/commitment-ports.ts';
import { PostgresCommitments } from '../../src/store/commitment-look-up.ts';
import type { Database } from '../../src/store/database.ts';
import { PostgresLedger } from '../../src/store/ledger.ts';
import { migrate } from '../../src/store/migrate.ts';
import { ADAPTERS, type TestDatabases } from '../support/databases.ts';
import {
  freePort,
  isInstalled,
  makeTempDirectory,
  removeDirectory,
  ServerProcess,
  until,
} from '../support/programs.ts';
import {
  CT,
  IMPLICIT,
  MAX_LENGTH_ITEM,
  MemoryProvider,
  MR,
  RawPeer,
  RELEASE,
  context,
  data,
  element,
  item,
  makeListener,
  pdu,
  pdv,
  quiet,
  request,
} from '../unit/dimse/wire.ts';

const PUSH_MODEL = '1.2.840.10008.1.20.1';
const INSTANCE = '1.2.840.10008.1.20.1.1';
const CONTEXTS = [context(1, PUSH_MODEL, [IMPLICIT]), context(3, CT, [IMPLICIT])];

function command(elements: readonly Buffer[]): Buffer {
  const body = Buffer.concat(elements);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([element(0, length), body]);
}

function sequence(number: number, items: readonly Buffer[]): Buffer {
  const parts = items.map((bytes) => {
    const head = Buffer.from('feff00e000000000', 'hex');
    head.writeUInt32LE(bytes.length, 4);
    return Buffer.concat([head, bytes]);
  });
  return element(number, Buffer.concat(parts), undefined, 0x0008);
}

type Reference = readonly [sopClass: string, instance: string];

function action(
  transactionUid: string,
  references: readonly Reference[],
  changes: { type?: number; of?: string } = {},
) {
  const items = references.map(([sopClass, uid]) =>
    Buffer.concat([element(0x1150, sopClass, undefined, 8), element(0x1155, uid, undefined, 8)]),
  );
  return Buffer.concat([
    data(
      pdv(
        1,
        3,
        command([
          element(0x0003, PUSH_MODEL),
          element(0x0100, 0x0130),
          element(0x0110, 21),
          element(0x0800, 1),
          element(0x1001, changes.of ?? INSTANCE),
          element(0x1008, changes.type ?? 1),
        ]),
      ),
    ),
    data(pdv(1, 2, Buffer.concat([element(0x1195, transactionUid, undefined, 8), sequence(0x1199, items)]))),
  ]);
}

const confirm = (messageId: number, status = 0): Buffer =>
  data(
    pdv(
      1,
      3,
      command([
        element(0x0002, PUSH_MODEL),
        element(0x0100, 0x8100),
        element(0x0120, messageId),
        element(0x0800, 0x101),
        element(0x0900, status),
        element(0x1000, INSTANCE),
      ]),
    ),
  );

interface Report {
  readonly eventType: number;
  readonly transactionUid: string;
  readonly committed: readonly string[];
  readonly failed: readonly { readonly uid: string; readonly reason: number }[];
}

/** Reads an N-EVENT-REPORT off P-DATA bodies, by hand: implicit VR, sequences of undefined length. */
function readReport(bodies: readonly Buffer[]): Report {
  let commandBytes = Buffer.alloc(0);
  let dataBytes = Buffer.alloc(0);
  for (const body of bodies)
    for (let at = 0; at < body.length;) {
      const length = body.readUInt32BE(at);
      const value = body.subarray(at + 6, at + 4 + length);
      if ((body[at + 5] & 1) === 1) commandBytes = Buffer.concat([commandBytes, value]);
      else dataBytes = Buffer.concat([dataBytes, value]);
      at += 4 + length;
    }
  const eventAt = commandBytes.indexOf(Buffer.from('0000021002000000', 'hex'));
  let transactionUid = '';
  const committed: string[] = [];
  const failed: { uid: string; reason: number }[] = [];
  let isFailed = false;
  for (let at = 0; at + 8 <= dataBytes.length;) {
    const tag = (dataBytes.readUInt16LE(at) << 16) | dataBytes.readUInt16LE(at + 2);
    const length = dataBytes.readUInt32LE(at + 4);
    at += 8;
    if (tag === 0x00081198 || tag === 0x00081199) isFailed = tag === 0x00081198;
    if (length === 0xffffffff) continue;
    const value = dataBytes.subarray(at, at + length);
    const text = value.toString('latin1').replaceAll('\0', '');
    if (tag === 0x00081195) transactionUid = text;
    if (tag === 0x00081155) {
      if (isFailed) failed.push({ uid: text, reason: 0 });
      else committed.push(text);
    }
    const last = failed.at(-1);
    if (tag === 0x00081197 && last !== undefined) last.reason = value.readUInt16LE();
    at += length;
  }
  return { eventType: commandBytes.readUInt16LE(eventAt + 8), transactionUid, committed, failed };
}

/** A requestor's own SCP: takes N-EVENT-REPORTs, and is strict about the role that must be negotiated for them. */
class StrictRequestor {
  readonly reports: Report[] = [];
  roles: string[] = [];
  status = 0;
  port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    this.#serve(socket);
  });

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    let received = Buffer.alloc(0);
    const bodies: Buffer[] = [];
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        while (received.length >= 6 && received.length >= 6 + received.readUInt32BE(2)) {
          const type = received[0];
          const body = received.subarray(6, 6 + received.readUInt32BE(2));
          received = received.subarray(6 + body.length);
          if (type === 1) socket.write(this.#accept(body));
          else if (type === 5) socket.end(pdu(6, Buffer.alloc(4)));
          else if (type === 4) {
            bodies.push(body);
            if ((body[5] & 3) !== 2) continue;
            this.reports.push(readReport(bodies.splice(0)));
            socket.write(confirm(1, this.status));
          }
        }
      });
  }

  #accept(body: Buffer): Buffer {
    const roleAt = body.lastIndexOf(Buffer.concat([Buffer.from([0, PUSH_MODEL.length]), Buffer.from(PUSH_MODEL)]));
    const flags = roleAt < 0 ? 'none' : body.subarray(roleAt + 2 + PUSH_MODEL.length).toString('hex', 0, 2);
    this.roles.push(flags);
    const role = Buffer.concat([Buffer.from([0, PUSH_MODEL.length]), Buffer.from(PUSH_MODEL), Buffer.from([0, 1])]);
    return pdu(
      2,
      Buffer.concat([
        body.subarray(0, 68),
        item(0x10, '1.2.840.10008.3.1.1.1'),
        item(0x21, Buffer.concat([Buffer.from([1, 0, flags === '0001' ? 0 : 3, 0]), item(0x40, IMPLICIT)])),
        item(0x50, Buffer.concat([MAX_LENGTH_ITEM, item(0x54, role)])),
      ]),
    );
  }
}

const PGLITE = ADAPTERS[0];
let databases: TestDatabases;
let database: Database;
let ledger: PostgresLedger;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  databases = await PGLITE.start();
  database = await databases.open();
  await migrate(database);
}, 60_000);
afterAll(() => databases.close());
beforeEach(async () => {
  await database.script('delete from commitment_request; delete from delivery; delete from instance');
  ledger = new PostgresLedger(database);
  cleanUp.push(() => ledger.close());
}, 60_000);
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

let serial = 0;

/** An instance in the ledger, `MODALITY` → `LETHE`. */
async function receive(sopInstanceUid: string, state: 'received' | 'delivered' | 'quarantined' = 'received') {
  const recordId = newRecordId();
  const aeTitle = (text: string) => asAeTitle(text) ?? expect.unreachable();
  ledger.received(
    {
      ...{ recordId, callingAeTitle: aeTitle('MODALITY'), calledAeTitle: aeTitle('LETHE'), peerAddress: '127.0.0.1' },
      ...{ sopClassUid: CT, sopInstanceUid, transferSyntaxUid: IMPLICIT },
      ...{ receivedAt: 1_700_000_000_000 + ++serial, length: 10, checksum: 1 },
    },
    'default',
    ['research'],
  );
  if (state === 'delivered') ledger.delivered(recordId);
  if (state === 'quarantined') ledger.quarantined(recordId, 'unparsable', 'no');
  await ledger.flush();
  return recordId;
}

interface SiteOptions extends Partial<CommitmentOptions> {
  readonly promise?: 'custody' | 'delivered';
  readonly port?: number;
}

function startCommitments({ promise = 'custody', port, ...options }: SiteOptions = {}): Commitments {
  const commitments = new Commitments({
    store: new PostgresCommitments(database),
    routes: new Map([
      [
        'LETHE',
        { calledAeTitle: 'LETHE', project: 'default', profile: 'basic', destinations: [], commitment: promise },
      ],
    ]),
    ledger,
    log: quiet,
    clock: Date.now,
    backoff: { firstMs: 50, maxMs: 200 },
    peerOf: (aeTitle) => (port === undefined ? undefined : { aeTitle, host: '127.0.0.1', port }),
    reportTo: (peer, report, callingAeTitle) => sendEventReport({ ...peer, callingAeTitle, timeoutMs: 5_000 }, report),
    hereAfterMs: 20,
    pollMs: 50,
    ...options,
  });
  commitments.start();
  cleanUp.push(() => commitments.stop());
  return commitments;
}

async function connectTo(commitments: Commitments): Promise<RawPeer> {
  const listener = makeListener(Object.assign(new MemoryProvider(), { commitment: commitments }));
  cleanUp.push(() => listener.close(100));
  const peer = new RawPeer(listener, '127.0.0.1');
  const [answer] = await peer.send(request({ contexts: CONTEXTS }), 1);
  expect(answer.type).toBe(2);
  return peer;
}

const countOf = async (state: string): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    'select count(*) as count from commitment_request where state = $1',
    [state],
  );
  return row.count;
};

describe('a request on an association that stays open', () => {
  it('is answered on it, each instance with its reason, under the original UIDs', async () => {
    await receive('1.2.1');
    await receive('1.2.2', 'delivered');
    await receive('1.2.3', 'quarantined');
    const peer = await connectTo(startCommitments());
    const references: Reference[] = [
      [CT, '1.2.1'],
      [CT, '1.2.2'],
      [CT, '1.2.3'],
      [MR, '1.2.1'],
      [CT, '1.2.404'],
    ];
    await peer.send(action('1.9.1', references), 2);
    expect(peer.answers[1].status).toBe(0);
    // What is missing may still be on its way from another listener: it is waited for, for two seconds.
    const answers = await peer.until(4, 15_000);
    const report = readReport(answers.slice(2).map(({ body }) => body));
    expect(report).toEqual({
      eventType: 2,
      transactionUid: '1.9.1',
      committed: ['1.2.1', '1.2.2', '1.2.3'],
      failed: [
        { uid: '1.2.1', reason: 0x0119 },
        { uid: '1.2.404', reason: 0x0112 },
      ],
    });
    await peer.send(confirm(1));
    expect(await until(async () => (await countOf('reported')) === 1)).toBe(true);
    await peer.send(RELEASE, 5);
    expect(peer.answers.at(-1)?.type).toBe(6);
  }, 60_000);

  it('waits until every destination has the clean twin, where the route says so', async () => {
    const pending = await receive('1.2.1');
    await receive('1.2.2', 'delivered');
    await receive('1.2.3', 'quarantined');
    const peer = await connectTo(startCommitments({ promise: 'delivered' }));
    await peer.send(
      action('1.9.2', [
        [CT, '1.2.1'],
        [CT, '1.2.2'],
        [CT, '1.2.3'],
      ]),
      2,
    );
    await sleep(200);
    expect(peer.answers).toHaveLength(2);
    ledger.delivered(pending);
    const answers = await peer.until(4, 15_000);
    expect(readReport(answers.slice(2).map(({ body }) => body))).toMatchObject({
      committed: ['1.2.1', '1.2.2'],
      failed: [{ uid: '1.2.3', reason: 0x0110 }],
    });
    await peer.send(confirm(1));
    expect(await until(async () => (await countOf('reported')) === 1)).toBe(true);
  }, 60_000);

  it('tells a transaction UID that was used for other instances from the same request sent again', async () => {
    await receive('1.2.1');
    await receive('1.2.2');
    const peer = await connectTo(startCommitments());
    await peer.send(action('1.9.3', [[CT, '1.2.1']]), 4);
    await peer.send(confirm(1));
    await peer.send(action('1.9.3', [[CT, '1.2.1']]), 7);
    expect(readReport((await peer.until(7, 15_000)).slice(5, 7).map(({ body }) => body)).committed).toEqual(['1.2.1']);
    await peer.send(confirm(2));
    await peer.send(action('1.9.3', [[CT, '1.2.2']]), 10);
    expect(readReport((await peer.until(10, 15_000)).slice(8).map(({ body }) => body)).failed).toEqual([
      { uid: '1.2.2', reason: 0x0131 },
    ]);
  }, 60_000);

  it('refuses what is no request for storage commitment with the statuses of PS3.7', async () => {
    const peer = await connectTo(startCommitments());
    const bad = (changes: { type?: number; of?: string }) => action('1.9.4', [[CT, '1.2.1']], changes);
    await peer.send(bad({ type: 7 }), 2);
    await peer.send(bad({ of: '1.2.3' }), 3);
    await peer.send(action('1.9.4', []), 4);
    await peer.send(action('../../etc', [[CT, '1.2.1']]), 5);
    await peer.send(action('1.9.4', [[CT, '1.2\n3']]), 6);
    expect(peer.answers.slice(1).map(({ status }) => status)).toEqual([0x0123, 0x0112, 0x0115, 0x0115, 0x0115]);
    expect(await countOf('pending')).toBe(0);
    // Nobody asked for a response.
    await peer.send(confirm(9));
    expect(await peer.untilClosed()).toBe(true);
  }, 60_000);

  it('is not taken over when it cannot be kept', async () => {
    const store = new PostgresCommitments(database);
    const failing: CommitmentStore = {
      add: () => Promise.reject(new Error('no')),
      takeDue: (...of) => store.takeDue(...of),
      postpone: (...of) => store.postpone(...of),
      settle: (...of) => store.settle(...of),
      find: (...of) => store.find(...of),
    };
    const peer = await connectTo(startCommitments({ store: failing }));
    await peer.send(action('1.9.5', [[CT, '1.2.1']]), 2);
    expect(peer.answers[1].status).toBe(0x0110);
  });
});

describe('a request whose association is gone', () => {
  const ask = async (commitments: Commitments, transactionUid: string): Promise<void> => {
    const peer = await connectTo(commitments);
    await peer.send(
      action(transactionUid, [
        [CT, '1.2.1'],
        [CT, '1.2.2'],
      ]),
      2,
    );
    expect(peer.answers[1].status).toBe(0);
    await peer.send(RELEASE, 3);
    await peer.ended;
  };

  it('is answered on one of ours, in the role that is negotiated for it', async () => {
    const requestor = new StrictRequestor();
    await requestor.listen();
    cleanUp.push(() => requestor.close());
    await receive('1.2.1');
    await receive('1.2.2');
    await ask(startCommitments({ port: requestor.port, hereAfterMs: 200 }), '1.9.6');
    expect(await until(() => requestor.reports.length === 1)).toBe(true);
    expect(requestor.reports).toEqual([
      { eventType: 1, transactionUid: '1.9.6', committed: ['1.2.1', '1.2.2'], failed: [] },
    ]);
    expect(requestor.roles).toEqual(['0001']);
    expect(await until(async () => (await countOf('reported')) === 1)).toBe(true);
  }, 60_000);

  it('is tried again while the requestor is away or refuses, and after a restart of ours', async () => {
    const port = await freePort();
    await receive('1.2.1');
    await receive('1.2.2');
    const first = startCommitments({ port });
    await ask(first, '1.9.7');
    expect(
      await until(async () => {
        const rows = await database.query<{ attempts: number }>('select attempts from commitment_request');
        return rows[0].attempts > 0;
      }),
    ).toBe(true);
    await first.stop();
    const requestor = new StrictRequestor();
    requestor.status = 0x0110;
    await requestor.listen(port);
    cleanUp.push(() => requestor.close());
    startCommitments({ port });
    expect(await until(() => requestor.reports.length > 1)).toBe(true);
    expect(await countOf('pending')).toBe(1);
    requestor.status = 0;
    expect(await until(async () => (await countOf('reported')) === 1)).toBe(true);
  }, 60_000);
});

describe.skipIf(!isInstalled('Orthanc'))('Orthanc asks', () => {
  const directory = makeTempDirectory();
  afterAll(() => {
    removeDirectory(directory);
  });

  it('and takes the report on an association of ours', async () => {
    const [dicomPort, httpPort] = [await freePort(), await freePort()];
    await receive('1.2.1');
    const commitments = startCommitments({ port: dicomPort });
    const listener = makeListener(Object.assign(new MemoryProvider(), { commitment: commitments }));
    const { port } = await listener.listen();
    cleanUp.push(() => listener.close(100));
    const configuration = join(directory, 'orthanc.json');
    writeFileSync(
      configuration,
      JSON.stringify({
        ...{ StorageDirectory: join(directory, 'db'), IndexDirectory: join(directory, 'db') },
        ...{ DicomPort: dicomPort, HttpPort: httpPort, DicomAet: 'MODALITY', RemoteAccessAllowed: false },
        ...{ AuthenticationEnabled: false, DicomCheckCalledAet: false, Plugins: [] },
        DicomModalities: { lethe: ['LETHE', '127.0.0.1', port] },
      }),
    );
    const orthanc = await ServerProcess.start(httpPort, 'Orthanc', [configuration]);
    cleanUp.push(() => orthanc.stop());
    const url = `http://127.0.0.1:${httpPort}`;
    const ask = async (instances: readonly (readonly [string, string])[]): Promise<unknown> => {
      const body = JSON.stringify({ DicomInstances: instances });
      const response = await fetch(`${url}/modalities/lethe/storage-commitment`, { method: 'POST', body });
      const { ID } = (await response.json()) as { ID: string };
      let answer: { Status?: string } = {};
      await until(async () => {
        answer = (await (await fetch(`${url}/storage-commitment/${ID}`)).json()) as { Status?: string };
        return answer.Status !== 'Pending';
      });
      return answer;
    };
    expect(await ask([[CT, '1.2.1']])).toMatchObject({ Status: 'Success' });
    expect(
      await ask([
        [CT, '1.2.1'],
        [CT, '1.2.404'],
      ]),
    ).toMatchObject({
      Status: 'Failure',
      Failures: [{ SOPInstanceUID: '1.2.404', FailureReason: 0x0112 }],
    });
  }, 120_000);
});
