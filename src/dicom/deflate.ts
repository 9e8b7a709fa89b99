// Deflates an output again for the transfer syntax Deflated Explicit VR Little Endian (PS3.5 A.5).
import { Readable } from 'node:stream';
import { createDeflateRaw } from 'node:zlib';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { SplicePlan } from './element.ts';
import { readPlan } from './plan-io.ts';

/** The plan as a deflate stream (RFC 1951) of even length: a NUL follows an odd one, as PS3.5 A.5 wants it. Memory is bounded. */
export async function* deflatePlan(plan: SplicePlan): AsyncGenerator<Buffer> {
  const deflate = createDeflateRaw();
  const input = Readable.from(readPlan(plan), { objectMode: false });
  input.on('error', (error) => deflate.destroy(error));
  input.pipe(deflate);
  let length = 0;
  try {
    for await (const chunk of deflate as AsyncIterable<Buffer>) {
      length += chunk.length;
      yield chunk;
    }
    if (length % 2 === 1) yield Buffer.alloc(1);
  } finally {
    input.destroy();
    deflate.destroy();
  }
}

/** The plan as it is stored or sent in `transferSyntax`: deflated where that says so, else as it is. */
export function encodePlan(plan: SplicePlan, transferSyntax: TransferSyntax): AsyncGenerator<Buffer> {
  return transferSyntax.isDeflated ? deflatePlan(plan) : readPlan(plan);
}
