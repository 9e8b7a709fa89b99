// Images made in code, and what foreign decoders make of a file: shared by the tests on pixels.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { Rectangle } from '../../../src/core/picture.ts';
import { encodePlan } from '../../../src/dicom/deflate.ts';
import type { DataSet, OutputDataSet, SplicePlan } from '../../../src/dicom/element.ts';
import { buildFileHeader, readFile10 } from '../../../src/dicom/part10.ts';
import { parseDataSetSync } from '../../../src/dicom/reader.ts';
import { openFrames } from '../../../src/pixels/frames/frame-source.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';

export type Overrides = Readonly<Record<string, string | number | undefined>>;

export function syntax(uid: string): TransferSyntax {
  const found = findTransferSyntax(uid);
  if (found === undefined) throw new Error(`no transfer syntax ${uid}`);
  return found;
}

/** An image of 8 bits, 4 columns and 2 rows, without its pixel data. */
export function image(overrides: Overrides = {}): DataSetBuilder {
  return new DataSetBuilder().putAll({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
    SOPInstanceUID: '1.2.3',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: 2,
    Columns: 4,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    ...overrides,
  });
}

/** Bytes that differ from each other and from black: smooth enough to compress, never the least value but at one place. */
export function picture(width: number, height: number, samples: number, bits: number, seed = 0): Buffer {
  const wordBytes = bits > 8 ? 2 : 1;
  const out = Buffer.alloc(width * height * samples * wordBytes);
  for (let i = 0; i < width * height * samples; i++) {
    const [x, y] = [Math.floor(i / samples) % width, Math.floor(i / samples / width)];
    const wave = (Math.sin((x + seed) / 9) + Math.cos((y - seed) / 7 + (i % samples)) + 2) / 4;
    const value = i < samples ? 0 : 1 + Math.floor(wave * (2 ** bits - 2) * 0.9);
    if (wordBytes === 2) out.writeUInt16LE(value, i * 2);
    else out[i] = value;
  }
  return out;
}

export function parse(builder: DataSetBuilder, uid: string = EXPLICIT_VR_LITTLE_ENDIAN): DataSet {
  return parseDataSetSync(builder.toBytes(uid), { transferSyntax: syntax(uid) });
}

export function keepAll(dataSet: DataSet): OutputDataSet {
  const elements = dataSet.elements.map((element) => ({ kind: 'kept' as const, element }));
  return { source: dataSet.source, encoding: dataSet.encoding, elements };
}

/** A Part 10 file of a plan. */
export async function fileOf(plan: SplicePlan, transferSyntax: TransferSyntax): Promise<Buffer> {
  const chunks = [
    buildFileHeader({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.7',
      sopInstanceUid: '1.2.3',
      transferSyntaxUid: transferSyntax.uid,
    }),
  ];
  for await (const chunk of encodePlan(plan, transferSyntax)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The frames of a file, by our own decoders. */
export async function framesOf(file: Buffer): Promise<readonly Buffer[]> {
  const { dataSet, transferSyntax } = await readFile10(new BufferSource(file));
  const source = await openFrames(dataSet, transferSyntax);
  if (source === undefined) return [];
  const frames: Buffer[] = [];
  for (let index = 0; index < source.frameCount; index++) frames.push((await source.frame(index)).bytes);
  return frames;
}

/** The program that decodes a transfer syntax and has nothing to do with us; undefined where there is none. */
export function foreignDecoder(uid: string): readonly string[] | undefined {
  const suffix = uid.replace('1.2.840.10008.1.2', '');
  if (['.4.50', '.4.51', '.4.53', '.4.55', '.4.57', '.4.70'].includes(suffix)) return ['dcmdjpeg'];
  if (['.4.80', '.4.81'].includes(suffix)) return ['dcmdjpls'];
  if (suffix === '.5') return ['dcmdrle'];
  if (['.4.90', '.4.91'].includes(suffix)) return ['gdcmconv', '--raw'];
  return ['', '.1', '.2', '.1.99'].includes(suffix) ? ['dcmconv', '+te'] : undefined;
}

/** The frames of a file as a foreign program decodes them; our own decoders where there is none. */
export async function foreignFramesOf(file: Buffer, uid: string, directory: string): Promise<readonly Buffer[]> {
  const command = foreignDecoder(uid);
  if (command === undefined) return framesOf(file);
  const [program, ...options] = command;
  const [from, to] = [join(directory, 'from.dcm'), join(directory, 'to.dcm')];
  writeFileSync(from, file);
  const { status, stderr } = spawnSync(program, [...options, from, to], { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${program} ended with ${String(status)}: ${stderr.slice(0, 300)}`);
  return framesOf(readFileSync(to));
}

export interface Difference {
  readonly inside: number;
  readonly outside: number;
}

/** How many pixels differ, inside and outside the rectangle, between frames of one layout. */
export function compare(
  a: Buffer,
  b: Buffer,
  columns: number,
  rows: number,
  region: Rectangle | undefined,
): Difference {
  if (a.length !== b.length) throw new Error('frames of different lengths');
  const pixelBytes = a.length / (columns * rows);
  let [inside, outside] = [0, 0];
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, at += pixelBytes) {
      if (a.compare(b, at, at + pixelBytes, at, at + pixelBytes) === 0) continue;
      if (
        region !== undefined &&
        x >= region.x &&
        x < region.x + region.width &&
        y >= region.y &&
        y < region.y + region.height
      )
        inside++;
      else outside++;
    }
  }
  return { inside, outside };
}
