import { expect, it } from 'vitest';

import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, elementAt, profileOf, textAt } from './support/instances.ts';

it('keeps a UID under Retain UIDs also when a sequence that goes holds it a second time', async () => {
  const request = new DataSetBuilder().put('StudyInstanceUID', 'UI', '1.2.999.1');
  const slice = ctSlice().sequence('RequestAttributesSequence', [request]);
  const { dataSet } = await clean(slice, { profile: profileOf('options: [retain-uids]') });
  expect(elementAt(dataSet, 'RequestAttributesSequence')).toBeUndefined();
  expect(textAt(dataSet, 'StudyInstanceUID')).toBe('1.2.999.1');
});
