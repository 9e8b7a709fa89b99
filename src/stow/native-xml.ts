// The Native DICOM Model (PS3.19 A.1), as far as an answer of STOW-RS needs it. Anything but plain elements is not read at all: no document
// type, no processing instruction but the declaration, no entity that is not predefined.

/** Attributes by their eight hexadecimal digits. */
export interface NativeAttributes {
  items(tag: string): readonly NativeAttributes[];
  /** The first value. */
  text(tag: string): string | undefined;
  number(tag: string): number | undefined;
}

interface XmlElement {
  readonly name: string;
  readonly tag: string | undefined;
  readonly children: XmlElement[];
  text: string;
}

const MAX_DEPTH = 32;
const TOKEN =
  /<\/([A-Za-z_][\w:.-]*)\s*>|<([A-Za-z_][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|<!--(?:(?!--)[\s\S])*-->|([^<]+)/y;
const TAG_ATTRIBUTE = /\stag\s*=\s*["']([0-9A-Fa-f]{8})["']/;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Undefined for what is no such document. */
export function readXmlAttributes(document: string): NativeAttributes | undefined {
  const root = parse(document.replace(/^\uFEFF?\s*<\?xml\s[^>]*\?>/, ''));
  return root?.name === 'NativeDicomModel' ? new ElementAttributes(root) : undefined;
}

class ElementAttributes implements NativeAttributes {
  readonly #element: XmlElement;

  constructor(element: XmlElement) {
    this.#element = element;
  }

  items(tag: string): readonly NativeAttributes[] {
    return this.#children(tag, 'Item').map((item) => new ElementAttributes(item));
  }

  text(tag: string): string | undefined {
    const [value] = this.#children(tag, 'Value');
    return (value as XmlElement | undefined) && unescape(value.text.trim());
  }

  number(tag: string): number | undefined {
    const text = this.text(tag);
    return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  }

  #children(tag: string, name: string): readonly XmlElement[] {
    return this.#element.children
      .filter((child) => child.name === 'DicomAttribute' && child.tag === tag)
      .flatMap(({ children }) => children.filter((child) => child.name === name));
  }
}

function parse(text: string): XmlElement | undefined {
  const document: XmlElement = { name: '', tag: undefined, children: [], text: '' };
  const open = [document];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [, closes, opens, attributes, isEmpty, characters] = match as (string | undefined)[];
    const current = open[open.length - 1];
    if (characters !== undefined) current.text += characters;
    else if (opens !== undefined) {
      const tag = TAG_ATTRIBUTE.exec(attributes ?? '')?.[1].toUpperCase();
      const element: XmlElement = { name: withoutPrefix(opens), tag, children: [], text: '' };
      current.children.push(element);
      if (isEmpty !== '/') open.push(element);
      if (open.length > MAX_DEPTH) return undefined;
    } else if (closes !== undefined) {
      if (open.length === 1 || current.name !== withoutPrefix(closes)) return undefined;
      open.pop();
    }
  }
  return open.length === 1 && document.children.length === 1 ? document.children[0] : undefined;
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function unescape(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => (Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : whole));
}
