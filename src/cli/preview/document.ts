// `lethe preview` of a document: its pages as PNG, or its text as HTML.
import { extname, join } from 'node:path';

import { InstanceError, LetheError } from '../../core/errors.ts';
import type { ReceiptDocument } from '../../deid/outcome.ts';
import type { PreparedInstance } from '../../pipeline/deidentify-instance.ts';
import { previewDocument, type PagesPreview } from '../../pipeline/document-preview.ts';
import { drawPagePair } from '../../pixels/preview/draw-page-pair.ts';
import { documentHtml } from './document-html.ts';
import { makePrivateFolder, writePrivateFile } from '../private-file.ts';

export interface WrittenDocument {
  readonly kind: string;
  /** Of a PDF. */
  readonly pages?: number;
  /** What was taken out; none where the profile puts an empty document in its place. */
  readonly findings: ReceiptDocument['findings'];
  readonly files: readonly string[];
}

/**
 * Writes the document before and after. A PDF: one page, when `output` ends in `.png`; else every page into the folder that it names. Text and
 * markup: one HTML page, `document.html` in that folder when it does not end in `.html`.
 * Rejects with LetheError: `document-unreadable` when it would be delivered (empty, or not at all) and cannot be shown, `usage`.
 * @param page from 1
 */
export async function writeDocumentPreview(
  prepared: PreparedInstance,
  output: string,
  page: number,
): Promise<WrittenDocument> {
  try {
    return await write(prepared, output, page);
  } catch (error) {
    // The instance itself is not held back: its profile takes the document out unread.
    if (!(error instanceof InstanceError)) throw error;
    throw new LetheError(error.reason, `The document cannot be shown. ${error.message}`, { cause: error });
  }
}

async function write({ dataSet, outcome }: PreparedInstance, output: string, page: number): Promise<WrittenDocument> {
  const preview = await previewDocument(dataSet, outcome.output, outcome.sopClassUid);
  if (preview === undefined) throw new LetheError('usage', 'The instance has no document.');
  const findings = outcome.receipt.documents?.flatMap((document) => document.findings) ?? [];
  if (preview.kind !== 'pdf') {
    const file = await htmlFile(output);
    await writePrivateFile(file, documentHtml(preview));
    return { kind: preview.kind, findings, files: [file] };
  }
  try {
    return { kind: 'pdf', pages: preview.pages, findings, files: await writePages(preview, output, page) };
  } finally {
    await preview.close();
  }
}

async function htmlFile(output: string): Promise<string> {
  const extension = extname(output).toLowerCase();
  if (extension === '.html' || extension === '.htm') return output;
  if (extension === '.png')
    throw new LetheError('usage', 'The document is text: name an .html file, or a folder, for its preview.');
  await makePrivateFolder(output);
  return join(output, 'document.html');
}

async function writePages(preview: PagesPreview, output: string, page: number): Promise<readonly string[]> {
  const { pages } = preview;
  const writePage = async (index: number, file: string): Promise<string> => {
    const { before, after } = await preview.draw(index);
    await writePrivateFile(file, await drawPagePair(before, after));
    return file;
  };
  if (extname(output).toLowerCase() === '.png') {
    if (page > pages) throw new LetheError('usage', `The document has no such page: it has ${pages}.`);
    return [await writePage(page - 1, output)];
  }
  await makePrivateFolder(output);
  const digits = String(pages).length;
  const files: string[] = [];
  for (let index = 0; index < pages; index++)
    files.push(await writePage(index, join(output, `page-${String(index + 1).padStart(digits, '0')}.png`)));
  return files;
}
