import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { describeStatus } from '../../../src/standard/statuses.ts';

describe('DIMSE statuses', () => {
  it('calls nothing but 0x0000 a success', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffff }), (status) => {
        expect(describeStatus(status).category).not.toBe('success');
      }),
    );
    expect(describeStatus(0x0000)).toEqual({ category: 'success', text: 'Success' });
  });

  it('takes an unknown code for a failure', () => {
    for (const status of [0x0003, 0x0300, 0x8000, 0xd000, 0xff02, 0xfe01, -1, 0x10000, Number.NaN])
      expect(describeStatus(status).category).toBe('failure');
  });

  it.each([
    [0xa700, 'failure', 'Refused: out of resources'],
    [0xa7ff, 'failure', 'Refused: out of resources'],
    [0xa900, 'failure', 'Error: data set does not match SOP class'],
    [0xa9ff, 'failure', 'Error: data set does not match SOP class'],
    [0xc000, 'failure', 'Error: cannot understand'],
    [0xcfff, 'failure', 'Error: cannot understand'],
    [0xb000, 'warning', 'Coercion of data elements'],
    [0xb006, 'warning', 'Elements discarded'],
    [0xb007, 'warning', 'Data set does not match SOP class'],
    [0xb00a, 'warning', 'Warning that the standard does not name'],
    [0x0117, 'failure', 'Invalid SOP instance'],
    [0x0122, 'failure', 'Refused: SOP class not supported'],
    [0x0124, 'failure', 'Refused: not authorized'],
    [0x0107, 'warning', 'Attribute list error'],
    [0x0116, 'warning', 'Attribute value out of range'],
    [0x0001, 'warning', 'Requested optional attributes are not supported'],
    [0xfe00, 'cancel', 'Cancelled'],
    [0xff00, 'pending', 'Pending'],
    [0xff01, 'pending', 'Pending'],
  ] as const)('knows 0x%s', (status, category, text) => {
    expect(describeStatus(status)).toEqual({ category, text });
  });
});
