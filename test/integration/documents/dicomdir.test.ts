// A DICOMDIR as DCMTK writes it, as the input of `deid` and `send` (PS3.10 8.6, PS3.3 F.3.2.2, 2026d): what it lists is taken, what is not there or
// lies elsewhere is told, and the DICOMDIR itself goes nowhere.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runDeid } from '../../../src/cli/deid/run.ts';
import { sendFiles } from '../../../src/cli/send/send-files.ts';
import { parsePeerAddress, requireAeTitle } from '../../../src/cli/peer-address.ts';
import { buildClinic } from '../../../src/synthetic/clinic.ts';
import { filesBelow } from '../../support/corpus.ts';
import {
  freePort,
  isInstalled,
  makeTempDirectory,
  removeDirectory,
  run,
  ServerProcess,
} from '../../support/programs.ts';
import { ctSlice } from '../../unit/deid/support/instances.ts';

const LISTED = 3;
const DICOMDIR_CLASS = '1.2.840.10008.1.3.10';

describe.skipIf(!isInstalled('dcmmkdir') || !isInstalled('storescp'))(
  'a DICOMDIR of DCMTK',
  { timeout: 180_000 },
  () => {
    const scratch = makeTempDirectory();
    const medium = join(scratch, 'medium');
    const directory = join(medium, 'DICOMDIR');

    beforeAll(async () => {
      mkdirSync(join(medium, 'IMAGES'), { recursive: true });
      const slices = buildClinic({ patients: 1 }).filter(({ sopClassUid }) => sopClassUid.endsWith('.1.1.2'));
      for (let at = 0; at < LISTED; at++) {
        const instance = slices.at(at)?.bytes ?? expect.fail('too few slices');
        writeFileSync(join(medium, 'IMAGES', `IM${at}`), instance);
      }
      const names = Array.from({ length: LISTED }, (_, at) => `IMAGES/IM${at}`);
      // A general purpose medium (-Pgp), missing Type 1 values invented (+I), file ids below the medium (+id).
      const made = await run('dcmmkdir', ['-Pgp', '+I', '+id', medium, '+D', directory, ...names]);
      expect(made).toMatchObject({ code: 0 });
      // Their pixels are not what this is about.
      writeFileSync(join(scratch, 'unseen.yaml'), 'name: unseen\nversion: 1\npixels: { text: off }\n');
      // Beside the medium, where no entry of it may lead.
      writeFileSync(join(scratch, 'SECRET'), ctSlice().toFile());
      // In the medium, and not listed.
      writeFileSync(join(medium, 'STRAY'), ctSlice().toFile());
    });

    afterAll(() => {
      removeDirectory(scratch);
    });

    async function deid(input: string, out: string) {
      const options = { profile: join(scratch, 'unseen.yaml'), project: 'p', data: join(scratch, 'data'), workers: 1 };
      const report = await runDeid(input, join(scratch, out), options);
      const receipts = readFileSync(join(scratch, out, 'receipts.jsonl'), 'utf8')
        .trim()
        .split('\n');
      return { report, receipts: receipts.map((line) => JSON.parse(line) as { outcome: string; code?: string }) };
    }

    async function send(...paths: string[]) {
      const port = await freePort();
      const folder = join(scratch, `received-${port}`);
      mkdirSync(folder);
      const server = await ServerProcess.start(port, 'storescp', ['-od', folder, '+B', String(port)]);
      try {
        const peer = parsePeerAddress(`ANY@127.0.0.1:${port}`);
        return { ...(await sendFiles(paths, peer, requireAeTitle('LETHE'))), received: readdirSync(folder) };
      } finally {
        await server.stop('SIGKILL');
      }
    }

    /** The DICOMDIR with the file id of its first entry in another spelling of the same length. */
    function changed(name: string, from: string, to: string): string {
      const bytes = readFileSync(directory);
      const at = bytes.indexOf(from, 0, 'latin1');
      expect(at).toBeGreaterThan(0);
      expect(to).toHaveLength(from.length);
      bytes.write(to, at, 'latin1');
      const path = join(medium, name);
      writeFileSync(path, bytes);
      return path;
    }

    it('is followed by deid: its files leave clean, nothing else, and not itself', async () => {
      const { report } = await deid(directory, 'out');
      expect(report).toMatchObject({ inputs: LISTED, clean: LISTED, quarantined: {}, skipped: {}, unreadable: 0 });
      const files = filesBelow(join(scratch, 'out')).filter((path) => path.endsWith('.dcm'));
      expect(files).toHaveLength(LISTED);
      for (const file of files) expect(readFileSync(file).includes(DICOMDIR_CLASS)).toBe(false);
    });

    it('is passed over by deid in a folder, whose files are taken anyway', async () => {
      const { report } = await deid(medium, 'folder');
      expect(report).toMatchObject({ inputs: LISTED + 2, clean: LISTED + 1, skipped: { dicomdir: 1 } });
    });

    it('is followed by send, and not sent', async () => {
      const { sent, failures, received } = await send(directory);
      expect({ sent, failures, files: received.length }).toEqual({ sent: LISTED, failures: [], files: LISTED });
    });

    it('with a file that is not there: that one is told, the others are taken', async () => {
      renameSync(join(medium, 'IMAGES', 'IM2'), join(scratch, 'IM2'));
      try {
        const { report, receipts } = await deid(directory, 'missing');
        expect(report).toMatchObject({ inputs: LISTED, clean: LISTED - 1, unreadable: 1 });
        expect(receipts.filter(({ outcome }) => outcome === 'unreadable')).toMatchObject([{ code: 'ENOENT' }]);
        const { sent, failures } = await send(directory);
        expect(sent).toBe(LISTED - 1);
        expect(failures).toMatchObject([{ why: 'cannot be read (ENOENT)' }]);
      } finally {
        renameSync(join(scratch, 'IM2'), join(medium, 'IMAGES', 'IM2'));
      }
    });

    it('with an entry that leads out of its folder: that one is told and never opened', async () => {
      const path = changed('CLIMBS', 'IMAGES\\IM0', '..\\SECRET ');
      const { report, receipts } = await deid(path, 'climbs');
      expect(report).toMatchObject({ inputs: LISTED, clean: LISTED - 1, unreadable: 1 });
      expect(receipts.at(-1)).toMatchObject({ outcome: 'unreadable', code: 'outside-folder' });
      const { sent, failures, received } = await send(path);
      expect({ sent, files: received.length }).toEqual({ sent: LISTED - 1, files: LISTED - 1 });
      expect(failures).toMatchObject([{ why: 'an entry leads out of its folder' }]);
      rmSync(path);
    });

    it('that lists itself is not followed in a circle', async () => {
      const path = changed('DICOMDIR', 'IMAGES\\IM0', 'DICOMDIR\\ ');
      const { report } = await deid(path, 'circle');
      expect(report.clean).toBe(LISTED - 1);
    });
  },
);
