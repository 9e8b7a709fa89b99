import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BufferSource } from '../../../src/core/bytes.ts';
import { DEFAULT_INFLATE_LIMITS } from '../../../src/dicom/inflate.ts';
import { readReceived } from '../../../src/dicom/received.ts';
import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { element, EXPLICIT, IMPLICIT } from './support/naive-encoder.ts';
import { expectBytes } from './support/expect-bytes.ts';
import { FileLikeSource } from './support/sources.ts';

const ID = element(EXPLICIT, 0x00100020, 'LO', Buffer.from('ABC123'));
const PIXELS = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 7919) % 256));
const DATA_SET = Buffer.concat([ID, element(EXPLICIT, 0x7fe00010, 'OW', PIXELS)]);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-inflate-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function inflateOptions(limits: Partial<typeof DEFAULT_INFLATE_LIMITS> = {}): object {
  return { inflate: { limits: { ...DEFAULT_INFLATE_LIMITS, ...limits }, temporaryDirectory: directory } };
}

function openTemporaryFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(directory) ? [target] : [];
    } catch {
      return [];
    }
  });
}

describe('a bare data set', () => {
  it('is read in the transfer syntax that was agreed on', async () => {
    const dataSet = await readReceived(new FileLikeSource(DATA_SET), EXPLICIT_VR_LITTLE_ENDIAN);
    expect(dataSet.elements.map((one) => one.tag)).toEqual([0x00100020, 0x7fe00010]);
    expect(dataSet.close).toBeUndefined();
  });

  it('in an unknown transfer syntax is refused', async () => {
    const reading = readReceived(new BufferSource(DATA_SET), '1.2.3.4');
    await expect(reading).rejects.toMatchObject({ code: 'unsupported-transfer-syntax' });
  });

  it('in implicit VR under an explicit transfer syntax is refused: it would be forwarded under a false name', async () => {
    const implicit = element(IMPLICIT, 0x00080016, '', Buffer.from('1.2.840.10008.5.1.4.1.1.7\0'));
    const reading = readReceived(new BufferSource(implicit), EXPLICIT_VR_LITTLE_ENDIAN);
    await expect(reading).rejects.toMatchObject({ code: 'unparsable', offset: 0 });
    await expect(readReceived(new BufferSource(implicit), IMPLICIT_VR_LITTLE_ENDIAN)).resolves.toBeDefined();
  });

  it('that is empty is refused: it is what remains of lost data', async () => {
    const reading = readReceived(new BufferSource(Buffer.alloc(0)), EXPLICIT_VR_LITTLE_ENDIAN);
    await expect(reading).rejects.toMatchObject({ code: 'unparsable', offset: 0 });
  });
});

describe('a deflated data set', () => {
  const read = (bytes: Buffer, options = inflateOptions()): ReturnType<typeof readReceived> =>
    readReceived(new FileLikeSource(bytes), DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, options);

  it.each([
    ['a bare deflate stream (RFC 1951)', deflateRawSync(DATA_SET)],
    ['one with a NUL behind it, as PS3.5 A.5 pads', Buffer.concat([deflateRawSync(DATA_SET), Buffer.alloc(1)])],
    ['one in a zlib header (RFC 1950), which some writers add', deflateSync(DATA_SET)],
    ['stored blocks', deflateRawSync(DATA_SET, { level: 0 })],
  ])('may be %s', async (_, deflated) => {
    const dataSet = await read(deflated);
    expect(dataSet.source.size).toBe(DATA_SET.length);
    expectBytes(await dataSet.source.read(0, DATA_SET.length), DATA_SET);
    await dataSet.close?.();
  });

  it('that is large goes into a file without a name, which close gives back', async () => {
    const dataSet = await read(deflateRawSync(DATA_SET), inflateOptions({ maxMemoryBytes: 1_000 }));
    expect(readdirSync(directory)).toEqual([]);
    expect(openTemporaryFiles()).toHaveLength(1);
    expect(dataSet.source.view(0, DATA_SET.length)).toBeUndefined();
    expect(dataSet.source.view(8, 6)).toEqual(Buffer.from('ABC123'));
    expectBytes(await dataSet.source.read(26, PIXELS.length), PIXELS);
    await dataSet.close?.();
    await dataSet.close?.();
    expect(openTemporaryFiles()).toEqual([]);
  });

  it('that is cut off is refused at every length, and leaves no file', async () => {
    const deflated = deflateRawSync(DATA_SET.subarray(0, 3_000));
    const step = Math.max(1, Math.floor(deflated.length / 40));
    for (let length = 0; length < deflated.length; length += step) {
      const reading = read(deflated.subarray(0, length), inflateOptions({ maxMemoryBytes: 100 }));
      await expect(reading, `at ${length}`).rejects.toMatchObject({ code: 'unparsable' });
    }
    expect(openTemporaryFiles()).toEqual([]);
  });

  it('that is damaged, or no deflate stream at all, is refused', async () => {
    await expect(read(Buffer.alloc(1_000, 0xff))).rejects.toMatchObject({ code: 'unparsable' });
    await expect(read(ID)).rejects.toMatchObject({ code: 'unparsable' });
  });

  it('whose inflated bytes do not parse is refused, and leaves no file', async () => {
    const broken = deflateRawSync(DATA_SET.subarray(0, 100_000));
    await expect(read(broken, inflateOptions({ maxMemoryBytes: 100 }))).rejects.toMatchObject({ code: 'unparsable' });
    expect(openTemporaryFiles()).toEqual([]);
  });

  it('may not inflate beyond the byte cap, nor beyond the ratio once the free bytes are used up', async () => {
    const bomb = deflateRawSync(Buffer.alloc(4_000_000));
    for (const limits of [{ maxBytes: 1_000_000 }, { freeBytes: 1_000_000 }]) {
      const reading = read(bomb, inflateOptions({ ...limits, maxMemoryBytes: 100_000 }));
      await expect(reading).rejects.toThrow(/inflates to more than \d+ bytes/);
    }
    expect(openTemporaryFiles()).toEqual([]);
  });

  it('that cannot be written to the disk is no fault of the instance', async () => {
    const options = {
      inflate: { limits: { ...DEFAULT_INFLATE_LIMITS, maxMemoryBytes: 0 }, temporaryDirectory: '/nowhere' },
    };
    await expect(read(deflateRawSync(DATA_SET), options)).rejects.toMatchObject({
      code: 'disk-failed',
      kind: 'transient',
    });
  });
});
