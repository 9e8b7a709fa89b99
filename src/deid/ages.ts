// Ages above 89 told as 90: so few people are that old that the age alone may point at one of them (45 CFR 164.514(b)(2)(i)(C)).
const OLDEST = 89;
const PER_YEAR: Readonly<Record<string, number>> = { Y: 1, M: 12, W: 52.18, D: 365.25 };
/** UCUM codes of units of time. */
const UCUM: Readonly<Record<string, keyof typeof PER_YEAR>> = { a: 'Y', mo: 'M', wk: 'W', d: 'D' };
const AGE_STRING = /^(\d{3,5})([DWMY])$/;

/** An AS value field of which no age is above 90 years; undefined when a value is no age (PS3.5 6.2), so that nobody knows what it says. */
export function capAges(text: string): string | undefined {
  const capped = text.split('\\').map((value) => capAge(value.trim()));
  return capped.some((value) => value === undefined) ? undefined : capped.join('\\');
}

function capAge(value: string): string | undefined {
  if (value === '') return '';
  const match = AGE_STRING.exec(value);
  if (match === null) return undefined;
  return Number(match[1]) / PER_YEAR[match[2]] >= OLDEST + 1 ? '090Y' : value;
}

/** An age that was measured, as a DS and a UCUM unit, not above 90 years; undefined when number or unit tells no age. */
export function capMeasuredAge(text: string, unit: string): string | undefined {
  const perYear = PER_YEAR[UCUM[unit] ?? ''] as number | undefined;
  const age = Number(text.trim() || NaN);
  if (perYear === undefined || Number.isNaN(age)) return undefined;
  return age / perYear >= OLDEST + 1 ? String(Math.floor((OLDEST + 1) * perYear)) : text;
}
