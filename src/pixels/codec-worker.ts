// Worker thread: decodes or encodes one frame after another. It may die of what it decodes; nothing but that frame is lost.
import { parentPort } from 'node:worker_threads';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import codecs from 'dcmjs-codecs';
import type { DecodeJob, EncodeJob, FrameAnswer, FrameJob, RetouchJob } from './frame-job.ts';
import { retouchJpeg } from './jpeg/retouch.ts';
import { decodeRle, encodeRle } from './rle.ts';

const { Context, NativeCodecs, log } = codecs;

/** What libjpeg says when it fills up what is missing, which it does not call an error. */
const IS_DAMAGED = /premature end|bad huffman code|unexpected marker/i;

// The library prints what codecs say about a peer's bytes: nothing of it may reach the console. Damage is told in no other way.
let isDamaged = false;
log.setLevel('silent');
log.info = (...said: unknown[]): void => {
  if (said.some((message) => typeof message === 'string' && IS_DAMAGED.test(message))) isDamaged = true;
};

/** Whether damage was told since the last call. */
function takeDamage(): boolean {
  const was = isDamaged;
  isDamaged = false;
  return was;
}

const ready = NativeCodecs.initializeAsync({ logCodecsInfo: true });

type CodecName = Exclude<DecodeJob['decoder'], 'rle' | 'deflate'>;

function decode(job: DecodeJob): Uint8Array {
  const encoded = Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength);
  if (job.decoder === 'rle') return decodeRle(encoded, { ...job, pixels: job.rows * job.columns });
  if (job.decoder === 'deflate') return inflateFrame(encoded, job.decodedBytes);
  return decodeWithCodec(job.decoder, job);
}

/** What lies behind the end of the stream, but for one byte that makes it even, is no part of the frame: nobody would look at it. */
function inflateFrame(encoded: Buffer, decodedBytes: number): Buffer {
  // A frame of odd length may have a padding byte, so that one byte more is let through to be noticed.
  const options = { maxOutputLength: decodedBytes + 2, info: true };
  const { buffer, engine } = inflateRawSync(encoded, options) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  if (encoded.length - engine.bytesWritten > 1) throw new Error('the frame ends before its bytes do');
  return buffer;
}

function contextOf(job: DecodeJob | EncodeJob, photometricInterpretation: string): codecs.Context {
  return new Context({
    width: job.columns,
    height: job.rows,
    bitsAllocated: job.bitsAllocated,
    bitsStored: job.bitsStored,
    samplesPerPixel: job.samplesPerPixel,
    pixelRepresentation: job.isSigned ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation,
  });
}

function decodeWithCodec(decoder: CodecName, job: DecodeJob): Uint8Array {
  const context = contextOf(job, job.photometricInterpretation);
  context.setEncodedBuffer(job.bytes);
  takeDamage();
  const decoded = decodeContext(decoder, context, job.convertToRgb).getDecodedBuffer();
  if (decoded === undefined || takeDamage()) throw new Error('the frame is damaged');
  return decoded;
}

function decodeContext(decoder: CodecName, context: codecs.Context, convertColorspaceToRgb: boolean): codecs.Context {
  switch (decoder) {
    case 'jpeg':
      return NativeCodecs.decodeJpeg(context, { convertColorspaceToRgb });
    case 'jpeg-ls':
      return NativeCodecs.decodeJpegLs(context);
    case 'jpeg-2000':
      return NativeCodecs.decodeJpeg2000(context);
    case 'ht-jpeg-2000':
      return NativeCodecs.decodeHtJpeg2000(context);
    case 'jpeg-xl':
      return NativeCodecs.decodeJpegXl(context);
  }
}

/** Undefined when the codec lost something on the way. */
function encode(job: EncodeJob): Uint8Array | undefined {
  const pixels = Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength);
  if (job.decoder === 'rle') return encodeRle(pixels, job);
  if (job.decoder === 'deflate') return deflateRawSync(pixels);
  const { decoder } = job;
  // The encoders of JPEG 2000 transform what calls itself RGB, and nothing else.
  const photometricInterpretation =
    job.samplesPerPixel === 1 ? 'MONOCHROME2' : job.transformsColour ? 'RGB' : 'YBR_FULL';
  const context = contextOf(job, photometricInterpretation);
  context.setDecodedBuffer(job.bytes);
  let encoded: Uint8Array | undefined;
  try {
    encoded = encodeContext(decoder, context).getEncodedBuffer();
  } catch {
    // Some shapes are beyond some encoders: one pixel for JPEG 2000.
    return undefined;
  }
  if (encoded === undefined) return undefined;
  const copy = owned(encoded, encoded.length);
  const back = decodeWithCodec(decoder, {
    ...job,
    kind: 'decode',
    bytes: copy,
    photometricInterpretation,
    convertToRgb: false,
    decodedBytes: pixels.length,
  });
  return pixels.equals(back) ? copy : undefined;
}

function encodeContext(decoder: CodecName, context: codecs.Context): codecs.Context {
  switch (decoder) {
    case 'jpeg':
      // Predictor 1, which 1.2.840.10008.1.2.4.70 prescribes (PS3.5 A.4.1).
      return NativeCodecs.encodeJpeg(context, { lossy: false, predictor: 1, pointTransform: 0 });
    case 'jpeg-ls':
      return NativeCodecs.encodeJpegLs(context, { lossy: false });
    case 'jpeg-2000':
      return NativeCodecs.encodeJpeg2000(context, { lossy: false });
    case 'ht-jpeg-2000':
      // RPCL, which 1.2.840.10008.1.2.4.202 prescribes and the other two allow.
      return NativeCodecs.encodeHtJpeg2000(context, { lossy: false, progressionOrder: 2 });
    case 'jpeg-xl':
      return NativeCodecs.encodeJpegXl(context, { lossy: false });
  }
}

function retouch(job: RetouchJob): Uint8Array | undefined {
  return retouchJpeg(Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength), job);
}

/** The frame in a buffer of its own that can be handed over. */
function owned(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}

function work(job: FrameJob): Uint8Array<ArrayBuffer> | undefined {
  if (job.kind !== 'decode') {
    const encoded = job.kind === 'encode' ? encode(job) : retouch(job);
    return encoded === undefined ? undefined : owned(encoded, encoded.length);
  }
  const decoded = decode(job);
  // RLE and the codecs pad nothing; deflated frames of odd length are padded to even length (PS3.5 A.4).
  const surplus = decoded.length - job.decodedBytes;
  if (surplus !== 0 && !(surplus === 1 && job.decoder === 'deflate')) throw new Error('the frame has another length');
  return owned(decoded, job.decodedBytes);
}

async function answer(job: FrameJob): Promise<void> {
  let reply: FrameAnswer = { kind: 'declined' };
  let transfer: ArrayBuffer[] = [];
  try {
    await ready;
    const frame = work(job);
    if (frame !== undefined) {
      reply = { kind: 'done', frame };
      transfer = [frame.buffer];
    }
  } catch {
    // What the codec says may hold bytes of the peer: the answer is that it failed.
    reply = { kind: 'failed' };
  }
  parentPort?.postMessage(reply, transfer);
}

parentPort?.on('message', (job: FrameJob) => void answer(job));
