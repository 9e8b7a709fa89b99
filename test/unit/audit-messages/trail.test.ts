// The audit trail against a repository over TLS that dies, cuts, stays away and comes back (RELIABILITY figure G15).
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EventBuffer } from '../../../src/audit-messages/buffer.ts';
import type { AuditEvent } from '../../../src/audit-messages/event.ts';
import { AuditTrail, type AuditTrailOptions } from '../../../src/audit-messages/trail.ts';
import { openTransport } from '../../../src/dimse/transport.ts';
import type { Log } from '../../../src/pipeline/ports.ts';
import { AuditRepository } from '../../support/audit-repository.ts';
import { problemsOf } from '../../support/audit-schema.ts';
import { Authority, hasOpenssl, type Certified } from '../../support/certificates.ts';
import { freePort, makeTempDirectory, removeDirectory, until } from '../../support/programs.ts';

const directory = makeTempDirectory();
const cleanUp: (() => Promise<unknown>)[] = [];
let authority: Authority;
let server: Certified;
let client: Certified;
let serial = 0;

beforeAll(() => {
  if (!hasOpenssl) return;
  authority = new Authority(directory, 'authority');
  server = authority.certify('server');
  client = authority.certify('client');
});
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});
afterAll(() => {
  removeDirectory(directory);
});

/** Event number `i`, which can be found in its message. */
const refusal = (i: number): AuditEvent => ({
  kind: 'refused',
  peer: { name: `P${i}`, place: '10.0.0.1' },
  calledAeTitle: 'LETHE',
  reason: 'no',
});
/** Of the messages on refusals, in order. */
const numbersIn = ({ messages }: AuditRepository): number[] =>
  messages.flatMap(({ xml }) => /UserID="P(\d+)"/.exec(xml)?.slice(1) ?? []).map(Number);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

async function startRepository(port = 0): Promise<AuditRepository> {
  const { key, certificate: cert } = server;
  const repository = new AuditRepository({ key, cert, ca: authority.certificate, requestCert: true });
  await repository.listen(port);
  cleanUp.push(() => repository.close());
  return repository;
}

interface Kept {
  readonly errors: string[];
  readonly counts: { sent: number; lost: number; waitingBytes: number };
  readonly trail: AuditTrail;
  readonly buffer: EventBuffer;
  readonly directory: string;
}

async function startTrail(
  port: number,
  {
    maxBytes = 1 << 20,
    at = join(directory, `buffer-${++serial}`),
    ...options
  }: Partial<AuditTrailOptions> & { maxBytes?: number; at?: string } = {},
): Promise<Kept> {
  const errors: string[] = [];
  const counts = { sent: 0, lost: 0, waitingBytes: 0 };
  const log: Log = { debug() {}, info() {}, warn() {}, error: (message) => errors.push(message) };
  const buffer = await EventBuffer.open({ directory: at, maxBytes, segmentBytes: 4096 });
  const { key, certificate } = client;
  const tls = { ca: authority.certificate, key, certificate };
  const trail = new AuditTrail({
    ...{ buffer, log, gatherMs: 10, backoff: { firstMs: 20, maxMs: 100 } },
    open: (onOpen) => openTransport('127.0.0.1', port, tls, onOpen),
    source: { id: 'test', host: 'here', aeTitles: ['LETHE'] },
    onCount({ sent = 0, lost = 0, waitingBytes }) {
      counts.sent += sent;
      counts.lost += lost;
      counts.waitingBytes = waitingBytes;
    },
    ...options,
  });
  trail.start();
  return { errors, counts, trail, buffer, directory: at };
}

describe.skipIf(!hasOpenssl)('events', () => {
  it('arrive in order, each once, in messages that hold the schema, and the buffer is given back', async () => {
    const repository = await startRepository();
    const { trail, buffer, counts, directory: at } = await startTrail(repository.port);
    cleanUp.push(() => trail.stop(100));
    for (const i of upTo(100)) trail.add(refusal(i));
    expect(await until(() => repository.messages.length >= 100)).toBe(true);
    for (const i of upTo(100)) trail.add(refusal(100 + i));
    expect(await until(() => counts.sent === 200)).toBe(true);
    expect(numbersIn(repository)).toEqual(upTo(200));
    expect(repository.messages.flatMap(({ xml }) => problemsOf(xml))).toEqual([]);
    expect(repository.faults).toEqual([]);
    expect(buffer.waitingBytes).toBe(0);
    const files = readdirSync(at).filter((name) => name.endsWith('.jsonl'));
    expect(files).toHaveLength(1);
    expect(readdirSync(at).map((name) => statSync(join(at, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it('wait while the repository is away, and all of them arrive in order when it comes', async () => {
    const port = await freePort();
    const { trail, errors } = await startTrail(port);
    cleanUp.push(() => trail.stop(100));
    for (const i of upTo(300)) trail.add(refusal(i));
    expect(await until(() => trail.reasons().length === 0)).toBe(true);
    const repository = await startRepository(port);
    expect(await until(() => numbersIn(repository).length >= 300)).toBe(true);
    expect(numbersIn(repository)).toEqual(upTo(300));
    expect(errors).toEqual([]);
  });

  it('outlive a process that is killed, with half a line at the end, and are sent by the next one', async () => {
    const port = await freePort();
    // As kill -9 leaves it: nothing is closed. It lives on in this process, so it must reach nobody. The last line is torn as a full disk may tear it.
    const first = await startTrail(await freePort());
    for (const i of upTo(50)) first.trail.add(refusal(i));
    const last =
      readdirSync(first.directory)
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .at(-1) ?? '';
    const path = join(first.directory, last);
    truncateSync(path, statSync(path).size - 5);
    const repository = await startRepository(port);
    const second = await startTrail(port, { at: first.directory });
    cleanUp.push(() => second.trail.stop(100));
    second.trail.add(refusal(50));
    expect(await until(() => numbersIn(repository).includes(50))).toBe(true);
    expect([...new Set(numbersIn(repository))]).toEqual([...upTo(49), 50]);
    await first.trail.stop(0);
  });

  it('are sent again when the connection breaks before the repository has read them all', async () => {
    const repository = await startRepository();
    repository.cutAfterBytes = 40_000;
    const { trail, counts } = await startTrail(repository.port);
    cleanUp.push(() => trail.stop(100));
    for (const i of upTo(400)) trail.add(refusal(i));
    expect(await until(() => counts.waitingBytes === 0 && counts.sent >= 400)).toBe(true);
    const numbers = numbersIn(repository);
    expect(repository.cutAfterBytes).toBe(Infinity);
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(upTo(400));
    // Whatever was said twice was said in order both times.
    expect(numbers.slice(-400)).toEqual(upTo(400));
  });

  it('that find no place are counted, told in the log and in readiness, and in the trail itself afterwards', async () => {
    const port = await freePort();
    const { trail, counts, errors } = await startTrail(port, { maxBytes: 20_000 });
    cleanUp.push(() => trail.stop(100));
    for (const i of upTo(300)) trail.add(refusal(i));
    expect(counts.lost).toBeGreaterThan(0);
    expect(trail.reasons()).toEqual(['the buffer of audit messages takes no more: events are lost']);
    expect(errors[0]).toMatch(/^AUDIT EVENTS ARE LOST/);
    const lost = counts.lost;
    const repository = await startRepository(port);
    expect(await until(() => repository.messages.some(({ xml }) => xml.includes('110133')))).toBe(true);
    expect(numbersIn(repository)).toEqual(upTo(300 - lost));
    const said = repository.messages.find(({ xml }) => xml.includes('110133'))?.xml ?? '';
    expect(said).toContain(Buffer.from(`events that were not recorded: ${lost}`).toString('base64'));
    expect(await until(() => trail.reasons().length === 0)).toBe(true);
  });

  it('go nowhere but to a repository whose certificate is good', async () => {
    const stranger = new Authority(directory, 'stranger').certify('stranger-server');
    const repository = new AuditRepository({ key: stranger.key, cert: stranger.certificate });
    await repository.listen();
    cleanUp.push(() => repository.close());
    const warnings: (string | undefined)[] = [];
    const log: Log = { debug() {}, info() {}, warn: (_message, fields) => warnings.push(fields?.code), error() {} };
    const { trail, buffer } = await startTrail(repository.port, { log });
    cleanUp.push(() => trail.stop(100));
    trail.add(refusal(0));
    expect(await until(() => warnings.length > 1)).toBe(true);
    expect(new Set(warnings)).toEqual(new Set(['peer-unreachable']));
    expect(repository.messages).toEqual([]);
    expect(buffer.waitingBytes).toBeGreaterThan(0);
  });
});
