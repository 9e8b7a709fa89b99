// The invented patients, staff and hospitals of the synthetic clinic. Any likeness is chance.
import type { Random } from './random.ts';

export interface Patient {
  /** Values of (0008,0005) for everything of this patient. */
  readonly characterSet: readonly string[];
  readonly name: string;
  readonly birthName: string;
  readonly id: string;
  readonly birthDate: string;
  readonly age: string;
  readonly sex: 'F' | 'M';
  readonly address: string;
  readonly telephone: string;
  readonly hospital: Hospital;
  readonly referringPhysician: string;
  readonly performingPhysician: string;
  readonly operator: string;
}

export interface Hospital {
  readonly name: string;
  readonly address: string;
  readonly department: string;
  /** Issuer of Patient ID. */
  readonly issuer: string;
  readonly timeZone: string;
}

type Person = Omit<Patient, 'id'>;

const PEOPLE: readonly Person[] = [
  {
    characterSet: ['ISO_IR 100'],
    name: 'Lindqvist-Müller^Änne^Sofía^Dr.',
    birthName: 'Lindqvist^Änne',
    birthDate: '19570412',
    age: '066Y',
    sex: 'F',
    address: 'Großer Hirschgraben 23, 60311 Frankfurt',
    telephone: '+49 69 5550 1832',
    hospital: {
      name: 'Klinikum Taunusblick',
      address: 'Höhenstraße 5, 61462 Königstein',
      department: 'Radiologie',
      issuer: 'TAUNUSBLICK-KIS',
      timeZone: '+0100',
    },
    referringPhysician: 'Bärenfänger^Jörg^^Prof.',
    performingPhysician: 'Özdemir^Selin^^Dr.',
    operator: 'Kowalczyk^Piotr',
  },
  {
    characterSet: ['', 'ISO 2022 IR 87'],
    name: 'Hoshikawa^Ken=星川^健=ほしかわ^けん',
    birthName: 'Hoshikawa^Ken=星川^健',
    birthDate: '19830925',
    age: '040Y',
    sex: 'M',
    address: '名古屋市中区青葉町4-12',
    telephone: '+81 52 555 0147',
    hospital: {
      name: '青葉町記念病院',
      address: '名古屋市中区青葉町1-1',
      department: '放射線科',
      issuer: 'AOBACHO-HIS',
      timeZone: '+0900',
    },
    referringPhysician: 'Minazuki^Haruka=水無月^春香',
    performingPhysician: 'Tachibana^Shun=橘^俊',
    operator: 'Kurokawa^Emi=黒川^恵美',
  },
  {
    characterSet: ['ISO_IR 192'],
    name: 'Ó Dálaigh^Siobhán^Máire',
    birthName: 'Nowak^Siobhán',
    birthDate: '20160229',
    age: '008Y',
    sex: 'F',
    address: '14 Sráid na Cathrach, Gaillimh',
    telephone: '+353 91 555 0119',
    hospital: {
      name: "St. Brendan's Children's Hospital",
      address: '2 Quay Lane, Galway',
      department: 'Paediatric Imaging',
      issuer: 'BRENDAN-PAS',
      timeZone: '+0000',
    },
    referringPhysician: 'Mac Giolla^Pádraig^^Dr',
    performingPhysician: 'Ștefănescu^Ioana^^Dr',
    operator: "O'Halloran^Ciarán",
  },
];

const FAMILY_NAMES = [
  'Abernathy',
  'Castellanos',
  'Dubreuil',
  'Ferreira',
  'Grünwald',
  'Haugland',
  'Ivarsson',
  'Jankovic',
];
const GIVEN_NAMES = ['Amélie', 'Bruno', 'Céline', 'Dario', 'Elske', 'Fabián', 'Greta', 'Hugo'];

/** The patient of that number, counted from 0: first the three above, then drawn ones. */
export function choosePatient(index: number, random: Random): Patient {
  const id = `${random.pick(['K', 'M', 'P'])}${random.digits(7)}`;
  if (index < PEOPLE.length) return { ...PEOPLE[index], id };
  const family = random.pick(FAMILY_NAMES);
  const year = random.between(1940, 2015);
  return {
    ...PEOPLE[0],
    id,
    name: `${family}^${random.pick(GIVEN_NAMES)}`,
    birthName: '',
    birthDate: `${year}${String(random.between(1, 12)).padStart(2, '0')}${random.between(10, 28)}`,
    age: `${String(2024 - year).padStart(3, '0')}Y`,
    sex: random.pick(['F', 'M'] as const),
    telephone: `+49 69 5550 ${random.digits(4)}`,
  };
}
