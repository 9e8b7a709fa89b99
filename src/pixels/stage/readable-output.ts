// An instance that is about to leave, as a data set whose frames can be looked at.
import { BufferSource } from '../../core/bytes.ts';
import type { DataSet, Element, OutputDataSet } from '../../dicom/element.ts';
import { JoinedSource } from '../joined-source.ts';

/** The top level of the output; sequences that were changed are left out, as nothing about pixels stands in them. */
export function readableOutput({ source, encoding, elements }: OutputDataSet): DataSet {
  const values: Buffer[] = [];
  let end = source.size;
  const readable: Element[] = [];
  for (const element of elements) {
    if (element.kind === 'kept') readable.push(element.element);
    if (element.kind !== 'written') continue;
    const { tag, vr, value } = element;
    const place = { start: end, valueStart: end, valueLength: value.length, end: end + value.length };
    readable.push({ tag, vr, encodedVr: vr, ...place, hasUndefinedLength: false });
    values.push(value);
    end += value.length;
  }
  return { source: new JoinedSource(source, new BufferSource(Buffer.concat(values))), encoding, elements: readable };
}
