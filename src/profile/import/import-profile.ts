// Profiles of other de-identifiers as Lethe profiles. What cannot be translated becomes something stricter, never `keep`, and is told.
import { importCtp } from './ctp.ts';
import { importKarnak } from './karnak.ts';
import type { Change } from './profile-builder.ts';

export interface ImportRequest {
  /** As messages call the file. */
  readonly file: string;
  /** Default: a text that begins with `<` is a CTP script. */
  readonly from?: 'karnak' | 'ctp' | undefined;
  /** Name of the new profile; default: made of the name in the original. */
  readonly name?: string | undefined;
}

export interface ImportedProfile {
  /** The text of the profile; it compiles. */
  readonly text: string;
  readonly changes: readonly Change[];
}

/** @throws LetheError `profile-invalid` when the text is no profile of that system, with file:line:column */
export function importProfile(text: string, request: ImportRequest): ImportedProfile {
  const plain = text.replace(/^\uFEFF/, '');
  const from = request.from ?? (plain.trimStart().startsWith('<') ? 'ctp' : 'karnak');
  return from === 'ctp' ? importCtp(plain, request) : importKarnak(plain, request);
}
