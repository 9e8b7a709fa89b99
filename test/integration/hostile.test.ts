// Hostile input, in the classes that DICOM servers were hit by (RELIABILITY.md section 2): fuzzing at CI size, nesting, lengths, bombs, names.
// The long run is `npx tsx scripts/fuzz/main.ts`; loads are `npx tsx scripts/fuzz/load.ts`.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DataSetFuzzer } from '../../scripts/fuzz/data-sets.ts';
import { PduFuzzer } from '../../scripts/fuzz/pdus.ts';
import { BufferSource } from '../../src/core/bytes.ts';
import { InstanceError } from '../../src/core/errors.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import { createDeidentifier } from '../../src/pipeline/deidentify-instance.ts';
import { basicProfile } from '../../src/profile/compiled.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { LETHE, makeTempDirectory, removeDirectory, run } from '../support/programs.ts';
import {
  ABORT,
  CT,
  EXPLICIT,
  MemoryProvider,
  MR,
  RELEASE,
  RawPeer,
  command,
  context,
  data,
  dataSet,
  makeListener,
  pdu,
  pdv,
  request,
  requestBody,
  store,
} from '../unit/dimse/wire.ts';

const DEFLATED = '1.2.840.10008.1.2.1.99';
const BYTES = Buffer.from('0800160012000000', 'hex');

describe('fuzzing at CI size', () => {
  it('1,000 damaged sessions: no hang, no false success, no leak, others served', async () => {
    const fuzzer = new PduFuzzer();
    for (let seed = 1; seed <= 1000; seed++) await fuzzer.run(seed);
    await fuzzer.close();
    expect(fuzzer.result).toEqual({
      ...{ sessions: 1000, hangs: 0, falseSuccesses: 0, leaks: 0, badNames: 0, unserved: 0 },
      seeds: [],
    });
  }, 120_000);

  it('300 damaged data sets: clean or quarantined, and what is clean can be read', async () => {
    const fuzzer = await DataSetFuzzer.prepare();
    for (let seed = 1; seed <= 300; seed++) await fuzzer.run(seed);
    const { instances, quarantined, clean, crashes, unreadable } = fuzzer.result;
    expect({ crashes, unreadable }).toEqual({ crashes: 0, unreadable: 0 });
    expect(quarantined + clean).toBe(instances);
    expect(clean).toBeGreaterThan(50);
  }, 120_000);
});

describe('layouts of PDUs', () => {
  it('300 random ones carry the same instance byte for byte', async () => {
    const random = createRandom(20261123);
    for (let round = 0; round < 300; round++) {
      const provider = new MemoryProvider();
      const peer = new RawPeer(makeListener(provider));
      const content = randomBytes(2 * random.between(1, 3000));
      const whole = command();
      const pieces = [
        ...cut(whole, random.between(1, 4), random).map((bytes, i, all) => pdv(1, i === all.length - 1 ? 3 : 1, bytes)),
        ...cut(content, random.between(1, 12), random).map((bytes, i, all) =>
          pdv(1, i === all.length - 1 ? 2 : 0, bytes),
        ),
      ];
      const pdus: Buffer[] = [];
      while (pieces.length > 0) pdus.push(data(...pieces.splice(0, random.between(1, 5))));
      const stream = Buffer.concat([request(), ...pdus, RELEASE]);
      for (const chunk of cut(stream, random.pick([1, 3, 40, 400]), random)) peer.stream.write(chunk);
      await peer.ended;
      expect(provider.stored).toHaveLength(1);
      expect(provider.stored[0].bytes.equals(content)).toBe(true);
      peer.stream.destroy();
    }
  }, 120_000);
});

function cut(bytes: Buffer, parts: number, random: { between(low: number, high: number): number }): Buffer[] {
  const places = Array.from({ length: parts - 1 }, () => random.between(0, bytes.length)).sort((a, b) => a - b);
  return [0, ...places].map((place, i) => bytes.subarray(place, i < places.length ? places[i] : bytes.length));
}

describe('state attacks: a C-STORE where none may be', () => {
  const STORE = Buffer.concat([store(), dataSet(BYTES)]);
  const refuse = { result: 1, source: 1, reason: 7, text: 'no' } as const;
  const refused = request({ contexts: [context(1, '1.2.840.10008.5.1.4.31', [EXPLICIT]), context(3, MR, [EXPLICIT])] });
  const before: Readonly<Record<string, Buffer>> = {
    'without a request': Buffer.alloc(0),
    'after A-RELEASE': Buffer.concat([request(), RELEASE]),
    'after A-ABORT': Buffer.concat([request(), ABORT]),
    'after a provider abort': Buffer.concat([request(), pdu(7, Buffer.from([0, 0, 2, 0]))]),
    'on a context that was refused': refused,
    'after a second request': Buffer.concat([request(), request()]),
    'after our own kind of answer': Buffer.concat([request(), pdu(2, requestBody())]),
    'after a rejection from the peer': Buffer.concat([request(), pdu(3, Buffer.from([0, 1, 1, 1]))]),
    'after an unasked release reply': Buffer.concat([request(), pdu(6, Buffer.alloc(4))]),
    'after an unknown PDU': Buffer.concat([request(), pdu(9, Buffer.alloc(4))]),
  };
  const variants: Readonly<Record<string, Buffer>> = {
    'at once': STORE,
    'in one PDU': data(pdv(1, 3, command()), pdv(1, 2, BYTES)),
    twice: Buffer.concat([STORE, STORE]),
    'behind a new request': Buffer.concat([request(), STORE]),
  };
  const cases = Object.entries(before).flatMap(([when, bytes]) =>
    Object.entries(variants).map(([how, attack]) => [when, how, Buffer.concat([bytes, attack])] as const),
  );

  it.each(cases)('%s, %s', async (when, how, bytes) => {
    // "Behind a new request" on a fresh connection is no attack.
    if (when === 'without a request' && how === 'behind a new request') return;
    for (const size of [bytes.length, 97]) {
      const provider = new MemoryProvider();
      const peer = new RawPeer(makeListener(provider, { artimMs: 50, idleMs: 50, pduMs: 50 }));
      for (let at = 0; at < bytes.length && peer.stream.writable; at += size)
        peer.stream.write(bytes.subarray(at, at + size));
      await peer.ended;
      expect([provider.begun, provider.stored.length]).toEqual([0, 0]);
      expect(peer.answers.filter(({ status }) => status === 0)).toEqual([]);
      peer.stream.destroy();
    }
  });

  it.each(Object.keys(variants))('after a rejection of ours, %s', async (how) => {
    const provider = new MemoryProvider();
    provider.admit = () => refuse;
    const peer = new RawPeer(makeListener(provider, { artimMs: 50 }));
    peer.stream.write(Buffer.concat([request(), variants[how]]));
    await peer.ended;
    expect(provider.begun).toBe(0);
    expect(peer.answers[0].type).toBe(3);
    peer.stream.destroy();
  });
});

describe('a fault of ours that nobody caught', () => {
  it('ends the process with its place, and without a word of what it held', async () => {
    const directory = makeTempDirectory();
    onTestFinished(() => {
      removeDirectory(directory);
    });
    // What a database driver throws has values in its properties; a message may even look like a place.
    const preload = join(directory, 'fault.mjs');
    writeFileSync(
      preload,
      `const timer = setInterval(() => {
        if (process.listenerCount('uncaughtException') === 0) return;
        clearInterval(timer);
        const error = new RangeError('CANARY^ONE\\n    at CANARY^TWO');
        Promise.reject(Object.assign(error, { detail: 'CANARY^THREE' }));
      }, 1);`,
    );
    const args = ['--import', preload, ...LETHE, 'start', '--data', join(directory, 'data')];
    const { code, stdout, stderr } = await run(process.execPath, args);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain('CANARY');
    expect(stderr).toMatch(/internal error \(RangeError\)[^]*\n {4}at /);
  }, 120_000);
});

describe('data sets that are made to hurt', () => {
  const keys = new ProjectKeys(randomBytes(32));
  const profile = basicProfile();
  const deidentifier = createDeidentifier({
    subjects: { resolve: () => ({ subjectId: 'S-1', subjectName: 'S-1', shiftDays: 0 }) },
    keysFor: () => keys,
    profileOf: () => profile,
  });
  /** `clean`, or the reason for quarantine. */
  const outcomeOf = async (bytes: Buffer, transferSyntaxUid = EXPLICIT): Promise<string> => {
    try {
      const prepared = await deidentifier.prepare(new BufferSource(bytes), { transferSyntaxUid }, 'p', 'basic');
      await prepared.close();
      return 'clean';
    } catch (error) {
      if (error instanceof InstanceError) return error.reason;
      throw error;
    }
  };
  const cpuMs = async (work: () => Promise<unknown>): Promise<number> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const explicit = (group: number, number: number, vr: string, value: Buffer): Buffer => {
    const isLong = ['OB', 'OW', 'SQ', 'UT', 'UN', 'UC'].includes(vr);
    const head = Buffer.alloc(isLong ? 12 : 8);
    head.writeUInt16LE(group, 0);
    head.writeUInt16LE(number, 2);
    head.write(vr, 4, 'latin1');
    if (isLong) head.writeUInt32LE(value.length, 8);
    else head.writeUInt16LE(value.length, 6);
    return Buffer.concat([head, value]);
  };
  const nested = (depth: number): Buffer => {
    const open = Buffer.concat([
      explicit(0x0040, 0xa730, 'SQ', Buffer.alloc(0)),
      Buffer.from('feff00e0ffffffff', 'hex'),
    ]);
    open.writeUInt32LE(0xffffffff, 8);
    const close = Buffer.from('feff0de000000000feffdde000000000', 'hex');
    return Buffer.concat([...Array.from({ length: depth }, () => open), ...Array.from({ length: depth }, () => close)]);
  };

  it.each([65, 1_000, 5_000, 20_000, 100_000])(
    '%i sequences inside each other are quarantined, fast',
    async (depth) => {
      const bytes = nested(depth);
      const ms = await cpuMs(async () => {
        expect(await outcomeOf(bytes)).toBe('unparsable');
      });
      expect(ms).toBeLessThan(2_000);
    },
  );

  it('a deflated bomb is refused before it is inflated whole', async () => {
    const bomb = deflateRawSync(
      Buffer.concat([explicit(0x0010, 0x4000, 'LT', Buffer.alloc(60_000, 0x20)), Buffer.alloc(256 << 20)]),
    );
    expect(bomb.length).toBeLessThan(1 << 20);
    const before = process.memoryUsage().rss;
    const ms = await cpuMs(async () => {
      expect(await outcomeOf(bomb, DEFLATED)).not.toBe('clean');
    });
    expect(ms).toBeLessThan(4_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20);
  }, 60_000);

  it('texts of 4 MB, format strings and lengths at every edge end in a reason or clean', async () => {
    const [{ bytes }] = buildCtSeries({ slices: 1 });
    const at = bytes.indexOf(Buffer.from('10001000504e', 'hex'));
    const [head, tail] = [bytes.subarray(at - 0, at), bytes.subarray(at + 8 + bytes.readUInt16LE(at + 6))];
    expect(head.length).toBe(0);
    for (const value of ['%n%n%s%x', '__proto__', '=cmd|x', '../../../etc/passwd', '\x1b[2J\r\n', '\0'.repeat(64)]) {
      const padded = Buffer.from(value.length % 2 === 0 ? value : `${value} `, 'latin1');
      const changed = Buffer.concat([bytes.subarray(132, at), explicit(0x0010, 0x0010, 'PN', padded), tail]);
      expect(['clean', 'unparsable', 'no-patient-id', 'residual-identifier', 'uid-mismatch']).toContain(
        await outcomeOf(changed),
      );
    }
    for (const vr of ['UT', 'UC'])
      expect(await outcomeOf(explicit(0x0040, 0xa160, vr, Buffer.alloc(4 << 20, 0x25)))).not.toBe('clean');
    for (const length of [1, 2, 0x7fffffff, 0x80000000, 0xfffffffe]) {
      const broken = explicit(0x7fe0, 0x0010, 'OW', Buffer.alloc(16));
      broken.writeUInt32LE(length, 8);
      expect(await outcomeOf(broken)).toBe('unparsable');
    }
  }, 60_000);

  it('no UID of a data set names anything: it is replaced, and must be the announced one', async () => {
    const sopClass = explicit(0x0008, 0x0016, 'UI', Buffer.from(`${CT}\0`));
    const names = ['..', '../..', '/etc/passwd', '1.2/../3', '%2e%2e', '1.2\0', '1'.repeat(65), '-', '~', '$(id)'];
    for (const uid of [...names, 'a'.repeat(10_000)]) {
      const value = Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1');
      const bytes = Buffer.concat([
        sopClass,
        explicit(0x0008, 0x0018, 'UI', value),
        explicit(0x0010, 0x0020, 'LO', Buffer.from('ID')),
      ]);
      const form = { transferSyntaxUid: EXPLICIT };
      const announced = { sopClassUid: CT, sopInstanceUid: '1.2.3' };
      await expect(deidentifier.prepare(new BufferSource(bytes), form, 'p', 'basic', announced)).rejects.toMatchObject({
        reason: 'uid-mismatch',
      });
      const prepared = await deidentifier.prepare(new BufferSource(bytes), form, 'p', 'basic');
      expect(prepared.instance.sopInstanceUid).toMatch(/^2\.25\.\d{1,39}$/);
      await prepared.close();
    }
    for (const uid of ['C:\\', '1.2.3\\1.2.4', '../../evil\\1\0'])
      expect(
        await outcomeOf(Buffer.concat([sopClass, explicit(0x0008, 0x0018, 'UI', Buffer.from(uid.padEnd(16, '\0')))])),
      ).toBe('uid-mismatch');
  });
});
