// Encapsulated CDA: the header by its structure, narrative and entries by the judge, bombs bounded.
import { describe, expect, it } from 'vitest';

import { DOMParser } from '@xmldom/xmldom';

import { cleanDocument } from '../../../src/documents/clean-document.ts';
import { cda } from './support/cda.ts';
import type { CdaParts } from './support/cda.ts';
import { expectNothingPlanted, HARMLESS, jobOf, judgeOf, PLANTED, shareOfWords } from './support/patient.ts';
import type { JobChange } from './support/patient.ts';

const OF_HEADER = ['waldemarius', 'theodosius', 'vandersteen', 'obersteinbach', '5551234', '1234567893', '078-05-1120'];

async function clean(parts: CdaParts | Buffer, change: JobChange = {}) {
  const result = await cleanDocument('cda', 'text/xml', jobOf(Buffer.isBuffer(parts) ? parts : cda(parts), change));
  expectNothingPlanted(result, [...PLANTED, ...OF_HEADER]);
  const text = result.bytes.toString();
  // What leaves is well formed.
  new DOMParser({ onError: (_, message) => expect.fail(message) }).parseFromString(text, 'text/xml');
  return { text, findings: new Map(result.findings.map(({ kind, count }) => [kind, count])) };
}

async function reasonOf(bytes: string | Buffer): Promise<unknown> {
  return cleanDocument('cda', 'text/xml', jobOf(bytes)).then(
    () => 'clean',
    (error: unknown) => (error as { reason?: string }).reason,
  );
}

const PARAGRAPH = (text: string): CdaParts => ({
  body: `<title>Findings</title><text><paragraph>${text}</paragraph></text>`,
});

describe('the header', () => {
  it('people, places, ids and contacts are masked, and the elements that the schema requires stay', async () => {
    const { text } = await clean({});
    for (const element of [
      'recordTarget',
      'patientRole',
      'author',
      'assignedAuthor',
      'custodian',
      'representedOrganization',
    ])
      expect(text).toContain(`<${element}`);
    expect(text).toContain('<name nullFlavor="MSK"/>');
    expect(text).toContain('<addr nullFlavor="MSK"/>');
    expect(text).toContain('<telecom nullFlavor="MSK"/>');
    expect(text).toContain('<birthTime nullFlavor="MSK"/>');
  });

  it('an id of a registered system loses its number, one of a hospital becomes a UID', async () => {
    const { text } = await clean({});
    expect(text).toContain('<id nullFlavor="MSK" root="2.16.840.1.113883.4.6"/>');
    expect(text).toMatch(/<id root="2\.25\.\d+"\/>/);
    expect(text).not.toContain('1.2.999');
  });

  it('nobody to make UIDs: the id is masked', async () => {
    expect((await clean({}, { hasUids: false })).text).not.toContain('2.25.');
  });

  it('what describes the document stays: type, templates, codes, language', async () => {
    const { text } = await clean({});
    expect(text).toContain('<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>');
    expect(text).toContain('<templateId root="2.16.840.1.113883.10.20.6" extension="2014-06-09"/>');
    expect(text).toContain('displayName="Diagnostic Imaging Report"');
    expect(text).toContain('<languageCode code="en-US"/>');
  });

  it('times move with the dates of the data set, their time and zone stay', async () => {
    const { text } = await clean({});
    expect(text).toContain('<effectiveTime value="20200229143000+0100"/>');
    expect(text).toContain('<time value="20200229"/>');
  });

  it('times go where dates go', async () => {
    const { text } = await clean({}, { judge: judgeOf(null) });
    expect(text).toContain('<effectiveTime nullFlavor="MSK"/>');
  });

  it('a year alone stays, a month moves with its days', async () => {
    const { text } = await clean({
      header:
        '<documentationOf><serviceEvent classCode="ACT"><effectiveTime><low value="2018"/><high value="201901"/></effectiveTime></serviceEvent></documentationOf>',
    });
    expect(text).toContain('<low value="2018"/>');
    expect(text).toContain('<high value="201901"/>');
  });

  it('sex and race stay only where the profile keeps characteristics', async () => {
    expect((await clean({})).text).toContain('<administrativeGenderCode code="F"');
    expect((await clean({}, { keepsCharacteristics: false })).text).toContain(
      '<administrativeGenderCode nullFlavor="MSK"/>',
    );
  });

  it('participants, encounters, authenticators and informants are masked like everybody else', async () => {
    const { text } = await clean({
      header:
        '<legalAuthenticator><time value="20200310"/><signatureCode code="S"/><sdtc:signatureText mediaType="text/plain">Signed by Quimbleton</sdtc:signatureText><assignedEntity><id root="1.2.999.9" extension="MRQ-4711082"/><assignedPerson><name>Adaezebeth Okonkwonsen</name></assignedPerson></assignedEntity></legalAuthenticator>' +
        '<participant typeCode="REF"><associatedEntity classCode="PROV"><associatedPerson><name><family>Okonkwonsen</family></name></associatedPerson></associatedEntity></participant>' +
        '<componentOf><encompassingEncounter><id root="1.2.999.4" extension="ACQ55128"/><effectiveTime value="20200310"/><location><healthCareFacility><location><name>Taunusblickheim Ward 3</name><addr>Hirschgrabenallee 23</addr></location></healthCareFacility></location></encompassingEncounter></componentOf>',
    });
    expect(text).toContain('<signatureCode code="S"/>');
    expect(text).not.toContain('signatureText');
  });
});

describe('the body', () => {
  it('narrative keeps its words and loses who it is about', async () => {
    const { text, findings } = await clean(PARAGRAPH(`${HARMLESS} Patient Josephine Quimbleton, MRQ-4711082.`));
    expect(shareOfWords(text, HARMLESS.split(' '))).toBeGreaterThanOrEqual(0.99);
    expect(findings.get('name')).toBeGreaterThan(0);
  });

  it('finds names that only the header tells', async () => {
    const { text } = await clean(
      PARAGRAPH('Discussed with Vandersteen and her son Waldemarius at Kreiskrankenhaus Obersteinbach.'),
    );
    expect(text).toContain('Discussed');
  });

  it('finds a name that markup splits', async () => {
    const { text } = await clean(
      PARAGRAPH('The lesion of <content styleCode="Bold">Quim</content>ble<sub>ton</sub> is stable'),
    );
    expect(text).toContain('The lesion of');
    expect(text).toContain('is stable');
    expect(text.replace(/<[^>]*>/g, '').toLowerCase()).not.toContain('quimbleton');
  });

  it('reads a row of a table as one line', async () => {
    const { text } = await clean({
      body: '<text><table><tbody><tr><th>Patient name</th><td>Xaverius Brodbeckler</td></tr><tr><td>Size</td><td>14 mm</td></tr></tbody></table></text>',
    });
    expect(text).not.toContain('Brodbeckler');
    expect(text).toContain('14 mm');
  });

  it('lists, captions, footnotes and CDATA are narrative too', async () => {
    const { text } = await clean({
      body: '<text><list><caption>Seen by</caption><item>Josephine Quimbleton</item><item>Right kidney normal</item></list><footnote ID="f1">MRQ-4711082</footnote><paragraph><![CDATA[Quimbleton <14> & mm]]></paragraph></text>',
    });
    expect(text).toContain('Right kidney normal');
    expect(text).toContain('&lt;14&gt; &amp; mm');
  });

  it('codes and quantities of entries stay, their texts are judged', async () => {
    const { text } = await clean({
      body: '<text>x</text><entry><observation classCode="OBS" moodCode="EVN"><code code="246120007" codeSystem="2.16.840.1.113883.6.96" displayName="Nodule size of Quimbleton"><originalText>size (Okonkwonsen)</originalText></code><statusCode code="completed"/><effectiveTime value="20200310"/><value xsi:type="PQ" value="1234567" unit="mm"/></observation></entry>',
    });
    expect(text).toContain('code="246120007"');
    expect(text).toContain('<value xsi:type="PQ" value="1234567" unit="mm"/>');
    expect(text).toContain('displayName="Nodule size');
    expect(text).toContain('<statusCode code="completed"/>');
  });

  it('comments, instructions, foreign elements and unknown attributes go', async () => {
    const { text, findings } = await clean({
      before: '<?xml-stylesheet href="quimbleton.xsl"?><!-- Quimbleton -->',
      attributes:
        'xmlns:v="urn:vendor" v:patient="Quimbleton" xsi:schemaLocation="urn:hl7-org:v3 file:///Quimbleton.xsd"',
      body: '<text><!-- MRQ-4711082 -->ok<?note Quimbleton?></text><v:extra>Quimbleton</v:extra><quimbleton/>',
    });
    expect(text).not.toMatch(/<!--|<\?note|stylesheet|vendor/);
    expect(findings.get('comment')).toBe(2);
  });

  it('links that lead out go, those inside stay and are called otherwise where they name', async () => {
    const { text } = await clean({
      body: '<text><linkHtml href="http://pacs/quimbleton">images</linkHtml><content ID="quimbleton-1">nodule</content><linkHtml href="#quimbleton-1">see</linkHtml><content ID="n2">b</content></text>',
    });
    expect(text).toContain('ID="anchor-1"');
    expect(text).toContain('href="#anchor-1"');
    expect(text).toContain('ID="n2"');
    expect(text).not.toContain('http://pacs');
  });

  it('pictures and packed data are taken out', async () => {
    const { text } = await clean({
      body: `<text>x</text><entry><observationMedia classCode="OBS" moodCode="EVN"><value xsi:type="ED" mediaType="image/png" representation="B64">${Buffer.from('Quimbleton').toString('base64')}</value></observationMedia></entry>`,
    });
    expect(text).not.toContain(Buffer.from('Quimbleton').toString('base64').slice(0, 8));
    expect(text).toContain('nullFlavor="MSK"');
  });
});

describe('a body that is no XML', () => {
  const withBody = (type: string, content: string, representation = 'B64'): Buffer =>
    Buffer.from(
      cda().replace(
        /<component>.*<\/component>/s,
        `<component><nonXMLBody><text mediaType="${type}" representation="${representation}">${content}</text></nonXMLBody></component>`,
      ),
    );

  it('is cleaned by its media type', async () => {
    const { text } = await clean(
      withBody('text/plain', Buffer.from('Nodule of Josephine Quimbleton, 14 mm').toString('base64')),
    );
    const body = Buffer.from(/B64">([^<]*)</.exec(text)?.[1] ?? '', 'base64').toString();
    expect(body).toContain('Nodule');
    expect(body).toContain('14 mm');
    expect(body).not.toMatch(/quimbleton/i);
  });

  it('RTF is cleaned as RTF', async () => {
    const { text } = await clean(
      withBody('text/rtf', Buffer.from('{\\rtf1 Seen: {\\b Quim}bleton}').toString('base64')),
    );
    expect(Buffer.from(/B64">([^<]*)</.exec(text)?.[1] ?? '', 'base64').toString()).toContain('Seen');
  });

  it('is held back when its bytes are something else', async () => {
    expect(await reasonOf(withBody('application/pdf', Buffer.from('no pdf').toString('base64')))).toBe(
      'document-unreadable',
    );
    expect(await reasonOf(withBody('text/rtf', '&%$§'))).toBe('document-unreadable');
  });
});

describe('encodings', () => {
  it.each([
    ['UTF-16 with a mark', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'), 'UTF-16'],
    ['UTF-16 without a mark', (text: string) => Buffer.from(text, 'utf16le').swap16(), 'UTF-16'],
    ['ISO 8859-1', (text: string) => Buffer.from(text, 'latin1'), 'ISO-8859-1'],
    ['UTF-8 with a mark', (text: string) => Buffer.from(`\uFEFF${text}`), 'UTF-8'],
  ])('%s is read and leaves as UTF-8', async (_, encode, label) => {
    const source = cda(PARAGRAPH('Knoten in der Lunge, größer. Quimbleton')).replace('UTF-8', label);
    const { text } = await clean(encode(source));
    expect(text).toContain('größer');
    expect(text.startsWith('<?xml version="1.0" encoding="UTF-8"?>')).toBe(true);
  });

  it('bytes that the declared encoding does not have are held back', async () => {
    expect(await reasonOf(Buffer.from(cda(PARAGRAPH('größer')), 'latin1'))).toBe('document-unreadable');
    expect(await reasonOf(Buffer.from(cda().replace('UTF-8', 'x-unknown')))).toBe('document-unreadable');
  });
});

describe('what is held back', () => {
  it.each([
    ['a document type', cda({ before: '<!DOCTYPE ClinicalDocument [<!ENTITY a "b">]>' })],
    ['an external entity', cda({ before: '<!DOCTYPE x SYSTEM "file:///etc/passwd">' })],
    ['an entity that nobody declared', cda(PARAGRAPH('&lol;'))],
    ['what is not well formed', cda().replace('</recordTarget>', '')],
    ['two attributes of one name', cda({ attributes: 'classCode="a" classCode="b"' })],
    ['another root', '<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"/>'],
    ['another namespace', '<ClinicalDocument/>'],
    ['a tag without an end', `<ClinicalDocument xmlns="urn:hl7-org:v3" a="${'x'.repeat(100_000)}`],
    ['100,000 elements in each other', `<ClinicalDocument xmlns="urn:hl7-org:v3">${'<a>'.repeat(100_000)}`],
  ])('%s', async (_, document) => {
    expect(await reasonOf(document)).toBe('document-unreadable');
  });

  it('a document of 40,000 paragraphs ends in bounded time', async () => {
    const { text } = await clean({ body: `<text>${'<paragraph>normal</paragraph>'.repeat(40_000)}</text>` });
    expect(text.length).toBeGreaterThan(400_000);
  }, 60_000);
});
