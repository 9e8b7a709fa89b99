// A clean instance and the encodings in which it can leave.
import type { RecordId } from '../core/brands.ts';
import { BufferSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import type { DeidOutcome } from '../deid/outcome.ts';
import { convertEncoding } from '../dicom/convert.ts';
import { deflatePlan } from '../dicom/deflate.ts';
import type { DataSet, SplicePlan } from '../dicom/element.ts';
import { splice } from '../dicom/writer.ts';
import { canDecompress } from '../pixels/codecs.ts';
import type { Decompressed } from '../pixels/decompress.ts';
import {
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  findTransferSyntax,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { CleanInstance } from './ports.ts';

/** Native encodings among each other, best first. */
const NATIVE = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN];
/** What compressed pixel data are decompressed for, best first. */
const DECOMPRESSED = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];
/** A longer data set is not deflated again, because that is done in memory: it leaves as explicit VR little endian. */
const MAX_DEFLATED_BYTES = 64 << 20;

/** What is known of a clean instance: from de-identifying it, or from the copy that another process made. */
export type CleanOutcome = Pick<
  DeidOutcome,
  'output' | 'sopClassUid' | 'sopInstanceUid' | 'seriesInstanceUid' | 'studyInstanceUid'
>;

export interface CleanRecordParts {
  readonly recordId: RecordId;
  readonly outcome: CleanOutcome;
  /** Patient ID as it leaves. */
  readonly patientId: string;
  /** The one that `outcome` was made of. */
  readonly dataSet: DataSet;
  readonly transferSyntax: TransferSyntax;
  readonly scratchDirectory: string;
}

export class CleanRecord implements CleanInstance {
  readonly recordId: RecordId;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly transferSyntaxUid: string;
  readonly alternatives: readonly string[];
  /** In the encoding that it came in; a deflated one is inflated. */
  readonly plan: SplicePlan;
  readonly #parts: CleanRecordParts;
  #decompressed: Promise<Decompressed> | undefined;

  constructor(parts: CleanRecordParts) {
    const { recordId, outcome, patientId, transferSyntax } = parts;
    this.#parts = parts;
    this.plan = splice(outcome.output);
    this.recordId = recordId;
    this.sopClassUid = outcome.sopClassUid;
    this.sopInstanceUid = outcome.sopInstanceUid;
    this.seriesInstanceUid = outcome.seriesInstanceUid;
    this.studyInstanceUid = outcome.studyInstanceUid;
    this.patientId = patientId;
    const isTooLongToDeflate = transferSyntax.isDeflated && this.plan.length > MAX_DEFLATED_BYTES;
    this.transferSyntaxUid = isTooLongToDeflate ? EXPLICIT_VR_LITTLE_ENDIAN : transferSyntax.uid;
    this.alternatives = transferSyntax.isEncapsulated
      ? DECOMPRESSED.filter(() => canDecompress(transferSyntax.uid))
      : NATIVE.filter((uid) => uid !== this.transferSyntaxUid);
  }

  get length(): number {
    return this.plan.length;
  }

  async encode(transferSyntaxUid: string): Promise<SplicePlan> {
    const { outcome, transferSyntax: received } = this.#parts;
    const wanted = findTransferSyntax(transferSyntaxUid);
    if (
      wanted === undefined ||
      (wanted.uid !== this.transferSyntaxUid && !this.alternatives.includes(transferSyntaxUid))
    )
      throw new InstanceError('unsupported-transfer-syntax', 'The instance cannot be given in this transfer syntax.');
    if (wanted.isDeflated) return deflate(this.plan);
    if (wanted.uid === received.uid) return this.plan;
    if (!received.isEncapsulated) return convertEncoding(outcome.output, received, wanted);
    const { output, plan } = await this.#decompress();
    return wanted.uid === EXPLICIT_VR_LITTLE_ENDIAN ? plan : convertEncoding(output, explicitLittleEndian(), wanted);
  }

  /** Gives scratch files back; no plan can be read afterwards. */
  async close(): Promise<void> {
    const decompressed = this.#decompressed;
    this.#decompressed = undefined;
    const done = await decompressed?.catch(() => undefined); // a failure was told to who asked, and left nothing behind
    await done?.close();
    await this.#parts.dataSet.close?.();
  }

  /** Once, however many destinations ask. Most are never asked, so that the codecs are loaded here. */
  #decompress(): Promise<Decompressed> {
    const { dataSet, outcome, transferSyntax, scratchDirectory } = this.#parts;
    this.#decompressed ??= import('../pixels/decompress.ts').then(({ decompress }) =>
      decompress(dataSet, outcome.output, transferSyntax, scratchDirectory),
    );
    return this.#decompressed;
  }
}

function explicitLittleEndian(): TransferSyntax {
  const found = findTransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN);
  if (found === undefined) throw new TypeError('the table of transfer syntaxes lacks Explicit VR Little Endian');
  return found;
}

/** Deflating tells the length only at its end, and a plan has to state it. */
async function deflate(plan: SplicePlan): Promise<SplicePlan> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of deflatePlan(plan)) {
    pieces.push(chunk);
    length += chunk.length;
  }
  return { source: new BufferSource(Buffer.alloc(0)), pieces, length };
}
