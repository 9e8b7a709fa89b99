// The conformance statement says what the program does: its figures and tables are compared with the program's own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schema } from '../../../src/config/schema.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../../../src/dicom/part10.ts';
import {
  CALLED_AE_NOT_RECOGNIZED,
  CALLING_AE_NOT_RECOGNIZED,
  LOCAL_LIMIT_EXCEEDED,
  rejectionOf,
  TEMPORARY_CONGESTION,
} from '../../../src/dimse/negotiation.ts';
import { outcomeOf } from '../../../src/dimse/sender.ts';
import { STATUS } from '../../../src/dimse/store-scp.ts';
import { SECURE_TRANSPORT } from '../../../src/dimse/transport.ts';
import { FAILURE_REASON } from '../../../src/pipeline/commitment-judgement.ts';
import { STORAGE_SOP_CLASSES } from '../../../src/standard/sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../../../src/standard/transfer-syntaxes.ts';
import { REPOSITORY } from '../../support/programs.ts';

const statement = readFileSync(join(REPOSITORY, 'docker', 'CONFORMANCE.md'), 'utf8');
const flowing = statement.replaceAll('\n', ' ');
const rows = statement.split('\n').filter((line) => line.startsWith('| '));
const rowOf = (beginning: string): string => rows.find((row) => row.startsWith(`| ${beginning}`)) ?? '';
const hex = (status: number): string => status.toString(16).toUpperCase().padStart(4, '0');

describe('the conformance statement', () => {
  it('counts the SOP classes and transfer syntaxes that are known', () => {
    expect(statement).toContain(`Storage, ${STORAGE_SOP_CLASSES.length} SOP classes`);
    expect(statement).toContain(`(${TRANSFER_SYNTAXES.length} are known)`);
  });

  it('names the implementation', () => {
    expect(rowOf('implementation')).toContain(`\`${IMPLEMENTATION_CLASS_UID}\``);
    expect(rowOf('implementation')).toContain(`\`${IMPLEMENTATION_VERSION_NAME}\``);
  });

  it('tells the defaults of the configuration', () => {
    const { dicom } = schema.parse({});
    const { associations } = schema.parse({ destinations: { pacs: { folder: 'x' } } }).destinations['pacs'].delivery;
    expect(rowOf('host, port')).toContain(String(dicom.port));
    expect(rowOf('maximum length')).toContain(`${dicom.maxPduBytes} (\`dicom.maxPduBytes\`)`);
    expect(rowOf('associations at once')).toContain(`${dicom.maxAssociations} in all`);
    expect(rowOf('associations at once')).toContain(`${dicom.maxAssociationsPerPeer} of one address`);
    expect(rowOf('associations at once')).toContain(`${associations} a destination`);
    expect(rowOf('silence')).toContain(`${dicom.idleSeconds} s (\`dicom.idleSeconds\`)`);
    expect(rowOf('time for the request')).toContain(`${dicom.artimSeconds} s (\`dicom.artimSeconds\`)`);
    expect(rowOf('slow senders')).toContain(`${dicom.minBytesPerSecond} bytes`);
  });

  it('has every rejection as it is sent', () => {
    const userInformation = { maxLength: 0, asyncOperations: undefined, roles: [] };
    const request = { calledAeTitle: '', callingAeTitle: '', contexts: [], userInformation };
    const sent = [
      rejectionOf({ ...request, protocolVersion: 0, applicationContext: '' }),
      rejectionOf({ ...request, protocolVersion: 1, applicationContext: '' }),
      ...[CALLING_AE_NOT_RECOGNIZED, CALLED_AE_NOT_RECOGNIZED, TEMPORARY_CONGESTION, LOCAL_LIMIT_EXCEEDED],
    ].filter((rejection) => rejection !== undefined);
    const written = rows.flatMap((row) => {
      const found = /^\| (\d) \w+ \| (\d) [^|]+ \| (\d) ([^|]+) \|/.exec(row);
      return found === null ? [] : [found.slice(1).join(' ')];
    });
    expect(written.sort()).toEqual(sent.map((r) => `${r.result} ${r.source} ${r.reason} ${r.text}`).sort());
  });

  it('has every status of C-STORE that is answered', () => {
    const answered = [...Object.values(STATUS), 0x0124, 0xa700].map(hex);
    const table = statement.slice(statement.indexOf('| status of C-STORE'), statement.indexOf('Other requests'));
    const written = [...table.matchAll(/^\| ([0-9A-F]{4}) \|/gm)].map(([, status]) => status);
    expect([...written, '0211'].sort()).toEqual(answered.sort());
  });

  it.each([
    ['0000, and warnings', [0x0000, 0x0001, 0x0107, 0xb000, 0xb006, 0xb007], 'sent'],
    ['A7xx', [0xa700, 0xa7ff, 0x0110, 0x0213], 'unavailable'],
    ['any other status', [0x0122, 0xa900, 0xc000, 0x0124, 0x1234], 'refused'],
  ] as const)('tells what becomes of an instance after %s', (beginning, statuses, kind) => {
    expect(rowOf(beginning)).not.toBe('');
    expect(statuses.map((status) => outcomeOf(status).kind)).toEqual(statuses.map(() => kind));
  });

  it('has every failure reason of storage commitment', () => {
    for (const reason of Object.values(FAILURE_REASON)) expect(flowing).toContain(` ${hex(reason)} `);
  });

  it('lists the cipher suites in their order', () => {
    expect(flowing).toContain(`${String(SECURE_TRANSPORT.ciphers).split(':').join(', ')}.`);
  });
});
