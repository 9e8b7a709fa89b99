// Our sender on a folder, twice over one process, so that the second time is warm. Prints the seconds of each as JSON. Arguments: folder, port.
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { newRecordId } from '../../src/core/brands.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { fileSource } from '../../src/dicom/file-source.ts';
import { splice } from '../../src/dicom/writer.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import { createLog } from '../../src/log/log.ts';
import type { CleanInstance, Destination } from '../../src/pipeline/ports.ts';

const [, , directory, port] = process.argv;
const files = (await readdir(directory)).map((name) => join(directory, name));

async function sendFile(destination: Destination, path: string): Promise<void> {
  const handle = await open(path);
  try {
    const source = await fileSource(handle);
    const { dataSet, meta, transferSyntax } = await readFile10(source);
    const kept = dataSet.elements.map((element) => ({ kind: 'kept', element }) as const);
    const plan = splice({ ...dataSet, elements: kept });
    const instance: CleanInstance = {
      recordId: newRecordId(),
      sopClassUid: meta?.mediaStorageSopClassUid ?? '',
      sopInstanceUid: meta?.mediaStorageSopInstanceUid ?? '',
      seriesInstanceUid: '',
      studyInstanceUid: '',
      transferSyntaxUid: transferSyntax.uid,
      length: plan.length,
      alternatives: [],
      encode: () => Promise.resolve(plan),
    };
    const outcome = await destination.deliver(instance);
    if (outcome.kind !== 'sent') throw new Error(`not sent: ${outcome.text}`);
  } finally {
    await handle.close();
  }
}

const seconds: number[] = [];
for (let round = 0; round < 2; round++) {
  const destination = createDicomDestination(
    {
      name: 'sink',
      aeTitle: 'ANY',
      callingAeTitle: 'LETHE',
      host: '127.0.0.1',
      port: Number(port),
      maxPduBytes: 131_072,
      connectMs: 10_000,
      responseMs: 60_000,
      idleMs: 5000,
    },
    createLog({ level: 'error' }),
  );
  const startedAt = performance.now();
  for (const file of files) await sendFile(destination, file);
  await destination.close();
  seconds.push((performance.now() - startedAt) / 1000);
}
process.stderr.write(`${JSON.stringify(seconds)}\n`);
