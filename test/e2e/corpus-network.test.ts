// The whole path with foreign peers: storescu sends the shared corpus to a gateway from its sources; storescp and Orthanc take what leaves.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusFiles, filesBelow, hasCorpus, pathOf, storescu } from '../support/corpus.ts';
import {
  freePort,
  isInstalled,
  LETHE,
  makeTempDirectory,
  removeDirectory,
  run,
  runLethe,
  ServerProcess,
  until,
} from '../support/programs.ts';

interface Status {
  readonly received: number;
  readonly waiting: number;
  readonly delivered: number;
  readonly quarantined: number;
}

describe.skipIf(!hasCorpus || !isInstalled('storescu'))('the corpus over the network', () => {
  const scratch = hasCorpus ? makeTempDirectory() : '';
  const servers: ServerProcess[] = [];
  const sink = join(scratch, 'sink');
  const configuration = join(scratch, 'lethe.yaml');
  let port = 0;
  let orthancHttp = 0;
  let acknowledged = 0;
  let refused = 0;

  const status = async (): Promise<Status> => {
    const { stdout } = await runLethe(['status', '--json', '--config', configuration]);
    return JSON.parse(stdout) as Status;
  };

  beforeAll(async () => {
    port = await freePort();
    const sinkPort = await freePort();
    const orthancPort = await freePort();
    orthancHttp = await freePort();
    mkdirSync(sink);
    servers.push(await ServerProcess.start(sinkPort, 'storescp', ['+B', '+xa', '-od', sink, String(sinkPort)]));
    const destinations = [
      `  research: { aeTitle: RESEARCH, host: 127.0.0.1, port: ${sinkPort} }`,
      `  archive: { folder: ./outbox }`,
    ];
    if (isInstalled('Orthanc')) {
      const orthanc = {
        StorageDirectory: join(scratch, 'orthanc'),
        IndexDirectory: join(scratch, 'orthanc'),
        DicomPort: orthancPort,
        HttpPort: orthancHttp,
        DicomAlwaysAllowStore: true,
        DicomCheckCalledAet: false,
        UnknownSopClassAccepted: true,
        OverwriteInstances: true,
        Plugins: [],
      };
      writeFileSync(join(scratch, 'orthanc.json'), JSON.stringify(orthanc));
      servers.push(await ServerProcess.start(orthancPort, 'Orthanc', [join(scratch, 'orthanc.json')]));
      destinations.push(`  orthanc: { aeTitle: ORTHANC, host: 127.0.0.1, port: ${orthancPort} }`);
    }
    writeFileSync(
      configuration,
      [`dicom: { host: 127.0.0.1, port: ${port} }`, 'data: ./data', 'destinations:', ...destinations, ''].join('\n'),
    );
    servers.push(await ServerProcess.start(port, process.execPath, [...LETHE, 'start', '--config', configuration]));
    const groups = new Map<string, { path: string; sopClassUid: string }[]>();
    for (const file of corpusFiles('general')) {
      if (file.sopClassUID === null || file.transferSyntaxUID === null || file.readers.dcmdumpExit !== 0) continue;
      const group = groups.get(file.transferSyntaxUID) ?? [];
      groups.set(file.transferSyntaxUID, [...group, { path: pathOf(file), sopClassUid: file.sopClassUID }]);
    }
    for (const [transferSyntax, files] of groups) {
      const sent = await storescu(scratch, port, transferSyntax, files);
      acknowledged += (sent.stdout + sent.stderr).match(/Received Store Response \(Success\)/g)?.length ?? 0;
    }
  }, 180_000);

  afterAll(async () => {
    for (const server of servers.reverse()) await server.stop();
    removeDirectory(scratch);
  }, 60_000);

  it('acknowledges what storescu can propose, and brings all of it to rest', async () => {
    expect(acknowledged).toBeGreaterThan(110);
    expect(await until(async () => (await status()).waiting === 0, 60_000)).toBe(true);
    const counts = await status();
    expect(counts.received).toBe(acknowledged);
    expect(counts.delivered + counts.quarantined).toBe(acknowledged);
    // Instances of classes that this storescp and Orthanc are too old for, one that differs from what was announced, and those whose pixels
    // do not begin as their transfer syntax says, so that nobody can look for text in them.
    const reasons = [...(servers.at(-1)?.output.matchAll(/"reason":"([a-z-]+)"/g) ?? [])].map(([, reason]) => reason);
    expect(new Set(reasons)).toEqual(new Set(['codec-failed', 'delivery-refused', 'uid-mismatch']));
    refused = reasons.filter((reason) => reason === 'delivery-refused').length;
    expect(refused).toBeLessThanOrEqual(8);
    expect(reasons.filter((reason) => reason === 'codec-failed').length).toBeLessThanOrEqual(2);
  }, 90_000);

  it('delivers into the folder and into storescp the same instances, readable by dcmdump', async () => {
    const folder = filesBelow(join(scratch, 'outbox'));
    expect(folder.length).toBeGreaterThan(100);
    const unreadable: string[] = [];
    for (const file of filesBelow(sink)) if ((await run('dcmdump', ['-q', file])).code !== 0) unreadable.push(file);
    expect(unreadable).toEqual([]);
    expect(filesBelow(sink).length).toBeGreaterThanOrEqual(folder.length - refused);
  }, 90_000);

  it.skipIf(!isInstalled('Orthanc'))('delivers into Orthanc', async () => {
    const response = await fetch(`http://127.0.0.1:${orthancHttp}/statistics`);
    const statistics = (await response.json()) as { CountInstances: number };
    expect(statistics.CountInstances).toBeGreaterThan(100);
  });
});
