// The names, ids, UIDs and dates that the senders planted, and the places where none of them may stand (RELIABILITY.md, G12).
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferSource } from '../../src/core/bytes.ts';
import { CharacterSet } from '../../src/dicom/character-set.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { findElement, stringsOf, textOf, valueBytes } from '../../src/dicom/values.ts';
import { TAG } from '../../src/standard/tags.ts';
import type { GatewayRig } from '../../test/support/custody/gateway-rig.ts';
import { templatesOf, UID_ROOT } from '../../test/support/custody/senders.ts';

const PLANTED = [
  TAG.PatientName,
  TAG.PatientID,
  TAG.PatientBirthDate,
  TAG.PatientBirthName,
  TAG.PatientAddress,
  TAG.PatientTelephoneNumbers,
  TAG.AccessionNumber,
  TAG.AdmissionID,
  TAG.ReferringPhysicianName,
  TAG.PerformingPhysicianName,
  TAG.OperatorsName,
  TAG.InstitutionName,
  TAG.InstitutionAddress,
  TAG.DeviceSerialNumber,
  TAG.StudyDate,
  TAG.StudyInstanceUID,
  TAG.SeriesInstanceUID,
  TAG.FrameOfReferenceUID,
] as const;
/** Shorter pieces of a name are found by chance. */
const SHORTEST = 5;

/** Where something planted was found. */
export interface Hit {
  readonly place: string;
  readonly term: string;
}

/** What the senders of a seed plant, each as its bytes stand in the data set and in UTF-8, both read as Latin-1. */
export async function plantedTerms(seed: number): Promise<string[]> {
  const terms = new Set([`${UID_ROOT}.`]);
  for (const { bytes } of templatesOf(seed)) {
    const { dataSet } = await readFile10(new BufferSource(bytes));
    const declared = findElement(dataSet.elements, TAG.SpecificCharacterSet);
    const plain = CharacterSet.of([]);
    const characterSet = CharacterSet.of(declared === undefined ? [] : stringsOf(dataSet, declared, plain));
    for (const tag of PLANTED) {
      const element = findElement(dataSet.elements, tag);
      if (element === undefined) continue;
      const raw = valueBytes(dataSet, element).toString('latin1');
      const decoded = Buffer.from(textOf(dataSet, element, characterSet), 'utf8').toString('latin1');
      for (const text of [raw, decoded])
        for (const piece of text.split(/[\^=\\\0]/)) if (piece.trim().length >= SHORTEST) terms.add(piece.trim());
    }
  }
  return [...terms];
}

/** Reads every place; call it while the processes run, and again at the end. */
export class PlaceReader {
  readonly #rig: GatewayRig;
  readonly #places = new Map<string, string>();

  constructor(rig: GatewayRig) {
    this.#rig = rig;
  }

  async look(): Promise<void> {
    this.#add('names of files', namesIn(this.#rig.directory).join('\n'));
    this.#add('names in the temporary directory', readdirSync(tmpdir()).join('\n'));
    const pids = this.#rig.processes.flatMap(({ pid }) => (pid === undefined ? [] : [String(pid)]));
    this.#add('process list', spawnSync('ps', ['-o', 'args=', '-p', pids.join(',')]).stdout.toString('latin1'));
    for (const { pid, role } of this.#rig.processes)
      for (const file of ['cmdline', 'environ', 'comm'])
        this.#add(`/proc of the ${role}`, pid === undefined ? '' : readOrNothing(`/proc/${pid}/${file}`));
    this.#add('status', JSON.stringify(await this.#rig.status().catch(() => ({}))));
    for (const path of ['/metrics', '/healthz', '/readyz', '/api/status'])
      this.#add(`page ${path}`, await fetchOrNothing(`http://127.0.0.1:${this.#rig.httpPort}${path}`));
    if (this.#rig.topology === 'roles') this.#add('Redis dump', await this.#rig.redisDump().catch(() => ''));
  }

  /** What stands where it must not. */
  hits(terms: readonly string[]): Hit[] {
    for (const name of readdirSync(this.#rig.directory))
      if (name.endsWith('.log')) this.#add(`log ${name}`, readOrNothing(join(this.#rig.directory, name)));
    return [...this.#places].flatMap(([place, text]) =>
      terms.filter((term) => text.includes(term)).map((term) => ({ place, term })),
    );
  }

  /** Bytes that were looked through, by place. */
  get sizes(): ReadonlyMap<string, number> {
    return new Map([...this.#places].map(([place, text]) => [place, text.length]));
  }

  #add(place: string, text: string): void {
    this.#places.set(place, `${this.#places.get(place) ?? ''}\n${text}`);
  }
}

/** Processes and their files come and go while we look. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}

async function fetchOrNothing(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return Buffer.from(await answer.arrayBuffer()).toString('latin1');
  } catch {
    return '';
  }
}
