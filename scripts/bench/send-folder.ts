// Our sender on a folder, twice over one process, so that the second time is warm. Prints the seconds of each as JSON. Arguments: folder, port.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileInstance } from '../../src/cli/send/file-instance.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import { letHeapGrow } from '../../src/heap-growth.ts';
import { createLog } from '../../src/log/log.ts';
import type { Destination } from '../../src/pipeline/ports.ts';

letHeapGrow(); // as the program does

const [, , directory, port] = process.argv;
const files = (await readdir(directory)).map((name) => join(directory, name));

/** Sends the files one after another; the next one is read while one is on the wire, as `lethe send` does. */
async function sendFiles(destination: Destination): Promise<void> {
  let next = openFileInstance(files[0]);
  for (let index = 0; index < files.length; index++) {
    const current = await next;
    if (index + 1 < files.length) next = openFileInstance(files[index + 1]);
    const outcome = await destination.deliver(current.instance);
    await current.close();
    if (outcome.kind !== 'sent') throw new Error(`not sent: ${outcome.text}`);
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
  await sendFiles(destination);
  await destination.close();
  seconds.push((performance.now() - startedAt) / 1000);
}
process.stderr.write(`${JSON.stringify(seconds)}\n`);
