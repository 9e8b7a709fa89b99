// Command sets (PS3.7 section 6.3 and Annex E): implicit VR little endian, group 0000, a handful of elements.
import { LetheError } from '../core/errors.ts';
import { PDU_HEAD_BYTES, PDV_COMMAND, PDV_HEAD_BYTES, PDV_LAST, writeDataHead } from './pdu.ts';

/** Longest command set that is read. */
export const MAX_COMMAND_BYTES = 64 * 1024;

/** Of the normalized services that storage commitment uses. */
const EVENT_AND_ACTION = { eventReportRq: 0x0100, eventReportRsp: 0x8100, actionRq: 0x0130, actionRsp: 0x8130 };

/** Command fields (PS3.7 table E.1-1) that are told apart here; a response has bit 15 set. */
export const COMMAND_FIELD = {
  storeRq: 0x0001,
  storeRsp: 0x8001,
  echoRq: 0x0030,
  echoRsp: 0x8030,
  cancelRq: 0x0fff,
  ...EVENT_AND_ACTION,
};
export const RESPONSE_BIT = 0x8000;

/** Command Data Set Type (0000,0800) when no data set follows (PS3.7 E.2); any other value announces one. */
const NO_DATA_SET = 0x0101;
const DATA_SET = 0x0001;

/** Element numbers in group 0000. */
const ELEMENT = {
  groupLength: 0x0000,
  affectedSopClassUid: 0x0002,
  requestedSopClassUid: 0x0003,
  commandField: 0x0100,
  messageId: 0x0110,
  messageIdBeingRespondedTo: 0x0120,
  priority: 0x0700,
  dataSetType: 0x0800,
  status: 0x0900,
  affectedSopInstanceUid: 0x1000,
  requestedSopInstanceUid: 0x1001,
  eventTypeId: 0x1002,
  actionTypeId: 0x1008,
} as const;

/** The elements that the storage and verification services need. UIDs are as sent, without padding, shape unchecked. */
export interface CommandSet {
  readonly commandField: number;
  readonly hasDataSet: boolean;
  readonly messageId?: number;
  readonly messageIdBeingRespondedTo?: number;
  readonly affectedSopClassUid?: string;
  readonly affectedSopInstanceUid?: string;
  readonly requestedSopClassUid?: string;
  readonly requestedSopInstanceUid?: string;
  readonly actionTypeId?: number;
  readonly status?: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Decodes a command set. Throws `command-invalid`: an element of another group, out of order, repeated or longer than
 * what is there, a number that is not 2 bytes, a missing Command Field or Command Data Set Type.
 */
export function decodeCommand(bytes: Buffer): CommandSet {
  const found: Mutable<Partial<CommandSet>> = {};
  let last = -1;
  for (let offset = 0; offset < bytes.length;) {
    if (offset + 8 > bytes.length) throw new LetheError('command-invalid', 'command element is cut short');
    const element = bytes.readUInt16LE(offset + 2);
    const end = offset + 8 + bytes.readUInt32LE(offset + 4);
    if (bytes.readUInt16LE(offset) !== 0) throw new LetheError('command-invalid', 'element outside group 0000');
    if (element <= last) throw new LetheError('command-invalid', 'command elements are not in ascending order');
    if (end > bytes.length) throw new LetheError('command-invalid', 'command element is longer than the command');
    decodeElement(found, element, bytes.subarray(offset + 8, end));
    last = element;
    offset = end;
  }
  const { commandField, hasDataSet } = found;
  if (commandField === undefined || hasDataSet === undefined) {
    throw new LetheError('command-invalid', 'Command Field or Command Data Set Type is missing');
  }
  return { ...found, commandField, hasDataSet };
}

function decodeElement(found: Mutable<Partial<CommandSet>>, element: number, value: Buffer): void {
  switch (element) {
    case ELEMENT.affectedSopClassUid:
      found.affectedSopClassUid = decodeText(value);
      break;
    case ELEMENT.commandField:
      found.commandField = decodeNumber(value);
      break;
    case ELEMENT.messageId:
      found.messageId = decodeNumber(value);
      break;
    case ELEMENT.messageIdBeingRespondedTo:
      found.messageIdBeingRespondedTo = decodeNumber(value);
      break;
    case ELEMENT.dataSetType:
      found.hasDataSet = decodeNumber(value) !== NO_DATA_SET;
      break;
    case ELEMENT.status:
      found.status = decodeNumber(value);
      break;
    case ELEMENT.affectedSopInstanceUid:
      found.affectedSopInstanceUid = decodeText(value);
      break;
    case ELEMENT.requestedSopClassUid:
      found.requestedSopClassUid = decodeText(value);
      break;
    case ELEMENT.requestedSopInstanceUid:
      found.requestedSopInstanceUid = decodeText(value);
      break;
    case ELEMENT.actionTypeId:
      found.actionTypeId = decodeNumber(value);
      break;
    default:
      break;
  }
}

function decodeNumber(value: Buffer): number {
  if (value.length !== 2) throw new LetheError('command-invalid', 'number in a command set is not 2 bytes long');
  return value.readUInt16LE(0);
}

function decodeText(value: Buffer): string {
  let end = value.length;
  while (end > 0 && (value[end - 1] === 0 || value[end - 1] === 0x20)) end--;
  return value.toString('latin1', 0, end);
}

export interface StoreRequest {
  readonly messageId: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** A whole P-DATA-TF with a C-STORE-RQ (PS3.7 9.3.1.1), medium priority. */
export function encodeStoreRequest(contextId: number, request: StoreRequest): Buffer {
  return encodeCommandPdu(contextId, [
    [ELEMENT.affectedSopClassUid, request.sopClassUid],
    [ELEMENT.commandField, COMMAND_FIELD.storeRq],
    [ELEMENT.messageId, request.messageId],
    [ELEMENT.priority, 0],
    [ELEMENT.dataSetType, DATA_SET],
    [ELEMENT.affectedSopInstanceUid, request.sopInstanceUid],
  ]);
}

export interface Response {
  /** Of the request. */
  readonly commandField: number;
  readonly messageId: number;
  readonly status: number;
  /** Left out when the request's was missing or malformed: nothing malformed is sent back. */
  readonly sopClassUid?: string | undefined;
  readonly sopInstanceUid?: string | undefined;
  /** Of an N-ACTION. */
  readonly actionTypeId?: number | undefined;
}

/** A whole P-DATA-TF with the response to a request (PS3.7 9.3.1.2, 9.3.5.2, and C.5 for operations that are not known). */
export function encodeResponse(contextId: number, response: Response): Buffer {
  const elements: CommandElement[] = [];
  if (response.sopClassUid !== undefined) elements.push([ELEMENT.affectedSopClassUid, response.sopClassUid]);
  elements.push(
    [ELEMENT.commandField, response.commandField | RESPONSE_BIT],
    [ELEMENT.messageIdBeingRespondedTo, response.messageId],
    [ELEMENT.dataSetType, NO_DATA_SET],
    [ELEMENT.status, response.status],
  );
  if (response.sopInstanceUid !== undefined) elements.push([ELEMENT.affectedSopInstanceUid, response.sopInstanceUid]);
  if (response.actionTypeId !== undefined) elements.push([ELEMENT.actionTypeId, response.actionTypeId]);
  return encodeCommandPdu(contextId, elements);
}

export interface EventReportRequest {
  readonly messageId: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly eventTypeId: number;
}

/** A whole P-DATA-TF with an N-EVENT-REPORT-RQ that announces a data set (PS3.7 10.3.1.1). */
export function encodeEventReportRequest(contextId: number, request: EventReportRequest): Buffer {
  return encodeCommandPdu(contextId, [
    [ELEMENT.affectedSopClassUid, request.sopClassUid],
    [ELEMENT.commandField, COMMAND_FIELD.eventReportRq],
    [ELEMENT.messageId, request.messageId],
    [ELEMENT.dataSetType, DATA_SET],
    [ELEMENT.affectedSopInstanceUid, request.sopInstanceUid],
    [ELEMENT.eventTypeId, request.eventTypeId],
  ]);
}

export interface ActionRequest {
  readonly messageId: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly actionTypeId: number;
}

/** A whole P-DATA-TF with an N-ACTION-RQ that announces a data set (PS3.7 10.3.5.1). */
export function encodeActionRequest(contextId: number, request: ActionRequest): Buffer {
  return encodeCommandPdu(contextId, [
    [ELEMENT.requestedSopClassUid, request.sopClassUid],
    [ELEMENT.commandField, COMMAND_FIELD.actionRq],
    [ELEMENT.messageId, request.messageId],
    [ELEMENT.dataSetType, DATA_SET],
    [ELEMENT.requestedSopInstanceUid, request.sopInstanceUid],
    [ELEMENT.actionTypeId, request.actionTypeId],
  ]);
}

type CommandElement = readonly [element: number, value: number | string];

const GROUP_LENGTH_BYTES = 12;

/** One P-DATA-TF with one PDV that holds the whole command; `elements` ascend. A text of odd length is padded with NUL. */
function encodeCommandPdu(contextId: number, elements: readonly CommandElement[]): Buffer {
  let groupLength = 0;
  for (const [, value] of elements)
    groupLength += 8 + (typeof value === 'number' ? 2 : value.length + (value.length % 2));
  const heads = PDU_HEAD_BYTES + PDV_HEAD_BYTES;
  const pdu = Buffer.alloc(heads + GROUP_LENGTH_BYTES + groupLength);
  writeDataHead(pdu, 0, contextId, PDV_COMMAND | PDV_LAST, GROUP_LENGTH_BYTES + groupLength);
  pdu.writeUInt16LE(ELEMENT.groupLength, heads + 2);
  pdu.writeUInt32LE(4, heads + 4);
  pdu.writeUInt32LE(groupLength, heads + 8);
  let offset = heads + GROUP_LENGTH_BYTES;
  for (const [element, value] of elements) {
    const length = typeof value === 'number' ? 2 : value.length + (value.length % 2);
    pdu.writeUInt16LE(element, offset + 2);
    pdu.writeUInt32LE(length, offset + 4);
    if (typeof value === 'number') pdu.writeUInt16LE(value, offset + 8);
    else pdu.write(value, offset + 8, 'latin1');
    offset += 8 + length;
  }
  return pdu;
}
