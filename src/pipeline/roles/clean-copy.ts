// The clean instance as the sender of another process sees it: parsed from its copy, every element kept.
import type { RecordId } from '../../core/brands.ts';
import type { DataSet, SplicePlan } from '../../dicom/element.ts';
import { readReceived } from '../../dicom/received.ts';
import { findElement, trimPadding, valueBytes } from '../../dicom/values.ts';
import { TAG } from '../../standard/tags.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { CleanRecord } from '../clean-record.ts';
import type { CleanInstance } from '../ports.ts';
import type { CleanCopies, CleanCopyFacts } from './ports.ts';

export interface OpenCleanInstance {
  readonly instance: CleanInstance;
  close(): Promise<void>;
}

/** What stands in the copy of an instance. */
export function copyFactsOf(instance: CleanInstance): CleanCopyFacts {
  const { sopClassUid, sopInstanceUid, seriesInstanceUid, studyInstanceUid, transferSyntaxUid } = instance;
  return { sopClassUid, sopInstanceUid, seriesInstanceUid, studyInstanceUid, transferSyntaxUid };
}

/** Writes the copy of a clean instance. */
export function writeCleanCopy(copies: CleanCopies, instance: CleanInstance, plan: SplicePlan): Promise<void> {
  return copies.write(instance.recordId, copyFactsOf(instance), plan);
}

/** Undefined when there is no whole copy: the instance has to be made again. */
export async function openCleanInstance(
  copies: CleanCopies,
  recordId: RecordId,
  scratchDirectory: string,
): Promise<OpenCleanInstance | undefined> {
  const copy = await copies.open(recordId);
  if (copy === undefined) return undefined;
  try {
    const { facts } = copy;
    const transferSyntax = findTransferSyntax(facts.transferSyntaxUid);
    if (transferSyntax === undefined) throw new TypeError('a clean copy is in no transfer syntax that is known');
    const readAs = transferSyntax.isDeflated ? EXPLICIT_VR_LITTLE_ENDIAN : transferSyntax.uid;
    const dataSet = await readReceived(copy, readAs);
    const { source, encoding, elements } = dataSet;
    const output = { source, encoding, elements: elements.map((element) => ({ kind: 'kept', element }) as const) };
    const instance = new CleanRecord({
      recordId,
      outcome: { ...facts, output },
      patientId: patientIdOf(dataSet),
      dataSet,
      transferSyntax,
      scratchDirectory,
    });
    return {
      instance,
      async close() {
        await instance.close();
        await copy.close();
      },
    };
  } catch (error) {
    await copy.close();
    throw error;
  }
}

/** A pseudonym of ours, in ASCII. */
function patientIdOf(dataSet: DataSet): string {
  const element = findElement(dataSet.elements, TAG.PatientID);
  return element === undefined ? '' : trimPadding(valueBytes(dataSet, element)).toString('latin1');
}
