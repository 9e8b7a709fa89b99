// Postgres array literals: a column of a batch as one string, the same for both adapters and cheap to hand to a thread.

const NEEDS_QUOTES = /[^\w.:+-]/;
const ESCAPED = /["\\]/g;

/** The values as the text of a Postgres array, for `$n::text[]` and `unnest`. Null and undefined become NULL. */
export function arrayLiteral(values: readonly (string | number | null | undefined)[]): string {
  let text = '{';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (i > 0) text += ',';
    if (value === null || value === undefined) text += 'NULL';
    else if (typeof value === 'number') text += String(value);
    else if (value === '' || NEEDS_QUOTES.test(value) || isNullWord(value))
      text += `"${value.replace(ESCAPED, '\\$&')}"`;
    else text += value;
  }
  return `${text}}`;
}

function isNullWord(value: string): boolean {
  return value.length === 4 && value.toUpperCase() === 'NULL';
}
