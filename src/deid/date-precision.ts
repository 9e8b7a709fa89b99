// Dates made less precise: set to the first day of their month or year (`action: date, to: month` of a profile).

const DATE = /^(\d{4})\.?(\d{2})\.?(\d{2})$/;
const DATE_TIME = /^(\d{4})(\d{2})?(\d{2})?(?:\d{2}){0,3}(?:\.\d{1,6})?(?:[+-]\d{4})?$/;

/**
 * A value field of VR DA or DT with nothing below the month or the year: `20240517` becomes `20240501`, as DT `202405`. Empty values
 * stay empty. Undefined when any part is no date, or of another VR: then nothing of it may stay.
 */
export function reduceDates(text: string, vr: string, to: 'month' | 'year'): string | undefined {
  const reduced: string[] = [];
  for (const value of text.split('\\')) {
    const short = value.trim() === '' ? '' : reduceOne(value.trim(), vr, to);
    if (short === undefined) return undefined;
    reduced.push(short);
  }
  return reduced.join('\\');
}

function reduceOne(value: string, vr: string, to: 'month' | 'year'): string | undefined {
  const match = vr === 'DA' ? DATE.exec(value) : vr === 'DT' ? DATE_TIME.exec(value) : null;
  if (match === null) return undefined;
  const [, year, month] = match as unknown as [string, string, string?];
  if (month !== undefined && (month < '01' || month > '12')) return undefined;
  if (vr === 'DA') return to === 'year' ? `${year}0101` : `${year}${month ?? '01'}01`;
  return to === 'year' ? year : `${year}${month ?? ''}`;
}
