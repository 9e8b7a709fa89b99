// Attributes of a CDA document: those that its schema has, each value judged; what is left of them is still of their type.
import type { Attr, Element } from '@xmldom/xmldom';
import type { TextJudge } from '../../core/text-judge.ts';
import type { Tally } from '../tally.ts';
import { cleanText } from '../text-runs.ts';
import { attributesOf, HL7, nameOf, SDTC, XMLNS, XSI } from './dom.ts';
import { isStandardRoot, isTime, looksLikeDay } from './values.ts';
import type { Times } from './values.ts';

const KNOWN: ReadonlySet<string> = new Set([
  ...[
    'classCode',
    'moodCode',
    'typeCode',
    'determinerCode',
    'contextControlCode',
    'contextConductionInd',
    'nullFlavor',
  ],
  ...['negationInd', 'inversionInd', 'independentInd', 'seperatableInd', 'institutionSpecified', 'displayable', 'use'],
  ...['code', 'codeSystem', 'codeSystemName', 'codeSystemVersion', 'displayName', 'qualifier', 'partType', 'inverted'],
  ...['value', 'unit', 'currency', 'operator', 'inclusive', 'alignment', 'mediaType', 'language', 'representation'],
  ...[
    'root',
    'assigningAuthorityName',
    'xmlns',
    'charset',
    'numerator',
    'denominator',
    'probability',
    'distributionType',
  ],
  // The narrative block.
  ...[
    'ID',
    'IDREF',
    'IDREFS',
    'styleCode',
    'listType',
    'border',
    'width',
    'cellspacing',
    'cellpadding',
    'frame',
    'rules',
  ],
  ...[
    'align',
    'char',
    'charoff',
    'valign',
    'colspan',
    'rowspan',
    'span',
    'scope',
    'abbr',
    'axis',
    'headers',
    'summary',
  ],
  ...['referencedObject', 'revised', 'name', 'href', 'title', 'rel', 'rev'],
]);
const REFERENCES: ReadonlySet<string> = new Set(['ID', 'IDREF', 'IDREFS', 'referencedObject', 'headers', 'name']);
const NAMESPACES: ReadonlySet<string> = new Set([HL7, SDTC, XSI, 'urn:hl7-org:v3/voc']);
/** LOINC, SNOMED CT, DICOM, HL7: numbers with at most a check digit. */
const PLAIN_CODE = /^\d{1,18}(?:-\d)?$/;
const QUANTITY = /^[-+]?\d{1,7}(?:\.\d{1,9})?$/;

export interface AttributeJudges {
  readonly judge: TextJudge;
  readonly tally: Tally;
  readonly times: Times;
  readonly replaceUid: ((uid: string) => string) | undefined;
}

export class AttributeCleaner {
  readonly #with: AttributeJudges;
  /** Names of places in the document that identify, and what they are called now. */
  readonly #anchors = new Map<string, string>();

  constructor(judges: AttributeJudges) {
    this.#with = judges;
  }

  /** Every attribute stays as it is, with another value, or not at all. An element that lost its value says that it is masked. */
  clean(element: Element): void {
    let isMasked = false;
    for (const attribute of attributesOf(element)) {
      const cleaned = this.#clean(element, attribute);
      if (cleaned === attribute.value) continue;
      if (cleaned !== undefined) attribute.value = cleaned;
      else {
        element.removeAttributeNode(attribute);
        if (attribute.name === 'value' || attribute.name === 'code') isMasked = true;
        this.#with.tally.add('attribute');
      }
    }
    if (isMasked) element.setAttribute('nullFlavor', 'MSK');
  }

  #clean(element: Element, { name, localName, namespaceURI, value }: Attr): string | undefined {
    if (namespaceURI === XMLNS) return this.#namespace(name, value);
    if (namespaceURI === XSI) return localName === 'type' || localName === 'nil' ? this.#judged(value) : undefined;
    if ((namespaceURI ?? '') !== '' || !KNOWN.has(name)) return undefined;
    if (name === 'value' && isTime(element)) return this.#time(value);
    if (name === 'value' && nameOf(element) === 'reference')
      return value.startsWith('#') ? `#${this.#anchor(value.slice(1))}` : undefined;
    if (name === 'value' && element.hasAttribute('unit') && QUANTITY.test(value)) return value;
    if (name === 'value' && looksLikeDay(value)) return this.#time(value);
    if (name === 'href') return value.startsWith('#') ? `#${this.#anchor(value.slice(1))}` : undefined;
    if (REFERENCES.has(name))
      return value
        .split(/\s+/)
        .map((anchor) => this.#anchor(anchor))
        .join(' ');
    if (name === 'codeSystem' || name === 'root') return this.#root(value);
    if (name === 'code' && PLAIN_CODE.test(value) && isStandardRoot(element.getAttribute('codeSystem') ?? ''))
      return value;
    // A code with a piece cut out would be another code.
    const judged = this.#judged(value);
    if (
      judged === value ||
      name === 'displayName' ||
      name === 'title' ||
      name === 'summary' ||
      name === 'codeSystemName'
    )
      return judged === '' ? undefined : judged;
    return undefined;
  }

  #judged(value: string): string {
    return cleanText(value, this.#with.judge, this.#with.tally);
  }

  #namespace(name: string, value: string): string | undefined {
    return NAMESPACES.has(value) && this.#judged(name) === name ? value : undefined;
  }

  #time(value: string): string | undefined {
    const cleaned = this.#with.times.clean(value);
    if (cleaned !== value) this.#with.tally.add('date');
    return cleaned;
  }

  #root(value: string): string | undefined {
    if (value === '' || isStandardRoot(value)) return value;
    this.#with.tally.add('uid');
    return this.#with.replaceUid?.(value);
  }

  #anchor(name: string): string {
    const known = this.#anchors.get(name);
    if (known !== undefined) return known;
    const words = name.replace(/[-_.:]/g, ' ');
    const { judge, tally } = this.#with;
    if (judge.find(name).length === 0 && judge.find(words).length === 0) return name;
    const replacement = `anchor-${this.#anchors.size + 1}`;
    this.#anchors.set(name, replacement);
    tally.add('anchor');
    return replacement;
  }
}
