// Conditions of a profile answered for one instance, each at most once. They look at the top level of the data set.
import { InstanceError } from '../core/errors.ts';
import type { CharacterSet } from '../dicom/character-set.ts';
import type { DataSet, Element } from '../dicom/element.ts';
import { findElement, stringsOf } from '../dicom/values.ts';
import type { Condition } from '../profile/conditions.ts';
import { evaluate } from '../profile/evaluate.ts';
import type { Attributes } from '../profile/evaluate.ts';
import { formatTag } from '../standard/tags.ts';
import { isTextVr } from '../standard/vr.ts';

import type { Decision } from './decision.ts';

export class ConditionScope implements Attributes {
  readonly #dataSet: DataSet;
  readonly #characterSet: CharacterSet;
  readonly #answers = new Map<Condition, boolean>();

  constructor(dataSet: DataSet, characterSet: CharacterSet) {
    this.#dataSet = dataSet;
    this.#characterSet = characterSet;
  }

  /** An attribute that is absent or empty has no values: only `not` and `!=` hold for it. */
  holds(condition: Condition): boolean {
    let answer = this.#answers.get(condition);
    if (answer === undefined) {
      answer = evaluate(condition, this);
      this.#answers.set(condition, answer);
    }
    return answer;
  }

  /** The decision that holds in this instance. */
  choose(decision: Decision): Decision {
    if (decision.kind !== 'choose') return decision;
    for (const { when, decision: choice } of decision.choices ?? []) {
      if (when === undefined || this.holds(when)) return this.choose(choice);
    }
    if (decision.fallback === undefined) throw new TypeError('a conditional decision lacks its alternative');
    return this.choose(decision.fallback);
  }

  has(tag: number): boolean {
    return findElement(this.#dataSet.elements, tag) !== undefined;
  }

  /** @throws InstanceError `action-failed` when a text is too long to be asked: whether the condition holds is not known then */
  values(tag: number): readonly string[] {
    const element = findElement(this.#dataSet.elements, tag);
    if (element === undefined) return [];
    if (isTextVr(element.vr) && this.#dataSet.source.view(element.valueStart, element.valueLength) === undefined) {
      const where = formatTag(tag);
      throw new InstanceError(
        'action-failed',
        `A condition of the profile asks for ${where}, which is too long to read.`,
      );
    }
    if (isTextVr(element.vr)) return stringsOf(this.#dataSet, element, this.#characterSet);
    return numbersOf(this.#dataSet, element);
  }
}

/** Values of the integer and floating point VRs as texts; none for anything else. Only the first few count in a condition. */
function numbersOf({ source, encoding: { isBigEndian } }: DataSet, element: Element): readonly string[] {
  const read = READERS[element.vr];
  const bytes = source.view(element.valueStart, Math.min(element.valueLength, 64));
  if (read === undefined || bytes === undefined) return [];
  const values: string[] = [];
  for (let at = 0; at + read.width <= bytes.length; at += read.width)
    values.push(String(read.at(bytes, at, isBigEndian)));
  return values;
}

interface NumberReader {
  readonly width: number;
  at(bytes: Buffer, offset: number, isBigEndian: boolean): number | bigint;
}

const READERS: Partial<Record<string, NumberReader>> = {
  US: { width: 2, at: (b, o, big) => (big ? b.readUInt16BE(o) : b.readUInt16LE(o)) },
  SS: { width: 2, at: (b, o, big) => (big ? b.readInt16BE(o) : b.readInt16LE(o)) },
  UL: { width: 4, at: (b, o, big) => (big ? b.readUInt32BE(o) : b.readUInt32LE(o)) },
  SL: { width: 4, at: (b, o, big) => (big ? b.readInt32BE(o) : b.readInt32LE(o)) },
  UV: { width: 8, at: (b, o, big) => (big ? b.readBigUInt64BE(o) : b.readBigUInt64LE(o)) },
  SV: { width: 8, at: (b, o, big) => (big ? b.readBigInt64BE(o) : b.readBigInt64LE(o)) },
  FL: { width: 4, at: (b, o, big) => (big ? b.readFloatBE(o) : b.readFloatLE(o)) },
  FD: { width: 8, at: (b, o, big) => (big ? b.readDoubleBE(o) : b.readDoubleLE(o)) },
};
