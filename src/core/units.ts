// Quantities as people write them in a configuration: `4GiB`, `30s`. The one place that reads and writes units.

const BYTE_FACTORS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

const MILLISECOND_FACTORS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  min: 60e3,
  h: 3600e3,
  d: 86400e3,
};

const QUANTITY = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i;

/** Whole bytes of `4GiB`, `500 MB` or a bare number; undefined when the text is no such quantity or not exact in a double. */
export function parseBytes(text: string | number): number | undefined {
  return parseQuantity(text, BYTE_FACTORS, 'b');
}

/** Whole milliseconds of `250ms`, `30s`, `5min`, `2h`, `7d`; a bare number is in `bareUnit`. Undefined when the text is no duration. */
export function parseDurationMs(text: string | number, bareUnit: 'ms' | 's' = 's'): number | undefined {
  return parseQuantity(text, MILLISECOND_FACTORS, bareUnit);
}

function parseQuantity(
  text: string | number,
  factors: Readonly<Record<string, number>>,
  bareUnit: string,
): number | undefined {
  const match = QUANTITY.exec(String(text));
  if (match === null) return undefined;
  const unit = match[2] === '' ? bareUnit : match[2].toLowerCase();
  if (!Object.hasOwn(factors, unit)) return undefined;
  const value = Math.round(Number(match[1]) * factors[unit]);
  return Number.isSafeInteger(value) ? value : undefined;
}

const BINARY_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `5368709120` → `5 GiB`, with at most one digit behind the point. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toFixed(1))} ${BINARY_UNITS[unit]}`;
}

/** `93784000` → `26 h 3 min`; seconds with one digit below a minute. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
