// The user information item (PS3.7 D.3.3): maximum length, implementation, asynchronous operations window, role selection.
// Extended negotiation and user identity are checked for their lengths and passed over; nothing of them is kept or logged.
import { LetheError } from '../core/errors.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../dicom/part10.ts';
import { ITEM, decodeUid, eachItem, encodeItem, encodeUidItem, trimmedText } from './pdu-items.ts';

/** What is assumed of a peer that leaves its maximum length out. */
const DEFAULT_MAX_LENGTH = 16_384;

export interface RoleSelection {
  readonly sopClassUid: string;
  readonly isScu: boolean;
  readonly isScp: boolean;
}

export interface UserInformation {
  /** Longest P-DATA-TF that the sender of this item takes, in bytes after the head; 0 means any. */
  readonly maxLength: number;
  /** Operations that may be under way, invoked and performed; undefined when not negotiated (then 1 and 1). */
  readonly asyncOperations: { readonly invoked: number; readonly performed: number } | undefined;
  readonly roles: readonly RoleSelection[];
}

/** Throws `pdu-invalid` when a sub-item's length is wrong for its type. Unknown sub-items are skipped (PS3.8 9.3.1). */
export function decodeUserInformation(bytes: Buffer): UserInformation {
  let maxLength = DEFAULT_MAX_LENGTH;
  let asyncOperations: UserInformation['asyncOperations'];
  const roles: RoleSelection[] = [];
  eachItem(bytes, (type, value) => {
    switch (type) {
      case ITEM.maxLength:
        expectLength(value, 4);
        maxLength = value.readUInt32BE(0);
        break;
      case ITEM.asyncOperations:
        expectLength(value, 4);
        asyncOperations = { invoked: value.readUInt16BE(0), performed: value.readUInt16BE(2) };
        break;
      case ITEM.roleSelection:
        roles.push(decodeRole(value));
        break;
      case ITEM.implementationClassUid:
        decodeUid(value);
        break;
      case ITEM.implementationVersion:
        trimmedText(value);
        break;
      case ITEM.userIdentityRq:
        checkUserIdentity(value);
        break;
      default:
        break;
    }
  });
  return { maxLength, asyncOperations, roles };
}

function expectLength(value: Buffer, length: number): void {
  if (value.length !== length) throw new LetheError('pdu-invalid', 'sub-item of fixed size has another length');
}

/** PS3.7 D.3.3.4.1: length of the UID, the UID, SCU role, SCP role. */
function decodeRole(value: Buffer): RoleSelection {
  if (value.length < 4) throw new LetheError('pdu-invalid', 'role selection is cut short');
  const uidLength = value.readUInt16BE(0);
  expectLength(value, uidLength + 4);
  return {
    sopClassUid: decodeUid(value.subarray(2, 2 + uidLength)),
    isScu: value[2 + uidLength] === 1,
    isScp: value[3 + uidLength] === 1,
  };
}

/** PS3.7 D.3.3.7.1: type, response requested, primary field, secondary field; both fields with 16-bit lengths. */
function checkUserIdentity(value: Buffer): void {
  if (value.length < 6) throw new LetheError('pdu-invalid', 'user identity is cut short');
  const primaryLength = value.readUInt16BE(2);
  const secondaryAt = 4 + primaryLength;
  if (secondaryAt + 2 > value.length) throw new LetheError('pdu-invalid', 'user identity is cut short');
  expectLength(value, secondaryAt + 2 + value.readUInt16BE(secondaryAt));
}

export function encodeUserInformation(information: UserInformation): Buffer {
  const maxLength = Buffer.alloc(4);
  maxLength.writeUInt32BE(information.maxLength, 0);
  const items = [
    encodeItem(ITEM.maxLength, maxLength),
    encodeUidItem(ITEM.implementationClassUid, IMPLEMENTATION_CLASS_UID),
  ];
  if (information.asyncOperations !== undefined) {
    const window = Buffer.alloc(4);
    window.writeUInt16BE(information.asyncOperations.invoked, 0);
    window.writeUInt16BE(information.asyncOperations.performed, 2);
    items.push(encodeItem(ITEM.asyncOperations, window));
  }
  for (const role of information.roles) {
    const uid = Buffer.from(role.sopClassUid, 'latin1');
    const flags = Buffer.from([Number(role.isScu), Number(role.isScp)]);
    items.push(encodeItem(ITEM.roleSelection, Buffer.from([0, uid.length]), uid, flags));
  }
  items.push(encodeItem(ITEM.implementationVersion, Buffer.from(IMPLEMENTATION_VERSION_NAME, 'latin1')));
  return encodeItem(ITEM.userInformation, ...items);
}
