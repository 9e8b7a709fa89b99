// Builds data sets and Part 10 files in code (PS3.5 section 7, PS3.10 section 7, 2026d). Shares nothing with the reader and the
// splice writer, so that a test which compares with it is not circular.
import { deflateRawSync } from 'node:zlib';
import { CharacterSet } from '../dicom/character-set.ts';
import { findByKeyword, vrOf } from '../standard/dictionary.ts';
import { DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import {
  ITEM,
  ITEM_END,
  PIXEL_DATA,
  SEQUENCE_END,
  UNDEFINED_LENGTH,
  byteLength,
  formOf,
  fragmentBytes,
  headerBytes,
  itemHeader,
  listOf,
  padded,
  valueBytes,
} from './element-encoding.ts';
import type { BuilderValue, Form } from './element-encoding.ts';

export type { BuilderValue } from './element-encoding.ts';

/** A keyword of PS3.6 or a tag number such as `0x00100020`. */
export type Attribute = string | number;

export interface SequenceOptions {
  /** Undefined length with delimitation items, for the sequence and for its items. */
  readonly hasUndefinedLength?: boolean;
}

export interface FileOptions {
  /** (0002,0016); absent when not given. */
  readonly sourceAeTitle?: string;
  /** 128 bytes; zeros when not given. */
  readonly preamble?: Buffer;
}

interface SequenceEntry {
  readonly kind: 'items';
  readonly items: readonly DataSetBuilder[];
  readonly hasUndefinedLength: boolean;
}

type Entry =
  | { readonly kind: 'value'; readonly vr: string; readonly value: BuilderValue }
  | SequenceEntry
  | { readonly kind: 'fragments'; readonly offsetTable: readonly number[]; readonly fragments: readonly Buffer[] }
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

const SPECIFIC_CHARACTER_SET = 0x00080005;
const IMPLEMENTATION_CLASS_UID = '1.3.6.1.4.1.999999.0.1';

/**
 * A data set under construction. Elements come out in ascending tag order, padded to even length; text is encoded in the data set's own
 * (0008,0005), items inherit it. `toBytes` gives the bare data set, `toFile` a Part 10 file:
 *
 *     const file = new DataSetBuilder()
 *       .put('SpecificCharacterSet', 'CS', 'ISO_IR 100')
 *       .put('PatientName', 'PN', 'Müller^Änne')
 *       .put(0x00091001, 'LO', 'private')
 *       .sequence('ReferencedStudySequence', [new DataSetBuilder().put('ReferencedSOPInstanceUID', 'UI', '1.2.3')])
 *       .toFile(EXPLICIT_VR_LITTLE_ENDIAN);
 */
export class DataSetBuilder {
  readonly #entries = new Map<number, Entry>();

  /** Sets an element, replacing one with the same tag. Throws RangeError for an unknown keyword. */
  put(attribute: Attribute, vr: string, value?: BuilderValue): this {
    this.#entries.set(tagOf(attribute), { kind: 'value', vr, value });
    return this;
  }

  /** Sets several elements by keyword with the VR that the dictionary gives them. */
  putAll(values: Readonly<Record<string, BuilderValue>>): this {
    for (const [keyword, value] of Object.entries(values)) {
      const tag = tagOf(keyword);
      this.put(tag, vrOf(tag) ?? 'UN', value);
    }
    return this;
  }

  /** Sets a sequence. An empty list of items is an empty sequence. */
  sequence(attribute: Attribute, items: readonly DataSetBuilder[], options: SequenceOptions = {}): this {
    const hasUndefinedLength = options.hasUndefinedLength ?? false;
    this.#entries.set(tagOf(attribute), { kind: 'items', items, hasUndefinedLength });
    return this;
  }

  /** Sets encapsulated pixel data (PS3.5 A.4). `offsetTable` holds the basic offset table's entries; empty by default. */
  encapsulated(fragments: readonly Buffer[], offsetTable: readonly number[] = []): this {
    this.#entries.set(PIXEL_DATA, { kind: 'fragments', offsetTable, fragments });
    return this;
  }

  /** Puts bytes as they are, header included, where an element of that tag would stand: for malformed data sets. */
  bytes(attribute: Attribute, bytes: Buffer): this {
    this.#entries.set(tagOf(attribute), { kind: 'bytes', bytes });
    return this;
  }

  remove(attribute: Attribute): this {
    this.#entries.delete(tagOf(attribute));
    return this;
  }

  /** The value that was put; undefined when there is none. */
  get(attribute: Attribute): BuilderValue {
    const entry = this.#entries.get(tagOf(attribute));
    return entry?.kind === 'value' ? entry.value : undefined;
  }

  /** A second builder with the same elements; items are shared. */
  copy(): DataSetBuilder {
    const copy = new DataSetBuilder();
    for (const [tag, entry] of this.#entries) copy.#entries.set(tag, entry);
    return copy;
  }

  /**
   * The bare data set, as it goes over the network. Implicit little endian, explicit big endian and deflated as named by the transfer
   * syntax; everything else, encapsulated ones included, is explicit VR little endian.
   */
  toBytes(transferSyntaxUid: string = EXPLICIT_VR_LITTLE_ENDIAN): Buffer {
    const bytes = Buffer.concat(this.#encode(formOf(transferSyntaxUid), CharacterSet.of([]), []));
    return transferSyntaxUid === DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN ? padded(deflateRawSync(bytes), 0) : bytes;
  }

  /** A Part 10 file: preamble, file meta information, data set. */
  toFile(transferSyntaxUid: string = EXPLICIT_VR_LITTLE_ENDIAN, options: FileOptions = {}): Buffer {
    return Buffer.concat([this.#fileMeta(transferSyntaxUid, options), this.toBytes(transferSyntaxUid)]);
  }

  /**
   * A Part 10 file, explicit or implicit VR little endian, up to and with the header of Pixel Data of the given length (bytes, even):
   * the caller streams the value. Elements behind Pixel Data are left out.
   */
  toFileHead(transferSyntaxUid: string, pixelVr: 'OB' | 'OW', pixelLength: number): Buffer {
    const head = this.copy();
    for (const tag of head.#entries.keys()) if (tag >= PIXEL_DATA) head.#entries.delete(tag);
    const form = formOf(transferSyntaxUid);
    return Buffer.concat([head.toFile(transferSyntaxUid), headerBytes(form, PIXEL_DATA, pixelVr, pixelLength)]);
  }

  #fileMeta(transferSyntaxUid: string, options: FileOptions): Buffer {
    const meta = new DataSetBuilder()
      .put(0x00020001, 'OB', Buffer.from([0, 1]))
      .put(0x00020002, 'UI', this.get('SOPClassUID'))
      .put(0x00020003, 'UI', this.get('SOPInstanceUID'))
      .put(0x00020010, 'UI', transferSyntaxUid)
      .put(0x00020012, 'UI', IMPLEMENTATION_CLASS_UID)
      .put(0x00020013, 'SH', 'SYNTHETIC_1');
    if (options.sourceAeTitle !== undefined) meta.put(0x00020016, 'AE', options.sourceAeTitle);
    const bytes = meta.toBytes();
    const groupLength = new DataSetBuilder().put(0x00020000, 'UL', bytes.length).toBytes();
    return Buffer.concat([options.preamble ?? Buffer.alloc(128), Buffer.from('DICM'), groupLength, bytes]);
  }

  #encode(form: Form, inherited: CharacterSet, out: Buffer[]): Buffer[] {
    const characterSet = this.#characterSet(inherited);
    for (const tag of [...this.#entries.keys()].sort((a, b) => a - b)) {
      const entry = this.#entries.get(tag);
      if (entry?.kind === 'bytes') out.push(entry.bytes);
      else if (entry?.kind === 'items') this.#encodeSequence(form, tag, entry, characterSet, out);
      else if (entry?.kind === 'fragments') out.push(...fragmentBytes(form, entry.offsetTable, entry.fragments));
      else if (entry?.kind === 'value') {
        const bytes = valueBytes(form, tag, entry.vr, entry.value, characterSet);
        out.push(headerBytes(form, tag, entry.vr, bytes.length), bytes);
      }
    }
    return out;
  }

  #encodeSequence(form: Form, tag: number, sequence: SequenceEntry, characterSet: CharacterSet, out: Buffer[]): void {
    const { items, hasUndefinedLength } = sequence;
    const content: Buffer[] = [];
    for (const item of items) {
      const elements = Buffer.concat(item.#encode(form, characterSet, []));
      content.push(itemHeader(form, ITEM, hasUndefinedLength ? UNDEFINED_LENGTH : elements.length), elements);
      if (hasUndefinedLength) content.push(itemHeader(form, ITEM_END, 0));
    }
    if (hasUndefinedLength) content.push(itemHeader(form, SEQUENCE_END, 0));
    out.push(headerBytes(form, tag, 'SQ', hasUndefinedLength ? UNDEFINED_LENGTH : byteLength(content)), ...content);
  }

  #characterSet(inherited: CharacterSet): CharacterSet {
    const declared = this.get(SPECIFIC_CHARACTER_SET);
    if (declared === undefined) return inherited;
    return CharacterSet.of(listOf(declared).flatMap((value) => String(value).split('\\')));
  }
}

function tagOf(attribute: Attribute): number {
  if (typeof attribute === 'number') return attribute;
  const entry = findByKeyword(attribute);
  if (entry === undefined) throw new RangeError(`${attribute} is no keyword of PS3.6`);
  return entry.tag;
}
