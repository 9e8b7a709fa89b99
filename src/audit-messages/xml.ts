// XML 1.0 as audit messages need it: elements and attributes.

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element; attributes that are undefined are left out. `children` are markup already. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const head = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeText(String(value))}"`],
  );
  const content = children.join('');
  return content === '' ? `<${name}${head.join('')}/>` : `<${name}${head.join('')}>${content}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** For content and attributes. What is no character of XML 1.0 (2.2) becomes U+FFFD; line ends and tabs are kept as references. */
export function escapeText(text: string): string {
  return text.replace(/[^\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]|[&<>"']/gu, (character) => {
    if (character in ENTITIES) return ENTITIES[character];
    return /[\t\n\r]/.test(character) ? `&#${character.charCodeAt(0)};` : '\uFFFD';
  });
}
