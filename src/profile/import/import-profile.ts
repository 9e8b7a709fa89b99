// Profiles of other de-identifiers as Lethe profiles, and their scripts for pixels as device templates. What cannot be translated becomes something stricter, never `keep`, and is told.
import { importCtp } from './ctp.ts';
import { looksLikePixelScript } from './ctp-pixel-script.ts';
import { importCtpPixels } from './ctp-pixels.ts';
import { importKarnak } from './karnak.ts';
import type { Change } from './profile-builder.ts';

export const IMPORT_FORMS = ['karnak', 'ctp', 'ctp-pixels'] as const;
export type ImportForm = (typeof IMPORT_FORMS)[number];

export interface ImportRequest {
  /** As messages call the file. */
  readonly file: string;
  /** Default: a text that begins with `<` is a CTP script, one with CTP's tests between braces a script for pixels. */
  readonly from?: ImportForm | undefined;
  /** Name of the new profile; default: made of the name in the original. */
  readonly name?: string | undefined;
}

export interface ImportedProfile {
  /** The text of the profile, or of the file of device templates; it compiles. */
  readonly text: string;
  readonly changes: readonly Change[];
}

/** @throws LetheError `profile-invalid` when the text is no profile of that system, with file:line:column */
export function importProfile(text: string, request: ImportRequest): ImportedProfile {
  const plain = text.replace(/^\uFEFF/, '');
  switch (request.from ?? formOf(plain)) {
    case 'ctp':
      return importCtp(plain, request);
    case 'ctp-pixels':
      return importCtpPixels(plain, request);
    case 'karnak':
      return importKarnak(plain, request);
  }
}

function formOf(text: string): ImportForm {
  if (text.trimStart().startsWith('<')) return 'ctp';
  return looksLikePixelScript(text) ? 'ctp-pixels' : 'karnak';
}
