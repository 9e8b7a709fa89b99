// What machines write on images that tells nobody who the patient is, as patterns by kind. Strict on purpose: what fits none of them is
// judged as free text. Patterns are matched on upper-case text from where the last one ended, so that a line is a run of phrases.

import type { HarmlessKind } from '../../profile/pixel-policy.ts';

/** At most four digits in front of the point: what has more may be a number of somebody. */
const NUMBER = String.raw`[-+]?\d{1,4}(?:[.,]\d{1,3})?`;
const SMALL = String.raw`\d{1,3}(?:[.,]\d{1,2})?`;
const GAP = String.raw`\s*[:=.]?\s*`;
const END = String.raw`(?![\p{L}\p{N}])`;

const VIEWS =
  'R|L|RT|LT|RIGHT|LEFT|LAT|LATERAL|RL|LL|R LAT|L LAT|B|BILAT|BILATERAL|' +
  '[RL][ -]?(?:CC|MLO|ML|LM|XCCL|XCCM|AT|CV|TAN|LAT)|CC|MLO|ML|LM|XCCL|SIO|FB';
/** One of each pair of opposite directions, in any order; LI, AL and ALI are names. */
const DIRECTIONS =
  '[RLAPHFSI]|[RL][APHF]|[AP][RLHFSI]|[HF][RLAP]|[RL][AP][HF]|[AP][RL][HF]|[RL][HF][AP]|[HF][RL][AP]|[AP][HF][RL]|[HF][AP][RL]';
const POSITIONS =
  'AP|PA|LAO|RAO|LPO|RPO|OBL|OBLIQUE|SUPINE|PRONE|ERECT|UPRIGHT|PORTABLE|SEMI[- ]?ERECT|DECUB(?:ITUS)?|STANDING|SITTING|' +
  'FFS|HFS|FFP|HFP|HFDR|HFDL|FFDR|FFDL|INSP(?:IRATION)?|EXP(?:IRATION)?|HEAD|FEET|ANT(?:ERIOR)?|POST(?:ERIOR)?|SUP(?:ERIOR)?|INF(?:ERIOR)?|CRANIAL|CAUDAL';
const LENGTH = 'CM|MM|UM|µM|IN|INCH';

/** Kind and pattern; the first that fits counts, so that longer ones stand before shorter ones. */
const PATTERNS: readonly (readonly [HarmlessKind, string])[] = [
  ['window', String.raw`(?:WW|WIDTH|W)\s*[/,]?\s*(?:WL|WC|LEVEL|L|C)${GAP}${NUMBER}\s*[/,:]\s*${NUMBER}`],
  [
    'window',
    String.raw`(?:WW|W|WIDTH|WINDOW)${GAP}${NUMBER}\s*[/,]?\s*(?:WL|WC|L|C|LEVEL|CENTER|CENTRE)${GAP}${NUMBER}`,
  ],
  ['window', String.raw`(?:WL|WC|L|C|LEVEL|CENTER)${GAP}${NUMBER}\s*[/,]?\s*(?:WW|W|WIDTH)${GAP}${NUMBER}`],
  ['window', String.raw`(?:WW|WL|WC|WINDOW|LEVEL)${GAP}${NUMBER}`],
  ['window', String.raw`[WLC]\s*[:=]\s*${NUMBER}`],
  ['window', String.raw`[WLC]\s?${NUMBER}(?=\s|$)`],
  ['exposure', String.raw`${SMALL}\s*(?:KVP|KV|MAS|MA|UAS|MGY|DGY|GY|CGYCM2|MGYCM|KEV)`],
  ['exposure', String.raw`(?:KVP|KV|MAS|MA|MGY|DAP|DLP|CTDI(?:VOL)?|EI|DI|EXI|REX)${GAP}${NUMBER}`],
  ['ultrasound', String.raw`(?:MI|TIS|TIB|TIC|TI)${GAP}[<>]?\s*\d{1,2}(?:[.,]\d{1,2})?`],
  ['ultrasound', String.raw`${SMALL}\s*(?:FPS|HZ|KHZ|MHZ|DB|BPM|CM/S|M/S|MM/S)`],
  [
    'ultrasound',
    String.raw`(?:FR|FRAME\s?RATE|FREQ(?:UENCY)?|FRQ|GN|GAIN|DR|DYN\s?R(?:ANGE)?|PWR|POWER|AO|PRF|WF|SV|HR|DEPTH|DPTH|DP|D|MAP|PERSIST|PERS|GEN|RES|PEN|FPS|2D|CF|PW|CW|THI|HGEN|XRES|SRI|CRI|AP)${GAP}${SMALL}\s*(?:%|CM|MM|HZ|KHZ|MHZ|DB|FPS|BPM|X)?`,
  ],
  ['ultrasound', '2D|3D|4D|B-?MODE|M-?MODE|COLOU?R|CFM|PW|CW|THI|CHI|HGEN|RES|GEN|PEN|XRES|FLOW|CPA|PDI'],
  [
    'acquisition',
    String.raw`(?:THK|THICK(?:NESS)?|SL|ST|SP|SPACING|LOC|SLICE\s?LOC(?:ATION)?|TP|POS|TR|TE|TI|FA|FLIP|ETL|NEX|NSA|BW|B|MATRIX|ZOOM|MAG|TILT|GT|PITCH|ROT|ANGLE|ETD|ACQ)${GAP}${NUMBER}\s*(?:MM|CM|MS|S|SEC|HZ|KHZ|DEG|°|X|%)?`,
  ],
  ['acquisition', String.raw`\d{2,4}\s*[X*]\s*\d{2,4}`],
  ['acquisition', String.raw`${NUMBER}\s*(?:MS|SEC|DEG|°|%)`],
  ['acquisition', String.raw`[X]\s?\d(?:[.,]\d{1,2})?|\d(?:[.,]\d{1,2})?\s?X`],
  [
    'counter',
    String.raw`(?:IM|IMG|IMAGE|IMA|FR|FRAME|SLICE|SLC|SE|SER|SERIES|PAGE|PG)${GAP}#?\d{1,4}(?:\s*(?:/|OF)\s*\d{1,4})?`,
  ],
  [
    'scale',
    String.raw`(?:D?FOV|DIST|SCALE|DEPTH)${GAP}${NUMBER}\s*(?:${LENGTH})?(?:\s*X\s*${NUMBER}\s*(?:${LENGTH})?)?`,
  ],
  ['scale', String.raw`${NUMBER}\s*(?:${LENGTH})(?:\s*/\s*(?:DIV|PX|PIXEL))?`],
  ['scale', LENGTH],
  ['orientation', POSITIONS],
  ['laterality', VIEWS],
  ['orientation', DIRECTIONS],
];

interface Phrase {
  readonly kind: HarmlessKind;
  readonly pattern: RegExp;
}

/** Sticky: each matches only where `lastIndex` says. */
export const PHRASES: readonly Phrase[] = PATTERNS.map(([kind, source]) => ({
  kind,
  pattern: new RegExp(`(?:${source})${END}`, 'uy'),
}));
