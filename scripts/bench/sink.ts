// The research PACS of a scenario: DCMTK's storescp with its storage on tmpfs, which takes one association at a time.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, Server, until } from './processes.ts';

const DRAIN_MS = 600_000;

export class Sink {
  readonly port: number;
  readonly #server: Server;
  readonly #directory: string;

  private constructor(port: number, server: Server, directory: string) {
    this.port = port;
    this.#server = server;
    this.#directory = directory;
  }

  static async start(directory: string): Promise<Sink> {
    mkdirSync(directory);
    const port = await freePort();
    const args = ['+B', '-pdu', '131072', '-od', directory, String(port)];
    return new Sink(port, await Server.start(port, 'storescp', args), directory);
  }

  empty(): void {
    for (const name of readdirSync(this.#directory)) rmSync(join(this.#directory, name));
  }

  /** Waits until so many have arrived since it was emptied. Rejects when they do not. */
  async arrived(count: number): Promise<void> {
    const arrived = (): number => readdirSync(this.#directory).length;
    if (!(await until(() => arrived() >= count, DRAIN_MS))) throw new Error(`only ${arrived()} of ${count} arrived`);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }
}
