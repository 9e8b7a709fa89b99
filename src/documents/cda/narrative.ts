// Narrative of a CDA document (CDA R2 4.3.5, the Narrative Block) and the runs of text that a reader sees as one.
import type { Element } from '@xmldom/xmldom';
import type { TextRuns } from '../text-runs.ts';
import { childrenOf, isElement, isText, nameOf } from './dom.ts';

/** Markup inside a line. */
const INLINE: ReadonlySet<string> = new Set([
  ...['content', 'sub', 'sup', 'linkHtml', 'footnote', 'footnoteRef', 'renderMultiMedia', 'delimiter'],
  // Parts of names and addresses, where they stand in what is judged as text.
  ...['prefix', 'given', 'family', 'suffix'],
]);

/** What stands between two texts for a reader: a heading and what it is about, cells, lines. */
const SEPARATORS: ReadonlyMap<string, string> = new Map([
  ['br', '\n'],
  ['caption', ': '],
  ['th', ': '],
  ['td', ' | '],
]);

/** Judges all text at and below the element: line by line, rows of tables as one line. */
export function cleanNarrative(element: Element, runs: TextRuns): void {
  visit(element, runs, false);
  runs.flush();
}

function visit(element: Element, runs: TextRuns, isInRow: boolean): void {
  const name = nameOf(element);
  const isRow = name === 'tr' || name === 'item';
  const separator = SEPARATORS.get(name);
  const isBlock = separator === undefined && !INLINE.has(name);
  if (isBlock) endBlock(runs, isInRow);
  for (const child of childrenOf(element)) {
    if (isElement(child)) visit(child, runs, isInRow || isRow);
    else if (isText(child))
      runs.add(child.nodeValue ?? '', (text) => {
        child.nodeValue = text;
      });
  }
  if (separator !== undefined) runs.separate(separator);
  if (isBlock) endBlock(runs, isInRow);
}

function endBlock(runs: TextRuns, isInRow: boolean): void {
  if (isInRow) runs.separate('\n');
  else runs.flush();
}
