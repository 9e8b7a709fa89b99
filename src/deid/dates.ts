// Moving DA, DT and TM by whole days (PS3.15 E.3.6, Modified Dates). The time of day and the time zone stay, so that every
// interval between two values of the same patient stays exact, also across midnight: a shift of whole days carries nothing from
// TM into DA, so that a date and a time in two attributes, or in a DT, move together. Less than day precision keeps its precision.

/** YYYYMMDD, the old YYYY.MM.DD of ACR-NEMA. */
const DATE = /^(\d{4})(\.?)(\d{2})\2(\d{2})$/;
/** YYYY[MM[DD[HH[MM[SS[.F{1-6}]]]]]][&ZZXX] (PS3.5 6.2). */
const DATE_TIME = /^(\d{4})(\d{2})?(\d{2})?((?:\d{2}){0,3}(?:\.\d{1,6})?)([+-]\d{4})?$/;
/** HH[MM[SS[.F{1-6}]]], the old HH:MM:SS of ACR-NEMA. */
const TIME = /^(\d{2})(?:(:?)(\d{2})(?:\2(\d{2})(?:\.\d{1,6})?)?)?$/;
const DAY_MS = 86_400_000;
/** Dates of a series are the same in each of its instances. */
const MAX_REMEMBERED = 1024;
const MAX_REMEMBERED_CHARS = 64;
const seen = new Map<string, string>();

/**
 * A value field of VR DA, DT or TM moved by `days`; values of a multi-valued field and the ends of a range are moved one by
 * one, empty ones stay empty. Undefined when any part is not a valid date or time: then nothing of it may stay.
 */
export function shiftDates(text: string, vr: string, days: number): string | undefined {
  // A time of day is what differs from slice to slice; it stays.
  if (vr === 'TM' && isTime(text)) return text;
  const key = `${vr}${days} ${text}`;
  let moved = seen.get(key);
  if (moved === undefined) {
    moved = shiftValues(text, vr, days);
    if (moved === undefined || text.length > MAX_REMEMBERED_CHARS) return moved;
    if (seen.size >= MAX_REMEMBERED) seen.clear();
    seen.set(key, moved);
  }
  return moved;
}

function shiftValues(text: string, vr: string, days: number): string | undefined {
  const moved: string[] = [];
  for (const value of text.split('\\')) {
    const shifted = shiftValue(value.trim(), vr, days);
    if (shifted === undefined) return undefined;
    moved.push(shifted);
  }
  return moved.join('\\');
}

function shiftValue(value: string, vr: string, days: number): string | undefined {
  if (value === '') return '';
  const whole = shiftOne(value, vr, days);
  if (whole !== undefined) return whole;
  // A range, as a query or a retired attribute may hold it. A DT offset was already tried as part of one value.
  for (let dash = value.indexOf('-'); dash !== -1; dash = value.indexOf('-', dash + 1)) {
    const from = dash === 0 ? '' : shiftOne(value.slice(0, dash), vr, days);
    const to = dash === value.length - 1 ? '' : shiftOne(value.slice(dash + 1), vr, days);
    if (from !== undefined && to !== undefined && from + to !== '') return `${from}-${to}`;
  }
  return undefined;
}

function shiftOne(value: string, vr: string, days: number): string | undefined {
  switch (vr) {
    case 'DA':
      return shiftDate(value, days);
    case 'DT':
      return shiftDateTime(value, days);
    case 'TM':
      return isTime(value) ? value : undefined;
    default:
      return undefined;
  }
}

function shiftDate(value: string, days: number): string | undefined {
  const match = DATE.exec(value);
  if (match === null) return undefined;
  const [, year, dot, month, day] = match;
  const moved = addDays(Number(year), Number(month), Number(day), days);
  return moved === undefined ? undefined : [moved.year, moved.month, moved.day].join(dot);
}

function shiftDateTime(value: string, days: number): string | undefined {
  const match = DATE_TIME.exec(value);
  if (match === null) return undefined;
  const [, year, month, day, time, zone = ''] = match as unknown as [
    string,
    string,
    string?,
    string?,
    string?,
    string?,
  ];
  if (time !== undefined && time !== '' && (day === undefined || !isTime(time))) return undefined;
  // Without a month or day the middle of the period moves: on average the least error.
  const moved = addDays(Number(year), Number(month ?? '07'), Number(day ?? (month === undefined ? '02' : '15')), days);
  if (moved === undefined) return undefined;
  const date = moved.year + (month === undefined ? '' : moved.month) + (day === undefined ? '' : moved.day);
  return `${date}${time ?? ''}${zone}`;
}

function isTime(value: string): boolean {
  const match = TIME.exec(value);
  if (match === null) return false;
  const [, hours, , minutes = '0', seconds = '0'] = match as unknown as [string, string, string?, string?, string?];
  // 60 is a leap second (PS3.5 6.2).
  return Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) <= 60;
}

function addDays(
  year: number,
  month: number,
  day: number,
  days: number,
): { year: string; month: string; day: string } | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A calendar that has no such day rolls over; then the value was no date.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setTime(date.getTime() + days * DAY_MS);
  const moved = date.getUTCFullYear();
  if (moved < 1 || moved > 9999) return undefined;
  return {
    year: String(moved).padStart(4, '0'),
    month: String(date.getUTCMonth() + 1).padStart(2, '0'),
    day: String(date.getUTCDate()).padStart(2, '0'),
  };
}

/** The days, as YYYYMMDD, that a value field of DA or DT names; parts that are no dates name none. */
export function daysIn(text: string): string[] {
  const days: string[] = [];
  for (const match of text.matchAll(/(?<!\d)(\d{4})([.\-/]?)(\d{2})\2(\d{2})/g))
    days.push(match[1] + match[3] + match[4]);
  return days;
}
