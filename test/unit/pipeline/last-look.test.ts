// The checks between de-identifying and sending, where an instance is prepared.
import { describe, expect, it } from 'vitest';

import { BufferSource } from '../../../src/core/bytes.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { parseDataSetSync } from '../../../src/dicom/reader.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { findElement } from '../../../src/dicom/values.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import type { Deidentifier, PreparedInstance } from '../../../src/pipeline/deidentify-instance.ts';
import { parseProfile } from '../../../src/profile/load.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import { RememberedIdentifiers } from '../../../src/store/known-identifiers.ts';
import type { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { ctSlice } from '../deid/support/instances.ts';

const KEYS = new ProjectKeys(Buffer.alloc(32, 3));

function deidentifierWith(rules = '[]', known?: RememberedIdentifiers): Deidentifier {
  const profile = parseProfile(
    `name: test\nversion: 1\nstandard: PS3.15-2026d\nsubject: { id: "S-{sequence:4}", name: "{id}" }\nrules: ${rules}\n`,
    'test.yaml',
  );
  return createDeidentifier({
    subjects: { resolve: () => ({ subjectId: 'S-0001', subjectName: 'S-0001', shiftDays: 0 }) },
    keysFor: () => KEYS,
    profileOf: () => profile,
    ...(known === undefined ? {} : { known }),
  });
}

function prepare(deidentifier: Deidentifier, slice: DataSetBuilder): Promise<PreparedInstance> {
  const form = { transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN };
  return deidentifier.prepare(new BufferSource(slice.toBytes()), form, 'project', 'test');
}

describe('an instance is held back', () => {
  it('when a rule takes away what the IOD requires', async () => {
    const deidentifier = deidentifierWith('[{ tag: Modality, action: remove }]');
    await expect(prepare(deidentifier, ctSlice())).rejects.toMatchObject({ reason: 'iod-broken' });
  });

  it('when a rule writes an identifier of the patient', async () => {
    const deidentifier = deidentifierWith('[{ tag: SeriesDescription, action: replace, with: "of Quimby" }]');
    const slice = ctSlice().put('SeriesDescription', 'LO', 'axial');
    const error: unknown = await prepare(deidentifier, slice).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'residual-identifier' });
    expect(String(error)).toContain('(0008,103E)');
    expect(String(error)).not.toContain('Quimby');
  });
});

describe('an instance leaves', () => {
  it('with what a rule keeps on purpose, also where it stands a second time', async () => {
    // Of no form that would give it away without the rule.
    const deidentifier = deidentifierWith('[{ tag: AccessionNumber, action: keep }]');
    const slice = ctSlice().putAll({ AccessionNumber: '7788QX', RescaleType: '7788QX' });
    const { plan } = await prepare(deidentifier, slice);
    expect((await collectPlan(plan)).toString('latin1').split('7788QX')).toHaveLength(3);
  });

  it('when the patient was called like the subject that it becomes', async () => {
    const { outcome } = await prepare(deidentifierWith(), ctSlice().put('PatientID', 'LO', 'S-0001'));
    expect(outcome.sopInstanceUid).toMatch(/^2\.25\./);
  });

  it('without what earlier instances of the patient told', async () => {
    const deidentifier = deidentifierWith('[]', new RememberedIdentifiers());
    await prepare(deidentifier, ctSlice().putAll({ AccessionNumber: 'ACC-7788', OtherPatientIDs: 'OLD-5511' }));
    const { plan } = await prepare(
      deidentifier,
      ctSlice().putAll({ RescaleType: 'OLD-5511', AccessionNumber: 'ACC-9' }),
    );
    const bytes = await collectPlan(plan);
    expect(bytes.toString('latin1')).not.toContain('OLD-5511');
    const transferSyntax = findTransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN);
    if (transferSyntax === undefined) throw new TypeError('no transfer syntax');
    expect(findElement(parseDataSetSync(bytes, { transferSyntax }).elements, 0x00080060)).toBeDefined();
  });
});
