// HTML: the structure and the looks stay, the text is judged across the markup inside a line; what runs, what is fetched, what is not shown
// and what hides (scripts, links, pictures, comments, meta data, handlers) goes. Written anew as UTF-8.
import { defaultTreeAdapter, html, parse, serialize } from 'parse5';
import type { DefaultTreeAdapterTypes, Token } from 'parse5';
import type { TextJudge } from '../../core/text-judge.ts';
import { decodeText, decodeUndeclared } from '../decode-text.ts';
import type { CleanDocument, DocumentJob } from '../document.ts';
import { Tally } from '../tally.ts';
import { cleanText, TextRuns } from '../text-runs.ts';
import { unreadable } from '../unreadable.ts';
import { ATTRIBUTES, BLOCK_SEPARATORS, INLINE, KEPT, REMOVED, VOID } from './markup.ts';

type Element = DefaultTreeAdapterTypes.Element;
type ParentNode = DefaultTreeAdapterTypes.ParentNode;

/** Work of the parser grows with what is open at once. */
const MAX_OPEN = 512;
const MAX_ELEMENTS = 300_000;
const CHARSET = /<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;
const ENCODING = /^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/;
/** Where a style sheet fetches, runs or writes. */
const ACTIVE_STYLE = /url\s*\(|@|expression|behaviou?r|content\s*:|javascript|-moz-binding|\\|<!--|<\//i;
const ANCHORS: ReadonlySet<string> = new Set(['id', 'class', 'headers', 'for', 'name']);

/**
 * @param charset the parameter of the MIME type, when it has one
 * @throws InstanceError `document-unreadable`
 */
export function cleanHtml({ bytes, judge, limits }: DocumentJob, charset?: string): CleanDocument {
  if (bytes.length > limits.maxInflatedBytes) throw unreadable('The HTML document is too large.');
  const text = textOf(bytes, charset);
  checkMarkup(text);
  const tally = new Tally();
  const document = parse(text, { treeAdapter: boundedAdapter() });
  new HtmlWalk(judge, tally, limits.maxDepth).clean(document);
  return { bytes: Buffer.from(serialize(document)), findings: tally.findings() };
}

function textOf(bytes: Buffer, charset: string | undefined): string {
  const head = bytes.toString('latin1', 0, 4096);
  const declared = charset ?? CHARSET.exec(head)?.[1] ?? ENCODING.exec(head)?.[1];
  const { text } = declared === undefined ? decodeUndeclared(bytes) : decodeText(bytes, declared);
  if (text.includes('\0')) throw unreadable('The document says that it is HTML, and holds other bytes.');
  return text;
}

/** One pass over the tags, before a parser whose work grows with the depth sees them. */
function checkMarkup(text: string): void {
  let open = 0;
  let tags = 0;
  for (const [, slash, name] of text.matchAll(/<(\/?)([a-z][a-z0-9:-]*)/gi)) {
    if (++tags > MAX_ELEMENTS) throw unreadable('The HTML document has too many elements.');
    if (VOID.has(name.toLowerCase())) continue;
    open = slash === '' ? open + 1 : Math.max(0, open - 1);
    if (open > MAX_OPEN) throw unreadable('The HTML document is nested too deeply.');
  }
}

/** Formatting that was left open is made anew in each block: few tags may ask for very many elements. */
function boundedAdapter(): typeof defaultTreeAdapter {
  let elements = 0;
  return {
    ...defaultTreeAdapter,
    createElement: (name, namespace, attributes) => {
      if (++elements > MAX_ELEMENTS) throw unreadable('The HTML document has too many elements.');
      return defaultTreeAdapter.createElement(name, namespace, attributes);
    },
  };
}

class HtmlWalk {
  readonly #judge: TextJudge;
  readonly #tally: Tally;
  readonly #runs: TextRuns;
  readonly #maxDepth: number;
  readonly #anchors = new Map<string, string>();

  constructor(judge: TextJudge, tally: Tally, maxDepth: number) {
    this.#judge = judge;
    this.#tally = tally;
    this.#runs = new TextRuns(judge, tally);
    this.#maxDepth = maxDepth;
  }

  clean(document: DefaultTreeAdapterTypes.Document): void {
    for (const child of [...document.childNodes]) {
      // Public and system identifiers may name anything.
      if (child.nodeName === '#documentType') defaultTreeAdapter.setDocumentType(document, 'html', '', '');
      else this.#visit(child, document, 1, false);
    }
    this.#runs.flush();
    const root = document.childNodes.find(isElement);
    const head = root?.childNodes.find(isElement);
    if (head?.tagName === 'head') declareCharset(head);
  }

  #visit(node: DefaultTreeAdapterTypes.ChildNode, parent: ParentNode, depth: number, isInRow: boolean): void {
    if (depth > Math.max(this.#maxDepth, MAX_OPEN)) throw unreadable('The HTML document is nested too deeply.');
    if (node.nodeName === '#text' && 'value' in node) {
      this.#runs.add(node.value, (text) => {
        node.value = text;
      });
    } else if (isElement(node)) this.#visitElement(node, parent, depth, isInRow);
    else this.#drop(node, 'comment');
  }

  #visitElement(element: Element, parent: ParentNode, depth: number, isInRow: boolean): void {
    const { tagName: name, namespaceURI } = element;
    if (namespaceURI !== html.NS.HTML || REMOVED.has(name) || (name === 'style' && !this.#isPlainStyle(element))) {
      this.#drop(element, name === 'script' ? 'script' : name === 'img' || name === 'svg' ? 'picture' : 'element');
      return;
    }
    this.#cleanAttributes(element);
    const separator = BLOCK_SEPARATORS.get(name);
    // What HTML does not define is shown inside its line.
    const isBlock = separator === undefined && KEPT.has(name) && !INLINE.has(name);
    const end = (): void => {
      if (isInRow) this.#runs.separate('\n');
      else this.#runs.flush();
    };
    if (isBlock) end();
    if (name !== 'style')
      for (const child of [...element.childNodes])
        this.#visit(child, element, depth + 1, isInRow || name === 'tr' || name === 'dl');
    if (separator !== undefined) this.#runs.separate(separator);
    if (isBlock) end();
    if (!KEPT.has(name)) unwrap(element, parent);
  }

  /** A style sheet that only says how things look. */
  #isPlainStyle(element: Element): boolean {
    const css = element.childNodes.map((child) => ('value' in child ? child.value : '')).join('');
    const plain = css.replace(/\/\*[^]*?(?:\*\/|$)/g, '');
    if (ACTIVE_STYLE.test(plain) || this.#identifies(plain)) return false;
    for (const child of [...element.childNodes]) defaultTreeAdapter.detachNode(child);
    if (plain.trim() !== '') defaultTreeAdapter.insertText(element, plain);
    return true;
  }

  #cleanAttributes(element: Element): void {
    const kept: Token.Attribute[] = [];
    for (const { name, value } of element.attrs) {
      const cleaned = this.#cleanAttribute(name, value);
      if (cleaned !== undefined) kept.push({ name, value: cleaned });
      if (cleaned !== value) this.#tally.add(name === 'href' ? 'link' : name.startsWith('on') ? 'script' : 'attribute');
    }
    element.attrs = kept;
  }

  #cleanAttribute(name: string, value: string): string | undefined {
    if (ANCHORS.has(name)) return this.#anchor(value);
    if (name === 'href') return value.startsWith('#') ? `#${this.#anchor(value.slice(1))}` : undefined;
    if (!ATTRIBUTES.has(name)) return undefined;
    if (name === 'style') return ACTIVE_STYLE.test(value) || this.#identifies(value) ? undefined : value;
    return cleanText(value, this.#judge, this.#tally);
  }

  /** A place in the document whose name identifies is called otherwise, everywhere. */
  #anchor(value: string): string {
    const known = this.#anchors.get(value);
    if (known !== undefined) return known;
    if (!this.#identifies(value)) return value;
    const replacement = `anchor-${this.#anchors.size + 1}`;
    this.#anchors.set(value, replacement);
    return replacement;
  }

  /** Also as words: `quimby-josephine` as a class. */
  #identifies(text: string): boolean {
    const words = text.replace(/[-_.:#{}();]/g, ' ').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
    return this.#judge.find(text).length > 0 || this.#judge.find(words).length > 0;
  }

  #drop(node: DefaultTreeAdapterTypes.ChildNode, kind: string): void {
    defaultTreeAdapter.detachNode(node);
    this.#tally.add(kind);
  }
}

function isElement(node: DefaultTreeAdapterTypes.ChildNode): node is Element {
  return 'tagName' in node;
}

/** Its children take its place. */
function unwrap(element: Element, parent: ParentNode): void {
  for (const child of [...element.childNodes]) {
    defaultTreeAdapter.detachNode(child);
    defaultTreeAdapter.insertBefore(parent, child, element);
  }
  defaultTreeAdapter.detachNode(element);
}

function declareCharset(head: Element): void {
  const meta = defaultTreeAdapter.createElement('meta', html.NS.HTML, [{ name: 'charset', value: 'utf-8' }]);
  const [first] = head.childNodes as readonly (typeof meta | undefined)[];
  if (first === undefined) defaultTreeAdapter.appendChild(head, meta);
  else defaultTreeAdapter.insertBefore(head, meta, first);
}
