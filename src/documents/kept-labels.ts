// Labels stay where what they name goes: "Patient: Jane Roe  MRN 12345" becomes "Patient:   MRN ". The judge takes a label and its value as one, which
// is how it tells that there is a value; a document without its labels would be a form without questions.
import type { IdentifyingSpan, TextJudge } from '../core/text-judge.ts';

/** Words that name what stands beside them, and that hardly anybody is called. */
const LABELS = [
  'patients? name names full first last given family middle maiden surname forename id ids mrn number numbers nr sex gender age',
  'dob date of birth birthdate birthday deceased tel telephone phone mobile cell fax email e-mail mail address city zip postcode postal state country',
  'ssn social security account accession acc acct visit encounter admission episode order exam examination study series report record medical hospital',
  'insurance policy member identifier passport licen[cs]e url website web institution department facility clinic',
  'physician physicians doctor radiologist technologist provider practitioner prescriber pcp consultant clinician examiner surgeon author operator nurse contact relative guardian mother father',
  'spouse referring referred requesting requested ordering ordered attending performing performed reported reporting dictated transcribed',
  'signed electronically verified approved authenticated reviewed by for the',
  'patientin geburtsdatum geboren geb geschlecht vorname nachname familienname anschrift adresse telefon straße strasse wohnort plz arzt ärztin überweiser',
  'überweisender einsender befund fallnummer patientennummer versichertennummer datum',
  'nom prénom prenom naissance né née téléphone médecin docteur dossier nombre apellido apellidos fecha nacimiento teléfono dirección médico historia',
  'paziente cognome nascita indirizzo medico paciente nascimento telefone endereço naam geboortedatum adres telefoon',
].flatMap((line) => line.split(' '));

const LABEL = new RegExp(`(?<![\\p{L}\\p{N}])(?:${LABELS.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
/** Written so, it may be one. */
const SURNAME = 'By';
const ANY = /[\p{L}\p{N}]/u;
/** What stands around a value and is none of it. */
const AROUND = /^[\s.:;,#=|/()[\]-]+|[\s.:;,#=|/()[\]-]+$/g;

/** The judge whose findings leave labels where they are. What it cleans, it cleans with them. */
export function withKeptLabels(judge: TextJudge): TextJudge {
  const known = new Map<string, boolean>();
  // Somebody may be called Arzt, or City.
  const isLabel = (word: string): boolean => {
    let isKnown = known.get(word);
    if (isKnown === undefined) known.set(word, (isKnown = judge.mayBeKnown(word)));
    return !isKnown && word !== SURNAME;
  };
  return {
    find: (text) => judge.find(text).flatMap((span) => valuesOf(text, span, isLabel)),
    clean: (text) => judge.clean(text),
    mayBeKnown: (reading) => judge.mayBeKnown(reading),
    isPlain: (reading) => judge.isPlain(reading),
  };
}

/**
 * The parts of a span that are no labels: the span itself when it has none, nothing when it has nothing else. Labels stand before their values: behind
 * the last value they are part of it ("Dr. Maria Arzt").
 */
function valuesOf(text: string, span: IdentifyingSpan, isLabel: (word: string) => boolean): readonly IdentifyingSpan[] {
  if (span.replacement !== undefined) return [span];
  const found = text.slice(span.start, span.end);
  const values: IdentifyingSpan[] = [];
  let from = 0;
  const add = (to: number): void => {
    const part = found.slice(from, to);
    if (!ANY.test(part)) return;
    const lead = part.length - part.replace(/^[\s.:;,#=|/()[\]-]+/, '').length;
    const value = part.replace(AROUND, '');
    values.push({ start: span.start + from + lead, end: span.start + from + lead + value.length, kind: span.kind });
  };
  const labels = [...found.matchAll(LABEL)].filter(([word]) => isLabel(word));
  const endOf = (label: RegExpExecArray): number => label.index + label[0].length;
  const last = labels.at(-1);
  if (last === undefined) return [span];
  const isBehindValue = !ANY.test(found.slice(endOf(last))) && ANY.test(found.slice(0, last.index).replace(LABEL, ''));
  for (const label of isBehindValue ? labels.slice(0, -1) : labels) {
    add(label.index);
    from = endOf(label);
  }
  add(found.length);
  return values;
}
