// Reads a bare data set as it came off the network, in the transfer syntax that was agreed on for it.
import type { ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import { findTransferSyntax, type TransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { DataSet } from './element.ts';
import { GUESS_BYTES, isPlainlyImplicit } from './guess.ts';
import { inflateSource, type InflateOptions } from './inflate.ts';
import { parseDataSet, readExactly, type ReadLimits } from './reader.ts';

export interface ReceivedOptions {
  readonly limits?: ReadLimits;
  readonly inflate?: InflateOptions;
  /** Offset of the first byte; 0 by default. */
  readonly start?: number;
}

/** The transfer syntax of PS3.6 with this UID. Throws `unsupported-transfer-syntax`. */
export function requireTransferSyntax(uid: string): TransferSyntax {
  const found = findTransferSyntax(uid);
  if (found === undefined) {
    throw new InstanceError('unsupported-transfer-syntax', 'The transfer syntax is not one of PS3.6.');
  }
  return found;
}

/**
 * Reads a data set to the end of the source; a deflated one is inflated first, and offsets then count in the inflated
 * bytes. An empty data set is refused, for it is what remains of an instance whose data were lost. Call `close` of the result when it has one. Throws `unsupported-transfer-syntax`, `unparsable`, `header-too-large`.
 */
export async function readReceived(
  source: ByteSource,
  transferSyntaxUid: string,
  options: ReceivedOptions = {},
): Promise<DataSet> {
  const transferSyntax = requireTransferSyntax(transferSyntaxUid);
  const { start = 0 } = options;
  if (start >= source.size) throw new InstanceError('unparsable', 'The data set is empty', { offset: start });
  if (!transferSyntax.isDeflated) {
    await refuseImplicit(source, transferSyntax, start);
    return parseDataSet(source, { ...pickLimits(options), transferSyntax, start });
  }
  const inflated = await inflateSource(source, { start, end: source.size }, options.inflate);
  try {
    await refuseImplicit(inflated, transferSyntax, 0);
    const dataSet = await parseDataSet(inflated, { ...pickLimits(options), transferSyntax });
    return { ...dataSet, close: () => inflated.close() };
  } catch (error) {
    await inflated.close();
    throw error;
  }
}

function pickLimits({ limits }: ReceivedOptions): { readonly limits?: ReadLimits } {
  return limits === undefined ? {} : { limits };
}

/** What was announced as explicit VR and comes in implicit VR would be forwarded under a false name: refused. */
async function refuseImplicit(source: ByteSource, transferSyntax: TransferSyntax, start: number): Promise<void> {
  if (transferSyntax.isImplicitVr) return;
  const length = Math.min(GUESS_BYTES, source.size - start);
  const head = source.view(start, length) ?? (await readExactly(source, start, length));
  if (isPlainlyImplicit(head, source.size - start)) {
    throw new InstanceError('unparsable', 'The transfer syntax is explicit VR, the data set is in implicit VR', {
      offset: start,
    });
  }
}
