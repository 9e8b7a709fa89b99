// What the header of a CDA document tells about people, organizations and places, so that it is looked for in the narrative too.
import type { Element } from '@xmldom/xmldom';
import { GatheredValues } from '../gathered-judge.ts';
import { childrenOf, elementsOf, nameOf } from './dom.ts';
import { isIdentifyingName } from './values.ts';

/** Shorter extensions are numbers of lists. */
const MIN_ID_CHARS = 4;
const ADDRESS_PARTS: ReadonlySet<string> = new Set(['streetAddressLine', 'streetName', 'city', 'postalCode', 'county']);

export function gatherValues(root: Element): GatheredValues {
  const gathered = new GatheredValues();
  visit(root, gathered);
  return gathered;
}

function visit(element: Element, gathered: GatheredValues): void {
  const name = nameOf(element);
  if (name === 'id' || name === 'setId') addId(element, gathered);
  else if (name === 'name' && isIdentifyingName(element)) {
    if (isOfPerson(element)) gathered.addName(textOf(element));
    else gathered.addPhrase(textOf(element), 'place');
  } else if (name === 'addr') addAddress(element, gathered);
  else if (name === 'telecom') addTelecom(element.getAttribute('value') ?? '', gathered);
  else for (const child of elementsOf(element)) visit(child, gathered);
}

function addId(element: Element, gathered: GatheredValues): void {
  const extension = element.getAttribute('extension') ?? '';
  // A number alone is looked for when it is long enough to be nothing else.
  if (extension.length >= (/\D/.test(extension) ? MIN_ID_CHARS : MIN_ID_CHARS + 1)) gathered.addPhrase(extension, 'id');
}

function addAddress(element: Element, gathered: GatheredValues): void {
  for (const part of elementsOf(element))
    if (ADDRESS_PARTS.has(nameOf(part))) gathered.addPhrase(part.textContent ?? '', 'address');
}

function addTelecom(value: string, gathered: GatheredValues): void {
  const told = value.replace(/^[a-z]+:/i, '');
  gathered.addPhrase(told, told.includes('@') ? 'email' : 'phone');
}

/** Given and family names stand in elements without a space between them. */
function textOf(element: Element): string {
  return childrenOf(element)
    .map((child) => child.textContent ?? '')
    .join(' ');
}

function isOfPerson(name: Element): boolean {
  const holder = name.parentNode;
  return holder !== null && !/organization|place|device|facility/i.test(holder.nodeName);
}
