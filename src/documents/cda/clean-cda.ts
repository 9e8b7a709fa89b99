// Clinical Document Architecture (HL7 CDA R2; PS3.3 A.45.2): who and where is masked by the structure of the header and of the entries,
// times are treated as the dates of the data set, narrative and every other text is judged. What the schema requires stays, with
// nullFlavor MSK where it says nothing any more.
import type { Document, Element } from '@xmldom/xmldom';
import type { CleanInner, ContextualJob } from '../context.ts';
import type { CleanDocument } from '../document.ts';
import { withGathered } from '../gathered-judge.ts';
import { Tally } from '../tally.ts';
import { TextRuns } from '../text-runs.ts';
import { unreadable } from '../unreadable.ts';
import { AttributeCleaner } from './attributes.ts';
import { childrenOf, HL7, isElement, isText, mask, nameOf, parentOf, removeNode, SDTC } from './dom.ts';
import { findAttachment, writeAttachment } from './attachments.ts';
import type { Attachment } from './attachments.ts';
import { gatherValues } from './gather.ts';
import { cleanNarrative } from './narrative.ts';
import { readXml } from './read-xml.ts';
import { cleanId, isIdentifyingName, isStandardRoot, Times } from './values.ts';
import { writeXml } from './write-xml.ts';

/** Where a person lives or was born, and how to reach one. */
const CONTACTS: ReadonlySet<string> = new Set(['addr', 'telecom', 'birthplace']);
/** What is told of a patient under the option for characteristics. */
const CHARACTERISTICS: ReadonlySet<string> = new Set([
  ...['administrativeGenderCode', 'genderCode', 'raceCode', 'ethnicGroupCode'],
]);
/** What no option keeps. */
const PRIVATE: ReadonlySet<string> = new Set([
  ...['birthTime', 'maritalStatusCode', 'religiousAffiliationCode', 'deceasedTime'],
]);
/** Pictures and proofs of what was there, in any form. */
const REMOVED: ReadonlySet<string> = new Set(['thumbnail', 'integrityCheck', 'signatureText']);

/** @throws InstanceError `document-unreadable`, also as a rejection */
export async function cleanCda(job: ContextualJob, cleanInner: CleanInner): Promise<CleanDocument> {
  const document = readXml(job.bytes, job.limits);
  const root = document.documentElement;
  if (root === null || nameOf(root) !== 'ClinicalDocument' || root.namespaceURI !== HL7)
    throw unreadable('The XML document is no clinical document of HL7 V3.');
  const tally = new Tally();
  dropOutside(document, root, tally);
  const walk = new CdaWalk(job, root, tally);
  walk.visit(root);
  for (const attachment of walk.attachments) await writeAttachment(attachment, cleanInner, tally);
  return { bytes: writeXml(document), findings: tally.findings() };
}

/** Comments and instructions around the root. */
function dropOutside(document: Document, root: Element, tally: Tally): void {
  for (const node of childrenOf(document)) {
    if (node === root) continue;
    removeNode(node);
    if (!isText(node)) tally.add(node.nodeName === '#comment' ? 'comment' : 'instruction');
  }
}

class CdaWalk {
  readonly attachments: Attachment[] = [];
  readonly #job: ContextualJob;
  readonly #tally: Tally;
  readonly #runs: TextRuns;
  readonly #attributes: AttributeCleaner;

  constructor(job: ContextualJob, root: Element, tally: Tally) {
    const judge = withGathered(job.judge, gatherValues(root));
    this.#job = { ...job, judge };
    this.#tally = tally;
    this.#runs = new TextRuns(judge, tally);
    const { replaceUid } = job;
    this.#attributes = new AttributeCleaner({ judge, tally, times: new Times(judge), replaceUid });
  }

  visit(element: Element): void {
    const name = nameOf(element);
    if (!this.#mayStay(element)) {
      removeNode(element);
      this.#tally.add('element');
    } else if (this.#maskByStructure(element, name)) {
      this.#tally.add(name);
    } else if (name === 'templateId' || name === 'typeId') this.#cleanTemplate(element);
    else {
      const attachment = findAttachment(element);
      this.#attributes.clean(element);
      if (attachment !== undefined) this.attachments.push(attachment);
      else if (isNarrative(element)) this.#cleanNarrative(element);
      else this.#visitChildren(element);
    }
  }

  /** Another namespace is a vendor's; a name of an element that identifies is no name of the schema. */
  #mayStay(element: Element): boolean {
    const { namespaceURI, nodeName } = element;
    const words = nodeName.replace(/[-_.:]/g, ' ').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
    if (this.#job.judge.find(words).length > 0) {
      if (parentOf(element) === undefined) throw unreadable('The root of the document has a name that identifies.');
      return false;
    }
    return (namespaceURI === HL7 || namespaceURI === SDTC) && !REMOVED.has(nameOf(element));
  }

  /** True when the element was treated as a whole. */
  #maskByStructure(element: Element, name: string): boolean {
    if (name === 'id' || name === 'setId') cleanId(element, this.#job.replaceUid);
    else if (
      CONTACTS.has(name) ||
      PRIVATE.has(name) ||
      (CHARACTERISTICS.has(name) && !this.#job.keepsCharacteristics) ||
      (name === 'name' && isIdentifyingName(element))
    )
      mask(element);
    else return false;
    return true;
  }

  /** The rules of the document, not of the person: kept when a standard registers them. */
  #cleanTemplate(element: Element): void {
    const root = element.getAttribute('root') ?? '';
    const extension = element.getAttribute('extension') ?? '';
    if (!isStandardRoot(root) || !/^(?:POCD_\w{1,20}|\d{4}-\d{2}-\d{2}|)$/.test(extension)) {
      cleanId(element, this.#job.replaceUid);
      this.#tally.add('uid');
      return;
    }
    mask(element);
    element.removeAttribute('nullFlavor');
    element.setAttribute('root', root);
    if (extension !== '') element.setAttribute('extension', extension);
  }

  #visitChildren(element: Element): void {
    for (const child of childrenOf(element)) {
      if (isElement(child)) this.visit(child);
      else if (isText(child))
        this.#runs.add(child.nodeValue ?? '', (text) => {
          child.nodeValue = text;
        });
      else this.#drop(child);
      if (isElement(child)) this.#runs.flush();
    }
    this.#runs.flush();
  }

  #cleanNarrative(element: Element): void {
    const pending: Element[] = [element];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next !== element) this.#attributes.clean(next);
      for (const child of childrenOf(next)) {
        if (isElement(child) && this.#mayStay(child)) pending.push(child);
        else if (!isText(child)) this.#drop(child);
      }
    }
    cleanNarrative(element, this.#runs);
  }

  #drop(node: ReturnType<typeof childrenOf>[number]): void {
    removeNode(node);
    this.#tally.add(isElement(node) ? 'element' : node.nodeName === '#comment' ? 'comment' : 'instruction');
  }
}

/** What a reader sees as text: narrative blocks, titles, and whatever mixes text and markup. */
function isNarrative(element: Element): boolean {
  const name = nameOf(element);
  return name === 'text' || name === 'title' || name === 'originalText' || name === 'desc';
}
