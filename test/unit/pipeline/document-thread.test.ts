// Documents in a thread: the same result as without one, and an end to what does not end.
import { describe, expect, it } from 'vitest';

import { DEFAULT_CHARACTER_SET } from '../../../src/dicom/character-set.ts';
import { Identifiers } from '../../../src/deid/identifiers.ts';
import { textJudgeFor, textKnowledgeOf } from '../../../src/deid/text-judge.ts';
import { cleanDocument } from '../../../src/documents/clean-document.ts';
import type { ContextualJob } from '../../../src/documents/context.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../../../src/documents/document.ts';
import { cleanInThread } from '../../../src/pipeline/document-thread.ts';
import { lines, PdfFile } from '../../support/documents/pdf-file.ts';
import { cda } from '../documents/support/cda.ts';

const identifiers = new Identifiers();
identifiers.add('name', Buffer.from('Quimbleton^Josephine'), 'PN', DEFAULT_CHARACTER_SET, true);
identifiers.add('id', Buffer.from('MRQ-4711082'), 'LO', DEFAULT_CHARACTER_SET);
const knowledge = textKnowledgeOf(identifiers, -10);

function jobOf(text: string, rest: Partial<ContextualJob> = {}): ContextualJob {
  return {
    bytes: Buffer.from(text),
    judge: textJudgeFor(identifiers, -10),
    pictures: undefined,
    limits: DEFAULT_DOCUMENT_LIMITS,
    keepsCharacteristics: false,
    replaceUid: (uid) => `2.25.${uid.length}`,
    ...rest,
  };
}

const CDA = cda({ body: '<text><paragraph>Nodule of 14 mm, Josephine Quimbleton, 2020-03-10</paragraph></text>' });

describe('a document cleaned in a thread', { timeout: 120_000 }, () => {
  it.each([
    ['cda', 'text/xml', CDA],
    ['html', 'text/html', '<p>Seen: <b>Josephine</b> Quimbleton, MRQ-4711082, on 2020-03-10</p>'],
    ['rtf', 'text/rtf', '{\\rtf1 Josephine {\\b Quimbleton} has a nodule}'],
    ['text', 'text/plain', 'Josephine Quimbleton has a nodule\n'],
    ['mtl', 'model/mtl', '# by Quimbleton\nnewmtl skin\nKd 1 1 1\n'],
  ] as const)('is the one that is cleaned without: %s', async (kind, mimeType, text) => {
    const inThread = await cleanInThread(kind, mimeType, jobOf(text), knowledge);
    const here = await cleanDocument(kind, mimeType, jobOf(text));
    expect(inThread).toEqual(here);
    expect(inThread.bytes.toString()).not.toContain('Quimbleton');
  });

  it('may hold a PDF', async () => {
    const pdf = new PdfFile();
    pdf.page({ content: lines(['Josephine Quimbleton', 'Nodule of 14 mm']) });
    const inner = pdf.build().toString('base64');
    const holding = cda({
      body: `<entry><observationMedia classCode="OBS" moodCode="EVN"><value mediaType="application/pdf" representation="B64">${inner}</value></observationMedia></entry>`,
    });
    const { bytes } = await cleanInThread('cda', 'text/xml', jobOf(holding), knowledge);
    const cleaned = /representation="B64"[^>]*>([^<]+)</.exec(bytes.toString())?.[1] ?? '';
    expect(Buffer.from(cleaned, 'base64').toString('latin1').startsWith('%PDF-1.7')).toBe(true);
    expect(cleaned).not.toBe(inner);
  });

  it('is refused in sentences that tell nothing of it, and the next one is cleaned', async () => {
    const broken = jobOf('<ClinicalDocument><!DOCTYPE Quimbleton');
    const error: unknown = await cleanInThread('cda', 'text/xml', broken, knowledge).catch((e: unknown) => e);
    expect(error).toMatchObject({ reason: 'document-unreadable' });
    expect(String(error)).not.toContain('Quimbleton');
    const next = await cleanInThread('text', 'text/plain', jobOf('A nodule'), knowledge);
    expect(next.bytes.toString()).toBe('A nodule');
  });

  it('ends when its time is over, while the event loop goes on', async () => {
    const long = jobOf('Nodule of Josephine Quimbleton. '.repeat(500_000), {
      limits: { ...DEFAULT_DOCUMENT_LIMITS, timeoutMs: 50 },
    });
    await expect(cleanInThread('text', 'text/plain', long, knowledge)).rejects.toMatchObject({
      reason: 'document-unreadable',
    });
  });

  it('ends when it is called off', async () => {
    const job = jobOf('A nodule', { signal: AbortSignal.abort() });
    await expect(cleanInThread('text', 'text/plain', job, knowledge)).rejects.toMatchObject({
      reason: 'document-unreadable',
    });
  });

  it('ends when a replacement of a UID cannot be had', async () => {
    const failing = jobOf(CDA, {
      replaceUid: () => {
        throw new RangeError('no key');
      },
    });
    await expect(cleanInThread('cda', 'text/xml', failing, knowledge)).rejects.toThrow('no key');
  });
});
