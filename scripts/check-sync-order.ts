// Watches the system calls of a gateway while instances come in: npx tsx scripts/check-sync-order.ts [N]
// Every C-STORE response must be written after a record of its instance was written whole through a descriptor opened with O_DSYNC.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCtSeries } from '../src/synthetic/clinic.ts';
import { freePort, run, until } from './bench/processes.ts';
import { judgeTrace } from './check-sync-order/trace.ts';

/** strace itself lets no signal pass: its child, the gateway, is asked. */
function stop(pid: number): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  for (const child of children.split(' ').filter((text) => text !== '')) process.kill(Number(child), 'SIGTERM');
}

const instances = Number(process.argv[2] ?? 200);
const directory = mkdtempSync(join(tmpdir(), 'lethe-sync-order-'));
try {
  const port = await freePort();
  const config = join(directory, 'lethe.yaml');
  const http = `http: { host: 127.0.0.1, port: ${await freePort()} }`;
  writeFileSync(config, `dicom: { host: 127.0.0.1, port: ${port} }\ndata: ./data\n${http}\n`);
  const files: string[] = [];
  for (const { bytes } of buildCtSeries({ slices: instances, rows: 64, columns: 64, seed: 1 })) {
    files.push(join(directory, `${files.length}.dcm`));
    writeFileSync(files[files.length - 1], bytes);
  }
  const log = join(directory, 'trace');
  const calls = 'openat,pwritev,write,writev,sendto,sendmsg';
  const gateway = [process.execPath, '--import', 'tsx', 'src/main.ts', 'start', '--config', config];
  const traced = spawn(
    'strace',
    ['-f', '--seccomp-bpf', '-yy', '-s', '16', '-e', `trace=${calls}`, '-o', log, ...gateway],
    {
      stdio: 'ignore',
    },
  );
  const ended = once(traced, 'exit');
  const tried = async (): Promise<boolean> =>
    (await run('echoscu', ['-aec', 'LETHE', '127.0.0.1', String(port)])).exitCode === 0;
  if (!(await until(tried, 120_000))) {
    stop(traced.pid ?? 0);
    throw new Error('the gateway does not listen');
  }
  const sent = await run('storescu', ['-aec', 'LETHE', '127.0.0.1', String(port), ...files]);
  if (sent.exitCode !== 0) {
    stop(traced.pid ?? 0);
    throw new Error(`storescu failed: ${sent.output}`);
  }
  stop(traced.pid ?? 0);
  await ended;
  const { responses, early } = judgeTrace(readFileSync(log, 'latin1'), port);
  console.log(`${responses} responses, ${early} of them before their record was on the disk`);
  process.exitCode = responses === instances && early === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
