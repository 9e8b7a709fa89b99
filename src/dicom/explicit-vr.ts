// Which VR an element takes when implicit VR is turned into explicit VR and PS3.6 offers more than one (PS3.5 Annex A, 6.2).
import type { ByteSource } from '../core/bytes.ts';
import { findByTag } from '../standard/dictionary.ts';
import { TAG } from '../standard/tags.ts';
import type { Encoding, OutputElement } from './element.ts';

/** What decides about ambiguous VRs in one data set or item; undefined where nothing says it. */
export interface VrContext {
  /** (0028,0103): 1 means that pixel values are signed. */
  readonly pixelRepresentation: number | undefined;
  /** (0028,0100) */
  readonly bitsAllocated: number | undefined;
  /** (5400,1004) */
  readonly waveformBitsAllocated: number | undefined;
}

export const NO_VR_CONTEXT: VrContext = {
  pixelRepresentation: undefined,
  bitsAllocated: undefined,
  waveformBitsAllocated: undefined,
};

/** The context inside these elements: what they say themselves, else what surrounds them. */
export function vrContextOf(
  source: ByteSource,
  elements: readonly OutputElement[],
  encoding: Encoding,
  surrounding: VrContext,
): VrContext {
  const pixelRepresentation = numberOf(source, elements, encoding, TAG.PixelRepresentation);
  const bitsAllocated = numberOf(source, elements, encoding, TAG.BitsAllocated);
  const waveformBitsAllocated = numberOf(source, elements, encoding, TAG.WaveformBitsAllocated);
  if (pixelRepresentation === undefined && bitsAllocated === undefined && waveformBitsAllocated === undefined) {
    return surrounding;
  }
  return {
    pixelRepresentation: pixelRepresentation ?? surrounding.pixelRepresentation,
    bitsAllocated: bitsAllocated ?? surrounding.bitsAllocated,
    waveformBitsAllocated: waveformBitsAllocated ?? surrounding.waveformBitsAllocated,
  };
}

/**
 * The explicit VR of an element that was read in implicit VR as `vr`. `US or SS` follows Pixel Representation; pixel and waveform data are OB
 * up to 8 bits allocated, else OW (PS3.5 A.2); LUT data and overlays are OW, as PS3.5 A.1 has them in implicit VR.
 */
export function explicitVrOf(tag: number, vr: string, context: VrContext): string {
  if (vr === 'US' && context.pixelRepresentation === 1) {
    return findByTag(tag)?.vr.startsWith('US or SS') === true ? 'SS' : 'US';
  }
  if (vr === 'OW') {
    if (tag === TAG.PixelData) return isUpTo8(context.bitsAllocated) ? 'OB' : 'OW';
    if (tag >>> 16 === WAVEFORM_GROUP) return isUpTo8(context.waveformBitsAllocated) ? 'OB' : 'OW';
  }
  return vr;
}

const WAVEFORM_GROUP = 0x5400;

function isUpTo8(bits: number | undefined): boolean {
  return bits !== undefined && bits <= 8;
}

function numberOf(
  source: ByteSource,
  elements: readonly OutputElement[],
  { isBigEndian }: Encoding,
  tag: number,
): number | undefined {
  for (const one of elements) {
    if ((one.kind === 'kept' ? one.element.tag : one.tag) !== tag) continue;
    const bytes =
      one.kind === 'kept'
        ? source.view(one.element.valueStart, one.element.valueLength)
        : one.kind === 'written'
          ? one.value
          : undefined;
    if (bytes?.length !== 2) return undefined;
    return isBigEndian ? bytes.readUInt16BE(0) : bytes.readUInt16LE(0);
  }
  return undefined;
}
