// A second, closer look at what the finder found: throws out anatomy, graphics and ticks where it can be sure that they are no text.
import type { GrayPicture } from '../../core/picture.ts';
import { SECOND_LOOK } from './second-look-weights.ts';
import { SIGHTS, STRIP_NET_WEIGHTS, StripNet } from './strip-net.ts';
import { patchOf } from './strip-patch.ts';
import { TRAITS, traitsOf } from './strip-traits.ts';
import type { FoundText, UnjudgedText } from './text-finder.ts';
import { decodeFloats } from './weight-values.ts';

const values = decodeFloats(SECOND_LOOK.values);
/** Laid out as the net over the pixels, mean and scale of each trait, weights and bias of the hidden layer, weights and bias of the output. */
const traitScales = values.subarray(STRIP_NET_WEIGHTS, STRIP_NET_WEIGHTS + 2 * TRAITS);
const classifier = values.subarray(STRIP_NET_WEIGHTS + 2 * TRAITS);
const INPUTS = TRAITS + SIGHTS;

/** What may be text of all that was found, when text must not be lost. */
export function withoutFalseAlarms(found: readonly FoundText[]): readonly FoundText[] {
  return found.filter(({ likelihood }) => likelihood >= SECOND_LOOK.threshold);
}

/** One second look serves one thread. */
export class SecondLook {
  readonly #net: StripNet;

  private constructor(net: StripNet) {
    this.#net = net;
  }

  static async load(): Promise<SecondLook> {
    return new SecondLook(await StripNet.load(values));
  }

  /** 0 to 1: how likely the box holds text, by its pixels alone. Costs up to a millisecond a box. */
  likelihoodOf(picture: GrayPicture, found: UnjudgedText): number {
    const inputs = new Float32Array(INPUTS);
    const traits = traitsOf(picture, found);
    for (let trait = 0; trait < TRAITS; trait++)
      inputs[trait] = (traits[trait] - traitScales[trait]) / traitScales[TRAITS + trait];
    inputs.set(this.#net.sightsOf(patchOf(picture, found)), TRAITS);
    return classify(inputs);
  }
}

function classify(inputs: Float32Array): number {
  const { hidden } = SECOND_LOOK;
  const biases = hidden * INPUTS;
  const outputs = biases + hidden;
  let logit = classifier[outputs + hidden];
  for (let unit = 0; unit < hidden; unit++) {
    let sum = classifier[biases + unit];
    for (let input = 0; input < INPUTS; input++) sum += inputs[input] * classifier[unit * INPUTS + input];
    if (sum > 0) logit += sum * classifier[outputs + unit];
  }
  return 1 / (1 + Math.exp(-logit));
}
