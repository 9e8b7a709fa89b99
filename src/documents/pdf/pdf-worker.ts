// Worker thread: holds one PDF at a time and answers one request after another. It may die of what it reads; nothing but that document is lost.
// Each document has a pdfium of its own.
import { parentPort } from 'node:worker_threads';
import type { PdfAnswer, PdfRequest } from './messages.ts';
import { OpenPdf, Refused } from './open-pdf.ts';
import { Pdfium } from './pdfium.ts';

const MIB = 1024 * 1024;

let pdf: OpenPdf | undefined;
let pdfium: Pdfium | undefined;

async function answer(request: PdfRequest): Promise<PdfAnswer> {
  if (request.kind === 'open') {
    pdfium = await Pdfium.load(request.limits.maxMemoryMib * MIB);
    pdf = new OpenPdf(pdfium, request.bytes, request.limits);
    return pdf.describe();
  }
  if (request.kind === 'close') {
    const heapBytes = pdfium?.call.memory.buffer.byteLength ?? 0;
    pdf = undefined;
    pdfium = undefined;
    return { kind: 'closed', heapBytes };
  }
  if (pdf === undefined) throw new Error('no document is open');
  if (request.kind === 'draw') return pdf.drawPage(request.index, request.dpi);
  return request.kind === 'page' ? pdf.openPage(request.index) : pdf.finish(request);
}

/** What is handed over instead of copied. */
function transfers(reply: PdfAnswer): ArrayBuffer[] {
  if (reply.kind === 'picture' || reply.kind === 'drawn') return [reply.data.buffer];
  if (reply.kind === 'page' && reply.unread !== undefined) return [reply.unread.data.buffer as ArrayBuffer];
  return [];
}

parentPort?.on('message', (request: PdfRequest) => {
  void answer(request)
    .catch((error: unknown): PdfAnswer => {
      // What the library says may hold bytes of the document: only sentences of ours are passed on.
      const isRefused = error instanceof Refused;
      return { kind: 'failed', message: isRefused ? error.message : 'The PDF could not be read', isRefused };
    })
    .then((reply) => {
      parentPort?.postMessage(reply, transfers(reply));
    });
});
