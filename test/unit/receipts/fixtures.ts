// Chains of receipts made in code, and the folder of a log.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { onTestFinished } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import type { InstanceReceipt } from '../../../src/pipeline/receipts.ts';
import type { ChainHead, Sign } from '../../../src/receipts/chain.ts';
import { openReceiptLog, type OpenReceiptLog, type ReceiptHeads } from '../../../src/receipts/receipt-log.ts';
import type { PlacedLine } from '../../../src/receipts/verify.ts';
import { makeDirectory } from '../../../src/store/directory.ts';

const KEYS = new ProjectKeys(Buffer.alloc(32, 1));
const OTHER_KEYS = new ProjectKeys(Buffer.alloc(32, 2));
export const sign: Sign = (text) => KEYS.signReceipt(text);
export const signOtherwise: Sign = (text) => OTHER_KEYS.signReceipt(text);

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(`${tmpdir()}/lethe-receipts-`);
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export function receiptOf(number: number, changes: Partial<InstanceReceipt> = {}): InstanceReceipt {
  const sha256 = number.toString(16).padStart(64, '0');
  return {
    record: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as RecordId,
    at: '2026-11-23T00:00:00.000Z',
    project: 'lung',
    subject: 'LUNG-0001',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    studyInstanceUid: '2.25.1',
    seriesInstanceUid: '2.25.2',
    sopInstanceUid: `2.25.3${number}`,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    before: { bytes: 100, sha256 },
    after: { bytes: 90, sha256 },
    unchanged: [],
    receipt: {
      profile: { name: 'basic', version: 1, digest: 'd' },
      engine: 'Lethe',
      sopInstanceUid: `2.25.3${number}`,
      actions: [{ path: '(0010,0010)', action: 'replace', rule: 'E.1-1', count: 1 }],
      methods: ['113100'],
      withoutEffect: [],
    },
    ...changes,
  };
}

/** What a database would keep. */
export class MemoryHeads implements ReceiptHeads {
  readonly heads = new Map<string, ChainHead>();
  isAway = false;

  find(chain: string): Promise<ChainHead | undefined> {
    return Promise.resolve(this.heads.get(chain));
  }

  save(chain: string, _project: string, _place: string, head: ChainHead): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('away'));
    this.heads.set(chain, head);
    return Promise.resolve();
  }
}

export async function openLog(directory: string, heads: ReceiptHeads = new MemoryHeads()): Promise<OpenReceiptLog> {
  return openReceiptLog({
    directory,
    projects: new Map([['lung', sign]]),
    heads,
    makeDirectory,
    onError: () => undefined,
    flushMs: 1,
  });
}

export async function* placed(lines: readonly string[], file = 'receipts.jsonl'): AsyncGenerator<PlacedLine> {
  for (const [index, text] of lines.entries()) yield await Promise.resolve({ file, line: index + 1, text });
}
