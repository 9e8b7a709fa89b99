// Every file of the shared corpus: read or refused as dcmdump (DCMTK 3.6.7) does, and written back byte for byte.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../src/core/bytes.ts';
import { InstanceError } from '../../src/core/errors.ts';
import type { Element, OutputElement } from '../../src/dicom/element.ts';
import { openFileSource } from '../../src/dicom/file-source.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { collectPlan } from '../../src/dicom/plan-io.ts';
import { splice } from '../../src/dicom/writer.ts';
import { corpusFiles, hasCorpus, pathOf, type CorpusFile } from '../support/corpus.ts';

/** What is refused, by number of the file: what is wrong, and at which byte of the file. dcmdump refuses the same files. */
const REFUSED: Readonly<Record<string, readonly [offset: number, message: RegExp]>> = {
  '156': [1932, /where an item of the sequence \(0040,A170\) should/],
  '157': [132, /announces 1330384958 bytes, 722 are left/],
  '161': [1456, /has no VR/],
  '163': [1136, /stands where an element should/],
  '177': [132, /announces 1086540481 bytes, 172 are left/],
  '188': [0, /announces 25632 bytes, 23808 are left/],
  '190': [1488, /\(7FE0,0010\) announces 8192 bytes, 8130 are left/],
  '191': [356, /the data set is in implicit VR/],
  '194': [0, /announces 173228800 bytes, 38863 are left/],
  '195': [1410, /\(300A,00B0\) announces 976 bytes, 711 are left/],
  '198': [40316, /\(7FE0,0010\) ends where its sequence delimitation item should stand/],
};

const FILES: readonly CorpusFile[] = hasCorpus
  ? (['general', 'burned-in', 'malformed'] as const).flatMap((category) => corpusFiles(category))
  : [];

function numberOf({ file }: CorpusFile): string {
  return /\/(\d+)_/.exec(file)?.[1] ?? file;
}

const keep = (element: Element): OutputElement => ({ kind: 'kept', element });

function opened(element: Element): OutputElement {
  if (element.items === undefined) return keep(element);
  const items = element.items.map((original) => ({ original, elements: original.elements.map(opened) }));
  return { kind: 'sequence', tag: element.tag, original: element, items };
}

describe.skipIf(!hasCorpus)('the corpus', () => {
  it.each(FILES.filter((file) => !(numberOf(file) in REFUSED)).map((file) => [file.file, file] as const))(
    '%s is read, from memory as from a file, and leaves byte for byte',
    async (_, file) => {
      const bytes = readFileSync(pathOf(file));
      const { dataSet, dataSetStart, transferSyntax } = await readFile10(new BufferSource(bytes));
      const onDisk = await openFileSource(pathOf(file));
      try {
        const again = await readFile10(onDisk);
        expect(again.dataSet.elements).toEqual(dataSet.elements);
        const expected = transferSyntax.isDeflated
          ? await dataSet.source.read(0, dataSet.source.size)
          : bytes.subarray(dataSetStart);
        for (const one of [dataSet, again.dataSet]) {
          for (const each of [keep, opened]) {
            const plan = splice({ ...one, elements: one.elements.map(each) });
            expect(plan.pieces).toHaveLength(1);
            expect((await collectPlan(plan)).equals(expected)).toBe(true);
          }
        }
        await again.dataSet.close?.();
      } finally {
        await dataSet.close?.();
        await onDisk.close();
      }
      // dcmdump reads it as well.
      expect(file.readers.dcmdumpExit).toBe(0);
    },
  );

  it.each(FILES.filter((file) => numberOf(file) in REFUSED).map((file) => [file.file, file] as const))(
    '%s is refused with what is wrong and where',
    async (_, file) => {
      const start = performance.now();
      const [offset, message] = REFUSED[numberOf(file)];
      const reading = readFile10(new BufferSource(readFileSync(pathOf(file))));
      await expect(reading).rejects.toBeInstanceOf(InstanceError);
      await expect(reading).rejects.toMatchObject({ reason: 'unparsable', offset });
      await expect(reading).rejects.toThrow(message);
      expect(performance.now() - start).toBeLessThan(2_000);
      expect(file.readers.dcmdumpExit).toBe(1);
    },
  );
});
