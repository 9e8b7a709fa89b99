// Plain text: the characters as they came, in the encoding that they came in, without what identifies.
import { describe, expect, it } from 'vitest';

import { cleanDocument } from '../../../src/documents/clean-document.ts';
import { expectNothingPlanted, HARMLESS, jobOf } from './support/patient.ts';

async function clean(bytes: Buffer, mimeType = 'text/plain'): Promise<Buffer> {
  const result = await cleanDocument('text', mimeType, jobOf(bytes));
  expectNothingPlanted(result);
  return result.bytes;
}

describe('plain text', () => {
  it('leaves byte for byte when nothing identifies', async () => {
    for (const bytes of [
      Buffer.from(`${HARMLESS}\r\n\tgrößer\n`),
      Buffer.from('gr\xf6\xdfer', 'latin1'),
      Buffer.from('\uFEFFnormal', 'utf16le'),
    ])
      expect(await clean(bytes)).toEqual(bytes);
  });

  it('loses the patient, a date moves, the words stay', async () => {
    const text = (
      await clean(Buffer.from(`Quimbleton, Josephine (MRQ-4711082), 2020-03-10:\n${HARMLESS}\n`))
    ).toString();
    expect(text).toContain(HARMLESS);
    expect(text).toContain('2020-02-29');
  });

  it.each([
    ['UTF-8', Buffer.from('größer Quimbleton'), 'text/plain', (bytes: Buffer) => bytes.toString()],
    [
      'Windows-1252',
      Buffer.from('gr\xf6\xdfer \x93Quimbleton\x94', 'latin1'),
      'text/plain',
      (bytes: Buffer) => bytes.toString('latin1'),
    ],
    [
      'ISO 8859-2',
      Buffer.from('gr\xf6\xdfer Quimbleton', 'latin1'),
      'text/plain; charset=iso-8859-2',
      (bytes: Buffer) => bytes.toString('latin1'),
    ],
    [
      'UTF-16',
      Buffer.from('\uFEFFgrößer Quimbleton', 'utf16le'),
      'text/plain',
      (bytes: Buffer) => bytes.toString('utf16le'),
    ],
    [
      'UTF-16 big endian',
      Buffer.from('\uFEFFgrößer Quimbleton', 'utf16le').swap16(),
      'text/plain',
      (bytes: Buffer) => Buffer.from(bytes).swap16().toString('utf16le'),
    ],
  ])('%s stays %s', async (_, bytes, mimeType, decode) => {
    expect(decode(await clean(bytes, mimeType))).toContain('größer');
  });

  it('bytes that are no text are held back', async () => {
    await expect(clean(Buffer.from([0x41, 0, 1, 2]))).rejects.toMatchObject({ reason: 'document-unreadable' });
    await expect(clean(Buffer.from([0xff, 0xc3]), 'text/plain; charset=utf-8')).rejects.toMatchObject({
      reason: 'document-unreadable',
    });
  });

  it('two megabytes end in bounded time', async () => {
    expect((await clean(Buffer.from(`${HARMLESS}\n`.repeat(6000)))).length).toBeGreaterThan(1_500_000);
  }, 60_000);
});
