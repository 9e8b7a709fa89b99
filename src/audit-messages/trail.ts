// The audit trail of this process: events are kept in the buffer at once, and leave as messages, in order and at least once.
import { setTimeout as sleep } from 'node:timers/promises';
import { LetheError } from '../core/errors.ts';
import { delayAfter, type Backoff } from '../pipeline/backoff.ts';
import type { Log } from '../pipeline/ports.ts';
import type { BufferPosition, EventBuffer } from './buffer.ts';
import { SyslogConnection, type ConnectionTiming, type OpenTransport } from './connection.ts';
import type { AuditEvent, RecordedEvent } from './event.ts';
import { gatherEvents } from './gather.ts';
import { writeMessage } from './message.ts';
import type { AuditSource } from './message-parts.ts';
import { frameMessage } from './syslog.ts';

export interface AuditTrailOptions {
  readonly buffer: EventBuffer;
  readonly open: OpenTransport;
  readonly source: AuditSource;
  readonly log: Log;
  /** Told what was counted: messages that the repository took, events that were lost, bytes that wait. */
  readonly onCount?: (counts: {
    readonly sent?: number;
    readonly lost?: number;
    readonly waitingBytes: number;
  }) => void;
  /** Events that come within this time are told together. Default 2 s. */
  readonly gatherMs?: number;
  /** Default 1 s to 1 min. */
  readonly backoff?: Backoff;
  readonly timing?: ConnectionTiming;
}

const GATHER_MS = 2_000;
const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 };
/** Events that are put together into messages at once. */
const BATCH_EVENTS = 5_000;
/** Batches of one connection: what it carried is told again when it breaks. */
const BATCHES_AT_ONCE = 10;
/** Whoever adds an event wakes the sender: this is a second way only. */
const LOOK_AGAIN_MS = 60_000;
const TELL_LOSS_EVERY_MS = 60_000;

export class AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #attempts = 0;
  /** Events that found no place, and of which the trail does not know yet. */
  #lost = 0;
  #lossLoggedAt = -Infinity;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  /** Begins to send, with what an earlier process left. */
  start(): void {
    this.#running = this.#run();
  }

  /** Kept when this returns; or counted as lost, and said so. Never throws. */
  add(event: AuditEvent): void {
    this.#tellLoss();
    const failure = this.#keep(event);
    if (failure === undefined) this.#wake.abort();
    else this.#lose(failure.code);
  }

  /** Why not everything is recorded; empty while everything is. */
  reasons(): readonly string[] {
    return this.#lost === 0 ? [] : ['the buffer of audit messages takes no more: events are lost'];
  }

  /** Sends what it can in the time, and closes the buffer. What is left goes with the next start. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    const { buffer } = this.#options;
    if (buffer.waitingBytes > 0) await this.#deliver({ connectMs: graceMs, silenceMs: graceMs }).catch(() => undefined); // told when it is tried again
    await buffer.close();
  }

  async #run(): Promise<void> {
    const { buffer, gatherMs = GATHER_MS, backoff = BACKOFF, log, timing } = this.#options;
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      if (buffer.waitingBytes === 0) await this.#pause(LOOK_AGAIN_MS, this.#wake.signal);
      if (buffer.waitingBytes === 0 || !(await this.#pause(gatherMs))) continue;
      try {
        await this.#deliver(timing);
        if (this.#attempts > 0) log.info('The audit repository takes messages again.');
        this.#attempts = 0;
      } catch (error) {
        this.#attempts++;
        const code = error instanceof LetheError ? error.code : 'unexpected';
        log.warn('Audit messages wait: the audit repository did not take them.', {
          code,
          attempt: this.#attempts,
          bytes: buffer.waitingBytes,
        });
        await this.#pause(delayAfter(this.#attempts, backoff));
      }
    }
  }

  /** One connection. What it carried is given back when the repository has read it all, never before. */
  async #deliver(timing: ConnectionTiming | undefined): Promise<void> {
    const { buffer, open, onCount } = this.#options;
    const connection = await SyslogConnection.open(open, timing);
    let sent = 0;
    let end: BufferPosition = buffer.start;
    try {
      for (let batches = 0; batches < BATCHES_AT_ONCE; batches++) {
        const read = await buffer.read(end, BATCH_EVENTS);
        end = read.end;
        this.#tellDamage(read.damagedFiles);
        for (const frame of this.#framesOf(read.lines)) {
          await connection.write(frame);
          sent++;
        }
        if (read.lines.length < BATCH_EVENTS) break;
      }
      await connection.finish();
    } finally {
      connection.destroy();
    }
    await buffer.give(end);
    this.#tellLoss();
    onCount?.({ sent, waitingBytes: buffer.waitingBytes });
  }

  *#framesOf(lines: readonly string[]): Generator<Buffer> {
    const { source } = this.#options;
    for (const group of gatherEvents(lines.flatMap((line) => this.#readEvent(line)))) {
      const { at, process } = 'transfers' in group ? group.first : group.event;
      yield frameMessage({ at, host: source.host, processId: process }, writeMessage(group, source));
    }
  }

  /** A line that a power cut tore is lost, as far as anybody can tell. */
  #readEvent(line: string): RecordedEvent[] {
    try {
      return [JSON.parse(line) as RecordedEvent];
    } catch {
      this.#options.log.error('A line of the buffer of audit messages is damaged: that event is lost.');
      return [];
    }
  }

  /** Undefined when it is kept. */
  #keep(event: AuditEvent): LetheError | undefined {
    const { buffer, onCount } = this.#options;
    const recorded: RecordedEvent = { ...event, at: Date.now(), process: process.pid };
    try {
      buffer.append(JSON.stringify(recorded));
      onCount?.({ waitingBytes: buffer.waitingBytes });
      return undefined;
    } catch (error) {
      if (error instanceof LetheError) return error;
      throw error;
    }
  }

  #lose(code: string): void {
    const { buffer, log, onCount } = this.#options;
    this.#lost++;
    onCount?.({ lost: 1, waitingBytes: buffer.waitingBytes });
    if (performance.now() - this.#lossLoggedAt < TELL_LOSS_EVERY_MS) return;
    this.#lossLoggedAt = performance.now();
    log.error('AUDIT EVENTS ARE LOST: they find no place while the audit repository does not take messages.', {
      code,
      count: this.#lost,
    });
  }

  /** How many events were in them nobody knows: at least one in each. */
  #tellDamage(files: number): void {
    if (files === 0) return;
    this.#options.log.error('AUDIT EVENTS ARE LOST: files of their buffer were removed or cut.', { count: files });
    this.#lost += files;
    this.#options.onCount?.({ lost: files, waitingBytes: this.#options.buffer.waitingBytes });
  }

  /** The loss itself is an event, as soon as there is place for it. */
  #tellLoss(): void {
    if (this.#lost > 0 && this.#keep({ kind: 'unrecorded', count: this.#lost }) === undefined) this.#lost = 0;
  }

  /** False when it stops meanwhile. */
  async #pause(durationMs: number, wake?: AbortSignal): Promise<boolean> {
    const { signal } = this.#stopping;
    const signals = wake === undefined ? [signal] : [signal, wake];
    await sleep(durationMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
    return !signal.aborted;
  }
}
