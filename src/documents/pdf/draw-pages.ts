// The pages of a PDF as pictures, for a person who wants to see what was made of it. Drawn in the thread that cleans PDFs, within the same limits.
import type { DocumentLimits, RawPicture } from '../document.ts';
import { PdfThread } from './pdf-thread.ts';

/** Letters of nine points are read with ease, and two pages side by side still fit on a screen. */
const DPI = 110;

/** A PDF whose pages are drawn one at a time. To be closed. */
export class DrawnPdf {
  readonly pages: number;
  readonly #thread: PdfThread;
  #hasFailed = false;

  private constructor(thread: PdfThread, pages: number) {
    this.#thread = thread;
    this.pages = pages;
  }

  /** Rejects with InstanceError `document-unreadable` for what cannot be opened, is encrypted, or is beyond the limits. */
  static async open(bytes: Uint8Array, limits: DocumentLimits): Promise<DrawnPdf> {
    const thread = await PdfThread.take(limits, undefined);
    const copy = new Uint8Array(bytes);
    try {
      const { pages } = await thread.ask({ kind: 'open', bytes: copy, limits }, 'opened', [copy.buffer]);
      return new DrawnPdf(thread, pages);
    } catch (error) {
      await thread.close(false);
      throw error;
    }
  }

  /** @param index from 0. Rejects with InstanceError `document-unreadable`. */
  async draw(index: number): Promise<RawPicture> {
    try {
      return await this.#thread.ask({ kind: 'draw', index, dpi: DPI }, 'drawn');
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#thread.close(!this.#hasFailed);
  }
}
