// Cuts the bytes of a transport connection into PDUs and PDVs (PS3.8 9.3). Nothing of a PDU is kept before its head was
// checked; fragments are handed on as views of the chunk that they came in; control PDUs alone are assembled, and only what waits is copied.
import { ABORT_REASON, PDU, PDU_HEAD_BYTES, PDV_HEAD_BYTES, checkHead } from './pdu.ts';
import type { PduFault } from './pdu.ts';

/** What the bytes mean to the reader. None of these may throw. */
export interface FrameConsumer {
  /** The head of a PDU is there and in bounds. `skip` passes over its body without handing anything on. */
  onHead(type: number, length: number): 'take' | 'skip';
  /** A whole PDU other than P-DATA-TF, without its head. The view is good until the call returns. */
  onControl(type: number, body: Buffer): void;
  /**
   * The next bytes of a PDV's fragment; `isEnd` with its last ones (an empty fragment comes as one empty view).
   * `control` is the message control header. The view is good until the call returns. A promise halts the framer until it settles; it must
   * not reject.
   */
  onFragment(contextId: number, control: number, bytes: Buffer, isEnd: boolean): Promise<void> | undefined;
  /** The bytes break a rule of the framing. The framer takes nothing more. */
  onFault(fault: PduFault): void;
  /** A halt has ended and nothing waits any more: reading may go on. */
  onReady(): void;
}

type Expecting = 'pduHead' | 'control' | 'pdvHead' | 'fragment' | 'skipped';

const EMPTY = Buffer.alloc(0);

/**
 * A push parser. Invariants: `#needed` bytes are still to come of what is expected; `#pduLeft` counts the bytes of the
 * PDU behind that; while halted nothing is handed on, and what is pushed waits.
 */
export class PduFramer {
  readonly #consumer: FrameConsumer;
  readonly #head = Buffer.alloc(PDU_HEAD_BYTES);
  readonly #waiting: Buffer[] = [];
  #expecting: Expecting = 'pduHead';
  #needed = PDU_HEAD_BYTES;
  #pduLeft = 0;
  #type = 0;
  #control = EMPTY;
  #contextId = 0;
  #pdvControl = 0;
  #isHalted = false;
  #isStopped = false;

  constructor(consumer: FrameConsumer) {
    this.#consumer = consumer;
  }

  /** True while bytes wait because the consumer asked for time: the caller should stop reading. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** True when no PDU has begun. */
  get isBetweenPdus(): boolean {
    return this.#expecting === 'pduHead' && this.#needed === PDU_HEAD_BYTES && this.#waiting.length === 0;
  }

  /** Drops everything that comes from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
    this.#control = EMPTY;
  }

  /** Takes the next bytes of the connection; the caller may use the buffer again afterwards. */
  push(chunk: Buffer): void {
    if (this.#isStopped) return;
    const taken = this.#isHalted ? 0 : this.#consume(chunk);
    if (taken < chunk.length) this.#waiting.push(Buffer.from(chunk.subarray(taken)));
  }

  /** Returns how many bytes it took: all, unless it was halted before. */
  #consume(chunk: Buffer): number {
    let offset = 0;
    while (offset < chunk.length && !this.#isStopped) {
      const taken = Math.min(this.#needed, chunk.length - offset);
      const end = offset + taken;
      this.#needed -= taken;
      let wait: Promise<void> | undefined;
      switch (this.#expecting) {
        case 'pduHead':
        case 'pdvHead':
          wait = this.#takeHead(chunk, offset, end);
          break;
        case 'control':
          this.#takeControl(chunk, offset, end);
          break;
        case 'fragment':
          wait = this.#handOn(chunk.subarray(offset, end));
          break;
        case 'skipped':
          if (this.#needed === 0) this.#expect('pduHead', PDU_HEAD_BYTES);
          break;
      }
      offset = end;
      if (wait !== undefined) {
        this.#halt(wait);
        return offset;
      }
    }
    return chunk.length;
  }

  #halt(until: Promise<void>): void {
    this.#isHalted = true;
    void until.then(() => {
      this.#isHalted = false;
      this.#consumeWaiting();
    });
  }

  #consumeWaiting(): void {
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      const taken = this.#consume(chunk);
      if (taken < chunk.length) this.#waiting.unshift(chunk.subarray(taken));
      if (this.#isHalted) return;
    }
    this.#consumer.onReady();
  }

  #expect(expecting: Expecting, needed: number): void {
    this.#expecting = expecting;
    this.#needed = needed;
  }

  #fault(fault: PduFault): void {
    this.stop();
    this.#consumer.onFault(fault);
  }

  /** Reads a head of 6 bytes: from the chunk when it is whole in there, else from the bytes collected so far. */
  #takeHead(chunk: Buffer, start: number, end: number): Promise<void> | undefined {
    let bytes = chunk;
    let at = start;
    if (end - start < PDU_HEAD_BYTES) {
      chunk.copy(this.#head, PDU_HEAD_BYTES - this.#needed - (end - start), start, end);
      if (this.#needed > 0) return undefined;
      bytes = this.#head;
      at = 0;
    }
    if (this.#expecting === 'pdvHead') return this.#beginPdv(bytes, at);
    this.#beginPdu(bytes, at);
    return undefined;
  }

  #beginPdu(bytes: Buffer, at: number): void {
    const type = bytes[at];
    const length = bytes.readUInt32BE(at + 2);
    const fault = checkHead(type, length);
    if (fault !== undefined) {
      this.#fault(fault);
      return;
    }
    const isTaken = this.#consumer.onHead(type, length) === 'take';
    this.#type = type;
    if (length === 0) {
      this.#expect('pduHead', PDU_HEAD_BYTES);
      if (isTaken) this.#consumer.onControl(type, EMPTY);
    } else if (!isTaken) {
      this.#expect('skipped', length);
    } else if (type === PDU.data) {
      this.#pduLeft = length;
      this.#expectPdv();
    } else {
      this.#expect('control', length);
    }
  }

  #expectPdv(): void {
    if (this.#pduLeft === 0) {
      this.#expect('pduHead', PDU_HEAD_BYTES);
    } else if (this.#pduLeft < PDV_HEAD_BYTES) {
      this.#fault({ reason: ABORT_REASON.invalidParameter, text: 'PDV head is longer than its PDU' });
    } else {
      this.#pduLeft -= PDV_HEAD_BYTES;
      this.#expect('pdvHead', PDV_HEAD_BYTES);
    }
  }

  #beginPdv(bytes: Buffer, at: number): Promise<void> | undefined {
    const length = bytes.readUInt32BE(at) - 2;
    if (length < 0 || length > this.#pduLeft) {
      this.#fault({ reason: ABORT_REASON.invalidParameter, text: 'PDV length does not fit its PDU' });
      return undefined;
    }
    this.#contextId = bytes[at + 4];
    this.#pdvControl = bytes[at + 5];
    this.#pduLeft -= length;
    this.#expect('fragment', length);
    return length === 0 ? this.#handOn(EMPTY) : undefined;
  }

  #handOn(bytes: Buffer): Promise<void> | undefined {
    const isEnd = this.#needed === 0;
    if (isEnd) {
      this.#expectPdv();
      // A PDU that ends in the middle of a head is broken as a whole: its last fragment must not complete a message.
      if (this.#isStopped) return undefined;
    }
    return this.#consumer.onFragment(this.#contextId, this.#pdvControl, bytes, isEnd);
  }

  #takeControl(chunk: Buffer, start: number, end: number): void {
    if (this.#needed === 0 && this.#control.length === 0) {
      this.#endControl(chunk.subarray(start, end));
      return;
    }
    if (this.#control.length === 0) this.#control = Buffer.allocUnsafe(this.#needed + (end - start));
    chunk.copy(this.#control, this.#control.length - this.#needed - (end - start), start, end);
    if (this.#needed === 0) this.#endControl(this.#control);
  }

  #endControl(body: Buffer): void {
    this.#control = EMPTY;
    this.#expect('pduHead', PDU_HEAD_BYTES);
    this.#consumer.onControl(this.#type, body);
  }
}
