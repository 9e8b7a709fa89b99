// The made-up clinic of the demo: its files, and sending them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildClinic, type SyntheticInstance } from '../../synthetic/clinic.ts';
import { printLine, printNotice } from '../output.ts';
import { requireAeTitle, type PeerAddress } from '../peer-address.ts';
import { sendFiles, type SendReport } from '../send/send-files.ts';

/** Writes the files of the clinic into a new folder. */
export async function openClinic(folder: string): Promise<readonly SyntheticInstance[]> {
  const clinic = buildClinic();
  await mkdir(folder);
  for (const { fileName, bytes } of clinic) await writeFile(join(folder, fileName), bytes);
  return clinic;
}

export function sendClinicFrom(folder: string, peer: PeerAddress): Promise<SendReport> {
  return sendFiles([folder], peer, requireAeTitle('CLINIC'));
}

export function modalitiesOf(clinic: readonly SyntheticInstance[]): string {
  return [...new Set(clinic.map(({ modality }) => modality))].sort().join(', ');
}

/** Sends the clinic to a gateway that runs; resolves with whether it took everything. */
export async function sendClinicTo(peer: PeerAddress): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-clinic-'));
  try {
    const clinic = await openClinic(join(folder, 'clinic'));
    const { sent, failures } = await sendClinicFrom(join(folder, 'clinic'), peer);
    printLine(`The clinic sent ${sent} of ${clinic.length} instances of made-up patients (${modalitiesOf(clinic)}).`);
    if (failures.length > 0) printNotice(`not taken: ${failures.length}, the first because ${failures[0].why}`);
    return failures.length === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
