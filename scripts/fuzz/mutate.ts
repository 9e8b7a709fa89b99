// Seeded damage to bytes: what a faulty or hostile peer might make of a good stream. The same seed gives the same damage.
import type { Random } from '../../src/synthetic/random.ts';

/** Numbers that lengths and counts break at. */
const EDGES = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0xffffffff,
];

type Damage = (bytes: Buffer, random: Random) => Buffer;

const anywhere = (bytes: Buffer, random: Random): number => random.between(0, Math.max(0, bytes.length - 1));

const DAMAGES: readonly Damage[] = [
  function flipBits(bytes, random) {
    for (let i = random.between(1, 8); i > 0; i--) bytes[anywhere(bytes, random)] ^= 1 << random.between(0, 7);
    return bytes;
  },
  function setBytes(bytes, random) {
    for (let i = random.between(1, 8); i > 0; i--) bytes[anywhere(bytes, random)] = random.between(0, 255);
    return bytes;
  },
  function setEdge(bytes, random) {
    const width = random.pick([1, 2, 4] as const);
    const at = anywhere(bytes, random);
    if (at + width > bytes.length) return bytes;
    const value = random.pick(EDGES) % 2 ** (8 * width);
    if (random.next() < 0.5) bytes.writeUIntBE(value, at, width);
    else bytes.writeUIntLE(value, at, width);
    return bytes;
  },
  function shiftNumber(bytes, random) {
    const at = anywhere(bytes, random);
    if (bytes.length > 0) bytes[at] = (bytes[at] + random.pick([-2, -1, 1, 2]) + 256) % 256;
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, anywhere(bytes, random));
  },
  function remove(bytes, random) {
    const at = anywhere(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 16))]);
  },
  function insert(bytes, random) {
    const at = anywhere(bytes, random);
    const added = Buffer.from(Array.from({ length: random.between(1, 16) }, () => random.between(0, 255)));
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
  },
  function repeat(bytes, random) {
    const at = anywhere(bytes, random);
    const piece = bytes.subarray(at, at + random.between(1, 256));
    return Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at)].slice(0, random.between(3, 4)));
  },
  function swap(bytes, random) {
    const [from, to] = [anywhere(bytes, random), anywhere(bytes, random)];
    const length = random.between(1, 32);
    const piece = Buffer.from(bytes.subarray(from, from + length));
    piece.copy(bytes, to);
    return bytes;
  },
  function zero(bytes, random) {
    const at = anywhere(bytes, random);
    bytes.subarray(at, at + random.between(1, 64)).fill(random.pick([0, 0xff, 0x20]));
    return bytes;
  },
];

const KEEPING_LENGTH = DAMAGES.filter(({ name }) => !['cut', 'remove', 'insert', 'repeat'].includes(name));

/** A damaged copy: one to four damages, all of them inside [0, `within`) at first. With `keepsLength` one, so that more of it is still read. */
export function mutate(base: Buffer, random: Random, within = base.length, keepsLength = false): Buffer {
  let head: Buffer = Buffer.from(base.subarray(0, within));
  if (keepsLength) head = random.pick(KEEPING_LENGTH)(head, random);
  else for (let i = random.between(1, 4); i > 0; i--) head = random.pick(DAMAGES)(head, random);
  return within === base.length ? head : Buffer.concat([head, base.subarray(within)]);
}

/** Cuts into random pieces, as TCP may. */
export function* chunksOf(bytes: Buffer, random: Random): Generator<Buffer> {
  const most = random.pick([1, 7, 64, 1460, bytes.length + 1]);
  const least = Math.max(1, Math.floor(bytes.length / 64));
  for (let offset = 0; offset < bytes.length;) {
    const length = Math.max(least, random.between(1, most));
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
}
