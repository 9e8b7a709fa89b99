// Worker thread: cleans one document after another, with a judge of its own made of what is known about the patient. It may die of what it
// reads; nothing but that document is lost.
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';

import { InstanceError } from '../core/errors.ts';
import { judgeOfKnowledge } from '../deid/text-judge.ts';
import { cleanDocument } from '../documents/clean-document.ts';
import type { CleanDocument } from '../documents/document.ts';
import { unreadable } from '../documents/unreadable.ts';
import type { CleanRequest, ThreadAnswer, ThreadRequest, UidLine } from './document-messages.ts';

/** Takes what the main thread made of the PDF that was asked for. */
let onInner: ((clean: CleanDocument | undefined) => void) | undefined;

async function clean(request: CleanRequest): Promise<CleanDocument> {
  const { documentKind, mimeType, bytes, limits, keepsCharacteristics, knowledge, uids } = request;
  return cleanDocument(documentKind, mimeType, {
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    judge: judgeOfKnowledge(knowledge),
    pictures: undefined,
    limits,
    keepsCharacteristics,
    ...(uids === undefined ? {} : { replaceUid: (uid: string) => replaceUid(uid, uids) }),
    cleanPdf: cleanInner,
  });
}

async function cleanInner(bytes: Buffer): Promise<CleanDocument> {
  const cleaned = await new Promise<CleanDocument | undefined>((resolve) => {
    onInner = resolve;
    post({ kind: 'inner', bytes });
  });
  if (cleaned === undefined) throw unreadable('The document holds a PDF that cannot be cleaned.');
  return { ...cleaned, bytes: Buffer.from(cleaned.bytes) };
}

function replaceUid(uid: string, { port, bell }: UidLine): string {
  Atomics.store(bell, 0, 0);
  port.postMessage(uid);
  Atomics.wait(bell, 0, 0);
  const answer = receiveMessageOnPort(port)?.message as unknown;
  if (typeof answer !== 'string') throw unreadable('The UIDs of the document could not be replaced.');
  return answer;
}

function post(answer: ThreadAnswer): void {
  parentPort?.postMessage(answer);
}

async function answer(request: CleanRequest): Promise<void> {
  try {
    post({ kind: 'done', clean: await clean(request) });
  } catch (error) {
    // What a library says may hold words of the document: only sentences of ours are passed on.
    const message = error instanceof InstanceError ? error.message : undefined;
    post({ kind: 'failed', message });
  } finally {
    request.uids?.port.close();
  }
}

parentPort?.on('message', (request: ThreadRequest) => {
  if (request.kind === 'clean') void answer(request);
  else onInner?.(request.clean);
});
