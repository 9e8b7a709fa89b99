// The Store Instances Response Module (PS3.18 10.5.3 and PS3.3 C.12.3.x) in JSON (PS3.18 Annex F) or XML (PS3.19 Annex A): what became of one instance.
import { readXmlAttributes } from './native-xml.ts';
import type { NativeAttributes } from './native-xml.ts';

/** `unknown`: the answer does not tell of the instance, or cannot be read. */
export type StoreResult =
  | { readonly kind: 'stored'; readonly warningReason: number }
  | { readonly kind: 'failed'; readonly failureReason: number | undefined }
  | { readonly kind: 'unknown' };

const FAILED_SOP_SEQUENCE = '00081198';
const FAILURE_REASON = '00081197';
const REFERENCED_SOP_SEQUENCE = '00081199';
const WARNING_REASON = '00081196';
const REFERENCED_SOP_INSTANCE_UID = '00081155';
const OTHER_FAILURES_SEQUENCE = '0008119A';

const UNKNOWN: StoreResult = { kind: 'unknown' };

/** @param sopInstanceUid of the one instance that was sent */
export function readStoreResponse(mediaType: string, body: string, sopInstanceUid: string): StoreResult {
  const attributes = readAttributes(mediaType, body);
  if (attributes === undefined) return UNKNOWN;
  // One instance was sent: whatever failed is this one, though a server that could not read it cannot name it.
  for (const sequence of [FAILED_SOP_SEQUENCE, OTHER_FAILURES_SEQUENCE]) {
    const failed = attributes.items(sequence).at(0);
    if (failed !== undefined) return { kind: 'failed', failureReason: failed.number(FAILURE_REASON) };
  }
  for (const item of attributes.items(REFERENCED_SOP_SEQUENCE)) {
    if (item.text(REFERENCED_SOP_INSTANCE_UID) !== sopInstanceUid) continue;
    return { kind: 'stored', warningReason: item.number(WARNING_REASON) ?? 0 };
  }
  return UNKNOWN;
}

function readAttributes(mediaType: string, body: string): NativeAttributes | undefined {
  if (mediaType === 'application/dicom+json' || mediaType === 'application/json') return readJsonAttributes(body);
  if (mediaType === 'application/dicom+xml' || mediaType.endsWith('/xml')) return readXmlAttributes(body);
  return undefined;
}

function readJsonAttributes(body: string): NativeAttributes | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  // Some servers answer with an array of one.
  const root: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isObject(root) ? new JsonAttributes(root) : undefined;
}

class JsonAttributes implements NativeAttributes {
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(object: Readonly<Record<string, unknown>>) {
    this.#object = object;
  }

  items(tag: string): readonly NativeAttributes[] {
    return this.#values(tag)
      .filter(isObject)
      .map((item) => new JsonAttributes(item));
  }

  text(tag: string): string | undefined {
    const [value] = this.#values(tag);
    return typeof value === 'string' ? value : undefined;
  }

  number(tag: string): number | undefined {
    const [value] = this.#values(tag);
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
  }

  #values(tag: string): readonly unknown[] {
    const attribute = Object.hasOwn(this.#object, tag) ? this.#object[tag] : undefined;
    return isObject(attribute) && Array.isArray(attribute.Value) ? attribute.Value : [];
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
