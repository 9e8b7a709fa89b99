// The audit message schema of PS3.15 A.5.1.1 (2026d), as a grammar in data, and a validator for it. RELAX NG knows no order of attributes, and of
// elements the one that is written.
import { DOMParser, type Element } from '@xmldom/xmldom';

type Value = RegExp;
interface Pattern {
  readonly attributes: Readonly<Record<string, Value | readonly [Value]>>;
  /** In this order; `?`, `*` and `+` as in RELAX NG. A list stands for a choice. */
  readonly elements: readonly (readonly [names: string, occurs: '1' | '?' | '*' | '+'])[];
  /** Only elements without children have text. */
  readonly text?: Value;
}

const TOKEN = /^(?! )(?!.* {2})[^\t\n\r]*(?<! )$/;
const TEXT = /^[\s\S]*$/;
const BOOLEAN = /^(true|false|0|1)$/;
const INTEGER = /^[+-]?\d+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATE_TIME = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/; // with a time zone: A.5.2.5
const oneOf = (...values: readonly (string | number)[]): Value => new RegExp(`^(?:${values.join('|')})$`);
const upTo = (last: number): Value => oneOf(...Array.from({ length: last }, (_, i) => i + 1));
/** An attribute that may be missing. */
const maybe = (value: Value): readonly [Value] => [value];

const CODED: Pattern = {
  attributes: { 'csd-code': TOKEN, codeSystemName: TOKEN, displayName: maybe(TOKEN), originalText: TOKEN },
  elements: [],
};
const UID: Pattern = { attributes: { UID: TOKEN }, elements: [] };
const only = (text: Value): Pattern => ({ attributes: {}, elements: [], text });

const GRAMMAR: Readonly<Record<string, Pattern>> = {
  AuditMessage: {
    attributes: {},
    elements: [
      ['EventIdentification', '1'],
      ['ActiveParticipant', '+'],
      ['AuditSourceIdentification', '1'],
      ['ParticipantObjectIdentification', '*'],
    ],
  },
  EventIdentification: {
    attributes: {
      EventActionCode: maybe(oneOf('C', 'R', 'U', 'D', 'E')),
      EventDateTime: DATE_TIME,
      EventOutcomeIndicator: oneOf(0, 4, 8, 12),
    },
    elements: [
      ['EventID', '1'],
      ['EventTypeCode', '*'],
      ['EventOutcomeDescription', '?'],
    ],
  },
  EventID: CODED,
  EventTypeCode: CODED,
  EventOutcomeDescription: only(TEXT),
  ActiveParticipant: {
    attributes: {
      UserID: TEXT,
      AlternativeUserID: maybe(TEXT),
      UserName: maybe(TEXT),
      UserIsRequestor: BOOLEAN,
      NetworkAccessPointID: maybe(TOKEN),
      NetworkAccessPointTypeCode: maybe(upTo(5)),
    },
    elements: [
      ['RoleIDCode', '*'],
      ['MediaIdentifier', '?'],
    ],
  },
  RoleIDCode: CODED,
  MediaIdentifier: { attributes: {}, elements: [['MediaType', '1']] },
  MediaType: CODED,
  AuditSourceIdentification: {
    attributes: { AuditEnterpriseSiteID: maybe(TOKEN), AuditSourceID: TOKEN },
    elements: [['AuditSourceTypeCode', '*']],
  },
  AuditSourceTypeCode: {
    attributes: {
      'csd-code': TOKEN,
      codeSystemName: maybe(TOKEN),
      displayName: maybe(TOKEN),
      originalText: maybe(TOKEN),
    },
    elements: [],
  },
  ParticipantObjectIdentification: {
    attributes: {
      ParticipantObjectID: TOKEN,
      ParticipantObjectTypeCode: maybe(upTo(4)),
      ParticipantObjectTypeCodeRole: maybe(upTo(26)),
      ParticipantObjectDataLifeCycle: maybe(upTo(15)),
      ParticipantObjectSensitivity: maybe(TOKEN),
    },
    elements: [
      ['ParticipantObjectIDTypeCode', '1'],
      ['ParticipantObjectName ParticipantObjectQuery', '1'],
      ['ParticipantObjectDetail', '*'],
      ['ParticipantObjectDescription', '*'],
    ],
  },
  ParticipantObjectIDTypeCode: CODED,
  ParticipantObjectName: only(TOKEN),
  ParticipantObjectQuery: only(BASE64),
  ParticipantObjectDetail: { attributes: { type: TOKEN, value: BASE64 }, elements: [] },
  ParticipantObjectDescription: {
    attributes: {},
    elements: [
      ['MPPS', '*'],
      ['Accession', '*'],
      ['SOPClass', '*'],
      ['ParticipantObjectContainsStudy', '?'],
      ['Encrypted', '?'],
      ['Anonymized', '?'],
    ],
  },
  MPPS: UID,
  Accession: { attributes: { Number: TOKEN }, elements: [] },
  SOPClass: { attributes: { UID: maybe(TOKEN), NumberOfInstances: INTEGER }, elements: [['Instance', '*']] },
  Instance: UID,
  ParticipantObjectContainsStudy: { attributes: {}, elements: [['StudyIDs', '*']] },
  StudyIDs: UID,
  Encrypted: only(BOOLEAN),
  Anonymized: only(BOOLEAN),
};

/** The root of a message, for looking into it. Throws when it is not well-formed. */
export function parseMessage(xml: string): Element {
  // It warns of U+FFFD, which stands for what is no character of XML.
  const onError = (level: string, message: string): void => {
    if (level !== 'warning') throw new Error(message);
  };
  const root = new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement;
  if (root === null) throw new Error('no root element');
  return root;
}

export function childrenOf(element: Element, name?: string): Element[] {
  const children = [...element.childNodes].filter((node): node is Element => node.nodeType === 1);
  return name === undefined ? children : children.filter(({ nodeName }) => nodeName === name);
}

/** What is wrong with a message, by place; empty when it is valid. */
export function problemsOf(xml: string): string[] {
  const root = parseMessage(xml);
  return root.nodeName === 'AuditMessage' ? check(root, 'AuditMessage') : [`the root is ${root.nodeName}`];
}

function check(element: Element, place: string): string[] {
  const pattern = GRAMMAR[element.nodeName] as Pattern | undefined;
  if (pattern === undefined) return [`${place}: unknown element`];
  const children = childrenOf(element);
  const problems = [...checkAttributes(element, pattern, place), ...checkOrder(children, pattern, place)];
  const text = element.textContent ?? '';
  if (pattern.text !== undefined ? !pattern.text.test(text) : children.length === 0 && text !== '')
    problems.push(`${place}: text ${JSON.stringify(text)}`);
  return [...problems, ...children.flatMap((child) => check(child, `${place}/${child.nodeName}`))];
}

function checkAttributes(element: Element, { attributes }: Pattern, place: string): string[] {
  const problems = [...element.attributes]
    .filter(({ name }) => !(name in attributes))
    .map(({ name }) => `${place}: unknown attribute ${name}`);
  for (const [name, rule] of Object.entries(attributes)) {
    const value = element.hasAttribute(name) ? element.getAttribute(name) : null;
    const [isOptional, pattern] = rule instanceof RegExp ? [false, rule] : [true, rule[0]];
    if (value === null ? !isOptional : !pattern.test(value)) problems.push(`${place}/@${name}: ${String(value)}`);
  }
  return problems;
}

function checkOrder(children: readonly Element[], { elements }: Pattern, place: string): string[] {
  let at = 0;
  for (const [names, occurs] of elements) {
    const choice = names.split(' ');
    const from = at;
    while (at < children.length && choice.includes(children[at].nodeName)) at++;
    const count = at - from;
    const isEnough = occurs === '?' || occurs === '*' ? true : count > 0;
    if (!isEnough || ((occurs === '1' || occurs === '?') && count > 1)) return [`${place}: ${count} of ${names}`];
  }
  return at === children.length ? [] : [`${place}: ${children[at].nodeName} is out of place`];
}
