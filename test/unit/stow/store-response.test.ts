import { describe, expect, it } from 'vitest';
import { readStoreResponse } from '../../../src/stow/store-response.ts';

const UID = '2.25.1';
const JSON_TYPE = 'application/dicom+json';
const XML_TYPE = 'application/dicom+xml';

const referenced = (uid: string, warning?: number): object => ({
  '00081199': {
    vr: 'SQ',
    Value: [
      {
        '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
        '00081155': { vr: 'UI', Value: [uid] },
        ...(warning === undefined ? {} : { '00081196': { vr: 'US', Value: [warning] } }),
      },
    ],
  },
});
const failed = (reason: unknown): object => ({
  '00081198': {
    vr: 'SQ',
    Value: [{ '00081155': { vr: 'UI', Value: [UID] }, '00081197': { vr: 'US', Value: [reason] } }],
  },
});

const attribute = (tag: string, content: string): string =>
  `<DicomAttribute tag="${tag}" vr="XX">${content}</DicomAttribute>`;
const model = (content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">\n${content}\n</NativeDicomModel>`;
const xmlReferenced = (uid: string): string =>
  attribute('00081199', `<Item number="1">${attribute('00081155', `<Value number="1">${uid}</Value>`)}</Item>`);
const xmlFailed = (reason: string): string =>
  attribute('00081198', `<Item number="1">${attribute('00081197', `<Value number="1">${reason}</Value>`)}</Item>`);

describe('an answer of STOW-RS', () => {
  it.each([
    [JSON_TYPE, JSON.stringify(referenced(UID)), { kind: 'stored', warningReason: 0 }],
    [JSON_TYPE, JSON.stringify([referenced(UID)]), { kind: 'stored', warningReason: 0 }],
    ['application/json', JSON.stringify(referenced(UID, 0xb000)), { kind: 'stored', warningReason: 0xb000 }],
    [JSON_TYPE, JSON.stringify(failed(0xa700)), { kind: 'failed', failureReason: 0xa700 }],
    [JSON_TYPE, JSON.stringify(failed('272')), { kind: 'failed', failureReason: 272 }],
    [JSON_TYPE, JSON.stringify({ ...referenced(UID), ...failed(272) }), { kind: 'failed', failureReason: 272 }],
    [
      JSON_TYPE,
      JSON.stringify({ '0008119A': { vr: 'SQ', Value: [{}] } }),
      { kind: 'failed', failureReason: undefined },
    ],
    [XML_TYPE, model(xmlReferenced(UID)), { kind: 'stored', warningReason: 0 }],
    ['text/xml', model(`<!-- a note -->${xmlFailed('42752')}`), { kind: 'failed', failureReason: 42_752 }],
  ])('%s tells what became of the instance', (type, body, result) => {
    expect(readStoreResponse(type, body, UID)).toEqual(result);
  });

  it.each([
    ['names another instance', JSON_TYPE, JSON.stringify(referenced('2.25.2'))],
    ['is empty', JSON_TYPE, ''],
    ['is no JSON', JSON_TYPE, '{"00081199":'],
    ['is a list', JSON_TYPE, '[1, 2]'],
    ['is of another media type', 'text/html', JSON.stringify(referenced(UID))],
    ['has attributes without values', JSON_TYPE, '{"00081199":{"vr":"SQ"}}'],
    ['names another instance in XML', XML_TYPE, model(xmlReferenced('2.25.2'))],
    ['is cut off', XML_TYPE, model(xmlReferenced(UID)).slice(0, -10)],
    ['has a document type', XML_TYPE, `<!DOCTYPE x [<!ENTITY u "${UID}">]>${model(xmlReferenced('&u;'))}`],
    ['closes what it did not open', XML_TYPE, `${model(xmlReferenced(UID))}</NativeDicomModel>`],
    ['is another document', XML_TYPE, '<html><body>stored</body></html>'],
    ['is nested too deeply', XML_TYPE, model('<a>'.repeat(100_000))],
  ])('that %s tells nothing', (_, type, body) => {
    expect(readStoreResponse(type, body, UID)).toEqual({ kind: 'unknown' });
  });
});
