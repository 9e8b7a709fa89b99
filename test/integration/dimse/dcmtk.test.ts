// Interoperation with DCMTK in both directions.
import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import { buildFileHeader } from '../../../src/dicom/part10.ts';
import { echo } from '../../../src/dimse/echo.ts';
import { createDicomDestination } from '../../../src/dimse/sender.ts';
import type { DicomDestinationOptions } from '../../../src/dimse/sender.ts';
import type { CleanInstance, DeliveryOutcome, Destination } from '../../../src/pipeline/ports.ts';
import { MemoryProvider, makeListener, quiet } from '../../unit/dimse/wire.ts';
import type { ListenerSettings } from '../../unit/dimse/wire.ts';

const hasDcmtk = spawnSync('storescp', ['--version']).status === 0;
const env = { ...process.env, TCP_NODELAY: '1' };
const directory = mkdtempSync(join(tmpdir(), 'lethe-dcmtk-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const CT = '1.2.840.10008.5.1.4.1.1.2';
const SC = '1.2.840.10008.5.1.4.1.1.7';
const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';

/** An element in the given encoding; `vr` decides the explicit header. */
function element(tag: number, vr: string, value: Buffer, encoding: string): Buffer {
  const isBig = encoding === '1.2.840.10008.1.2.2';
  const isLong = ['OB', 'OW', 'UN', 'SQ'].includes(vr);
  const head = Buffer.alloc(encoding === IMPLICIT || !isLong ? 8 : 12);
  const write16 = (word: number, at: number) => (isBig ? head.writeUInt16BE(word, at) : head.writeUInt16LE(word, at));
  const write32 = (word: number, at: number) => (isBig ? head.writeUInt32BE(word, at) : head.writeUInt32LE(word, at));
  write16(tag >>> 16, 0);
  write16(tag & 0xffff, 2);
  if (encoding !== IMPLICIT) head.write(vr, 4, 'latin1');
  if (encoding === IMPLICIT) write32(value.length, 4);
  else if (isLong) write32(value.length, 8);
  else write16(value.length, 6);
  return Buffer.concat([head, value]);
}

const padded = (text: string, pad = '\0'): Buffer => Buffer.from(text.length % 2 === 0 ? text : text + pad, 'latin1');

/** A data set of `pixelBytes` native bytes, or with two made-up frames when the transfer syntax is encapsulated. */
function makeDataSet(sopClass: string, instanceUid: string, encoding: string, pixelBytes: number): Buffer {
  const isEncapsulated = encoding.startsWith('1.2.840.10008.1.2.4') || encoding === '1.2.840.10008.1.2.5';
  const pixels = Buffer.from(Array.from({ length: pixelBytes }, (_, i) => (i * 31) & 0xff));
  const encapsulated = (): Buffer => {
    const item = (length: number): Buffer => {
      const head = Buffer.from('feff00e000000000', 'hex');
      head.writeUInt32LE(length, 4);
      return head;
    };
    const header = Buffer.from('e07f10004f420000ffffffff', 'hex');
    return Buffer.concat([header, item(0), item(pixels.length), pixels, Buffer.from('feffdde000000000', 'hex')]);
  };
  return Buffer.concat([
    element(0x00080016, 'UI', padded(sopClass), encoding),
    element(0x00080018, 'UI', padded(instanceUid), encoding),
    element(0x00100010, 'PN', padded('Doe^Jane', ' '), encoding),
    isEncapsulated ? encapsulated() : element(0x7fe00010, 'OW', pixels, encoding),
  ]);
}

let made = 0;
function writeFile(
  encoding: string,
  pixelBytes: number,
  sopClassUid = CT,
): { path: string; dataSet: Buffer; uid: string } {
  const sopInstanceUid = `1.2.3.${++made}`;
  const dataSet = makeDataSet(sopClassUid, sopInstanceUid, encoding, pixelBytes);
  const path = join(directory, `${made}.dcm`);
  const header = buildFileHeader({ sopClassUid, sopInstanceUid, transferSyntaxUid: encoding });
  writeFileSync(path, Buffer.concat([header, dataSet]));
  return { path, dataSet, uid: sopInstanceUid };
}

async function listen(provider: MemoryProvider, settings: ListenerSettings = {}): Promise<string> {
  const listener = makeListener(provider, { maxAssociations: 64, ...settings });
  const { port } = await listener.listen();
  cleanUp.push(() => listener.close(1000));
  return String(port);
}

const run = promisify(execFile);

describe.skipIf(!hasDcmtk)('DCMTK sends to our listener', () => {
  it('C-ECHO', async () => {
    const port = await listen(new MemoryProvider());
    await run('echoscu', ['--repeat', '3', '127.0.0.1', port], { env });
    await run('echoscu', ['--propose-pc', '128', '127.0.0.1', port], { env });
    await expect(run('echoscu', ['--abort', '127.0.0.1', port], { env })).resolves.toBeDefined();
  });

  it.each([
    ['implicit VR little endian', IMPLICIT, ['-xi']],
    ['explicit VR little endian', EXPLICIT, ['-xe']],
    ['explicit VR big endian', '1.2.840.10008.1.2.2', ['-xb']],
    ['JPEG baseline', '1.2.840.10008.1.2.4.50', ['-xy']],
    ['JPEG extended', '1.2.840.10008.1.2.4.51', ['-xx']],
    ['JPEG lossless', '1.2.840.10008.1.2.4.70', ['-xs']],
    ['JPEG-LS lossless', '1.2.840.10008.1.2.4.80', ['-xt']],
    ['JPEG-LS lossy', '1.2.840.10008.1.2.4.81', ['-xu']],
    ['JPEG 2000 lossless', '1.2.840.10008.1.2.4.90', ['-xv']],
    ['JPEG 2000', '1.2.840.10008.1.2.4.91', ['-xw']],
    ['MPEG2', '1.2.840.10008.1.2.4.100', ['-xm']],
    ['MPEG4', '1.2.840.10008.1.2.4.102', ['-xn']],
    ['HEVC', '1.2.840.10008.1.2.4.107', ['-x4']],
    ['RLE', '1.2.840.10008.1.2.5', ['-xr']],
  ])('%s, kept byte for byte, at every PDU size', async (_name, encoding, options) => {
    const { path, dataSet, uid } = writeFile(encoding, 200_000, SC);
    for (const [announced, sent] of [
      [131_072, 4096],
      [131_072, 131_072],
      [4096, 131_072],
      [16_384, 16_384],
    ]) {
      const provider = new MemoryProvider();
      const port = await listen(provider, { maxPduBytes: announced });
      await run('storescu', [...options, '--max-send-pdu', String(sent), '127.0.0.1', port, path], { env });
      expect(provider.stored).toHaveLength(1);
      expect(provider.stored[0].facts).toMatchObject({
        sopClassUid: SC,
        sopInstanceUid: uid,
        transferSyntaxUid: encoding,
      });
      // DCMTK writes sequence delimiters and lengths its own way, but these it leaves alone.
      expect(provider.stored[0].bytes.equals(dataSet)).toBe(true);
    }
  });

  it('a batch of many SOP classes over one association, four at once', async () => {
    const provider = new MemoryProvider();
    const port = await listen(provider);
    const folder = join(directory, 'batch');
    mkdirSync(folder);
    const classes = ['2', '4', '7', '1', '6.1', '128', '20'].map((end) => `1.2.840.10008.5.1.4.1.1.${end}`);
    const files = classes.flatMap((sopClass) => [
      writeFile(EXPLICIT, 5000, sopClass),
      writeFile(EXPLICIT, 7, sopClass),
    ]);
    for (const [i, { path }] of files.entries()) writeFileSync(join(folder, String(i)), readFileSync(path));
    const send = () => run('storescu', ['-xe', '127.0.0.1', port, '+sd', folder], { env });
    await Promise.all([send(), send(), send(), send()]);
    expect(provider.stored).toHaveLength(4 * files.length);
  });

  it('is told of failures, and of a rejection', async () => {
    const { path } = writeFile(EXPLICIT, 100);
    const provider = new MemoryProvider();
    provider.refuseWith = 0xa700;
    const port = await listen(provider);
    const output = await run('storescu', ['-v', '127.0.0.1', port, path], { env }).catch((error: unknown) => error);
    expect(JSON.stringify(output)).toContain('Refused: OutOfResources');
    provider.admit = () => ({ result: 1, source: 1, reason: 7, text: 'called' });
    const rejected = await run('storescu', ['-v', '127.0.0.1', port, path], { env }).catch((error: unknown) => error);
    expect(JSON.stringify(rejected)).toContain('Called AE Title Not Recognized');
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function storescp(
  ...options: readonly string[]
): Promise<{ port: number; folder: string; process: ChildProcess }> {
  const port = await freePort();
  const folder = mkdtempSync(join(directory, 'scp-'));
  const process = spawn('storescp', ['-od', folder, '+B', ...options, String(port)], { env, stdio: 'ignore' });
  cleanUp.push(async () => {
    process.kill('SIGKILL');
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
  });
  for (let i = 0; i < 100; i++) {
    const isUp = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => {
        resolve(true);
      });
      probe.listen(port, '0.0.0.0', () =>
        probe.close(() => {
          resolve(false);
        }),
      );
    });
    if (isUp) break;
    await sleep(20);
  }
  return { port, folder, process };
}

function destination(port: number, options: Partial<DicomDestinationOptions> = {}): Destination {
  const to = createDicomDestination(
    {
      name: 'scp',
      aeTitle: 'SCP',
      callingAeTitle: 'LETHE',
      host: '127.0.0.1',
      port,
      connectMs: 3000,
      responseMs: 3000,
      ...options,
    },
    quiet,
  );
  cleanUp.push(() => to.close());
  return to;
}

function instance(
  encoding: string,
  pixelBytes: number,
  alternatives: readonly string[] = [],
): CleanInstance & { of: (uid: string) => Buffer } {
  const sopInstanceUid = `2.25.${++made}`;
  const of = (uid: string): Buffer => makeDataSet(SC, sopInstanceUid, uid, pixelBytes);
  return {
    of,
    recordId: newRecordId(),
    sopClassUid: SC,
    sopInstanceUid,
    seriesInstanceUid: '2.25.2',
    studyInstanceUid: '2.25.3',
    transferSyntaxUid: encoding,
    length: of(encoding).length,
    alternatives,
    encode: (uid) => {
      const bytes = of(uid);
      const source = new BufferSource(bytes);
      return Promise.resolve({ source, pieces: [{ offset: 0, length: bytes.length }], length: bytes.length });
    },
  };
}

describe.skipIf(!hasDcmtk)('our sender to DCMTK', () => {
  it.each([['4096'], ['16384'], ['131072']])('stores byte for byte at a maximum PDU of %s', async (pdu) => {
    const { port, folder } = await storescp('-pdu', pdu, '+xa');
    const to = destination(port);
    const instances = [IMPLICIT, EXPLICIT, '1.2.840.10008.1.2.4.50', '1.2.840.10008.1.2.5'].map((uid) =>
      instance(uid, 300_000),
    );
    for (const each of instances) expect(await to.deliver(each)).toEqual({ kind: 'sent', status: 0 });
    await to.close();
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    expect(files).toHaveLength(instances.length);
    for (const each of instances) {
      const expected = each.of(each.transferSyntaxUid);
      expect(files.some((file) => file.subarray(-expected.length).equals(expected))).toBe(true);
    }
  });

  it('falls back to implicit VR when that is all that is accepted', async () => {
    const { port } = await storescp('+xi');
    const to = destination(port);
    expect((await to.deliver(instance('1.2.840.10008.1.2.4.50', 1000, [EXPLICIT, IMPLICIT]))).kind).toBe('sent');
    expect(await to.deliver(instance('1.2.840.10008.1.2.4.50', 1000))).toMatchObject({
      kind: 'refused',
      text: 'transfer syntax not accepted',
    });
    expect((await to.deliver(instance(IMPLICIT, 1000))).kind).toBe('sent');
  });

  const unavailable = (words: string): DeliveryOutcome => ({
    kind: 'unavailable',
    text: expect.stringContaining(words) as string,
  });

  it('is told when the peer aborts after the instance', async () => {
    const { port } = await storescp('--abort-after');
    expect(await destination(port).deliver(instance(EXPLICIT, 1000))).toEqual(unavailable('association-aborted'));
  });

  it('is told when the peer aborts inside the instance', async () => {
    const { port } = await storescp('--abort-during');
    const outcome = await destination(port).deliver(instance(EXPLICIT, 3_000_000));
    expect(outcome.kind).toBe('unavailable');
  });

  it('is told when the peer refuses the association', async () => {
    const { port } = await storescp('--refuse');
    expect(await destination(port).deliver(instance(EXPLICIT, 1000))).toEqual(unavailable('association-rejected'));
  });

  it('waits for a slow peer as long as it was told, and no longer', async () => {
    const { port } = await storescp('--sleep-during', '1');
    const patient = destination(port, { responseMs: 20_000 });
    expect((await patient.deliver(instance(EXPLICIT, 1000))).kind).toBe('sent');
    await patient.close();
    const hasty = destination(port, { responseMs: 200 });
    expect(await hasty.deliver(instance(EXPLICIT, 1000))).toEqual(unavailable('peer-timeout'));
  });

  it('is told when the peer dies', async () => {
    const { port, process } = await storescp('--sleep-during', '2');
    const delivery = destination(port).deliver(instance(EXPLICIT, 1000));
    await sleep(300);
    process.kill('SIGKILL');
    expect((await delivery).kind).toBe('unavailable');
  });

  it('echoes', async () => {
    const { port } = await storescp();
    const options = { aeTitle: 'SCP', callingAeTitle: 'LETHE', host: '127.0.0.1', port, timeoutMs: 3000 };
    expect((await echo(options)).durationMs).toBeGreaterThan(0);
    const refusing = await storescp('--refuse');
    await expect(echo({ ...options, port: refusing.port })).rejects.toMatchObject({ code: 'association-rejected' });
  });
});
