// Times of day, local time, in which a destination is sent to.

/** Minutes since midnight, the end not included. A window that ends before it begins goes over midnight. */
export interface SendWindow {
  readonly from: number;
  readonly to: number;
}

const WINDOW = /^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$/;
const DAY_MINUTES = 24 * 60;

/** Reads `19:00-06:30`; 24:00 may stand at the end. Undefined when it is no window, or an empty one. */
export function parseSendWindow(text: string): SendWindow | undefined {
  const match = WINDOW.exec(text);
  if (match === null) return undefined;
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (fromMinute > 59 || toMinute > 59 || from >= DAY_MINUTES || to > DAY_MINUTES || from === to) return undefined;
  return { from, to };
}

export function formatSendWindow({ from, to }: SendWindow): string {
  return `${formatMinutes(from)}-${formatMinutes(to)}`;
}

/** Undefined while one of the windows is open, or there is none; else when the next one opens, in milliseconds since the epoch. */
export function nextOpening(windows: readonly SendWindow[], now: number): number | undefined {
  if (windows.length === 0) return undefined;
  const time = new Date(now);
  const minute = time.getHours() * 60 + time.getMinutes();
  if (windows.some((window) => isWithin(window, minute))) return undefined;
  const openings = windows.map(({ from }) => atMinute(time, from, from > minute ? 0 : 1));
  return Math.min(...openings);
}

function isWithin({ from, to }: SendWindow, minute: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** A minute of the day on this day or a later one; on the day when clocks go forward it may be an hour later, as the clock shows it. */
function atMinute(time: Date, minute: number, daysLater: number): number {
  const day = time.getDate() + daysLater;
  return new Date(time.getFullYear(), time.getMonth(), day, Math.floor(minute / 60), minute % 60).getTime();
}

function formatMinutes(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
