// Identifiers that show by their form: labelled numbers, addresses of all kinds, phone numbers, national ids, UIDs. Every
// expression has bounded repetitions only, so that a text costs time in proportion to its length.
import type { Folded } from './fold.ts';
import { sourceStart } from './fold.ts';
import { CLINICAL, flagsOf, SENTENCE, TERM, UNIT, VERSION } from './lexicon.ts';
import type { FoundSpan, RemovedKind } from './span.ts';
import { DIGITS, eachMatch, wordIndexAt } from './words.ts';
import type { Word } from './words.ts';

const NUMBER_WORD = '(?:no|nr|num|number|nummer|numero|id|n[°º]|#)';
/** Labels that announce an id, whatever stands behind them. */
const STRICT_LABELS =
  'm\\.?r\\.?n|mr ?#|ssn|s\\.s\\.n|social security|nhs|nhc|ipp|nip|nir|bsn|cpr|dni|nif|pid|pat(?:ient)?(?:en)?[ ._-]?(?:id|no|nr|num|nummer|number|#)|id[ -]?(?:no|nr|number|nummer|#)|' +
  'med(?:ical)?\\.? rec(?:ord)?|hosp(?:ital)? (?:no|nr|id|number|#)|fall[ -]?(?:nr|nummer)|accession|acc[ ._-]?(?:no|nr|num|number|id|#)|auftrags(?:nr|nummer)|order[ ._-]?(?:no|nr|id|number|#)|exam[ _-]?(?:no|nr|id|number|#)|' +
  'req(?:uest)?[ ._-]?(?:no|nr|id|number|#)|visit[ _-]?(?:no|nr|id|number|#)|encounter|acc(?:oun)?t|policy|insurance|versicherten(?:nr|nummer)|chart|case[ ._-]?(?:no|nr|id|number|#)|ref[ ._-]?(?:no|nr|id|number|#)|passport|dossier|study[ _-]?id|health ?card|hic?n|medicare|medicaid';
const VALUE = '[a-z]{0,6}[-/_]?\\d[\\da-z./_-]{0,30}(?:[ ]\\d{2,}){0,4}';
const LABELLED = new RegExp(
  `(?<![a-z])(?:${STRICT_LABELS})(?:[ ._]{0,2}${NUMBER_WORD}(?![a-z]))?[.]?\\s{0,2}[:#=-]{0,2}\\s{0,2}(?:is\\s)?#?(${VALUE})`,
  'g',
);
/** Weak labels need a colon or four digits: "ACC 2" is an acceleration, "ID 3" a number. */
const WEAKLY_LABELLED = new RegExp(
  `(?<![a-z])(?:id|acc|no|nr|case|uid|ref|key|fall)(?:\\s{0,2}[:#=]\\s{0,2}(${VALUE})|[. _-]{1,2}([a-z]{0,3}\\d{4}[\\da-z/-]{0,30}))`,
  'g',
);
const HASHED = /#\s?([a-z]{0,4}\d{4,20})(?!\d)/g;
/** From seven digits on a number in a description counts something outside the image. */
const LONG_NUMBER = /(?<![a-z\d])[a-z]{1,4}\d{7,}|(?<!\d)(?<!\d[.,])\d{7,}/g;

/** Ids of persons: US, Brazil, Switzerland, Korea, China, France, Italy, Spain, the Nordic countries. */
const NATIONAL_IDS: readonly RegExp[] = [
  /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g,
  /(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)/g,
  /(?<!\d)756\.\d{4}\.\d{4}\.\d{2}(?!\d)/g,
  /(?<!\d)\d{6}-\d{7}(?!\d)/g,
  /(?<!\d)\d{17}[\dx](?![\da-z])/g,
  /(?<!\d)[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?(?:\d\d|2[ab]) ?\d{3} ?\d{3}(?: ?\d\d)?(?!\d)/g,
  /(?<![a-z\d])[a-z]{6}\d\d[a-z]\d\d[a-z]\d{3}[a-z](?![a-z\d])/g,
  /(?<![\d.])\d{8}-?[a-hj-np-tv-z](?![a-z\d])/g,
  /(?<!\d)(?:\d\d)?\d{6}[-+a]\d{3}[\da-z](?![a-z\d])/g,
];
const LABELLED_PHONE =
  /\b(?:tel|telephone|telefono?|telefoon|phone|ph|fon|fax|mobile|mob|cell|cellphone|handy|pager|bleep|tfno?|tlf)\b(?:[.:]? (?:privat|private|home|work|mobil|mobile|office|no)\b)?[\s.:#=no]{0,4}\+?\(?\d[\d ()./-]{1,24}\d/g;
/** NHS numbers and US phone numbers share the shape 943 476 5919. */
const PHONES: readonly RegExp[] = [
  /(?<![\d.-])(?:1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])/g,
  // International: +49 (0)30 1234-567, 0049 30 1234567.
  /(?:\+|(?<![\d.,])00)[1-9][\d ./()-]{6,22}\d(?!\d)/g,
  // National with a leading zero, in groups: 030/1234567, 01 23 45 67 89, 020 7946 0958.
  /(?<![a-z\d.,-])\(?0\d{1,5}\)?[ ./-]{1,3}\d{2,8}(?:[ ./-]\d{2,6}){0,4}(?![\d.,])/g,
  LABELLED_PHONE,
];
/** EXT is also an extremity and an extension: a dot or colon, or four digits, make it a phone. */
const EXTENSION = /\b(?:ext|extension)(?:[.:]\s?\d{3,6}|\s\d{4,6})(?![\d.,/-])/g;
const SHORTEST_PHONE = 8;

const UID = /(?<![\d.])(?:2\.25\.\d{6,40}|\d{1,40}(?:\.\d{1,40}){3,40})(?![\d.]?\d)/g;
const STANDARD_ROOT = '1.2.840.10008.';
const UUID = /(?<![\da-f])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\da-f])/g;
const MAC = /(?<![\da-f:-])[\da-f]{2}(?:([:-])[\da-f]{2})(?:\1[\da-f]{2}){4}(?![\da-f:-])/g;
const SHORTEST_UID = 16;

const URL = /(?:\b(?:https?|ftp|file|sftp|smb|dicom):\/\/|\bwww\.)[^\s"'<>()[\]{}|^]{1,2000}/g;
const DOMAIN =
  /(?<![\w@.-])(?:[a-z\d-]{1,63}\.){1,6}(?:com|org|net|edu|gov|info|health|hospital|clinic|de|co\.uk|nhs\.uk|ac\.uk|fr|nl|at|ch)(?![\w.-]*\w)/g;

const STREET_EN =
  /(?<![\d.])\d{1,5}[a-z]?,? (?:(?:north|south|east|west|n|s|e|w)\.? )?((?:[\p{L}'.-]{2,20} ){1,3})(?:street|st|avenue|ave|road|rd|lane|ln|drive|boulevard|blvd|court|terrace|highway|hwy|crescent|parkway|pkwy|close)\b\.?(?:,? (?:apt|unit|suite|flat|#)\.? ?\w{1,6})?/gu;
/** Words of medicine that are in names of streets. */
const STREET_WORDS: ReadonlySet<string> = new Set([
  'high',
  'long',
  'upper',
  'lower',
  'station',
  'field',
  'arch',
  'water',
  'bridge',
]);
const STREET_DE =
  /\b(?:\p{L}{2,30}(?:strasse|str|gasse|allee|straat|laan|gracht|plein|gatan|vej)|(?!atem|luft|galle|harn|zugang|speise|nerven|nasen|um|hin|ruck|aus|fort)\p{L}{4,30}weg|\p{L}{2,30}[ -](?:strasse|str|platz|allee|weg|gasse))\.? ?\d{1,4} ?[a-z]?(?![a-z\d])/gu;
const STREET_ROMANCE =
  /(?:(?<![\d.])\d{1,4}(?: ?(?:bis|ter))?,? )?\b(?:rue|avenue|boulevard|bd|chemin|impasse|allee|quai|calle|avenida|avda|plaza|rua|viale|piazza|corso|via|travessa|paseo)\.? (?:(?:de la|de l'|de|du|des|del|della|dos|da|do|d'|l'|la|le) ?)?[\p{L}'-]{2,25}(?: [\p{L}'-]{2,25}){0,2}(?:,? (?:n[°º.]? ?)?\d{1,5})?/gu;
const PO_BOX = /\b(?:p\.? ?o\.? ?box|postfach|postbus|bp|apartado|casella postale|caixa postal)\s{0,2}\d{1,7}/g;
const ZIP_US =
  /,? \b(?:al|ak|az|ar|ca|co|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|nj|nm|ny|nc|nd|oh|ok|or|pa|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|dc) \d{5}(?:-\d{4})?(?![\d-])/g;
const ZIP_PLUS_4 = /(?<![\d-])\d{5}-\d{4}(?![\d-])/g;
const ZIP_CITY = /(?<![\d.,])(?:[a-z]-)?(?:\d{5}|\d{4}) ([\p{L}][\p{L}'-]{2,30})/gu;
const ZIP_UK =
  /\b(?:ab|al|b|ba|bb|bd|bh|bl|bn|br|bs|bt|ca|cb|cf|ch|cm|co|cr|ct|cv|cw|da|dd|de|dg|dh|dl|dn|dt|dy|e|ec|eh|en|ex|fk|fy|g|gl|gu|ha|hd|hg|hp|hr|hs|hu|hx|ig|ip|iv|ka|kt|kw|ky|l|la|ld|le|ll|ln|ls|lu|m|me|mk|ml|n|ne|ng|nn|np|nr|nw|ol|ox|pa|pe|ph|pl|po|pr|rg|rh|rm|s|sa|se|sg|sk|sl|sm|sn|so|sp|sr|ss|st|sw|sy|ta|td|tf|tn|tq|tr|ts|tw|ub|w|wa|wc|wd|wf|wn|wr|ws|wv|yo|ze)\d[a-z\d]? \d[abd-hjlnp-uw-z]{2}\b/g;
const ZIP_NL = /(?<!\d)[1-9]\d{3} ?[a-z]{2} (\p{L}{3,30})/gu;
const ZIP_CA = /\b[abceghj-nprstvxy]\d[abceghj-nprstv-z] \d[abceghj-nprstv-z]\d\b/g;

const DIGIT = /\d/;
// Cheap looks that spare most texts the expressions behind them.
const DOT_LETTERS = /[a-z\d]\.[a-z]{2}/;
const ROAD_WORD_EN =
  /\d[^\n]{1,60} (?:st|ave|road|rd|lane|ln|drive|bo?u?le?v|court|terrace|h(?:igh)?wa?y|crescent|pa?r?kw|close)/;
const ROAD_WORD_DE = /(?:str|gasse|allee|laan|gracht|plein|gatan|vej|platz|weg)[a-z]{0,4}\.? ?\d/;
const ROAD_WORD_ROMANCE =
  /\b(?:rue|avenue|boulevard|bd|chemin|impasse|allee|quai|calle|avenida|avda|plaza|rua|viale|piazza|corso|via|travessa|paseo)\b/;
const SHORTEST_LONG_NUMBER = 7;

/** How many digits a text has, and in how long a run at most. */
function countDigits(words: readonly Word[]): { readonly digits: number; readonly longest: number } {
  let digits = 0;
  let longest = 0;
  for (const { kind, start, end } of words) {
    if (kind !== DIGITS) continue;
    digits += end - start;
    longest = Math.max(longest, end - start);
  }
  return { digits, longest };
}

/** What a text's identifiers of known form are; `isDate` tells which stretches are dates and so no numbers. */
export function findPatterns(
  folded: Folded,
  words: readonly Word[],
  uids: ReadonlySet<string>,
  isDate: (start: number, end: number) => boolean,
): FoundSpan[] {
  const { text } = folded;
  const spans: FoundSpan[] = [];
  const add = (start: number, end: number, kind: RemovedKind): void => {
    spans.push({ start, end, kind });
  };
  const all = (pattern: RegExp, kind: RemovedKind, accept?: (match: RegExpExecArray) => boolean): void => {
    eachMatch(pattern, text, (match) => {
      const isTaken = accept === undefined || accept(match);
      if (isTaken) add(match.index, match.index + match[0].length, kind);
      return isTaken;
    });
  };
  if (text.includes('@')) findMails(text, add);
  if (text.includes('://') || text.includes('www.')) all(URL, 'url');
  if (DOT_LETTERS.test(text)) all(DOMAIN, 'url', ({ 0: domain }) => !/^[\d.]*$/.test(domain));
  const { digits, longest } = countDigits(words);
  if (digits === 0) return spans;

  const noDate = (match: RegExpExecArray): boolean => !isDate(match.index, match.index + match[0].length);
  if (ROAD_WORD_ROMANCE.test(text)) all(STREET_ROMANCE, 'address', isRomanceStreet);
  for (const pattern of [LABELLED, WEAKLY_LABELLED])
    all(pattern, 'id', (match) => isLabelledId(match) && noDate(match));
  if (ROAD_WORD_EN.test(text))
    all(STREET_EN, 'address', (match) => isCapital(match.index + match[0].indexOf(match[1])) && !hasClinical(match[1]));
  if (ROAD_WORD_DE.test(text))
    all(STREET_DE, 'address', ({ 0: street }) => !/^(?:arbeits|steck|stell|schlaf)/.test(street));
  if (digits >= 3) all(PO_BOX, 'address');
  if (digits >= 5) all(ZIP_US, 'address', (match) => match[0].startsWith(',') || match[0].includes('-'));
  all(ZIP_UK, 'address');
  if (digits < 3) return spans;
  all(ZIP_CA, 'address');
  all(HASHED, 'id');
  all(EXTENSION, 'phone', noDate);
  for (const pattern of digits < SHORTEST_PHONE ? PHONES.slice(-1) : PHONES)
    all(pattern, 'phone', (match) => {
      const length = match[0].replace(/\D/g, '').length;
      if (/^\d\d\.\d\d\.\d{4}$/.test(match[0])) return false;
      if (pattern === LABELLED_PHONE)
        return length >= (/^(?:tel|phone|fax|pager|bleep)/.test(match[0]) ? 3 : 6) && noDate(match);
      return length >= SHORTEST_PHONE && length <= 17 && noDate(match);
    });
  for (const pattern of [ZIP_CITY, ZIP_NL])
    all(pattern, 'address', (match) => {
      const city = match[1];
      const at = match.index + match[0].length - city.length;
      const zip = /\d{4,5}/.exec(match[0])?.[0] ?? '';
      const isYear = zip.length === 4 && /^(?:19|20)/.test(zip);
      // Four digits are a zip in Switzerland, Austria and the north only with a letter before (CH-8091) or Dutch letters behind.
      if (pattern === ZIP_CITY && zip.length === 4 && !/^[a-z]-/.test(match[0])) return false;
      return !isYear && isCapital(at) && (flagsOf(city) & (CLINICAL | SENTENCE | UNIT | TERM)) === 0 && noDate(match);
    });
  if (digits < 4) return spans;
  all(UID, 'uid', isUid);
  if (text.includes('-') || text.includes(':')) {
    all(UUID, 'uid');
    all(MAC, 'id');
  }
  if (longest >= SHORTEST_LONG_NUMBER) all(LONG_NUMBER, 'id', noDate);
  if (digits < SHORTEST_LONG_NUMBER) return spans;
  all(ZIP_PLUS_4, 'address');
  for (const pattern of NATIONAL_IDS) all(pattern, 'id', noDate);
  return spans;

  function isCapital(at: number): boolean {
    const char = folded.source[sourceStart(folded, at)];
    return char !== char.toLowerCase();
  }

  function hasClinical(between: string): boolean {
    return between
      .trim()
      .split(' ')
      .some((word) => !STREET_WORDS.has(word) && (flagsOf(word.replace(/[.']/g, '')) & (CLINICAL | UNIT)) !== 0);
  }

  /** "via catheter" is a way in, "Via Roma 12" an address: a number at one end, a capital, and no word of medicine. */
  function isRomanceStreet(match: RegExpExecArray): boolean {
    const street = match[0];
    const last = /[\p{L}'-]+(?=(?:,? (?:n[°º.]? ?)?\d{1,5})?$)/u.exec(street);
    if (last === null || !(/^\d/.test(street) || /\d$/.test(street))) return false;
    const names = street.split(/[\s,.]+/).slice(/^\d/.test(street) ? 2 : 1);
    return (
      isCapital(match.index + last.index) && !names.some((word) => (flagsOf(word) & CLINICAL) !== 0 && word.length > 2)
    );
  }

  function isUid(match: RegExpExecArray): boolean {
    const uid = match[0];
    if (uids.has(uid)) return true;
    if (`${uid}.`.startsWith(STANDARD_ROOT)) return false;
    if (uid.length >= SHORTEST_UID || /^(?:2\.25|1\.[23]|0\.[49])\.\d/.test(uid)) return true;
    const parts = uid.split('.');
    if (parts.length !== 4 || !parts.every((part) => part.length <= 3 && Number(part) <= 255)) return false;
    // An IPv4 address, unless it counts a version.
    const before = words[wordIndexAt(words, match.index) - 1] as Word | undefined;
    return before === undefined || match.index - before.end > 2 || (before.flags & VERSION) === 0;
  }

  function isLabelledId(match: RegExpExecArray): boolean {
    const value = match.slice(1).find((group: string | undefined) => group !== undefined) ?? '';
    return DIGIT.test(value);
  }
}

const MAX_MAIL = 64;
const LOCAL = /[\p{L}\p{N}._%+'-]/u;
const HOST = /[\p{L}\p{N}.-]/u;

/** Mail addresses, found from the sign outwards, so that a text without one costs nothing. */
function findMails(text: string, add: (start: number, end: number, kind: RemovedKind) => void): void {
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < MAX_MAIL && LOCAL.test(text[start - 1])) start--;
    let end = at + 1;
    while (end < text.length && end - at < 4 * MAX_MAIL && HOST.test(text[end])) end++;
    while (end > at + 1 && /[.-]/.test(text[end - 1])) end--;
    const host = text.slice(at + 1, end);
    const isHost = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}$/u.test(host) || /^\p{L}{4,}$/u.test(host);
    if (!(start < at && isHost && /\p{L}/u.test(text.slice(start, at)))) continue;
    if (text.slice(0, start).endsWith('mailto:')) start -= 'mailto:'.length;
    add(start, end, 'email');
  }
}
