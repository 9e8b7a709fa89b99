// Builders for what the pipeline tells the ledger.
import { newRecordId, type AeTitle, type RecordId } from '../../src/core/brands.ts';
import type { CleanFacts, Mappings, SpoolRecord } from '../../src/pipeline/ports.ts';

export function spoolRecord(changes: Partial<SpoolRecord> = {}): SpoolRecord {
  return {
    recordId: newRecordId(),
    receivedAt: Date.UTC(2026, 10, 22, 12),
    length: 530_000,
    checksum: 0xfedcba98,
    callingAeTitle: 'CT01' as AeTitle,
    calledAeTitle: 'LUNG' as AeTitle,
    peerAddress: '10.1.2.3',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    sopInstanceUid: '1.2.3.4',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    ...changes,
  };
}

export const NO_MAPPINGS: Mappings = { uids: [], accessions: [], studies: [] };

export function cleanFacts(changes: Partial<CleanFacts> = {}): CleanFacts {
  return {
    project: 'lung',
    subject: { subjectId: 'LUNG-0001', subjectName: 'LUNG-0001', shiftDays: -17 },
    profile: 'basic',
    profileDigest: 'ab'.repeat(32),
    mappings: NO_MAPPINGS,
    ...changes,
  };
}

export function recordIds(count: number): RecordId[] {
  return Array.from({ length: count }, newRecordId);
}
