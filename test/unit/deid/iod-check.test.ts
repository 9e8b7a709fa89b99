// The check is given outputs that a faulty engine or an unwise rule would have made.
import { describe, expect, it } from 'vitest';

import { InstanceError } from '../../../src/core/errors.ts';
import type { DataSet, OutputElement } from '../../../src/dicom/element.ts';
import { parseDataSetSync } from '../../../src/dicom/reader.ts';
import { checkIod } from '../../../src/deid/iod-check.ts';
import { typeOf } from '../../../src/standard/attribute-types.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import { TAG } from '../../../src/standard/tags.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { clean, CT, ctSlice } from './support/instances.ts';

const PRESENTATION_STATE = '1.2.840.10008.5.1.4.1.1.11.1';
const STUDY_ID = 0x00200010;
const ACQUISITION_NUMBER = 0x00200012;

function parse(builder: DataSetBuilder): DataSet {
  const transferSyntax = findTransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN);
  if (transferSyntax === undefined) throw new TypeError('no transfer syntax');
  return parseDataSetSync(builder.toBytes(), { transferSyntax });
}

/** What is told about an output in which `change` was done to each element. */
function check(
  builder: DataSetBuilder,
  change: (element: OutputElement, tag: number) => OutputElement | undefined,
  sopClassUid = CT,
): string | undefined {
  const original = parse(builder);
  const elements = original.elements
    .map((element) => change({ kind: 'kept', element }, element.tag))
    .filter((element) => element !== undefined);
  try {
    checkIod(original, { ...original, elements }, sopClassUid);
    return undefined;
  } catch (error) {
    if (error instanceof InstanceError && error.reason === 'iod-broken') return error.message;
    throw error;
  }
}

const without = (gone: number) => (element: OutputElement, tag: number) => (tag === gone ? undefined : element);
const emptied = (gone: number, vr: string) => (element: OutputElement, tag: number) =>
  tag === gone ? { kind: 'written' as const, tag, vr, value: Buffer.alloc(0) } : element;

describe('checkIod', () => {
  const slice = (): DataSetBuilder => ctSlice().put('StudyID', 'SH', 'S1').put('AcquisitionNumber', 'IS', 1);

  it('knows the Types that this test relies on', () => {
    expect(typeOf(CT, TAG.Modality)).toBe('1');
    expect(typeOf(CT, STUDY_ID)).toBe('2');
  });

  it('refuses an attribute of Type 1 that was taken away or emptied, and names it', () => {
    expect(check(slice(), without(TAG.Modality))).toBe('(0008,0060), which the IOD requires, could not be kept valid.');
    expect(check(slice(), emptied(TAG.Modality, 'CS'))).toContain('(0008,0060)');
  });

  it('refuses an attribute of Type 2 that was taken away, not one that was emptied', () => {
    expect(check(slice(), without(STUDY_ID))).toContain('(0020,0010)');
    expect(check(slice(), emptied(STUDY_ID, 'SH'))).toBeUndefined();
  });

  it('leaves alone what is optional, what the original lacked, and IODs that nobody knows', () => {
    expect(check(slice(), without(0x0008103e))).toBeUndefined();
    expect(check(slice().put('Modality', 'CS', ''), without(TAG.Modality))).toBeUndefined();
    expect(check(slice(), without(TAG.Modality), '1.2.999.5')).toBeUndefined();
  });

  it('refuses a required sequence without items and looks into the items', () => {
    const item = new DataSetBuilder().putAll({ ReferencedSOPClassUID: CT, ReferencedSOPInstanceUID: '1.2.3' });
    const series = new DataSetBuilder()
      .put('SeriesInstanceUID', 'UI', '1.2.3.4')
      .sequence('ReferencedImageSequence', [item]);
    const state = ctSlice().put('SOPClassUID', 'UI', PRESENTATION_STATE).sequence('ReferencedSeriesSequence', [series]);
    const type = typeOf(PRESENTATION_STATE, 0x0020000e, TAG.ReferencedSeriesSequence);
    expect(type).toBe('1');
    const withoutUid = (element: OutputElement, tag: number): OutputElement => {
      if (tag !== TAG.ReferencedSeriesSequence || element.kind !== 'kept') return element;
      const items = (element.element.items ?? []).map((original) => ({
        original,
        elements: original.elements
          .filter((inside) => inside.tag !== 0x0020000e)
          .map((inside) => ({ kind: 'kept' as const, element: inside })),
      }));
      return { kind: 'sequence', tag, original: element.element, items };
    };
    expect(check(state, withoutUid, PRESENTATION_STATE)).toContain('(0008,1115)[1].(0020,000E)');
  });

  it('finds its way in a data set that is out of order', () => {
    const dataSet = parse(slice());
    const shuffled = { ...dataSet, elements: [...dataSet.elements].reverse() };
    const elements = shuffled.elements.map((element) => ({ kind: 'kept' as const, element }));
    expect(() => {
      checkIod(shuffled, { ...shuffled, elements }, CT);
    }).not.toThrow();
    expect(() => {
      checkIod(shuffled, { ...shuffled, elements: elements.filter(({ element }) => element.tag !== TAG.Modality) }, CT);
    }).toThrow(InstanceError);
  });

  it('has nothing to say about what the engine makes of a slice', async () => {
    const { before, outcome } = await clean(slice().put(ACQUISITION_NUMBER, 'IS', 3));
    expect(() => {
      checkIod(before, outcome.output, CT);
    }).not.toThrow();
  });
});
