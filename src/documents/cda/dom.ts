// The few questions that are asked of an XML tree.
import { Node } from '@xmldom/xmldom';
import type { Attr, Element } from '@xmldom/xmldom';

export const HL7 = 'urn:hl7-org:v3';
/** HL7's own extensions of CDA: same shapes, more elements. */
export const SDTC = 'urn:hl7-org:sdtc';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
export const XMLNS = 'http://www.w3.org/2000/xmlns/';
/** "Masked": there is a value that is not told (HL7 V3 vocabulary NullFlavor). */
const MASKED = 'MSK';

export function nameOf(element: Element): string {
  return element.localName ?? element.nodeName;
}

export function isElement(node: Node): node is Element {
  return node.nodeType === Node.ELEMENT_NODE;
}

export function isText(node: Node): boolean {
  return node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE;
}

/** A list of its own: the tree may be changed while it is walked. */
export function childrenOf(node: Node): readonly Node[] {
  return Array.from(node.childNodes);
}

export function elementsOf(node: Node): readonly Element[] {
  return childrenOf(node).filter(isElement);
}

export function attributesOf(element: Element): readonly Attr[] {
  return Array.from(element.attributes);
}

export function parentOf(element: Element): Element | undefined {
  const parent = element.parentNode;
  return parent !== null && isElement(parent) ? parent : undefined;
}

export function removeNode(node: Node): void {
  node.parentNode?.removeChild(node);
}

/** The type that xsi:type names, without its prefix. */
export function typeOf(element: Element): string {
  return (element.getAttributeNS(XSI, 'type') ?? '').replace(/^.*:/, '');
}

/** The element stays for the schema's sake and says nothing; its type stays. */
export function mask(element: Element): void {
  for (const child of childrenOf(element)) element.removeChild(child);
  for (const attribute of attributesOf(element))
    if (attribute.namespaceURI !== XSI && attribute.namespaceURI !== XMLNS) element.removeAttributeNode(attribute);
  element.setAttribute('nullFlavor', MASKED);
}

/** True when nothing is left that could be told. */
export function isBare(element: Element): boolean {
  return element.childNodes.length === 0 && element.attributes.length === 0;
}
