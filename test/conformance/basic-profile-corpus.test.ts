// Every file of the shared corpus through the engine: read, de-identified, written, read again. What is kept is byte-identical,
// and no identifying value of the original stands anywhere in the output.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { BufferSource } from '../../src/core/bytes.ts';
import { InstanceError } from '../../src/core/errors.ts';
import { deidentify } from '../../src/deid/deidentify.ts';
import { readIdentity } from '../../src/deid/identity.ts';
import { ProjectKeys } from '../../src/deid/keys.ts';
import type { DeidOutcome } from '../../src/deid/outcome.ts';
import type { DataSet, Element, OutputElement } from '../../src/dicom/element.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import type { File10 } from '../../src/dicom/part10.ts';
import { collectPlan } from '../../src/dicom/plan-io.ts';
import { parseDataSetSync } from '../../src/dicom/reader.ts';
import { splice } from '../../src/dicom/writer.ts';
import { loadProfile } from '../../src/profile/load.ts';
import type { CompiledProfile } from '../../src/profile/compiled.ts';
import { isStandardUid } from '../../src/standard/uids.ts';
import { DUMMY_DATE } from '../../src/deid/dummies.ts';
import { corpusFiles, hasCorpus, pathOf } from '../support/corpus.ts';
import type { CorpusFile } from '../support/corpus.ts';

const PROFILES = new URL('../../profiles', import.meta.url).pathname;
const KEYS = new ProjectKeys(Buffer.alloc(32, 9));

/** Quarantined under `basic`: DICOMDIRs, worklists and fragments, none of which is a stored instance. */
const NO_INSTANCES: Readonly<Record<string, string>> = {
  '003': 'uid-mismatch',
  '052': 'unknown-sop-class',
  '054': 'uid-mismatch',
  '055': 'uid-mismatch',
  '058': 'uid-mismatch',
  '096': 'uid-mismatch',
  '102': 'uid-mismatch',
  '103': 'uid-mismatch',
};
/** What stands in name fields of the corpus and is no name, and in vocabularies or markers too. */
const NO_NAMES = new Set(['philips', 'compression', 'compressed', 'unknown', 'removed', 'test', 'name', 'text']);

const FILES = hasCorpus ? corpusFiles('general') : [];

function numberOf({ file }: CorpusFile): string {
  return /\/(\d+)_/.exec(file)?.[1] ?? file;
}

interface Cleaned {
  readonly file: File10;
  readonly outcome: DeidOutcome;
  readonly bytes: Buffer;
}

async function clean(path: string, profile: CompiledProfile): Promise<Cleaned> {
  const file = await readFile10(new BufferSource(readFileSync(path)));
  const { patientId, name } = readIdentity(file.dataSet);
  const subjectId = KEYS.hash('subject', `${patientId} ${name}`, 12);
  const subject = { subjectId, subjectName: subjectId, shiftDays: KEYS.shiftDays(patientId, profile.maxShiftDays) };
  const transferSyntaxUid = file.transferSyntax.uid;
  const outcome = deidentify({ dataSet: file.dataSet, transferSyntaxUid, profile, subject, keys: KEYS });
  return { file, outcome, bytes: await collectPlan(splice(outcome.output)) };
}

/** Identifying texts of an original, in the bytes that they have there. */
function identifiersOf(dataSet: DataSet, elements: readonly Element[], found = new Set<string>()): ReadonlySet<string> {
  for (const { tag, vr, items, valueStart, valueLength } of elements) {
    if (items !== undefined) for (const item of items) identifiersOf(dataSet, item.elements, found);
    const value = valueLength > 256 ? undefined : dataSet.source.view(valueStart, valueLength);
    const texts = (value?.toString('latin1') ?? '').split('\\').map((text) => text.replace(/[\0 ]+$/, '').trim());
    for (const text of texts) for (const token of tokensOf(tag, vr, text)) found.add(token);
  }
  return found;
}

const CLASSES = new Set([
  0x00080016, 0x00081150, 0x0008010c, 0x00080117, 0x00080118, 0x0008001a, 0x0008001b, 0x00080062,
]);

function tokensOf(tag: number, vr: string, text: string): readonly string[] {
  if (vr === 'PN')
    return text
      .split(/[\^= ,]+/)
      .filter((part) => part.length >= 4 && /\D/.test(part) && !NO_NAMES.has(part.toLowerCase()));
  if (vr === 'UI') return CLASSES.has(tag) || isStandardUid(text) || text.length < 10 ? [] : [text];
  if (vr === 'DA' || vr === 'DT') return /^\d{8}/.test(text) && !text.startsWith(DUMMY_DATE) ? [text.slice(0, 8)] : [];
  const isId = tag === 0x00100020 || tag === 0x00080050 || tag === 0x00101000;
  return isId && text.length >= 5 && !NO_NAMES.has(text.toLowerCase()) ? [text] : [];
}

/** Ranges of the original that the output says it keeps, inside sequences too. */
function* keptRanges(elements: readonly OutputElement[]): Generator<Element> {
  for (const element of elements) {
    if (element.kind === 'kept') yield element.element;
    else if (element.kind === 'sequence') for (const item of element.items) yield* keptRanges(item.elements);
  }
}

/** The text of everything but pixel data, where a chance hit means nothing. */
function headerText(dataSet: DataSet): string {
  return dataSet.elements
    .filter(({ tag }) => tag >>> 16 !== 0x7fe0)
    .map(({ start, end }) => dataSet.source.view(start, end - start)?.toString('latin1') ?? '')
    .join('\n');
}

describe.skipIf(!hasCorpus)('the shared corpus under the profile basic', () => {
  it.each(FILES)('$file', async (file) => {
    const profile = await loadProfile('basic', [PROFILES]);
    const number = numberOf(file);
    if (number in NO_INSTANCES) {
      const refused = NO_INSTANCES[number];
      await expect(clean(pathOf(file), profile)).rejects.toMatchObject({ reason: refused });
      return;
    }
    const { file: before, outcome, bytes } = await clean(pathOf(file), profile);
    const after = parseDataSetSync(bytes, { transferSyntax: before.transferSyntax });
    expect(after.elements.length).toBe(outcome.output.elements.length);
    const text = headerText(after);
    for (const token of identifiersOf(before.dataSet, before.dataSet.elements)) {
      expect(text.includes(token), `an identifier of ${token.length} characters is left`).toBe(false);
    }
    for (const { start, end } of keptRanges(outcome.output.elements)) {
      const range = before.dataSet.source.view(start, end - start);
      expect(range === undefined || bytes.includes(range)).toBe(true);
    }
  });

  it('loses no more than the files that are no instances', async () => {
    const profile = await loadProfile('basic', [PROFILES]);
    const delivered: string[] = [];
    for (const file of FILES) {
      const result = await clean(pathOf(file), profile).catch((error: unknown) => error);
      if (!(result instanceof Error)) delivered.push(file.file);
    }
    expect(delivered).toHaveLength(FILES.length - Object.keys(NO_INSTANCES).length);
  });
});

describe.skipIf(!hasCorpus)('the shared corpus under the other profiles and the malformed files', () => {
  it.each(['research', 'strict'])(
    '%s passes or holds back with a reason, and writes what can be read again',
    async (name) => {
      const profile = await loadProfile(name, [PROFILES]);
      for (const file of FILES) {
        const result = await clean(pathOf(file), profile).catch((error: unknown) => error);
        if (result instanceof InstanceError) continue;
        if (result instanceof Error) throw result;
        const { bytes, file: before } = result as Cleaned;
        expect(() => parseDataSetSync(bytes, { transferSyntax: before.transferSyntax })).not.toThrow();
      }
    },
  );

  it.each(hasCorpus ? corpusFiles('malformed') : [])('$file is cleaned or held back, quickly', async (file) => {
    const profile = await loadProfile('basic', [PROFILES]);
    const started = performance.now();
    const result = await clean(pathOf(file), profile).catch((error: unknown) => error);
    if (result instanceof Error) expect(result).toBeInstanceOf(InstanceError);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
