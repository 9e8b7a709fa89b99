// Writes what was received of one instance in quarantine into a file, for whoever has to look at it.
import { loadConfig } from '../../config/load.ts';
import type { RecordId } from '../../core/brands.ts';
import { askDatabase } from '../open-store.ts';
import { fillPrivateFile } from '../private-file.ts';
import type { FilePart, SaveParams } from './handlers.ts';

export interface SaveQuestion {
  readonly output: string;
  readonly reason: string;
  readonly config?: string;
  readonly data?: string;
}

/**
 * Resolves with the length of the file in bytes; undefined, and nothing is written, when it is not in quarantine.
 * @throws LetheError `usage` when the file cannot be written
 */
export async function saveRecord(
  recordId: RecordId,
  { output, reason, config: file, data }: SaveQuestion,
): Promise<number | undefined> {
  const config = loadConfig({ file, data });
  const params: SaveParams = { recordId, reason };
  let bytes = 0;
  const isFound = await fillPrivateFile(output, async (draft) => {
    await askDatabase(config, 'quarantine.save', params, async (row) => {
      const part = Buffer.from((row as FilePart).base64, 'base64');
      bytes += part.length;
      await draft.writeFile(part);
    });
    return bytes > 0;
  });
  return isFound ? bytes : undefined;
}
