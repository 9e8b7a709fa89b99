// A second, closer look at what the finder found: throws out anatomy, graphics and ticks where it can be sure that they are no text.
import type { GrayPicture } from '../../core/picture.ts';
import { SECOND_LOOK } from './second-look-weights.ts';
import { traitsOf } from './strip-traits.ts';
import type { FoundText, UnjudgedText } from './text-finder.ts';

const values = decode(SECOND_LOOK.values);
/** Traits that the classifier knows. */
const TRAITS = (values.length - 2 * SECOND_LOOK.hidden - 1) / (SECOND_LOOK.hidden + 2);

/** What may be text of all that was found, when text must not be lost. */
export function withoutFalseAlarms(found: readonly FoundText[]): readonly FoundText[] {
  return found.filter(({ likelihood }) => likelihood >= SECOND_LOOK.threshold);
}

/** 0 to 1: how likely the box holds text, by its pixels alone. Costs about 0.2 ms a box. */
export function likelihoodOf(picture: GrayPicture, found: UnjudgedText): number {
  const traits = traitsOf(picture, found);
  const { hidden } = SECOND_LOOK;
  // Laid out as mean and scale of each trait, weights and bias of the hidden layer, weights and bias of the output.
  const first = 2 * TRAITS;
  const second = first + TRAITS * hidden + hidden;
  let logit = values[second + hidden];
  for (let unit = 0; unit < hidden; unit++) {
    let sum = values[first + TRAITS * hidden + unit];
    for (let trait = 0; trait < TRAITS; trait++)
      sum += ((traits[trait] - values[trait]) / values[TRAITS + trait]) * values[first + unit * TRAITS + trait];
    if (sum > 0) logit += sum * values[second + unit];
  }
  return 1 / (1 + Math.exp(-logit));
}

function decode(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
