import { afterEach, describe, expect, it } from 'vitest';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { withSharedReads } from '../../../src/dimse/shared-reads.ts';

interface Connection {
  readonly ours: Socket;
  readonly theirs: Socket;
  /** Copies of what was read. */
  readonly read: Buffer[];
  /** As it was handed over: good only until the call returned. */
  readonly views: Buffer[];
}

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const close of cleanUp.splice(0).reverse()) close();
});

async function listen(): Promise<{ server: Server; open: () => Promise<Connection> }> {
  const server = createServer({ noDelay: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  cleanUp.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open = async (): Promise<Connection> => {
    const accepting = once(server, 'connection') as Promise<[Socket]>;
    const theirs = connect({ host: '127.0.0.1', port, noDelay: true });
    const [accepted] = await accepting;
    const read: Buffer[] = [];
    const views: Buffer[] = [];
    const ours = withSharedReads(accepted, (bytes) => {
      read.push(Buffer.from(bytes));
      views.push(bytes);
    });
    cleanUp.push(
      () => theirs.destroy(),
      () => ours.destroy(),
    );
    return { ours, theirs, read, views };
  };
  return { server, open };
}

const lengthOf = (buffers: readonly Buffer[]): number => buffers.reduce((sum, { length }) => sum + length, 0);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });

describe('reads into a buffer that all connections share', () => {
  it('gives each connection its own bytes, in order, however they come between one another', async () => {
    const { open } = await listen();
    const connections = [await open(), await open(), await open()];
    const sent = connections.map((_, index) => Buffer.alloc(700_001, `bytes of ${index} `));
    for (let at = 0; at < 700_001; at += 70_000)
      for (const [index, { theirs }] of connections.entries()) theirs.write(sent[index].subarray(at, at + 70_000));
    await until(() => connections.every(({ read }) => lengthOf(read) === 700_001));
    for (const [index, { read }] of connections.entries()) expect(Buffer.concat(read).equals(sent[index])).toBe(true);
    expect(new Set(connections.flatMap(({ views }) => views.map(({ buffer }) => buffer))).size).toBe(1);
  });

  it('stops and goes on as it is told, and answers', async () => {
    const { open } = await listen();
    const { ours, theirs, read } = await open();
    theirs.write('first');
    await until(() => read.length === 1);
    ours.pause();
    theirs.write('second');
    ours.write('answer');
    expect(String((await once(theirs, 'data'))[0])).toBe('answer');
    expect(read).toHaveLength(1);
    ours.resume();
    await until(() => read.length === 2);
    expect(String(Buffer.concat(read))).toBe('firstsecond');
    expect(ours.remoteAddress).toBe('127.0.0.1');
  });

  it('tells of the end and closes; the server counts the connection until then, and no longer', async () => {
    const { server, open } = await listen();
    const { ours, theirs } = await open();
    ours.resume();
    expect(await connectionsOf(server)).toBe(1);
    const ended = once(ours, 'end');
    const closed = once(ours, 'close');
    theirs.end();
    await ended;
    await closed;
    await until(async () => (await connectionsOf(server)) === 0);
    const serverClosed = once(server, 'close');
    server.close();
    await serverClosed;
  });

  it('tells of a connection that was cut', async () => {
    const { open } = await listen();
    const { ours, theirs } = await open();
    ours.resume();
    const failed = new Promise<Error>((resolve) => ours.on('error', resolve));
    const closed = new Promise((resolve) => ours.on('close', resolve));
    theirs.resetAndDestroy();
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    await closed;
  });
});
