// What a tag alone tells: the VR where none is encoded, where pixels stand, and how a message may name it.
import { vrOf } from '../standard/dictionary.ts';
import { formatTag, isPrivate, TAG } from '../standard/tags.ts';

export const DELIMITER_GROUP = 0xfffe;

/** The value representation of an element that carries none: PS3.5 6.2.2 and 7.8.1. Hot for implicit VR. */
export function implicitVrOf(tag: number): string {
  const vr = vrOf(tag);
  if (vr !== undefined) return vr;
  const element = tag & 0xffff;
  if (element === 0) return 'UL';
  return isPrivate(tag) && element >= 0x10 && element <= 0xff ? 'LO' : 'UN';
}

export function isPixelTag(tag: number): boolean {
  return tag === TAG.PixelData || tag === TAG.FloatPixelData || tag === TAG.DoubleFloatPixelData;
}

/**
 * The tag for a message, when the dictionary knows it. Any other one may be text that wrong framing took for a tag, and
 * no message holds that: the offset tells the place.
 */
export function nameTag(tag: number): string {
  if (tag >>> 16 === DELIMITER_GROUP) return 'an item or delimitation tag';
  return vrOf(tag) === undefined ? 'an unknown tag' : formatTag(tag);
}
