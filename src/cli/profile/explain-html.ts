// An explanation as one HTML page without scripts, for a browser or an attachment.
import type { ExplainRow } from './explain-rows.ts';

export interface ExplainHeading {
  readonly profile: string;
  readonly version: number;
  readonly digest: string;
  readonly methods: readonly string[];
  readonly notice: string;
}

const COLUMNS = ['path', 'name', 'vr', 'before', 'action', 'rule', 'after'] as const;
const STYLE = `
  body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem }
  table { border-collapse: collapse }
  th, td { text-align: left; vertical-align: top; padding: .15rem .6rem; border-bottom: 1px solid #ddd; overflow-wrap: anywhere }
  th { position: sticky; top: 0; background: #fff }
  tr.remove, tr.zero { background: #fdecea } tr.add { background: #eaf4fd } tr.keep { color: #555 }
  tr.dummy, tr.replace, tr.uid, tr.hash, tr.date, tr.clean { background: #fff8e1 }`;

/** Pieces of the page in order. Whatever stands in the instance is escaped. */
export function* explainHtml(heading: ExplainHeading, rows: readonly ExplainRow[]): Generator<string> {
  const { profile, version, digest, methods, notice } = heading;
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n`;
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`;
  yield `<title>${escapeHtml(`What profile ${profile} does`)}</title>\n<style>${STYLE}\n</style>\n</head>\n<body>\n`;
  yield `<h1>${escapeHtml(`Profile ${profile}, version ${version}`)}</h1>\n`;
  yield `<p>${escapeHtml(`Digest ${digest}. Methods ${methods.join(', ')}. ${notice}`)}</p>\n`;
  yield `<table>\n<tr>${COLUMNS.map((column) => `<th>${column}</th>`).join('')}</tr>\n`;
  for (const row of rows)
    yield `<tr class="${row.action.split(' ', 1)[0]}">${COLUMNS.map((column) => `<td>${escapeHtml(row[column])}</td>`).join('')}</tr>\n`;
  yield '</table>\n</body>\n</html>\n';
}

/** Also what a browser would not show is made visible: control and format characters become U+FFFD. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
