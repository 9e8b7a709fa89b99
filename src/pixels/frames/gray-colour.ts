// Colour frames as gray pictures: luminance, saturation where there is colour, and hue where neither shows an edge that a viewer would see.
import type { GrayPicture } from '../../core/picture.ts';
import { words16 } from './frame.ts';
import type { Frame, FrameLayout } from './frame.ts';
import { windowsOf } from './gray-windows.ts';
import { colourAt } from './palette.ts';
import type { Palette } from './palette.ts';

/** Least saturation that is taken for colour: noise of lossy compression stays below. */
const COLOURED = 64;
/** Fewer coloured pixels than this draw no letter. */
const FEWEST_COLOURED = 24;
/** Neighbours whose luminance and saturation differ by no more than this look alike there … */
const SAME_LUMINANCE = 8;
const SAME_SATURATION = 16;
/** … and are of two colours when one of the hue axes differs by this. */
const OTHER_HUE = 32;
/** Fewer such neighbours draw no word; lossy compression makes some of its own. */
const FEWEST_HIDDEN = 48;

export function isColour({ samplesPerPixel, photometricInterpretation }: FrameLayout): boolean {
  return samplesPerPixel === 3 || photometricInterpretation === 'PALETTE COLOR';
}

interface Planes {
  readonly luminance: Uint8Array;
  readonly saturation: Uint8Array;
  /** What luminance and saturation leave open of a colour, on two axes; computed when it is asked for. */
  readonly hue: (axis: 0 | 1) => Uint8Array;
}

export function colourPictures(frame: Frame, palette: Palette | undefined): readonly GrayPicture[] {
  const { rows: height, columns: width } = frame.layout;
  const planes = planesOf(frame, palette);
  const { luminance, saturation } = planes;
  const histogram = new Uint32Array(256);
  for (let i = 0; i < luminance.length; i++) histogram[luminance[i]]++;
  const pictures: GrayPicture[] = [];
  const table = new Uint8Array(256);
  for (const window of windowsOf(histogram)) {
    window.fillTable(table, false);
    const data = new Uint8Array(luminance.length);
    for (let i = 0; i < data.length; i++) data[i] = table[luminance[i]];
    pictures.push({ width, height, data });
  }
  if (!hasColour(saturation)) return pictures;
  if (hasContrast(saturation)) pictures.push({ width, height, data: saturation });
  const hue = hiddenHue(planes, width);
  return hue === undefined ? pictures : [...pictures, { width, height, data: hue }];
}

function hasColour(saturation: Uint8Array): boolean {
  let coloured = 0;
  for (let i = 0; i < saturation.length; i++) if (saturation[i] >= COLOURED) coloured++;
  return coloured >= FEWEST_COLOURED;
}

/** Where every pixel is as saturated as can be, saturation shows nothing. */
function hasContrast(saturation: Uint8Array): boolean {
  return saturation.some((value) => value < 255);
}

/** The axis on which most edges lie that neither luminance nor saturation shows; undefined when there are too few for a letter. */
function hiddenHue({ luminance, saturation, hue }: Planes, width: number): Uint8Array | undefined {
  const axes = [hue(0), hue(1)] as const;
  const edges = [0, 0];
  for (let i = 1; i < luminance.length; i++) {
    if (Math.abs(luminance[i] - luminance[i - 1]) > SAME_LUMINANCE) continue;
    if (Math.abs(saturation[i] - saturation[i - 1]) > SAME_SATURATION || i % width === 0) continue;
    if (Math.abs(axes[0][i] - axes[0][i - 1]) >= OTHER_HUE) edges[0]++;
    if (Math.abs(axes[1][i] - axes[1][i - 1]) >= OTHER_HUE) edges[1]++;
  }
  if (Math.max(...edges) < FEWEST_HIDDEN) return undefined;
  return edges[0] >= edges[1] ? axes[0] : axes[1];
}

function planesOf(frame: Frame, palette: Palette | undefined): Planes {
  if (frame.layout.samplesPerPixel === 1) return palettePlanes(frame, palette);
  const samples = samples8(frame);
  const isYbr = frame.layout.photometricInterpretation.startsWith('YBR_');
  const { isPlanar, isSubsampled } = frame.layout;
  if (isSubsampled) return subsampledPlanes(samples);
  const count = samples.length / 3;
  const step = isPlanar ? 1 : 3;
  const plane = isPlanar ? count : 1;
  return isYbr ? ybrPlanes(samples, count, step, plane) : rgbPlanes(samples, count, step, plane);
}

/** The samples at 8 bits, in the order they have. */
function samples8({ layout, bytes }: Frame): Uint8Array {
  const { bitsAllocated, bitsStored, highBit } = layout;
  if (bitsAllocated === 8 && bitsStored === 8) return bytes;
  if (bitsAllocated === 8)
    return bytes.map((sample) => ((sample >> (highBit + 1 - bitsStored)) << (8 - bitsStored)) & 0xff);
  if (bitsAllocated === 16) {
    const words = words16(bytes);
    const samples = new Uint8Array(words.length);
    const mask = 2 ** bitsStored - 1;
    const [down, up] = [highBit + 1 - bitsStored, bitsStored];
    for (let i = 0; i < samples.length; i++) samples[i] = (((words[i] >> down) & mask) << 8) >> up;
    return samples;
  }
  // 32 bits a sample: the most significant byte.
  return Uint8Array.from({ length: bytes.length >>> 2 }, (_, i) => bytes[i * 4 + 3]);
}

function rgbPlanes(samples: Uint8Array, count: number, step: number, plane: number): Planes {
  const luminance = new Uint8Array(count);
  const saturation = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++, at += step) {
    const [red, green, blue] = [samples[at], samples[at + plane], samples[at + 2 * plane]];
    // ITU-R BT.601, in 256ths.
    luminance[i] = (red * 77 + green * 150 + blue * 29) >> 8;
    const greatest = red > green ? (red > blue ? red : blue) : green > blue ? green : blue;
    const least = red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
    saturation[i] = greatest - least;
  }
  const hue = (axis: 0 | 1): Uint8Array => {
    const out = new Uint8Array(count);
    for (let i = 0, at = 0; i < count; i++, at += step)
      out[i] = hueOf(axis, samples[at], samples[at + plane], samples[at + 2 * plane]);
    return out;
  };
  return { luminance, saturation, hue };
}

/** Red against blue, or green against both, in 0 to 255. */
function hueOf(axis: 0 | 1, red: number, green: number, blue: number): number {
  return axis === 0 ? (red - blue + 255) >> 1 : (2 * green - red - blue + 510) >> 2;
}

function ybrPlanes(samples: Uint8Array, count: number, step: number, plane: number): Planes {
  const luminance = new Uint8Array(count);
  const saturation = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++, at += step) {
    luminance[i] = samples[at];
    saturation[i] = chroma(samples[at + plane], samples[at + 2 * plane]);
  }
  const hue = (axis: 0 | 1): Uint8Array => {
    const out = new Uint8Array(count);
    for (let i = 0, at = (axis + 1) * plane; i < count; i++, at += step) out[i] = samples[at];
    return out;
  };
  return { luminance, saturation, hue };
}

/** Y Y Cb Cr for two pixels (PS3.3 C.7.6.3.1.2). */
function subsampledPlanes(samples: Uint8Array): Planes {
  const count = samples.length / 2;
  const luminance = new Uint8Array(count);
  const saturation = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i += 2, at += 4) {
    luminance[i] = samples[at];
    luminance[i + 1] = samples[at + 1];
    saturation[i] = saturation[i + 1] = chroma(samples[at + 2], samples[at + 3]);
  }
  const hue = (axis: 0 | 1): Uint8Array => {
    const out = new Uint8Array(count);
    for (let i = 0, at = 2 + axis; i < count; i += 2, at += 4) out[i] = out[i + 1] = samples[at];
    return out;
  };
  return { luminance, saturation, hue };
}

function chroma(blue: number, red: number): number {
  return Math.min(255, Math.max(Math.abs(blue - 128), Math.abs(red - 128)) * 2);
}

/** Without its palette a value is shown as it is. */
function palettePlanes({ layout, bytes }: Frame, palette: Palette | undefined): Planes {
  const { bitsAllocated, bitsStored, isSigned } = layout;
  const entries = 2 ** Math.min(16, bitsStored);
  const luminanceOf = new Uint8Array(entries);
  const saturationOf = new Uint8Array(entries);
  const hueOfEntry = [new Uint8Array(entries), new Uint8Array(entries)] as const;
  for (let raw = 0; raw < entries; raw++) {
    const value = isSigned && raw >= entries / 2 ? raw - entries : raw;
    const [red, green, blue] = palette === undefined ? gray((value * 255) / (entries - 1)) : colourAt(palette, value);
    luminanceOf[raw] = (red * 77 + green * 150 + blue * 29) >> 8;
    saturationOf[raw] = Math.max(red, green, blue) - Math.min(red, green, blue);
    hueOfEntry[0][raw] = hueOf(0, red, green, blue);
    hueOfEntry[1][raw] = hueOf(1, red, green, blue);
  }
  const samples = bitsAllocated === 8 ? bytes : words16(bytes);
  const mapped = (table: Uint8Array): Uint8Array => {
    const out = new Uint8Array(samples.length);
    for (let i = 0; i < samples.length; i++) out[i] = table[samples[i] & (entries - 1)];
    return out;
  };
  return {
    luminance: mapped(luminanceOf),
    saturation: mapped(saturationOf),
    hue: (axis) => mapped(hueOfEntry[axis]),
  };
}

function gray(level: number): readonly [number, number, number] {
  return [level, level, level];
}
