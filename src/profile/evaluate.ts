// Conditions answered for one instance.
import type { Comparison, Condition } from './conditions.ts';

/** The attributes at the top level of an instance, as far as a condition asks for them. */
export interface Attributes {
  /** True when the attribute is there, also without a value. */
  has(tag: number): boolean;
  /** Its values as text, numbers of the binary VRs in decimal; none when it is absent or empty. */
  values(tag: number): readonly string[];
}

/** Whether a condition holds. An attribute that is absent or empty has no values: only `not`, `!=` and `is absent` hold for it. */
export function evaluate(condition: Condition, attributes: Attributes): boolean {
  switch (condition.kind) {
    case 'and':
      return evaluate(condition.left, attributes) && evaluate(condition.right, attributes);
    case 'or':
      return evaluate(condition.left, attributes) || evaluate(condition.right, attributes);
    case 'not':
      return !evaluate(condition.operand, attributes);
    case 'present':
      return attributes.has(condition.tag);
    case 'equals':
      return attributes.values(condition.tag).some((value) => isEqual(value, condition.operand));
    case 'contains':
      return attributes.values(condition.tag).some((value) => value.includes(condition.operand));
    case 'matches':
      return attributes.values(condition.tag).some((value) => condition.pattern.test(value));
    case 'compare':
      return attributes
        .values(condition.tag)
        .some((value) => isOrdered(value, condition.comparison, condition.operand));
    case 'among':
      return attributes.values(condition.tag).some((value) => condition.operands.includes(value));
  }
}

/** Texts are compared as they stand; numbers also by value, `1.0` = `1`. */
function isEqual(value: string, operand: string): boolean {
  if (value === operand) return true;
  const number = numberOf(value);
  return number !== undefined && number === numberOf(operand);
}

function isOrdered(value: string, comparison: Comparison, operand: number): boolean {
  const number = numberOf(value);
  if (number === undefined) return false;
  switch (comparison) {
    case '<':
      return number < operand;
    case '>':
      return number > operand;
    case '<=':
      return number <= operand;
    case '>=':
      return number >= operand;
  }
}

/** Units of Age String in years (PS3.5 6.2). */
const AGE_UNITS: Readonly<Record<string, number>> = { D: 1 / 365.25, W: 7 / 365.25, M: 1 / 12, Y: 1 };

/** A decimal number, a date YYYYMMDD read as one, or an age in years (`018M` is 1.5); undefined for anything else. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  const age = /^(\d{3})([DWMY])$/.exec(trimmed);
  return age === null ? undefined : Number(age[1]) * AGE_UNITS[age[2]];
}
