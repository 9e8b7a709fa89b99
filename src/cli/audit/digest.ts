// The digest of a file's data set, to hold it against a receipt.
import { openFileSource } from '../../dicom/file-source.ts';
import { readFile10 } from '../../dicom/part10.ts';
import { digestDataSet, type DataSetDigest } from '../../pipeline/data-set-digest.ts';

export async function digestFile(path: string): Promise<DataSetDigest> {
  const source = await openFileSource(path);
  try {
    const { dataSet, dataSetStart, transferSyntax } = await readFile10(source);
    try {
      return await digestDataSet(dataSet, transferSyntax.isDeflated ? 0 : dataSetStart);
    } finally {
      await dataSet.close?.();
    }
  } finally {
    await source.close();
  }
}
