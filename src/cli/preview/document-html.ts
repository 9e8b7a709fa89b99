// A document that is text, before and after, as one HTML page without scripts: what is gone is struck through.
import type { TextPreview } from '../../pipeline/document-preview.ts';
import { escapeHtml } from '../profile/explain-html.ts';
import { changesBetween, type TextChange } from './text-changes.ts';

/** Of what stays in a model, which is numbers, so much is shown around each change. */
const SHOWN_GEOMETRY = 400;
/** Of longer documents no more is shown. */
const MOST_CHARS = 4 * 2 ** 20;
const MODELS: ReadonlySet<string> = new Set(['stl', 'obj', 'mtl']);
const TAGS: Readonly<Record<TextChange['kind'], string>> = { same: 'span', gone: 'del', new: 'ins' };
const STYLE = `
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }
  del { background: #fdd } ins { background: #dfd; text-decoration: none }`;

/** The whole page. Whatever stands in the document is escaped. */
export function documentHtml({ kind, before, after }: TextPreview): string {
  const changes = changesBetween(before.slice(0, MOST_CHARS), after.slice(0, MOST_CHARS)).map((change) =>
    markedUp(change, MODELS.has(kind)),
  );
  const isCut = before.length > MOST_CHARS;
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`,
    `<title>Document before and after</title>\n<style>${STYLE}\n</style>\n</head>\n<body>\n`,
    `<h1>Document (${escapeHtml(kind)}) before and after</h1>\n`,
    '<p><del>struck through</del>: goes. <ins>Green</ins>: comes in its place. The rest stays.</p>\n<pre>',
    ...changes,
    isCut ? `\n… the document goes on: ${before.length - MOST_CHARS} characters are not shown` : '',
    '</pre>\n</body>\n</html>\n',
  ].join('');
}

function markedUp({ kind, text }: TextChange, isModel: boolean): string {
  const isLong = isModel && kind === 'same' && text.length > 2 * SHOWN_GEOMETRY;
  const shown = isLong ? `${text.slice(0, SHOWN_GEOMETRY)}\n…\n${text.slice(-SHOWN_GEOMETRY)}` : text;
  return `<${TAGS[kind]}>${shown
    .split(/\r\n|\r|\n/)
    .map(escapedLine)
    .join('\n')}</${TAGS[kind]}>`;
}

function escapedLine(line: string): string {
  return line.split('\t').map(escapeHtml).join('    ');
}
