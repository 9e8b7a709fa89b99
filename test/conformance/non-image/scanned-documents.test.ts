// Documents whose pages are pictures, through the whole pipeline (PS3.3 A.45.1; PS3.15 E.3.1, 2026d): the pictures are looked at as those of images are.
import { afterAll, describe, expect, it } from 'vitest';

import { valueBytes } from '../../../src/dicom/values.ts';
import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { parseProfile } from '../../../src/profile/load.ts';
import { everyByte, isAnywhere } from '../../support/documents/pdf-tools.ts';
import { inkOfLine, scannedPdf } from '../../support/documents/scanned-pdf.ts';
import { instanceOf, prepare, PLANTED } from './support/prepare.ts';
import type { Prepared } from './support/prepare.ts';

const PDF = '1.2.840.10008.5.1.4.1.1.104.1';
const CLEAN = 'options: [clean-pixel-data, clean-descriptors]\ndocuments: clean';
const PRINTED = [
  'Patient Quimbleton, Josephine',
  'LEFT LUNG NODULE',
  'Referred by Dr. Adaezebeth Okonkwonsen',
  '120 kV 200 mA',
  'ID MRQ-4711082',
];

function instance(bytes: Buffer) {
  const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
  return instanceOf(PDF, 'DOC')
    .putAll({ BurnedInAnnotation: 'YES', ConversionType: 'SD', MIMETypeOfEncapsulatedDocument: 'application/pdf' })
    .put('EncapsulatedDocument', 'OB', padded)
    .put('EncapsulatedDocumentLength', 'UL', [bytes.length])
    .sequence('ConceptNameCodeSequence', []);
}

function clean(bytes: Buffer, pixels: string): Promise<Prepared> {
  return prepare(instance(bytes), parseProfile(`name: t\nversion: 1\n${CLEAN}\npixels: ${pixels}\n`, 't.yaml'));
}

function documentIn(result: Prepared): Buffer {
  return valueBytes(result.dataSet, result.element('EncapsulatedDocument') ?? expect.fail('no document'));
}

describe('a scanned page', { timeout: 300_000 }, () => {
  afterAll(() => closePixelThreads());

  it('loses its names and numbers and keeps the words that its profile keeps', async () => {
    const scan = await scannedPdf([PRINTED]);
    const result = await clean(scan, '{ text: identifying }');
    const cleaned = documentIn(result);
    for (const line of [0, 2, 4]) expect(await inkOfLine(cleaned, line), PRINTED[line]).toBe(0);
    for (const line of [1, 3])
      expect(await inkOfLine(cleaned, line)).toBeGreaterThan(0.9 * (await inkOfLine(scan, line)));
    for (const word of PLANTED) expect(isAnywhere(everyByte(cleaned), word), word).toBe(false);
    expect(result.text('BurnedInAnnotation')).toBe('NO');
    const findings = result.receipt.documents?.[0].findings ?? [];
    expect(findings.find(({ kind }) => kind === 'picture-region')?.count).toBeGreaterThanOrEqual(3);
  });

  it('keeps nothing that its profile does not keep', async () => {
    const cleaned = documentIn(await clean(await scannedPdf([PRINTED]), '{ text: blank, keepText: [exposure] }'));
    expect(await inkOfLine(cleaned, 1)).toBe(0);
    expect(await inkOfLine(cleaned, 3)).toBeGreaterThan(0);
  });

  it('is held back where the profile holds back whatever has text', async () => {
    await expect(clean(await scannedPdf([PRINTED]), '{ text: detect }')).rejects.toMatchObject({
      reason: 'burned-in-unresolved',
    });
  });

  it('is looked at as well where the profile leaves the pixels of images alone', async () => {
    const text = 'name: t\nversion: 1\noptions: [clean-descriptors]\ndocuments: clean\npixels: { text: off }\n';
    const cleaned = documentIn(await prepare(instance(await scannedPdf([PRINTED])), parseProfile(text, 't.yaml')));
    expect(await inkOfLine(cleaned, 0)).toBe(0);
  });
});
