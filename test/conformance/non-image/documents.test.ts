// Encapsulated documents through the whole pipeline (PS3.3 A.45, A.85, C.24.2; PS3.15 E.1, 2026d).
import { describe, expect, it } from 'vitest';

import { valueBytes } from '../../../src/dicom/values.ts';
import { parseProfile } from '../../../src/profile/load.ts';
import {
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { cda } from '../../unit/documents/support/cda.ts';
import { instanceOf, leaksIn, prepare, profile } from './support/prepare.ts';
import type { Prepared } from './support/prepare.ts';

const CDA = '1.2.840.10008.5.1.4.1.1.104.2';
const OBJ = '1.2.840.10008.5.1.4.1.1.104.4';
const RAW = '1.2.840.10008.5.1.4.1.1.66';

function document(sopClassUid: string, mimeType: string, bytes: Buffer) {
  const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
  return instanceOf(sopClassUid, 'DOC')
    .putAll({
      BurnedInAnnotation: 'YES',
      DocumentTitle: 'Chest report of Josephine Quimbleton',
      MIMETypeOfEncapsulatedDocument: mimeType,
      HL7InstanceIdentifier: '1.2.999.77^ACQ55128',
      ConversionType: 'WSD',
    })
    .put('EncapsulatedDocument', 'OB', padded)
    .put('EncapsulatedDocumentLength', 'UL', [bytes.length])
    .sequence('ConceptNameCodeSequence', []);
}

function contentOf(result: Prepared): Buffer {
  const { dataSet } = result;
  const found = result.element('EncapsulatedDocument');
  if (found === undefined) throw new Error('no document');
  return valueBytes(dataSet, found);
}

const REPORT = cda({ body: '<text><paragraph>Nodule of 14 mm, Josephine Quimbleton</paragraph></text>' });

describe('an encapsulated document', () => {
  it.each([EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN])(
    'is cleaned and put back with its length, in %s',
    async (transferSyntaxUid) => {
      const result = await prepare(
        document(CDA, 'text/xml', Buffer.from(REPORT)),
        await profile('research'),
        transferSyntaxUid,
      );
      const bytes = contentOf(result);
      expect(leaksIn(result.bytes)).toEqual([]);
      expect(bytes.toString()).toContain('Nodule of 14 mm');
      expect(bytes.length % 2).toBe(0);
      const length = valueBytes(
        result.dataSet,
        result.element('EncapsulatedDocumentLength') ?? expect.fail('no length'),
      );
      const told = transferSyntaxUid === EXPLICIT_VR_BIG_ENDIAN ? length.readUInt32BE() : length.readUInt32LE();
      expect(bytes.length - told).toBeLessThan(2);
      expect(bytes.toString('utf8', 0, told).trimEnd().endsWith('</ClinicalDocument>')).toBe(true);
      expect(result.text('BurnedInAnnotation')).toBe('NO');
      expect(result.text('DocumentTitle')).toContain('Chest report');
      expect(result.receipt.documents?.[0]).toMatchObject({ kind: 'cda' });
      expect(result.receipt.actions.find(({ path }) => path === '(0042,0011)')?.action).toBe('clean');
    },
  );

  it('the same input gives the same bytes', async () => {
    const once = await prepare(document(CDA, 'text/xml', Buffer.from(REPORT)), await profile('tcia'));
    const again = await prepare(document(CDA, 'text/xml', Buffer.from(REPORT)), await profile('tcia'));
    expect(once.bytes.equals(again.bytes)).toBe(true);
  });

  it('a profile that keeps no text keeps no document either: an empty one of its kind takes its place', async () => {
    for (const name of ['basic', 'keep-dates', 'strict']) {
      const asked = await profile(name);
      expect(asked.documents).toBe('empty');
      const instance = document(CDA, 'text/xml', Buffer.from(REPORT)).put('BurnedInAnnotation', 'CS', 'NO');
      const result = await prepare(instance, asked);
      expect(contentOf(result).toString()).toContain('<ClinicalDocument xmlns="urn:hl7-org:v3"/>');
      expect(leaksIn(result.bytes)).toEqual([]);
      expect(result.receipt.documents).toBeUndefined();
    }
  });

  it('the profile may ask for a clean document, an empty one, or none', async () => {
    const asked = (text: string) => parseProfile(`name: t\nversion: 1\n${text}`, 't.yaml');
    const instance = document(CDA, 'text/xml', Buffer.from(REPORT));
    expect(contentOf(await prepare(instance, asked('documents: clean'))).toString()).toContain('Nodule');
    const emptied = await prepare(instance, asked('options: [clean-descriptors]\ndocuments: empty'));
    expect(contentOf(emptied).toString()).not.toContain('Nodule');
    await expect(prepare(instance, asked('documents: quarantine'))).rejects.toMatchObject({
      reason: 'profile-quarantine',
    });
    const removed = await prepare(
      instanceWithTextIn(RAW),
      asked('documents: clean\nrules: [{ tag: EncapsulatedDocument, action: remove }]'),
    );
    expect(removed.element('EncapsulatedDocument')).toBeUndefined();
  });

  it('stands in an instance of any SOP class', async () => {
    const result = await prepare(instanceWithTextIn(RAW), await profile('research'));
    expect(contentOf(result).toString()).toContain('Nodule');
    expect(leaksIn(result.bytes)).toEqual([]);
  });

  it.each([
    ['a MIME type that is not known', document(RAW, 'application/zip', Buffer.from('PK\x03\x04'))],
    ['bytes of another kind', document(CDA, 'text/xml', Buffer.from('%PDF-1.7 Quimbleton'))],
    ['a MIME type that is not of the SOP class', document(OBJ, 'text/xml', Buffer.from(REPORT))],
    ['a document type', document(CDA, 'text/xml', Buffer.from(cda({ before: '<!DOCTYPE a>' })))],
    ['nothing in it', document(CDA, 'text/xml', Buffer.alloc(0))],
  ])('is held back with %s', async (_, instance) => {
    await expect(prepare(instance, await profile('research'))).rejects.toMatchObject({ reason: 'document-unreadable' });
  });

  it('what stands behind the length that is told belongs to it', async () => {
    const hidden = document(RAW, 'text/plain', Buffer.from('Nodule. Quimbleton')).put(
      'EncapsulatedDocumentLength',
      'UL',
      [6],
    );
    const result = await prepare(hidden, await profile('research'));
    expect(leaksIn(result.bytes)).toEqual([]);
  });
});

function instanceWithTextIn(sopClassUid: string) {
  return document(sopClassUid, 'text/plain', Buffer.from('Nodule of Josephine Quimbleton, MRQ-4711082'));
}
