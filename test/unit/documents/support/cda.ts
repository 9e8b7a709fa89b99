// CDA documents made in code, from the smallest to one with all that identifies.

export interface CdaParts {
  readonly header?: string;
  readonly body?: string;
  readonly title?: string;
  readonly before?: string;
  readonly attributes?: string;
}

const NAMESPACES =
  'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc"';

/** A document with a record target, an author, a custodian and whatever else is asked for. */
export function cda({
  header = '',
  body = '',
  title = 'Radiology report',
  before = '',
  attributes = '',
}: CdaParts = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${before}<ClinicalDocument ${NAMESPACES} ${attributes}>
<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.10.20.6" extension="2014-06-09"/>
<id root="1.2.999.77" extension="ACQ55128"/>
<code code="18748-4" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC" displayName="Diagnostic Imaging Report"/>
<title>${title}</title><effectiveTime value="20200310143000+0100"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/>
<recordTarget><patientRole><id extension="MRQ-4711082" root="1.2.999.5"/><id extension="078-05-1120" root="2.16.840.1.113883.4.1"/>
<addr use="HP"><streetAddressLine>Hirschgrabenallee 23</streetAddressLine><city>Taunusblickheim</city></addr>
<telecom value="tel:+49-69-5551234"/><patient><name><given>Josephine</given><family>Quimbleton</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19580217"/>
<guardian><guardianPerson><name><given>Waldemarius</given><family>Quimbleton</family></name></guardianPerson></guardian></patient></patientRole></recordTarget>
<author><time value="20200310"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1234567893"/>
<assignedPerson><name><prefix>Dr.</prefix><given>Theodosius</given><family>Vandersteen</family></name></assignedPerson>
<representedOrganization><name>Kreiskrankenhaus Obersteinbach</name></representedOrganization></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.999.1"/><name>Taunusblickheim Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>
${header}<component><structuredBody><component><section>${body}</section></component></structuredBody></component></ClinicalDocument>`;
}
