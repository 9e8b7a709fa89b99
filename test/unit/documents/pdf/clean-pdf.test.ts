import { describe, expect, it } from 'vitest';
import { DEFAULT_DOCUMENT_LIMITS } from '../../../../src/documents/document.ts';
import { examinePdf } from '../../../support/documents/examine-pdf.ts';
import { judgeOf } from '../../../support/documents/pdf-judge.ts';
import { isPopplerInstalled, popplerPictures } from '../../../support/documents/pdf-tools.ts';
import { EMBEDDED_SAMPLES, KNOWN, TEXT_SAMPLES, type PdfSample } from '../../../support/documents/pdf-samples.ts';
import { PART_SAMPLES } from '../../../support/documents/pdf-part-samples.ts';
import { TRICKED_NAME, TRICK_SAMPLES } from '../../../support/documents/pdf-trick-samples.ts';
import { judgeOf as judgeOfPatient } from '../support/patient.ts';

/** Half of what is usual: these tests are many. */
const LIMITS = { ...DEFAULT_DOCUMENT_LIMITS, maxPagePixels: 2_000_000 };
/** Thin strokes are less than a pixel wide at 72 dpi, and pages are drawn with half of the usual pixels. */
const LEAST_SHOWN = 0.75;

async function check(sample: PdfSample, judge = judgeOf(KNOWN)): Promise<void> {
  const examined = await examinePdf(sample, { judge, limits: LIMITS });
  expect(examined.leaks).toEqual([]);
  expect(examined.lost).toEqual([]);
  expect(examined.pages).toBe(sample.pages ?? 1);
  expect(examined.isRead).toBe(sample.isRead === true);
  expect(examined.left).toBeLessThan(5);
  expect(examined.similarity.all).toBeGreaterThan(0.98);
  expect(examined.similarity.shown).toBeGreaterThan(LEAST_SHOWN);
}

const named = (samples: readonly PdfSample[]) => samples.map((sample) => [sample.name, sample] as const);

describe('a cleaned PDF keeps its words and its look, and loses the patient', { timeout: 180_000 }, () => {
  it.each(named([...TEXT_SAMPLES, ...EMBEDDED_SAMPLES, ...PART_SAMPLES]))('%s', async (_, sample) => {
    await check(sample);
  });
});

describe.skipIf(!isPopplerInstalled)('a cleaned PDF holds a picture of each page', { timeout: 180_000 }, () => {
  it.each(named(PART_SAMPLES.filter(({ name }) => ['form fields', 'a thumbnail', 'a scanned page'].includes(name))))(
    'and no other: %s',
    async (_, sample) => {
      const { bytes } = await examinePdf(sample, { judge: judgeOf(KNOWN), limits: LIMITS });
      expect(popplerPictures(bytes)).toHaveLength(1);
    },
  );
});

describe('a name that is written to be overlooked is found', { timeout: 180_000 }, () => {
  const judge = judgeOfPatient(-10, TRICKED_NAME);

  it.each(named(TRICK_SAMPLES))('%s', async (_, sample) => {
    await check(sample, judge);
  });
});
