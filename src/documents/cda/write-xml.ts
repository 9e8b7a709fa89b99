// The tree as UTF-8 text. Only elements, attributes and text are written: comments and instructions have no place here.
import type { Document, Element } from '@xmldom/xmldom';
import { attributesOf, childrenOf, isElement, isText } from './dom.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** The depth is bounded by the reader. */
export function writeXml(document: Document): Buffer {
  const parts: string[] = ['<?xml version="1.0" encoding="UTF-8"?>\n'];
  if (document.documentElement !== null) writeElement(document.documentElement, parts);
  parts.push('\n');
  return Buffer.from(parts.join(''));
}

function writeElement(element: Element, parts: string[]): void {
  parts.push('<', element.nodeName);
  for (const { nodeName, value } of attributesOf(element))
    parts.push(' ', nodeName, '="', value.replace(/[&<"\t\n\r]/g, escaped), '"');
  if (element.firstChild === null) {
    parts.push('/>');
    return;
  }
  parts.push('>');
  for (const child of childrenOf(element)) {
    if (isElement(child)) writeElement(child, parts);
    else if (isText(child)) parts.push((child.nodeValue ?? '').replace(/[&<>\r]/g, escaped));
  }
  parts.push('</', element.nodeName, '>');
}

function escaped(char: string): string {
  return ESCAPES[char] ?? char;
}
