// Worker thread: decodes one frame after another. It may die of what it decodes; nothing but that frame is lost.
import { parentPort } from 'node:worker_threads';
import { inflateRawSync } from 'node:zlib';
import codecs from 'dcmjs-codecs';
import type { FrameAnswer, FrameJob } from './frame-job.ts';
import { decodeRle } from './rle.ts';

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

function decode(job: FrameJob): Uint8Array {
  const encoded = Buffer.from(job.encoded.buffer, job.encoded.byteOffset, job.encoded.byteLength);
  if (job.decoder === 'rle') return decodeRle(encoded, { ...job, pixels: job.rows * job.columns });
  // A frame of odd length may have a padding byte, so that one byte more is let through to be noticed.
  if (job.decoder === 'deflate') return inflateRawSync(encoded, { maxOutputLength: job.decodedBytes + 2 });
  return decodeWithCodec(job.decoder, job);
}

function decodeWithCodec(decoder: Exclude<FrameJob['decoder'], 'rle' | 'deflate'>, job: FrameJob): Uint8Array {
  const context = new Context({
    width: job.columns,
    height: job.rows,
    bitsAllocated: job.bitsAllocated,
    bitsStored: job.bitsStored,
    samplesPerPixel: job.samplesPerPixel,
    pixelRepresentation: job.isSigned ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation: job.photometricInterpretation,
    encodedBuffer: job.encoded,
  });
  takeDamage();
  const decoded = decodeContext(decoder, context, job.convertToRgb).getDecodedBuffer();
  if (decoded === undefined || takeDamage()) throw new Error('the frame is damaged');
  return decoded;
}

function decodeContext(
  decoder: Exclude<FrameJob['decoder'], 'rle' | 'deflate'>,
  context: codecs.Context,
  convertColorspaceToRgb: boolean,
): codecs.Context {
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

/** The frame in a buffer of its own that can be handed over. */
function owned(decoded: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(length);
  copy.set(decoded.subarray(0, length));
  return copy;
}

async function answer(job: FrameJob): Promise<void> {
  let reply: FrameAnswer = { kind: 'failed' };
  try {
    await ready;
    const decoded = decode(job);
    // RLE and the codecs pad nothing; deflated frames of odd length are padded to even length (PS3.5 A.4).
    const surplus = decoded.length - job.decodedBytes;
    if (surplus === 0 || (surplus === 1 && job.decoder === 'deflate')) {
      const frame = owned(decoded, job.decodedBytes);
      reply = { kind: 'decoded', frame };
      parentPort?.postMessage(reply, [frame.buffer]);
      return;
    }
  } catch {
    // What the codec says may hold bytes of the peer: the answer is that it failed.
    reply = { kind: 'failed' };
  }
  parentPort?.postMessage(reply);
}

parentPort?.on('message', (job: FrameJob) => void answer(job));
